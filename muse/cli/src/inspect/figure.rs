//! A picture of where the bytes go: for each layer a bar, for each component a colour.

use super::tables::short;
use crate::{
    drawing::{COLOURS, INK},
    table::decimal,
};
use muse::inspect::{LayerCosts, Report};
use svg::{
    Document,
    node::element::{Rectangle, Text, Title},
};

/// The picture as SVG text.
pub fn draw(report: &Report) -> String {
    let mut bars: Vec<(String, &LayerCosts)> = Vec::new();
    if let Some(costs) = report.protocols.first() {
        bars = report.layers.iter().map(|layer| short(&layer.name)).zip(&costs.layers).collect();
        bars.push(("all together".into(), &costs.shared));
    }
    let longest = bars.iter().map(|(_, costs)| costs.total()).max().unwrap_or(0).max(1);
    let height = TOP + ROW * bars.len() as f64 + 10.0;
    let title = format!("Bytes of one inference of {}, mode client-malicious", report.name);
    let mut document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("font-family", "sans-serif")
        .set("font-size", 13)
        .add(Rectangle::new().set("width", WIDTH).set("height", height).set("fill", "white"))
        .add(text(LEFT, 24.0, &title).set("font-size", 16).set("font-weight", "bold"));
    for (index, ((name, _), colour)) in LayerCosts::default().parts().iter().zip(COLOURS).enumerate() {
        let (x, y) = (LEFT + 190.0 * (index % 3) as f64, 38.0 + 20.0 * (index / 3) as f64);
        document = document.add(bar(x, y, 12.0, 12.0, colour)).add(text(x + 18.0, y + 11.0, name));
    }
    for (row, (name, costs)) in bars.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let middle = y + ROW / 2.0;
        document = document.add(text(LEFT - 8.0, middle, name).set("text-anchor", "end"));
        let mut x = LEFT;
        for ((part, bytes), colour) in costs.parts().into_iter().zip(COLOURS) {
            let width = BAR * bytes as f64 / longest as f64;
            if bytes > 0 {
                let hint = Title::new(format!("{name}, {part}: {bytes} bytes"));
                document = document.add(bar(x, y, width, ROW - 6.0, colour).add(hint));
            }
            x += width;
        }
        let megabytes = format!("{} MB", decimal(costs.total() as f64 / 1e6));
        document = document.add(text(x + 6.0, middle, &megabytes));
    }
    document.to_string()
}

fn bar(x: f64, y: f64, width: f64, height: f64, colour: &str) -> Rectangle {
    Rectangle::new().set("x", x).set("y", y).set("width", width).set("height", height).set("fill", colour)
}

fn text(x: f64, y: f64, content: &str) -> Text {
    Text::new(content).set("x", x).set("y", y).set("fill", INK)
}

const WIDTH: f64 = 800.0;
const LEFT: f64 = 120.0;
const TOP: f64 = 90.0;
const ROW: f64 = 26.0;
/// Length of the longest bar.
const BAR: f64 = 590.0;

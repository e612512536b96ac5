//! Figures of rectangles and text, as SVG for documents and as PNG for everything else.

mod raster;

use super::failure::Failure;
use svg::{
    Document,
    node::element::{Rectangle, Text as TextElement},
};

/// Okabe and Ito's colours, which most colour-blind people can tell apart.
pub const COLOURS: [&str; 6] = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"];

/// The colour of text.
pub const INK: &str = "#222222";

/// A figure on white.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    width: f64,
    height: f64,
    shapes: Vec<Shape>,
}

/// What it is made of; later ones cover earlier ones.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Bar { x: f64, y: f64, width: f64, height: f64, colour: &'static str },
    Text { x: f64, y: f64, size: f64, anchor: Anchor, content: String },
}

/// Which end of a text its position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    pub const fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// A filled rectangle; a line is a thin one.
    pub fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &'static str) {
        self.shapes.push(Shape::Bar { x, y, width, height, colour });
    }

    /// Text whose base line is at `y`.
    pub fn text(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, content: impl Into<String>) {
        self.shapes.push(Shape::Text { x, y, size, anchor, content: content.into() });
    }

    /// As SVG text.
    pub fn svg(&self) -> String {
        let mut document = Document::new()
            .set("viewBox", (0, 0, self.width, self.height))
            .set("font-family", "DejaVu Sans, Verdana, sans-serif")
            .add(rectangle(0.0, 0.0, self.width, self.height, "white"));
        for shape in &self.shapes {
            document = match shape {
                Shape::Bar { x, y, width, height, colour } => {
                    document.add(rectangle(*x, *y, *width, *height, colour))
                }
                Shape::Text { x, y, size, anchor, content } => {
                    let anchor = match anchor {
                        Anchor::Start => "start",
                        Anchor::Middle => "middle",
                        Anchor::End => "end",
                    };
                    let text = TextElement::new(content.as_str())
                        .set("x", short(*x))
                        .set("y", short(*y))
                        .set("font-size", *size)
                        .set("text-anchor", anchor)
                        .set("fill", INK);
                    document.add(text)
                }
            };
        }
        document.to_string() + "\n"
    }

    /// As a PNG file, with `scale` pixels a unit.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, Failure> {
        let mut canvas = raster::Canvas::new(self.width as f32, self.height as f32, scale);
        for shape in &self.shapes {
            match shape {
                Shape::Bar { x, y, width, height, colour } => {
                    let [x, y, width, height] = [x, y, width, height].map(|number| *number as f32);
                    canvas.fill([x, y, width, height], raster::colour(colour));
                }
                Shape::Text { x, y, size, anchor, content } => {
                    canvas.write([*x as f32, *y as f32], *size as f32, *anchor, content)?;
                }
            }
        }
        canvas.png()
    }
}

fn rectangle(x: f64, y: f64, width: f64, height: f64, colour: &str) -> Rectangle {
    Rectangle::new()
        .set("x", short(x))
        .set("y", short(y))
        .set("width", short(width))
        .set("height", short(height))
        .set("fill", colour)
}

/// Hundredths are enough, and make smaller files.
fn short(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing() -> Drawing {
        let mut drawing = Drawing::new(100.0, 40.0);
        drawing.bar(10.0, 5.0, 20.0, 30.0, COLOURS[0]);
        drawing.text(60.0, 20.0, 12.0, Anchor::Middle, "a < b & c");
        drawing
    }

    #[test]
    fn svg_has_text_that_is_no_markup() {
        let text = drawing().svg();
        assert!(text.starts_with("<svg") && text.contains("a &lt; b &amp; c"), "{text}");
        assert!(text.contains(COLOURS[0]));
    }

    #[test]
    fn png_has_bars_where_they_are_and_ink_where_text_is() {
        let bytes = drawing().png(2.0).expect("drawn");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG file");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        let info = reader.next_frame(&mut pixels).expect("an image");
        assert_eq!((info.width, info.height), (200, 80));
        let pixel = |x: usize, y: usize| &pixels[3 * (200 * y + x)..][..3];
        assert_eq!(pixel(5, 5), [255, 255, 255]);
        assert_eq!(pixel(40, 40), [0x00, 0x72, 0xB2]);
        assert_eq!(pixel(61, 40), [255, 255, 255]);
        let dark =
            (70..200).flat_map(|x| (10..50).map(move |y| (x, y))).filter(|&(x, y)| pixel(x, y)[0] < 128);
        let dark = dark.count();
        assert!((40..1000).contains(&dark), "{dark}");
    }
}

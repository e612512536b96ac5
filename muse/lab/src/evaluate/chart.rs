//! Grouped bars on a logarithmic axis.

use super::{
    published::Published,
    row::{Row, Spread},
};
use muse_cli::drawing::{Anchor, COLOURS, Drawing, INK};

/// A field of bars.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) quantity: Quantity,
    /// What the bars of each group stand for, in order.
    pub(crate) series: Vec<String>,
    pub(crate) groups: Vec<Group>,
}

/// Bars that belong together, and what is written below; line feeds part its lines, three at most.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) label: String,
    pub(crate) bars: Vec<Option<Bar>>,
}

/// A bar and what it varied between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bar(Spread);

/// What bars measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// Wall time.
    Seconds,
    /// Shown in MB.
    Bytes,
}

impl Quantity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "time",
            Self::Bytes => "communication",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Bytes => "MB",
        }
    }

    /// Of a row, in the unit.
    pub(crate) fn measured(self, row: &Row) -> Option<Bar> {
        let (spread, unit) = match self {
            Self::Seconds => (row.seconds?, 1.0),
            Self::Bytes => (row.bytes?, 1e6),
        };
        let Spread { median, min, max } = spread;
        (median > 0.0).then_some(Bar(Spread { median: median / unit, min: min / unit, max: max / unit }))
    }

    /// What was published, in the unit.
    pub(crate) fn published(self, published: &Published) -> Option<f64> {
        match self {
            Self::Seconds => published.seconds,
            Self::Bytes => published.gigabytes.map(|gigabytes| gigabytes * 1e3),
        }
    }
}

impl Bar {
    /// Of a number that does not vary.
    pub(crate) const fn exactly(value: f64) -> Self {
        Self(Spread::exactly(value))
    }
}

/// Panels below each other; none of nothing.
pub(crate) fn draw(panels: &[Panel]) -> Option<Drawing> {
    let panels: Vec<&Panel> = panels
        .iter()
        .filter(|panel| panel.groups.iter().any(|group| group.bars.iter().any(Option::is_some)))
        .collect();
    if panels.is_empty() {
        return None;
    }
    let mut drawing = Drawing::new(WIDTH, PANEL * panels.len() as f64);
    for (index, panel) in panels.into_iter().enumerate() {
        panel.draw(&mut drawing, PANEL * index as f64);
    }
    Some(drawing)
}

impl Panel {
    fn draw(&self, drawing: &mut Drawing, top: f64) {
        let title = format!("{} in {}", self.title, self.quantity.unit());
        drawing.text(LEFT, top + 24.0, 16.0, Anchor::Start, title);
        let mut x = LEFT;
        for (name, colour) in self.series.iter().zip(COLOURS) {
            drawing.bar(x, top + 36.0, 12.0, 12.0, colour);
            drawing.text(x + 18.0, top + 46.5, 12.0, Anchor::Start, name);
            x += 40.0 + 7.4 * name.chars().count() as f64;
        }
        let axis = Axis::of(self.groups.iter().flat_map(|group| group.bars.iter().flatten()));
        let bottom = top + PANEL - BOTTOM;
        let field = PANEL - TOP - BOTTOM;
        let height = |value: f64| field * axis.position(value);
        for exponent in axis.low..=axis.high {
            let y = bottom - height(10f64.powi(exponent));
            drawing.bar(LEFT, y - 0.5, WIDTH - LEFT - RIGHT, 1.0, "#DDDDDD");
            drawing.text(LEFT - 6.0, y + 4.0, 12.0, Anchor::End, number(10f64.powi(exponent)));
        }
        let group_width = (WIDTH - LEFT - RIGHT) / self.groups.len().max(1) as f64;
        let bar_width = (0.84 * group_width / self.series.len().max(1) as f64).min(MOST_BAR);
        for (index, group) in self.groups.iter().enumerate() {
            let middle = LEFT + group_width * (index as f64 + 0.5);
            for (line, label) in group.label.split('\n').enumerate() {
                drawing.text(middle, bottom + 18.0 + 15.0 * line as f64, 12.0, Anchor::Middle, label);
            }
            let first = middle - bar_width * self.series.len() as f64 / 2.0;
            for (slot, (bar, colour)) in group.bars.iter().zip(COLOURS).enumerate() {
                let Some(Bar(Spread { median, min, max })) = *bar else { continue };
                let x = first + bar_width * slot as f64;
                drawing.bar(x + 1.0, bottom - height(median), bar_width - 2.0, height(median), colour);
                if max > min {
                    let center = x + bar_width / 2.0 - 0.75;
                    drawing.bar(center, bottom - height(max), 1.5, height(max) - height(min), INK);
                }
                let text_y = bottom - height(max.max(median)) - 4.0;
                drawing.text(x + bar_width / 2.0, text_y, 10.0, Anchor::Middle, number(median));
            }
        }
        drawing.bar(LEFT, bottom - 0.75, WIDTH - LEFT - RIGHT, 1.5, INK);
    }
}

/// From one power of ten to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    low: i32,
    high: i32,
}

impl Axis {
    fn of<'a>(bars: impl Iterator<Item = &'a Bar>) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0f64);
        for Bar(Spread { median, max, .. }) in bars {
            least = least.min(*median);
            most = most.max(*max);
        }
        if !(least > 0.0 && most >= least && most.is_finite()) {
            return Self { low: 0, high: 1 };
        }
        // Below the smallest bar, so that it is one.
        let low = (least.log10() - 0.15).floor() as i32;
        Self { low, high: (most.log10().ceil() as i32).max(low + 1) }
    }

    /// From 0 to 1; what is less than the axis is at its foot.
    fn position(self, value: f64) -> f64 {
        let part =
            (value.max(f64::MIN_POSITIVE).log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        part.clamp(0.0, 1.0)
    }
}

/// Two or three digits.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        x if x >= 99.5 || x == 0.0 => 0,
        x if x >= 9.95 => 1,
        x if x >= 0.095 => 2,
        x if x >= 0.0095 => 3,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

const WIDTH: f64 = 900.0;
const PANEL: f64 = 344.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 15.0;
/// Above the field: title, legend, the number of the highest bar.
const TOP: f64 = 72.0;
/// Below it: three lines.
const BOTTOM: f64 = 66.0;
const MOST_BAR: f64 = 46.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_their_bars() {
        let axis = |values: &[f64]| {
            let bars: Vec<Bar> = values.iter().map(|value| Bar::exactly(*value)).collect();
            let axis = Axis::of(bars.iter());
            (axis.low, axis.high)
        };
        assert_eq!(axis(&[0.5, 30.0]), (-1, 2));
        // A bar of a whole power of ten is not of no height.
        assert_eq!(axis(&[1.0, 100.0]), (-1, 2));
        assert_eq!(axis(&[2.0]), (0, 1));
        assert_eq!(axis(&[]), (0, 1));
        let axis = Axis { low: -1, high: 1 };
        assert!((axis.position(1.0) - 0.5).abs() < 1e-9);
        assert_eq!((axis.position(0.0), axis.position(1e9)), (0.0, 1.0));
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (1234.4, "1234"),
            (12.34, "12.3"),
            (1.2, "1.2"),
            (0.05, "0.05"),
            (0.00123, "0.0012"),
            (100.0, "100"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn what_is_empty_is_not_drawn() {
        let panel = |bars| Panel {
            title: "time".into(),
            quantity: Quantity::Seconds,
            series: vec!["here".into()],
            groups: vec![Group { label: "one\ntwo".into(), bars }],
        };
        assert_eq!(draw(&[]), None);
        assert_eq!(draw(&[panel(vec![None])]), None);
        let drawing = draw(&[panel(vec![None]), panel(vec![Some(Bar::exactly(2.5))])]).expect("one panel");
        let text = drawing.svg();
        for part in ["time in s", "one", "two", "2.5", "here"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("344\"") && drawing.png(1.0).is_ok());
    }
}

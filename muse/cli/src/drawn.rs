//! Small images as text.

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Characters from light to dark: for files, pipes, and terminals with `NO_COLOR` set.
    Ascii,
    /// Half blocks in 24 greys of the 256-colour palette: one character shows two pixels.
    Grey,
}

/// A drawn image with its caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    width: usize,
    lines: Vec<String>,
    caption: String,
}

impl Drawn {
    /// Draws `pixels`, plane after plane, row-major, 0 is black; several planes are averaged. One character is one
    /// pixel wide and two high, as characters are.
    pub fn draw(pixels: &[u8], width: usize, height: usize, style: Style, caption: String) -> Self {
        let plane = (width * height).max(1);
        let planes = (pixels.len() / plane).max(1);
        let pixel = |row: usize, column: usize| -> u8 {
            let at = |p: usize| pixels.get(p * plane + row * width + column).copied().map_or(0, usize::from);
            // Rows beyond the last are black.
            let sum: usize = if row < height { (0..planes).map(at).sum() } else { 0 };
            (sum / planes) as u8
        };
        let line = |top: usize| {
            let pairs = (0..width).map(|column| (pixel(top, column), pixel(top + 1, column)));
            match style {
                Style::Ascii => pairs.map(ascii).collect(),
                Style::Grey => pairs.map(grey).chain([RESET.to_owned()]).collect(),
            }
        };
        Self { width, lines: (0..height).step_by(2).map(line).collect(), caption }
    }
}

/// Pictures side by side, as many as fit into `columns` characters, at least one; captions below.
pub fn gallery(pictures: &[Drawn], columns: usize) -> String {
    let widest = pictures.iter().map(Drawn::cell_width).max().unwrap_or(1);
    let per_row = ((columns + GAP) / (widest + GAP)).max(1);
    let mut text = String::new();
    for row in pictures.chunks(per_row) {
        let height = row.iter().map(|picture| picture.lines.len()).max().unwrap_or(0);
        for i in 0..=height {
            let cells = row.iter().map(|picture| picture.cell(i, height, widest));
            text.push_str(cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

impl Drawn {
    fn cell_width(&self) -> usize {
        self.width.max(self.caption.chars().count())
    }

    /// Line `i` of a cell of `height` lines and a caption, filled up to `width` characters on the screen.
    fn cell(&self, i: usize, height: usize, width: usize) -> String {
        let (text, shown) = match self.lines.get(i) {
            _ if i == height => (self.caption.as_str(), self.caption.chars().count()),
            Some(line) => (line.as_str(), self.width),
            None => ("", 0),
        };
        format!("{text}{}", " ".repeat(width.saturating_sub(shown)))
    }
}

fn ascii((upper, lower): (u8, u8)) -> String {
    const RAMP: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
    let mean = (usize::from(upper) + usize::from(lower)) / 2;
    RAMP[mean * RAMP.len() / 256].to_string()
}

fn grey((upper, lower): (u8, u8)) -> String {
    // The palette's greys are the colours 232 to 255.
    let colour = |value: u8| 232 + u16::from(value) * 24 / 256;
    format!("\u{1b}[38;5;{};48;5;{}m\u{2580}", colour(upper), colour(lower))
}

const RESET: &str = "\u{1b}[0m";

/// Spaces between pictures.
const GAP: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of five by five.
    const RING: [u8; 25] = [
        0, 255, 255, 255, 0, //
        255, 0, 0, 0, 255, //
        255, 0, 0, 0, 255, //
        255, 0, 0, 0, 255, //
        0, 255, 255, 255, 0,
    ];

    fn ring(caption: &str) -> Drawn {
        Drawn::draw(&RING, 5, 5, Style::Ascii, caption.to_owned())
    }

    #[test]
    fn ascii_shades_average_two_rows() {
        assert_eq!(ring("").lines, ["=====", "@   @", " === "]);
    }

    #[test]
    fn greys_keep_both_rows() {
        let picture = Drawn::draw(&[0, 255, 128, 10], 1, 4, Style::Grey, String::new());
        assert_eq!(
            picture.lines,
            ["\u{1b}[38;5;232;48;5;255m\u{2580}\u{1b}[0m", "\u{1b}[38;5;244;48;5;232m\u{2580}\u{1b}[0m"]
        );
    }

    #[test]
    fn planes_are_averaged_and_missing_pixels_are_black() {
        let picture = Drawn::draw(&[255, 0, 255, 0, 0, 0], 1, 2, Style::Ascii, String::new());
        assert_eq!(picture.lines, ["-"]);
        assert_eq!(Drawn::draw(&[], 2, 2, Style::Ascii, String::new()).lines, ["  "]);
    }

    #[test]
    fn as_many_side_by_side_as_fit() {
        let pictures = [ring("zero"), ring("a long one"), ring("last")];
        let expected = "\
=====       =====
@   @       @   @
 ===         ===
zero        a long one

=====
@   @
 ===
last

";
        assert_eq!(gallery(&pictures, 22), expected);
        assert_eq!(gallery(&pictures, 1).lines().count(), 15, "one below the other");
        assert_eq!(gallery(&pictures, 34).lines().count(), 5);
        assert_eq!(gallery(&[], 80), "");
    }
}

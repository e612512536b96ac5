//! Text tables: the first column to the left, numbers to the right.

use core::fmt::Display;

/// A table under construction.
#[derive(Debug)]
pub struct Table {
    columns: usize,
    lines: Vec<Line>,
}

#[derive(Debug)]
enum Line {
    Cells(Vec<String>),
    Rule,
}

impl Table {
    /// A table with these column heads and a rule below.
    pub fn new(heads: &[&str]) -> Self {
        let mut table = Self { columns: heads.len(), lines: Vec::new() };
        table.row(heads.iter().map(|&head| head.to_owned()).collect());
        table.rule();
        table
    }

    /// Adds a line; missing cells are empty, surplus ones are dropped.
    pub fn row(&mut self, mut cells: Vec<String>) {
        cells.resize(self.columns, String::new());
        self.lines.push(Line::Cells(cells));
    }

    /// Adds a rule over the whole width.
    pub fn rule(&mut self) {
        self.lines.push(Line::Rule);
    }

    /// The text: every line ends with a line feed, none with a space.
    pub fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.columns).map(|column| self.width(column)).collect();
        let total = widths.iter().sum::<usize>() + GAP * self.columns.saturating_sub(1);
        let mut text = String::new();
        for line in &self.lines {
            let line = match line {
                Line::Rule => "-".repeat(total),
                Line::Cells(cells) => join(cells, &widths),
            };
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.lines.iter().map(|line| match line {
            Line::Cells(cells) => cells[column].chars().count(),
            Line::Rule => 0,
        });
        cells.max().unwrap_or(0)
    }
}

fn join(cells: &[String], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(i, (cell, &width))| {
        if i == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    padded.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

/// A number with one decimal and thousands set apart by commas; what would round to nothing shows as `<0.1`.
pub fn decimal(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value < 0.05 {
        return "<0.1".to_owned();
    }
    let text = format!("{value:.1}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    format!("{}.{fraction}", grouped(whole))
}

/// A number with thousands set apart by commas.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number with what is counted, in the plural unless it is one.
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, what: &str) -> String {
    let s = if number == N::from(1) { "" } else { "s" };
    format!("{number} {what}{s}")
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Spaces between columns.
const GAP: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(&["what", "time/ms", "kB"]);
        table.row(vec!["  a long name".into(), "1.0".into(), "12,345.6".into()]);
        table.row(vec!["short".into()]);
        table.rule();
        table.row(vec!["total".into(), "1.0".into(), "7".into(), "dropped".into()]);
        let expected = "\
what           time/ms        kB
--------------------------------
  a long name      1.0  12,345.6
short
--------------------------------
total              1.0         7
";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn one_thing_is_no_plural() {
        let things = [0_usize, 1, 2].map(|number| counted(number, "thing"));
        assert_eq!(things, ["0 things", "1 thing", "2 things"]);
    }

    #[test]
    fn numbers_read_well() {
        let cases = [
            (0.0, "0"),
            (0.001, "<0.1"),
            (0.05, "0.1"),
            (9.96, "10.0"),
            (999.94, "999.9"),
            (999.95, "1,000.0"),
            (1_234_567.0, "1,234,567.0"),
        ];
        for (value, text) in cases {
            assert_eq!(decimal(value), text);
        }
        assert_eq!(count(10_340), "10,340");
        assert_eq!(count(1), "1");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }
}

//! Rows as tables, for the terminal and for Markdown.

use super::{
    chart::number,
    experiment::by_network,
    row::{Comparison, Findings, Origin, Row, Spread},
};
use muse_cli::table::Table;

/// A column of a table.
struct Column {
    head: &'static str,
    cell: fn(&Row) -> String,
    /// Whether it is left out where lines are short.
    wide: bool,
    /// Whether it goes into the table although no row has anything in it.
    always: bool,
}

impl Column {
    const fn new(head: &'static str, cell: fn(&Row) -> String) -> Self {
        Self { head, cell, wide: false, always: false }
    }

    const fn always(head: &'static str, cell: fn(&Row) -> String) -> Self {
        Self { always: true, ..Self::new(head, cell) }
    }

    const fn wide(head: &'static str, cell: fn(&Row) -> String) -> Self {
        Self { wide: true, ..Self::new(head, cell) }
    }
}

const COLUMNS: [Column; 15] = [
    Column::always("part", |row| row.item.clone()),
    Column::always("system", |row| row.system.clone()),
    Column::always("connection", |row| row.link.clone()),
    Column::wide("threads", |row| row.threads.map_or_else(String::new, |threads| threads.to_string())),
    Column::always("s", |row| median(row.seconds, 1.0)),
    Column::wide("min to max", |row| range(row.seconds)),
    Column::new("CPU s", |row| median(row.cpu_seconds, 1.0)),
    Column::always("MB", |row| median(row.bytes, 1e6)),
    Column::always("trips", |row| median(row.round_trips, 1.0)),
    Column::new("predicted s", |row| maybe(row.predicted_seconds, "")),
    Column::new("measured/it", |row| maybe(row.over_prediction(), "")),
    Column::new("published s", |row| {
        of_published(row, row.published.as_ref().and_then(|published| published.seconds))
    }),
    Column::new("published MB", |row| {
        let gigabytes = row.published.as_ref().and_then(|published| published.gigabytes);
        of_published(row, gigabytes.map(|gigabytes| gigabytes * 1e3))
    }),
    Column::new("faster", |row| maybe(row.faster(), "x")),
    Column::new("fewer bytes", |row| maybe(row.smaller(), "x")),
];

/// What an experiment found, for a terminal.
pub(super) fn terminal(title: &str, findings: &Findings) -> String {
    let mut text = format!("\n{}\n", title.to_uppercase());
    for (network, rows) in by_network(&findings.rows) {
        let columns = columns(&rows, true);
        let heads: Vec<&str> = columns.iter().map(|column| column.head).collect();
        let mut table = Table::new(&heads);
        for row in &rows {
            table.row(columns.iter().map(|column| (column.cell)(row)).collect());
        }
        text += &format!("\n{network}\n{}", table.render());
    }
    text += &legend(findings);
    if !findings.comparisons.is_empty() {
        let mut table = Table::new(&COMPARISON_HEADS);
        for comparison in &findings.comparisons {
            table.row(comparison_cells(comparison).into());
        }
        text += &format!("\n{}", table.render());
    }
    text
}

/// The same in Markdown.
pub(super) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    for (network, rows) in by_network(&findings.rows) {
        let columns = columns(&rows, false);
        text += &format!("**{network}**\n\n");
        let heads: Vec<String> = columns.iter().map(|column| column.head.to_owned()).collect();
        let cells = rows.iter().map(|row| columns.iter().map(|column| (column.cell)(row)).collect());
        text += &lines(heads, cells);
        text.push('\n');
    }
    legend(findings).trim().lines().for_each(|line| text += &format!("- {line}\n"));
    if !findings.comparisons.is_empty() {
        text.push('\n');
        let heads = COMPARISON_HEADS.map(str::to_owned).to_vec();
        text +=
            &lines(heads, findings.comparisons.iter().map(|comparison| comparison_cells(comparison).into()));
    }
    text
}

fn lines(heads: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.trim().replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = format!("|{}\n", "---|".repeat(heads.len()));
    let mut text = line(heads) + &rule;
    rows.for_each(|cells| text += &line(cells));
    text
}

fn columns(rows: &[&Row], narrow: bool) -> Vec<&'static Column> {
    // The threads matter where they differ.
    let threads: Vec<_> = rows.iter().filter_map(|row| row.threads).collect();
    let differ = threads.windows(2).any(|two| two[0] != two[1]);
    let wanted = |column: &&Column| {
        let shown = !(narrow && column.wide) || (differ && column.head == "threads");
        shown && (column.always || rows.iter().any(|row| !(column.cell)(row).is_empty()))
    };
    COLUMNS.iter().filter(wanted).collect()
}

fn legend(findings: &Findings) -> String {
    let mut text =
        "\ns: wall time; CPU s: of both processes; MB: 10^6 bytes, both directions; trips: round trips\n"
            .to_owned();
    let any = |of: &dyn Fn(&Row) -> bool| findings.rows.iter().any(of);
    if any(&|row| row.published.is_some()) {
        text += "published: on other machines; (..): computed, a sum of published numbers; faster, fewer bytes: published / measured\n";
    }
    if any(&|row| row.predicted_seconds.is_some()) {
        text += "predicted: computed, from the accounts of the same over loopback\n";
    }
    if any(&|row| row.origin == Origin::Published) {
        text += "rows without a connection: published, nothing of it runs here\n";
    }
    text
}

const COMPARISON_HEADS: [&str; 5] = ["ratio", "network", "measured", "published", "where"];

fn comparison_cells(comparison: &Comparison) -> [String; 5] {
    let Comparison { network, what, measured, published: (low, high), source, .. } = comparison;
    let published = if low == high { number(*low) } else { format!("{} to {}", number(*low), number(*high)) };
    let measured = measured.map_or_else(|| "-".to_owned(), number);
    [what.clone(), network.clone(), measured, published, (*source).to_owned()]
}

fn median(spread: Option<Spread>, unit: f64) -> String {
    spread.map_or_else(String::new, |spread| number(spread.median / unit))
}

fn range(spread: Option<Spread>) -> String {
    let spread = spread.filter(|spread| spread.max > spread.min);
    spread.map_or_else(String::new, |spread| format!("{} to {}", number(spread.min), number(spread.max)))
}

fn maybe(value: Option<f64>, unit: &str) -> String {
    value.map_or_else(String::new, |value| number(value) + unit)
}

/// Sums in brackets.
fn of_published(row: &Row, value: Option<f64>) -> String {
    let text = maybe(value, "");
    let computed = row.published.is_some_and(|published| published.computed);
    if computed && !text.is_empty() { format!("({text})") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{super::row::tests::example, *};

    fn findings() -> Findings {
        let comparison = Comparison {
            experiment: "table3",
            network: "mnist".into(),
            what: "a | b".into(),
            measured: None,
            published: (1.7, 2.2),
            source: "Figure 9, text",
        };
        Findings { rows: vec![example()], comparisons: vec![comparison] }
    }

    #[test]
    fn a_row_has_measured_published_and_ratio_side_by_side() {
        let text = markdown(&findings());
        let heads = "| part | system | connection | threads | s | min to max | CPU s | MB | trips | predicted s | measured/it | published s \
                     | published MB | faster | fewer bytes |";
        assert!(text.contains(heads), "{text}");
        let row = "| linear, \"ACG\" | client-malicious | 21 ms, 100 Mbit/s | 2 | 0.5 | 0.25 to 1 | 0.75 | 20 | 5.5 | 0.4 | 1.25 | 4 | 40 | 8x | 2x |";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("| a \\| b | mnist | - | 1.7 to 2.2 | Figure 9, text |"), "{text}");
        for line in text.lines().filter(|line| line.starts_with("| ")) {
            let columns = if line.contains("Figure") || line.contains("ratio") { 6 } else { 16 };
            assert_eq!(line.replace("\\|", "").matches('|').count(), columns, "{line}");
        }
    }

    #[test]
    fn the_terminal_has_the_same_numbers_and_leaves_out_what_is_empty() {
        let mut findings = findings();
        let text = terminal("Table 3", &findings);
        assert!(text.starts_with("\nTABLE 3\n") && text.contains("8x") && text.contains("faster"), "{text}");
        assert!(!text.contains("min to max") && !text.contains("threads"), "{text}");
        findings.rows[0].published = None;
        assert!(!terminal("Table 3", &findings).contains("faster"));
        let more = Row { threads: Some(1), ..example() };
        findings.rows.push(more);
        assert!(terminal("Table 3", &findings).contains("threads"), "they differ");
    }

    #[test]
    fn sums_of_published_numbers_are_marked() {
        let mut row = example();
        if let Some(published) = &mut row.published {
            published.computed = true;
        }
        assert_eq!(of_published(&row, Some(7.0)), "(7)");
        assert_eq!(of_published(&row, None), "");
    }
}

//! Results as files: CSV, JSON, Markdown, figures.

use super::{
    machine::Machine,
    row::{Findings, Row, Spread},
    table,
};
use muse_cli::{drawing::Drawing, failure::Failure};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where they go.
pub(super) struct Folder(PathBuf);

/// All of results.json.
#[derive(Serialize)]
struct Results<'a> {
    machine: &'a Machine,
    experiments: &'a [&'a Findings],
}

impl Folder {
    /// The folder, made if need be.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(path)
            .map_err(|e| Failure::general(format!("cannot make the folder {}: {e}", path.display())))?;
        Ok(Self(path.to_owned()))
    }

    /// Writes the figure of an experiment, if there is one; an old one does not stay.
    pub(super) fn figure(&self, name: &str, drawing: Option<Drawing>) -> Result<(), Failure> {
        let [svg, png] = ["svg", "png"].map(|extension| self.0.join(format!("{name}.{extension}")));
        let Some(drawing) = drawing else {
            // It may never have been there.
            let _ = fs::remove_file(svg);
            let _ = fs::remove_file(png);
            return Ok(());
        };
        write(&svg, drawing.svg().as_bytes())?;
        write(&png, &drawing.png(2.0)?)
    }

    /// Whether an experiment has a figure here.
    pub(super) fn has_figure(&self, name: &str) -> bool {
        self.0.join(format!("{name}.svg")).is_file()
    }

    /// The path of a figure for a link in `document`.
    pub(super) fn seen_from(&self, document: &Path, name: &str) -> String {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (document, figure) = (absolute(document), absolute(&self.0.join(format!("{name}.svg"))));
        let home = document.parent().unwrap_or(Path::new(""));
        let path = figure.strip_prefix(home).unwrap_or(&figure);
        path.to_string_lossy().replace('\\', "/")
    }

    /// Writes results.csv, results.json and results.md.
    pub(super) fn results(&self, machine: &Machine, findings: &[&Findings]) -> Result<(), Failure> {
        write(
            &self.0.join("results.csv"),
            csv(findings.iter().flat_map(|findings| &findings.rows)).as_bytes(),
        )?;
        let json = serde_json::to_string_pretty(&Results { machine, experiments: findings })
            .map_err(|e| Failure::general(format!("cannot write results as JSON: {e}")))?;
        write(&self.0.join("results.json"), (json + "\n").as_bytes())?;
        let tables = findings.iter().map(|findings| table::markdown(findings)).collect::<Vec<_>>().join("\n");
        write(&self.0.join("results.md"), format!("{}\n\n{tables}", machine.sentence()).as_bytes())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|e| Failure::general(format!("cannot write {}: {e}", path.display())))
}

/// A line of names, then a line a row, as in RFC 4180 but for plain line feeds.
fn csv<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut text = HEADS.join(",") + "\n";
    for row in rows {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let spread = |spread: Option<Spread>| {
            [spread.map(|s| s.median), spread.map(|s| s.min), spread.map(|s| s.max)].map(number)
        };
        let mut cells = [row.experiment, &row.network, &row.system, row.item.trim(), &row.link]
            .map(str::to_owned)
            .to_vec();
        cells.push(row.threads.map_or_else(String::new, |threads| threads.to_string()));
        cells.push(format!("{:?}", row.origin).to_lowercase());
        for quantity in [row.seconds, row.cpu_seconds, row.bytes, row.round_trips] {
            cells.extend(spread(quantity));
        }
        cells.push(number(row.predicted_seconds));
        let published = row.published.as_ref();
        cells.extend(
            [
                published.map_or("", |p| p.source),
                published.map_or("", |p| p.system),
                published.map_or("", |p| p.part),
            ]
            .map(str::to_owned),
        );
        cells.push(published.and_then(|p| p.threads).map_or_else(String::new, |threads| threads.to_string()));
        cells.push(number(published.and_then(|p| p.seconds)));
        cells.push(number(published.and_then(|p| p.gigabytes)));
        cells.push(published.map_or_else(String::new, |p| p.computed.to_string()));
        cells.extend([row.faster(), row.smaller()].map(number));
        text += &cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

const HEADS: [&str; 29] = [
    "experiment",
    "network",
    "system",
    "part",
    "connection",
    "threads",
    "origin",
    "seconds",
    "seconds_min",
    "seconds_max",
    "cpu_seconds",
    "cpu_seconds_min",
    "cpu_seconds_max",
    "bytes",
    "bytes_min",
    "bytes_max",
    "round_trips",
    "round_trips_min",
    "round_trips_max",
    "predicted_seconds",
    "published_in",
    "published_system",
    "published_part",
    "published_threads",
    "published_seconds",
    "published_gigabytes",
    "published_is_sum",
    "times_faster",
    "times_fewer_bytes",
];

#[cfg(test)]
mod tests {
    use super::{
        super::{machine, row::tests::example},
        *,
    };
    use serde_json::Value;

    /// Lines of cells, quotes undone.
    fn parse(text: &str) -> Vec<Vec<String>> {
        let (mut lines, mut line, mut cell, mut inside) = (Vec::new(), Vec::new(), String::new(), false);
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if inside && characters.peek() == Some(&'"') => {
                    cell.push(characters.next().expect("peeked"))
                }
                '"' => inside = !inside,
                ',' if !inside => line.push(core::mem::take(&mut cell)),
                '\n' if !inside => {
                    line.push(core::mem::take(&mut cell));
                    lines.push(core::mem::take(&mut line));
                }
                character => cell.push(character),
            }
        }
        lines
    }

    #[test]
    fn csv_parses_back() {
        let empty = Row { seconds: None, cpu_seconds: None, threads: None, published: None, ..example() };
        let lines = parse(&csv([example(), empty].iter()));
        assert_eq!(lines.len(), 3);
        let cell = |line: usize, head: &str| {
            let column = lines[0].iter().position(|name| name == head).expect(head);
            lines[line][column].clone()
        };
        assert!(lines.iter().all(|line| line.len() == HEADS.len()), "{lines:?}");
        assert_eq!(
            (cell(1, "part"), cell(1, "connection")),
            ("linear, \"ACG\"".into(), "21 ms, 100 Mbit/s".into())
        );
        assert_eq!(
            (cell(1, "seconds"), cell(1, "seconds_max"), cell(1, "bytes")),
            ("0.5".into(), "1".into(), "20000000".into())
        );
        assert_eq!(
            (cell(1, "origin"), cell(1, "published_seconds"), cell(1, "published_is_sum")),
            ("measured".into(), "4".into(), "false".into())
        );
        assert_eq!((cell(1, "times_faster"), cell(1, "times_fewer_bytes")), ("8".into(), "2".into()));
        assert_eq!(
            (cell(2, "seconds"), cell(2, "threads"), cell(2, "times_faster")),
            (String::new(), String::new(), String::new())
        );
    }

    #[test]
    fn json_has_the_machine_and_every_field() {
        let findings = Findings { rows: vec![example()], comparisons: Vec::new() };
        let machine = machine::tests::example();
        let text =
            serde_json::to_string(&Results { machine: &machine, experiments: &[&findings] }).expect("JSON");
        let value: Value = serde_json::from_str(&text).expect("parses");
        assert_eq!((&value["machine"]["cores"], &value["machine"]["runs"]), (&4.into(), &3.into()));
        let row = &value["experiments"][0]["rows"][0];
        assert_eq!((&row["seconds"]["median"], &row["seconds"]["min"]), (&0.5.into(), &0.25.into()));
        assert_eq!((&row["origin"], &row["published"]["gigabytes"]), (&"measured".into(), &0.04.into()));
    }

    #[test]
    fn figures_are_linked_relative_to_their_document() {
        let folder = Folder("docs/evaluation".into());
        assert_eq!(folder.seen_from(Path::new("docs/evaluation.md"), "table3"), "evaluation/table3.svg");
        let elsewhere = folder.seen_from(Path::new("other/page.md"), "table3");
        assert!(
            elsewhere.ends_with("docs/evaluation/table3.svg") && elsewhere.starts_with('/'),
            "{elsewhere}"
        );
    }
}

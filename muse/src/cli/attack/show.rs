//! What the viewer of an attack sees: progress while it runs, a table at its end; or lines of JSON.

use crate::cli::{
    console::Console,
    failure::Failure,
    table::{Table, grouped},
};
use core::time::Duration;
use indicatif::{ProgressBar, ProgressStyle};
use muse::{
    Network,
    attack::{self, Event, Status, Stolen},
    model::Architecture,
};
use serde::Serialize;
use std::{
    io::{self, IsTerminal},
    time::Instant,
};

/// Shows an attack.
pub(super) struct Show {
    architecture: Architecture,
    json: bool,
    console: Console,
    bar: Option<ProgressBar>,
    start: Instant,
    /// When a line was last written where there is no bar.
    last: Instant,
}

/// One line of `attack --json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    Layer { layer: &'a str, weights: usize },
    Query { queries: u64, recovered: usize, total: usize, seconds: f64 },
    Again { layer: &'a str, channels: usize },
    LayerDone { layer: &'a str, weights: usize, queries: u64, unreachable: usize },
    Confirmed,
    Failed { refused: bool, error: &'a str },
    Stolen(&'a Summary),
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    queries: u64,
    sessions: u64,
    seconds: f64,
    /// What one weight a logit and query takes: the attack as published, without biases.
    published_queries: u64,
    unreachable: usize,
    layers: Vec<LayerSummary>,
    /// Digits the copy recognises, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accuracy: Option<(usize, usize)>,
    /// Digits the original recognises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) original_accuracy: Option<usize>,
    /// Where the copy is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) saved: Option<String>,
}

#[derive(Debug, Serialize)]
struct LayerSummary {
    name: String,
    weights: usize,
    biases: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    equal_weights: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    equal_biases: Option<usize>,
}

impl Show {
    pub(super) fn new(architecture: Architecture, json: bool, console: Console) -> Self {
        let bar = !json && !console.is_quiet() && io::stderr().is_terminal();
        let bar = bar.then(|| {
            let bar = ProgressBar::no_length().with_style(style());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { architecture, json, console, bar, start: Instant::now(), last: Instant::now() }
    }

    pub(super) fn event(&mut self, event: &Event) {
        let name = |layer: usize| self.architecture.layers().get(layer).map_or("", |layer| &layer.name);
        match *event {
            Event::Layer { layer, weights } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(name(layer).to_owned());
                }
                self.line(&Line::Layer { layer: name(layer), weights });
            }
            Event::Query(status) => self.query(status),
            Event::Again { layer, channels } => {
                self.remark(&format!(
                    "{}: {channels} channels once more, they failed the check",
                    name(layer)
                ));
                self.line(&Line::Again { layer: name(layer), channels });
            }
            Event::Done { layer, weights, queries, unreachable } => {
                let mut text = format!(
                    "{}: {} weights in {} queries, checked, {:.0} s so far",
                    name(layer),
                    grouped(&weights.to_string()),
                    grouped(&queries.to_string()),
                    self.start.elapsed().as_secs_f64()
                );
                if unreachable > 0 {
                    text.push_str(&format!("; {unreachable} numbers that no output depends on stay unknown"));
                }
                self.remark(&text);
                self.line(&Line::LayerDone { layer: name(layer), weights, queries, unreachable });
            }
            Event::Confirmed => {
                self.remark("an honest query: the copy answers like the server, bit for bit");
                self.line(&Line::Confirmed);
            }
            _ => {}
        }
    }

    fn query(&mut self, status: Status) {
        let seconds = self.start.elapsed().as_secs_f64();
        let Status { queries, recovered, total, .. } = status;
        self.line(&Line::Query { queries, recovered, total, seconds });
        let eta =
            if recovered == 0 { None } else { Some(seconds / recovered as f64 * (total - recovered) as f64) };
        let text = format!(
            "{} queries, {:.1} % of the weights{}",
            grouped(&queries.to_string()),
            recovered as f64 / total.max(1) as f64 * 100.0,
            eta.map_or_else(String::new, |eta| format!(", about {eta:.0} s left"))
        );
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.set_position(recovered as u64);
            bar.set_prefix(text);
        } else if self.last.elapsed() >= LINE_EVERY {
            self.last = Instant::now();
            self.remark(&text);
        }
    }

    /// No more progress.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    pub(super) fn failed(&self, failure: &attack::Failure) {
        self.line(&Line::Failed { refused: failure.is_refused(), error: &failure.to_string() });
    }

    /// The end of an attack that succeeded.
    pub(super) fn summary(&self, summary: &Summary) -> Result<(), Failure> {
        if self.json {
            self.line(&Line::Stolen(summary));
            return Ok(());
        }
        self.console.result(summary.text().trim_end())
    }

    fn remark(&self, text: &str) {
        if self.json {
            return;
        }
        match &self.bar {
            Some(bar) => bar.println(text),
            None => self.console.remark(text),
        }
    }

    fn line(&self, line: &Line<'_>) {
        if self.json {
            // Where nobody reads them any more, the exit code says what came of it.
            let _ = self.console.result(&serde_json::to_string(line).unwrap_or_default());
        }
    }
}

impl Summary {
    pub(super) fn new(stolen: &Stolen, seconds: f64, sessions: u64) -> Self {
        let outputs = stolen.architecture.outputs() as u64;
        let layers = stolen.layers.iter().map(|layer| LayerSummary {
            name: layer.name().to_owned(),
            weights: layer.weights().len(),
            biases: layer.bias().len(),
            equal_weights: None,
            equal_biases: None,
        });
        let layers: Vec<_> = layers.collect();
        let weights: u64 = layers.iter().map(|layer| layer.weights as u64).sum();
        Self {
            queries: stolen.queries,
            sessions,
            seconds,
            published_queries: weights.div_ceil(outputs.max(1)),
            unreachable: stolen.unreachable,
            layers,
            accuracy: None,
            original_accuracy: None,
            saved: None,
        }
    }

    /// Counts what is equal to the original.
    pub(super) fn compare(&mut self, stolen: &Stolen, original: &Network) {
        let counts = stolen.equal_weights(original).into_iter().zip(stolen.equal_biases(original));
        for (layer, (weights, biases)) in self.layers.iter_mut().zip(counts) {
            layer.equal_weights = Some(weights.0);
            layer.equal_biases = Some(biases.0);
        }
    }

    fn text(&self) -> String {
        let mut table = Table::new(&["layer", "weights", "equal", "biases", "equal"]);
        let number = |value: usize| grouped(&value.to_string());
        let maybe = |value: Option<usize>| value.map_or_else(|| "-".to_owned(), number);
        for layer in &self.layers {
            table.row(vec![
                layer.name.clone(),
                number(layer.weights),
                maybe(layer.equal_weights),
                number(layer.biases),
                maybe(layer.equal_biases),
            ]);
        }
        table.rule();
        let sum = |of: fn(&LayerSummary) -> usize| self.layers.iter().map(of).sum::<usize>();
        let sum_equal =
            |of: fn(&LayerSummary) -> Option<usize>| self.layers.iter().map(of).sum::<Option<usize>>();
        table.row(vec![
            "stolen".to_owned(),
            number(sum(|layer| layer.weights)),
            maybe(sum_equal(|layer| layer.equal_weights)),
            number(sum(|layer| layer.biases)),
            maybe(sum_equal(|layer| layer.equal_biases)),
        ]);
        let mut text = format!(
            "\n{}\n{} queries in {} sessions, {:.0} s; one weight a logit and query would be {} queries\n",
            table.render(),
            grouped(&self.queries.to_string()),
            self.sessions,
            self.seconds,
            grouped(&self.published_queries.to_string())
        );
        if let Some((right, count)) = self.accuracy {
            text.push_str(&format!("digits recognised: {right} of {count} by the copy"));
            if let Some(original) = self.original_accuracy {
                text.push_str(&format!(", {original} of {count} by the original"));
            }
            text.push('\n');
        }
        if let Some(path) = &self.saved {
            text.push_str(&format!("written: {path}; `muse serve {path}` serves it\n"));
        }
        text
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:8} [{bar:30}] {prefix}  {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// How often a plain log says how far it is.
const LINE_EVERY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary {
            queries: 1491,
            sessions: 6,
            seconds: 312.4,
            published_queries: 3340,
            unreachable: 0,
            layers: vec![LayerSummary {
                name: "fc1".into(),
                weights: 25_600,
                biases: 100,
                equal_weights: Some(25_600),
                equal_biases: Some(100),
            }],
            accuracy: Some((99, 100)),
            original_accuracy: Some(99),
            saved: None,
        }
    }

    #[test]
    fn the_summary_says_what_was_stolen() {
        let text = summary().text();
        for part in [
            "25,600  25,600",
            "1,491 queries in 6 sessions, 312 s; one weight a logit and query would be 3,340 queries",
            "99 of 100 by the copy, 99 of 100 by the original",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn without_an_original_nothing_is_counted() {
        let mut summary = summary();
        summary.layers[0].equal_weights = None;
        assert!(summary.text().contains("25,600       -"), "{}", summary.text());
    }

    #[test]
    fn json_names_its_events() {
        let line =
            serde_json::to_string(&Line::LayerDone { layer: "fc1", weights: 1, queries: 2, unreachable: 0 });
        let expected = r#"{"event":"layer-done","layer":"fc1","weights":1,"queries":2,"unreachable":0}"#;
        assert_eq!(line.expect("serialises"), expected);
        let line = serde_json::to_string(&Line::Stolen(&summary())).expect("serialises");
        assert!(line.starts_with(r#"{"event":"stolen","queries":1491,"#), "{line}");
    }

    #[test]
    fn the_template_is_valid() {
        assert!(ProgressStyle::with_template("{msg:8} [{bar:30}] {prefix}  {elapsed}").is_ok());
    }
}

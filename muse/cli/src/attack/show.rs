//! What the viewer of an attack sees: progress while it runs, a summary at its end; or lines of JSON.

use super::summary::Summary;
use crate::{bars::style, console::Console, failure::Failure, table::count};
use core::time::Duration;
use indicatif::ProgressBar;
use muse::model::Architecture;
use muse_attack::{self as attack, Event, Status};
use serde::Serialize;
use std::{
    io::{self, IsTerminal},
    time::Instant,
};

/// Shows an attack.
pub struct Show {
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

impl Show {
    pub fn new(architecture: Architecture, json: bool, console: Console) -> Self {
        let bar = !json && !console.is_quiet() && io::stderr().is_terminal();
        let bar = bar.then(|| {
            let bar = ProgressBar::no_length().with_style(style(TEMPLATE));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { architecture, json, console, bar, start: Instant::now(), last: Instant::now() }
    }

    pub fn event(&mut self, event: &Event) {
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
                    count(weights as u64),
                    count(queries),
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
            count(queries),
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
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    pub fn failed(&self, failure: &attack::Failure) {
        self.line(&Line::Failed { refused: failure.is_refused(), error: &failure.to_string() });
    }

    /// The end of an attack that succeeded.
    pub fn summary(&self, summary: &Summary) -> Result<(), Failure> {
        if self.json {
            return self.console.result(&serde_json::to_string(&Line::Stolen(summary)).unwrap_or_default());
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

/// The layer, how much of it is known, and how many queries that took.
const TEMPLATE: &str = "{msg:8} [{bar:30}] {prefix}  {elapsed}";

/// How often a plain log says how far it is.
const LINE_EVERY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::ProgressStyle;

    #[test]
    fn json_names_its_events() {
        let line =
            serde_json::to_string(&Line::LayerDone { layer: "fc1", weights: 1, queries: 2, unreachable: 0 });
        let expected = r#"{"event":"layer-done","layer":"fc1","weights":1,"queries":2,"unreachable":0}"#;
        assert_eq!(line.expect("serialises"), expected);
        let line = serde_json::to_string(&Line::Stolen(&Summary::example())).expect("serialises");
        assert!(line.starts_with(r#"{"event":"stolen","queries":1491,"#), "{line}");
    }

    #[test]
    fn the_template_is_valid() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}

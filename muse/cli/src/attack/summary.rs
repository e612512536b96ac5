//! The result of an attack.

use crate::table::{Table, count, counted};
use muse::Network;
use muse_attack::Stolen;
use serde::Serialize;

/// What came of it, for people or as JSON.
#[derive(Debug, Serialize)]
pub struct Summary {
    queries: u64,
    sessions: u64,
    seconds: f64,
    /// What one weight a logit and query takes: the attack as published, without biases.
    published_queries: u64,
    unreachable: usize,
    layers: Vec<LayerSummary>,
    /// Digits the copy recognises, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<(usize, usize)>,
    /// Digits the original recognises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_accuracy: Option<usize>,
    /// Where the copy is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
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

impl Summary {
    pub fn new(stolen: &Stolen, seconds: f64, sessions: u64) -> Self {
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
    pub fn compare(&mut self, stolen: &Stolen, original: &Network) {
        for (layer, equal) in self.layers.iter_mut().zip(stolen.equal(original)) {
            layer.equal_weights = Some(equal.weights);
            layer.equal_biases = Some(equal.biases);
        }
    }

    pub fn text(&self) -> String {
        let mut table = Table::new(&["layer", "weights", "equal", "biases", "equal"]);
        let number = |value: usize| count(value as u64);
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
            "\n{}\n{} queries in {}, {:.0} s; one weight a logit and query would be {} queries\n",
            table.render(),
            count(self.queries),
            counted(self.sessions, "session"),
            self.seconds,
            count(self.published_queries)
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

#[cfg(test)]
mod tests {
    use super::*;

    impl Summary {
        /// Of an attack on one layer.
        pub fn example() -> Self {
            Self {
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
    }

    #[test]
    fn the_summary_says_what_was_stolen() {
        let text = Summary::example().text();
        for part in [
            "25,600  25,600     100    100\n",
            "1,491 queries in 6 sessions, 312 s; one weight a logit and query would be 3,340 queries",
            "99 of 100 by the copy, 99 of 100 by the original",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn without_an_original_nothing_is_counted() {
        let mut summary = Summary::example();
        (summary.layers[0].equal_weights, summary.layers[0].equal_biases) = (None, None);
        let text = summary.text();
        let lines = text.lines().filter(|line| line.contains("25,600"));
        let lines: Vec<&str> = lines.collect();
        assert_eq!(lines, ["fc1      25,600      -     100      -", "stolen   25,600      -     100      -"]);
    }
}

//! The answer for an image, as text for people and as JSON for programs.

use crate::{
    failure::Failure,
    image::{Fitted, Origin},
};
use core::cmp::Reverse;
use muse::{Logits, accounts::Counters, model::Architecture};
use serde::Serialize;

/// The outputs for one image, and what they cost.
pub struct Answer {
    pub logits: Logits,
    pub preprocessing: Cost,
    pub online: Cost,
}

/// An input that was not sent.
pub struct Refused {
    pub name: String,
    pub origin: Origin,
    pub reason: Failure,
}

impl Refused {
    /// An object of JSON on one line, in the place of an answer.
    pub fn json(&self) -> String {
        let refused = self.reason.to_string();
        let object = NoAnswer { image: &self.name, origin: Source::of(&self.origin), refused };
        serde_json::to_string(&object).unwrap_or_default()
    }
}

/// What one phase of one image cost this party.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    seconds: f64,
    sent: u64,
    received: u64,
}

impl Cost {
    /// What has been added to the accounts of a session.
    pub fn between(before: &Counters, after: &Counters) -> Self {
        Self {
            seconds: after.time.saturating_sub(before.time).as_secs_f64(),
            sent: after.sent.saturating_sub(before.sent),
            received: after.received.saturating_sub(before.received),
        }
    }
}

/// A class by name; networks need not have names for all of their outputs.
pub fn class(architecture: &Architecture, index: usize) -> String {
    architecture.classes().get(index).cloned().unwrap_or_else(|| format!("output {index}"))
}

impl Answer {
    /// The image and its class.
    pub fn line(&self, architecture: &Architecture, name: &str) -> String {
        let index = self.logits.argmax_vartime();
        let logit = self.real(self.logits.integers().get(index).copied().unwrap_or(0));
        format!("{name}: {} (logit {logit:.3})", class(architecture, index))
    }

    /// That several outputs are the greatest, if they are.
    pub fn tie(&self, architecture: &Architecture) -> Option<String> {
        let integers = self.logits.integers();
        let greatest = integers.iter().max()?;
        let equal = integers.iter().enumerate().filter(|(_, value)| *value == greatest);
        let equal: Vec<_> = equal.map(|(index, _)| class(architecture, index)).collect();
        (equal.len() > 1).then(|| {
            let more = if equal.len() > SHOWN { ", .." } else { "" };
            let names = equal[..equal.len().min(SHOWN)].join(", ");
            format!("{} outputs are equal, and the greatest: {names}{more}; the first is named", equal.len())
        })
    }

    /// The best classes, one a line.
    pub fn ranking(&self, architecture: &Architecture, count: usize) -> String {
        let best = self.best(count);
        let lines = best
            .into_iter()
            .map(|(index, value)| format!("  {:<16} {:>12.5}", class(architecture, index), self.real(value)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Every class with its value, one a line.
    pub fn listing(&self, architecture: &Architecture) -> String {
        let lines = self.logits.integers().into_iter().enumerate().map(|(index, value)| {
            format!("  {:<16} {:>12.5}  ({value})", class(architecture, index), self.real(value))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// An object of JSON on one line.
    pub fn json(&self, architecture: &Architecture, fitted: &Fitted, top: Option<usize>) -> String {
        let entry = |(index, value): (usize, i64)| Entry {
            index,
            class: architecture.classes().get(index).map(String::as_str),
            logit: self.real(value),
        };
        let top: Vec<_> = self.best(top.unwrap_or(TOP)).into_iter().map(entry).collect();
        let index = self.logits.argmax_vartime();
        let integers = self.logits.integers();
        let object = Object {
            image: &fitted.name,
            origin: Source::of(&fitted.origin),
            best: entry((index, integers.get(index).copied().unwrap_or(0))),
            top,
            integers,
            scale_bits: self.logits.scale_bits(),
            may_have_wrapped: self.logits.may_have_wrapped(),
            notes: &fitted.remarks,
            preprocessing: self.preprocessing,
            online: self.online,
        };
        // Numbers and strings, which always serialise.
        serde_json::to_string(&object).unwrap_or_default()
    }

    /// The greatest outputs, best first; of equal ones the first in the network's order.
    fn best(&self, count: usize) -> Vec<(usize, i64)> {
        let mut ranked: Vec<_> = self.logits.integers().into_iter().enumerate().collect();
        ranked.sort_by_key(|&(index, value)| (Reverse(value), index));
        ranked.truncate(count);
        ranked
    }

    /// The real number that an output stands for.
    fn real(&self, value: i64) -> f64 {
        value as f64 / f64::from(self.logits.scale_bits()).exp2()
    }
}

#[derive(Serialize)]
struct Object<'a> {
    image: &'a str,
    #[serde(flatten)]
    origin: Source<'a>,
    #[serde(flatten)]
    best: Entry<'a>,
    top: Vec<Entry<'a>>,
    integers: Vec<i64>,
    scale_bits: i32,
    may_have_wrapped: bool,
    notes: &'a [String],
    preprocessing: Cost,
    online: Cost,
}

#[derive(Serialize)]
struct NoAnswer<'a> {
    image: &'a str,
    #[serde(flatten)]
    origin: Source<'a>,
    refused: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Source<'a> {
    File { file: &'a str, item: usize },
    Sample { sample: u16, label: u8 },
}

impl<'a> Source<'a> {
    fn of(origin: &'a Origin) -> Self {
        match origin {
            Origin::File { file, item } => Self::File { file, item: *item },
            Origin::Sample { sample, label } => Self::Sample { sample: *sample, label: *label },
        }
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    index: usize,
    class: Option<&'a str>,
    logit: f64,
}

/// Classes of `top` unless the user says otherwise.
const TOP: usize = 5;

/// Outputs that a note names.
const SHOWN: usize = 4;

//! Figure 10: Beaver triples by threads.

use super::{Experiment, Findings, Lab, Scope, row};
use crate::rehearsal::Rehearsal;
use crate::{
    args::What,
    evaluate::{
        chart::{Group, Panel, Quantity},
        published::OVER_OVERDRIVE_TRIPLES,
        row::Comparison,
    },
};
use muse::accounts::{Component, Phase};
use muse_cli::{failure::Failure, table::count};

pub(super) const EXPERIMENT: Experiment =
    Experiment { name: NAME, title: "Figure 10: Beaver triples", what: What::Triples, run, panels };

const NAME: &str = "triples";

/// Batches of 65,536 triples: ten million, and a million.
const BATCHES: [u8; 2] = [153, 16];

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let rehearsal = Rehearsal::Triples(BATCHES[usize::from(scope.quick)]);
    let triples = rehearsal.count();
    let mut rows = Vec::new();
    let mut threads: Vec<usize> = [1, 2, scope.cores].into_iter().filter(|&n| n <= scope.cores).collect();
    threads.dedup();
    for threads in threads {
        let setting = scope.rehearsal(rehearsal, threads);
        let part = lab.measure(&setting)?.part(Phase::Preprocessing, &[Component::Triples]);
        let each = |total: Option<f64>| total.map_or(f64::NAN, |total| total / triples as f64);
        let item = format!(
            "{} triples: {:.1} B, {:.1} us of CPU time each",
            count(triples as u64),
            each(part.bytes.map(|bytes| bytes.median)),
            each(part.cpu_seconds.map(|seconds| seconds.median)) * 1e6,
        );
        rows.push(row(NAME, &setting, &item, part, None));
    }
    let comparison = Comparison {
        experiment: NAME,
        network: "-".into(),
        what: OVER_OVERDRIVE_TRIPLES.what.into(),
        // Nothing here is secure against a malicious server.
        measured: None,
        published: OVER_OVERDRIVE_TRIPLES.range,
        source: OVER_OVERDRIVE_TRIPLES.source,
    };
    Ok(Findings { rows, comparisons: vec![comparison] })
}

fn panels(findings: &Findings) -> Vec<Panel> {
    let groups = findings.rows.iter().map(|row| Group {
        label: format!("{} thread(s)\na party", row.threads.unwrap_or(0)),
        bars: vec![Quantity::Seconds.measured(row)],
    });
    vec![Panel {
        title: "Time to generate the triples (loopback)".into(),
        quantity: Quantity::Seconds,
        series: vec!["measured here".into()],
        groups: groups.collect(),
    }]
}

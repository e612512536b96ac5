//! Figure 10: Beaver triples by threads.

use super::{Experiment, Findings, Lab, Scope, row};
use crate::{
    args::What,
    evaluate::{
        chart::{Group, Panel, Quantity},
        published::OVER_OVERDRIVE_TRIPLES,
        row::Comparison,
    },
};
use crate::{overdrive::Work, rehearsal::Rehearsal};
use muse::accounts::{Component, Phase};
use muse_cli::{
    failure::Failure,
    table::{count, counted},
};

pub(super) const EXPERIMENT: Experiment =
    Experiment { name: NAME, title: "Figure 10: Beaver triples", what: What::Fig10, run, panels };

const NAME: &str = "fig10";

/// Batches of 65,536 triples: ten million, and a million.
const BATCHES: [u8; 2] = [153, 16];
/// Batches of 163,840 triples of Overdrive: ten million, and a million.
const OVERDRIVE_BATCHES: [u8; 2] = [61, 6];

/// The triples of the client-malicious setting.
pub(super) fn rehearsal(quick: bool) -> Rehearsal {
    Rehearsal::Triples(BATCHES[usize::from(quick)])
}

/// The triples of Overdrive.
pub(super) fn overdrive_work(quick: bool) -> Work {
    Work::Triples(OVERDRIVE_BATCHES[usize::from(quick)])
}

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let (rehearsal, work) = (rehearsal(scope.quick), overdrive_work(scope.quick));
    let (mut rows, mut ratios) = (Vec::new(), Vec::new());
    let mut threads: Vec<usize> = [1, 2, scope.cores].into_iter().filter(|&n| n <= scope.cores).collect();
    threads.dedup();
    for threads in threads {
        let settings = [
            (scope.rehearsal(rehearsal, threads), rehearsal.count()),
            (scope.overdrive(work, threads), work.count()),
        ];
        let mut seconds = Vec::new();
        for (setting, triples) in settings {
            let part = lab.measure(&setting)?.part(Phase::Preprocessing, &[Component::Triples]);
            let each = |total: Option<f64>| total.map_or(f64::NAN, |total| total / triples as f64);
            let item = format!(
                "{} triples: {:.1} B, {:.1} us of CPU time each",
                count(triples as u64),
                each(part.bytes.map(|bytes| bytes.median)),
                each(part.cpu_seconds.map(|seconds| seconds.median)) * 1e6,
            );
            seconds.push(each(part.seconds.map(|seconds| seconds.median)));
            rows.push(row(NAME, &setting, &item, part, None));
        }
        ratios.push(Comparison {
            experiment: NAME,
            network: "-".into(),
            what: format!("{}, {}", OVER_OVERDRIVE_TRIPLES.what, counted(threads, "thread")),
            measured: Some(seconds[1] / seconds[0]),
            published: OVER_OVERDRIVE_TRIPLES.range,
            source: OVER_OVERDRIVE_TRIPLES.source,
        });
    }
    Ok(Findings { rows, comparisons: ratios })
}

/// Both settings by threads.
fn panels(findings: &Findings) -> Vec<Panel> {
    let mut threads: Vec<usize> = findings.rows.iter().filter_map(|row| row.threads).collect();
    threads.dedup();
    let mut systems: Vec<&str> = Vec::new();
    for row in &findings.rows {
        if !systems.contains(&row.system.as_str()) {
            systems.push(&row.system);
        }
    }
    let group = |&threads: &usize| {
        let bar = |system: &&str| {
            let row = findings.rows.iter().find(|row| row.threads == Some(threads) && row.system == **system);
            row.and_then(|row| Quantity::Seconds.measured(row))
        };
        Group { label: format!("{threads} thread(s)\na party"), bars: systems.iter().map(bar).collect() }
    };
    vec![Panel {
        title: "Time to generate the triples (loopback)".into(),
        quantity: Quantity::Seconds,
        series: systems.iter().map(|system| (*system).to_owned()).collect(),
        groups: threads.iter().map(group).collect(),
    }]
}

//! Times by threads, and by the number of ReLUs.

use super::{Experiment, Findings, Lab, Scope, Subject, row};
use crate::{
    args::What,
    evaluate::{
        chart::{Group, Panel, Quantity},
        row::Row,
    },
};
use muse::{
    FixedPoint, Model, Network, Protocol,
    accounts::Phase,
    model::{FloatLayer, InputSpec, LinearShape, ModelError, Normalisation},
    transport::Link,
};
use muse_cli::{
    child::Source,
    failure::Failure,
    table::{count, counted},
};
use std::path::{Path, PathBuf};

pub(super) const EXPERIMENT: Experiment =
    Experiment { name: NAME, title: "Scaling: threads and ReLUs", what: What::Scaling, run, panels };

const NAME: &str = "scaling";

const PHASES: [Phase; 2] = [Phase::Preprocessing, Phase::Online];

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let mut rows = Vec::new();
    for subject in &scope.subjects {
        for threads in threads(scope.cores) {
            let mut setting = scope.setting(subject, Protocol::ClientMalicious, Link::default());
            setting.threads = threads;
            let measured = lab.measure(&setting)?;
            rows.extend(PHASES.map(|phase| row(NAME, &setting, phase.name(), measured.whole(phase), None)));
        }
    }
    let folder = Folder::new()?;
    let sizes: &[usize] = if scope.quick { &[1024, 4096, 16_384] } else { &[1024, 4096, 16_384, 65_536] };
    for &relus in sizes {
        let subject = synthetic(relus, &folder.0)?;
        for protocol in Scope::PROTOCOLS {
            let setting = scope.setting(&subject, protocol, Link::default());
            let measured = lab.measure(&setting)?;
            rows.extend(PHASES.map(|phase| row(NAME, &setting, phase.name(), measured.whole(phase), None)));
        }
    }
    Ok(Findings { rows, comparisons: Vec::new() })
}

/// Powers of two up to the processor's cores, and these.
fn threads(cores: usize) -> Vec<usize> {
    let mut threads: Vec<usize> =
        core::iter::successors(Some(1), |n| Some(2 * n)).take_while(|n| *n < cores).collect();
    threads.push(cores);
    threads
}

/// Two small dense layers with nothing but ReLUs between them.
fn synthetic(relus: usize, folder: &Path) -> Result<Subject, Failure> {
    let failed = |error: ModelError| Failure::general(format!("a network of {relus} ReLUs: {error}"));
    let name = format!("{}{relus}", SYNTHETIC);
    let network = network(&name, relus).map_err(failed)?;
    let path = network.save(&folder.join(&name)).map_err(failed)?;
    Ok(Subject { name, source: Source::File(path) })
}

fn network(name: &str, relus: usize) -> Result<Network, ModelError> {
    const INPUTS: usize = 16;
    const OUTPUTS: usize = 2;
    let layer = |name: &str, inputs: usize, outputs: usize, relu| {
        // Any weights would do: they take the same time and bytes.
        let weight = |i: usize| (i * 37 % 101) as f32 / 50.0 - 1.0;
        FloatLayer {
            name: name.into(),
            shape: LinearShape::dense(inputs, outputs),
            weights: (0..inputs * outputs).map(|i| weight(i) / (inputs as f32).sqrt()).collect(),
            bias: vec![0.0; outputs],
            relu,
            average_pool: None,
            l1_bound: None,
        }
    };
    let input =
        InputSpec { channels: INPUTS, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    let layers = vec![layer("wide", INPUTS, relus, true), layer("narrow", relus, OUTPUTS, false)];
    Model { name: name.into(), input, classes: Vec::new(), layers }.quantize(FixedPoint::new(8)?)
}

/// A folder for networks that are measured once.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("muse-evaluate-{}", std::process::id()));
        // One that exists already is somebody else's.
        std::fs::create_dir(&path)
            .map_err(|e| Failure::general(format!("cannot make the folder {}: {e}", path.display())))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is small, and in the folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn panels(findings: &Findings) -> Vec<Panel> {
    let mut panels = Vec::new();
    let malicious = |row: &&Row| row.system == Protocol::ClientMalicious.name();
    let mut panel = |title: &str, quantity, keep: &dyn Fn(&Row) -> bool, label: &dyn Fn(&Row) -> String| {
        let rows: Vec<&Row> = findings.rows.iter().filter(malicious).filter(|row| keep(row)).collect();
        let mut labels: Vec<String> = rows.iter().map(|row| label(row)).collect();
        labels.dedup();
        let groups = labels.into_iter().map(|name| {
            let bar = |phase: Phase| {
                let row = rows.iter().find(|row| label(row) == name && row.item == phase.name());
                row.and_then(|row| Quantity::measured(quantity, row))
            };
            Group { bars: PHASES.map(bar).to_vec(), label: name.clone() }
        });
        let series = PHASES.map(|phase| phase.name().to_owned()).to_vec();
        panels.push(Panel { title: title.into(), quantity, series, groups: groups.collect() });
    };
    let is_synthetic = |row: &Row| row.network.starts_with(SYNTHETIC);
    let threads = |row: &Row| format!("{}\n{}", row.network, counted(row.threads.unwrap_or(0), "thread"));
    panel("time by threads of each party", Quantity::Seconds, &|row| !is_synthetic(row), &threads);
    let relus = |row: &Row| {
        let number = row.network.trim_start_matches(SYNTHETIC).parse().unwrap_or(0);
        format!("{}\nReLUs", count(number))
    };
    panel("time by ReLUs", Quantity::Seconds, &is_synthetic, &relus);
    panel("bytes by ReLUs", Quantity::Bytes, &is_synthetic, &relus);
    panels
}

/// The names of the networks start so, and go on with the number of their ReLUs.
const SYNTHETIC: &str = "relus-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_double_up_to_the_cores() {
        assert_eq!(threads(1), [1]);
        assert_eq!(threads(2), [1, 2]);
        assert_eq!(threads(6), [1, 2, 4, 6]);
        assert_eq!(threads(8), [1, 2, 4, 8]);
    }

    #[test]
    fn synthetic_networks_have_their_relus_and_a_place_in_the_budget() {
        for relus in [1024, 65_536] {
            let network = network("relus", relus).expect("within all limits");
            assert_eq!(network.architecture().relu_count(), relus);
        }
    }
}

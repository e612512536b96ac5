//! Figures 8 and 9: preprocessing and online phase of MUSE, of Overdrive, and of Overdrive against a malicious client only.
//!
//! Overdrive really runs where its triples are few enough; elsewhere times and bytes are counts of triples and inputs, which
//! are exact, times what one of them took in a run of millions, as in the paper. Such rows say "computed".

use super::{Comparison, Experiment, Findings, Lab, Origin, Part, Scope, Subject, by_network, row};
use crate::{
    args::What,
    evaluate::{
        chart::{Group, Panel, Quantity},
        published::{self, ONLINE_OVER_DELPHI, OVER_OVERDRIVE, Ratio},
        row::{Row, Spread},
    },
    overdrive::{Needs, Work},
    rehearsal::Rehearsal,
};
use muse::{
    Network, Protocol,
    accounts::{Component, Phase},
    model::shipped,
    transport::Link,
};
use muse_cli::{child::Source, failure::Failure, table::count};

pub(super) const FIGURE8: Experiment = Experiment {
    name: "fig8",
    title: "Figure 8: preprocessing, MUSE and Overdrive",
    what: What::Fig8,
    run: |lab, scope| compare(lab, scope, "fig8", Phase::Preprocessing),
    panels,
};

pub(super) const FIGURE9: Experiment = Experiment {
    name: "fig9",
    title: "Figure 9: the online phase, MUSE and Overdrive",
    what: What::Fig9,
    run: |lab, scope| compare(lab, scope, "fig9", Phase::Online),
    panels,
};

/// Most triples of a network whose inference over the engine really runs: they are all in memory.
const MOST: usize = 4_000_000;

/// The three systems on each network, in one phase.
fn compare(lab: &mut Lab, scope: &Scope, name: &'static str, phase: Phase) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    for subject in &scope.subjects {
        let network = load(subject)?;
        let needs = Needs::of(&network);
        let muse = scope.setting(subject, Protocol::ClientMalicious, Link::default());
        let own = lab.measure(&muse)?.whole(phase);
        let published = match phase {
            Phase::Online => published::table3(published::MUSE, &subject.name, "online"),
            Phase::Setup | Phase::Preprocessing | _ => {
                published::preprocessing(published::MUSE, &subject.name)
            }
        };
        findings.rows.push(row(name, &muse, phase.name(), own, published));
        if phase == Phase::Online {
            let delphi = scope.setting(subject, Protocol::SemiHonest, Link::default());
            let part = lab.measure(&delphi)?.whole(phase);
            let published = published::table3(published::DELPHI, &subject.name, "online");
            findings.rows.push(row(name, &delphi, phase.name(), part, published));
            let medians = [(own.seconds, part.seconds), (own.bytes, part.bytes)];
            for (ratio, (over, under)) in ONLINE_OVER_DELPHI.into_iter().zip(medians) {
                findings.comparisons.push(comparison(name, subject, ratio, over, under));
            }
        }
        let mut others = Vec::new();
        for work in [Work::Infer, Work::InferClientMalicious] {
            let (part, origin) = if needs.triples <= MOST {
                (lab.measure(&scope.inference(subject, work))?.whole(phase), Origin::Measured)
            } else {
                (computed(lab, scope, &needs, work, phase)?, Origin::Computed)
            };
            let label = if origin == Origin::Computed { ", computed" } else { "" };
            let item = format!("{}{label}, {} triples", phase.name(), count(needs.triples as u64));
            findings
                .rows
                .push(Row { origin, ..row(name, &scope.inference(subject, work), &item, part, None) });
            others.push(part);
        }
        if phase == Phase::Preprocessing {
            let [time, bytes, client_malicious] = OVER_OVERDRIVE;
            findings.comparisons.extend([
                comparison(name, subject, time, others[0].seconds, own.seconds),
                comparison(name, subject, bytes, others[0].bytes, own.bytes),
                comparison(name, subject, client_malicious, others[1].seconds, own.seconds),
            ]);
        }
    }
    Ok(findings)
}

fn load(subject: &Subject) -> Result<Network, Failure> {
    Ok(match &subject.source {
        Source::Shipped(published::MNIST) => shipped::mnist(),
        Source::Shipped(_) => shipped::cifar10(),
        Source::File(path) => Network::open(path)?,
    })
}

fn comparison(
    experiment: &'static str,
    subject: &Subject,
    ratio: Ratio,
    over: Option<Spread>,
    under: Option<Spread>,
) -> Comparison {
    Comparison {
        experiment,
        network: subject.name.clone(),
        what: ratio.what.into(),
        measured: over.zip(under).map(|(over, under)| over.median / under.median),
        published: ratio.range,
        source: ratio.source,
    }
}

/// What counts and rates make. Preprocessing: triples and inputs, each at the rate of a run of many. Online: as for the smallest shipped network,
/// by triples used up, which are nearly all that there is.
fn computed(lab: &mut Lab, scope: &Scope, needs: &Needs, work: Work, phase: Phase) -> Result<Part, Failure> {
    if phase == Phase::Online {
        let subject = Subject { name: published::MNIST.into(), source: Source::Shipped(published::MNIST) };
        let few = Needs::of(&load(&subject)?);
        let part = lab.measure(&scope.inference(&subject, work))?.whole(phase);
        return Ok(scaled(part, needs.triples as f64 / few.triples as f64));
    }
    let (triples, each, inputs, known) = if work == Work::Infer {
        let many = super::triples::overdrive_work(scope.quick);
        let inputs = super::table4::OVERDRIVE;
        (
            scope.overdrive(many, scope.threads),
            many.count(),
            (scope.overdrive(inputs, scope.threads), inputs.count()),
            needs.client + needs.server,
        )
    } else {
        let many = super::triples::rehearsal(scope.quick);
        let inputs = Rehearsal::Inputs(super::table4::BATCHES);
        (
            scope.rehearsal(many, scope.threads),
            many.count(),
            (scope.rehearsal(inputs, scope.threads), inputs.count()),
            needs.randoms,
        )
    };
    let part = lab.measure(&triples)?.part(phase, &[Component::Triples]);
    let triples = scaled(part, needs.triples as f64 / each as f64);
    let part = lab.measure(&inputs.0)?.part(phase, &[Component::AuthenticatedInputs]);
    let inputs = scaled(part, known as f64 / inputs.1 as f64);
    let sum = |of: fn(&Part) -> Option<Spread>| {
        of(&triples).zip(of(&inputs)).map(|(a, b)| Spread::exactly(a.median + b.median))
    };
    Ok(Part {
        seconds: sum(|part| part.seconds),
        cpu_seconds: sum(|part| part.cpu_seconds),
        bytes: sum(|part| part.bytes),
        round_trips: sum(|part| part.round_trips),
    })
}

fn scaled(part: Part, factor: f64) -> Part {
    let scale = |spread: Option<Spread>| spread.map(|spread| Spread::exactly(spread.median * factor));
    Part {
        seconds: scale(part.seconds),
        cpu_seconds: scale(part.cpu_seconds),
        bytes: scale(part.bytes),
        round_trips: scale(part.round_trips),
    }
}

/// Time and bytes of every system, network by network.
fn panels(findings: &Findings) -> Vec<Panel> {
    let mut panels = Vec::new();
    for (network, rows) in by_network(&findings.rows) {
        for quantity in [Quantity::Seconds, Quantity::Bytes] {
            let groups = rows.iter().map(|row| {
                let published = row.published.and_then(|published| quantity.published(&published));
                let system = row.system.replace(", ", "\n");
                let label =
                    if row.origin == Origin::Computed { format!("{system}\n(computed)") } else { system };
                let bars = vec![published.map(crate::evaluate::chart::Bar::exactly), quantity.measured(row)];
                Group { label, bars }
            });
            panels.push(Panel {
                title: format!("{network}: {} ", quantity.name()),
                quantity,
                series: vec!["published".into(), "here".into()],
                groups: groups.collect(),
            });
        }
    }
    panels
}

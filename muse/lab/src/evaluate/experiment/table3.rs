//! Table 3: what each part of the protocol takes.

use super::{Experiment, Findings, Lab, Origin, Scope, by_network, counterpart, only_published, row};
use crate::{
    args::What,
    evaluate::{
        chart::{Bar, Group, Panel, Quantity},
        published::{self, CIFAR10, MNIST, MUSE, Published},
        row::Row,
    },
};
use muse::{
    Protocol,
    accounts::{Component, Phase},
    transport::Link,
};
use muse_cli::failure::Failure;

pub(super) const EXPERIMENT: Experiment =
    Experiment { name: NAME, title: "Table 3: the parts of the protocol", what: What::Table3, run, panels };

const NAME: &str = "table3";

const PUBLISHED: Protocol = Protocol::ClientMaliciousPublished;

/// The parts of the published disclosure, as the paper names them.
const PUBLISHED_CDS: [(&str, Component); 3] = [
    ("CDS: triple generation", Component::Triples),
    ("CDS: input authentication", Component::AuthenticatedInputs),
    ("CDS: evaluation", Component::ObliviousTransfer),
];

/// A part as the paper cuts it, and the components of ours that do the same.
struct Cut {
    item: &'static str,
    phase: Phase,
    components: &'static [Component],
    published: fn(&str) -> Option<Published>,
}

/// The parts of a protocol. Linear layers include the proof that the ciphertexts are well formed, which the published prototype sleeps for.
fn cuts(protocol: Protocol) -> Vec<Cut> {
    use Component as C;
    let preprocessing = Phase::Preprocessing;
    let whole = Component::ALL.as_slice();
    if protocol == Protocol::ClientMalicious {
        vec![
            Cut {
                item: "linear: ACG, with proofs",
                phase: preprocessing,
                components: &[C::Linear, C::Proofs],
                published: |network| published::table3(MUSE, network, "linear: ACG"),
            },
            Cut {
                item: "  of these: proofs",
                phase: preprocessing,
                components: &[C::Proofs],
                published: |_| None,
            },
            Cut {
                item: "garbling",
                phase: preprocessing,
                components: &[C::Garbling],
                published: |network| published::table3(MUSE, network, "garbling"),
            },
            Cut {
                item: "CDS: COT, tau, range proof",
                phase: preprocessing,
                components: &[C::ObliviousTransfer],
                published: published::cds,
            },
            Cut {
                item: "preprocessing",
                phase: preprocessing,
                components: whole,
                published: |network| published::preprocessing(MUSE, network),
            },
            Cut {
                item: "online",
                phase: Phase::Online,
                components: whole,
                published: |network| published::table3(MUSE, network, "online"),
            },
        ]
    } else {
        const DELPHI: &str = counterpart(Protocol::SemiHonest);
        vec![
            Cut {
                item: "linear: CG",
                phase: preprocessing,
                components: &[C::Linear],
                published: |network| published::table3(DELPHI, network, "linear: CG"),
            },
            Cut {
                item: "garbling",
                phase: preprocessing,
                components: &[C::Garbling],
                published: |network| published::table3(DELPHI, network, "garbling"),
            },
            Cut {
                item: "oblivious transfer",
                phase: preprocessing,
                components: &[C::ObliviousTransfer],
                published: |network| published::table3(DELPHI, network, "oblivious transfer"),
            },
            Cut {
                item: "preprocessing",
                phase: preprocessing,
                components: whole,
                published: |network| published::preprocessing(DELPHI, network),
            },
            Cut {
                item: "online",
                phase: Phase::Online,
                components: whole,
                published: |network| published::table3(DELPHI, network, "online"),
            },
        ]
    }
}

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let mut rows = Vec::new();
    for subject in &scope.subjects {
        for protocol in Scope::PROTOCOLS {
            for link in scope.links() {
                let setting = scope.setting(subject, protocol, link);
                let measured = lab.measure(&setting)?;
                for cut in cuts(protocol) {
                    let part = measured.part(cut.phase, cut.components);
                    let published = (cut.published)(&subject.name);
                    rows.push(row(NAME, &setting, cut.item, part, published));
                }
                let setup = measured.whole(Phase::Setup);
                rows.push(row(NAME, &setting, "setup, once a session", setup, None));
            }
        }
        // The published disclosure of the CIFAR-10 network takes more triples than a session makes.
        if subject.name == MNIST {
            let setting = scope.setting(subject, PUBLISHED, Link::default());
            let measured = lab.measure(&setting)?;
            for (item, component) in PUBLISHED_CDS {
                let part = measured.part(Phase::Preprocessing, &[component]);
                rows.push(row(NAME, &setting, item, part, published::table3(MUSE, MNIST, item)));
            }
            let whole = measured.part(Phase::Preprocessing, &PUBLISHED_CDS.map(|(_, component)| component));
            rows.push(row(NAME, &setting, "CDS as published, together", whole, published::cds(MNIST)));
        } else if subject.name == CIFAR10 {
            let parts = PUBLISHED_CDS.iter().filter_map(|(part, _)| published::table3(MUSE, CIFAR10, part));
            rows.extend(parts.map(|part| only_published(NAME, part)));
        }
    }
    Ok(Findings { rows, comparisons: Vec::new() })
}

/// For each network time and bytes of the parts, over the connection that is most like theirs.
fn panels(findings: &Findings) -> Vec<Panel> {
    let mut panels = Vec::new();
    for (network, rows) in by_network(&findings.rows) {
        let measured = |row: &&&Row| {
            row.origin == Origin::Measured
                && row.system != PUBLISHED.name()
                && !row.item.starts_with([' ', 's'])
        };
        let Some(link) = rows.iter().filter(measured).map(|row| row.link.as_str()).next_back() else {
            continue;
        };
        for quantity in [Quantity::Seconds, Quantity::Bytes] {
            let groups = rows.iter().filter(measured).filter(|row| row.link == link).map(|row| Group {
                label: format!("{}\n{}", short(&row.item), row.system.replace('-', "-\n")),
                bars: vec![
                    row.published.and_then(|published| quantity.published(&published)).map(Bar::exactly),
                    quantity.measured(row),
                ],
            });
            panels.push(Panel {
                title: format!("{network}: {} of the parts ({link})", quantity.name()),
                quantity,
                series: vec!["published".into(), "measured here".into()],
                groups: groups.collect(),
            });
        }
    }
    panels
}

/// What fits under a bar.
fn short(item: &str) -> &str {
    match item {
        "CDS: COT, tau, range proof" => "CDS",
        "oblivious transfer" => "OT",
        "linear: ACG, with proofs" => "linear",
        "linear: CG" => "linear",
        "preprocessing" => "preproc.",
        item => item,
    }
}

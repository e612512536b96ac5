//! What a slower connection makes of it: predicted from the accounts over loopback, and measured.

use super::{Experiment, Findings, Lab, Scope, by_network, row};
use crate::{
    args::What,
    evaluate::chart::{Bar, Group, Panel, Quantity},
};
use muse::{Protocol, accounts::Phase, transport::Link};
use muse_cli::failure::Failure;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: NAME,
    title: "Slower connections: predicted and measured",
    what: What::Links,
    run,
    panels,
};

const NAME: &str = "links";

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let mut rows = Vec::new();
    for subject in &scope.subjects {
        for protocol in Scope::PROTOCOLS {
            let direct = lab.measure(&scope.setting(subject, protocol, Link::default()))?;
            for link in links(scope) {
                let setting = scope.setting(subject, protocol, link);
                let measured = lab.measure(&setting)?;
                for phase in [Phase::Preprocessing, Phase::Online] {
                    let mut row = row(NAME, &setting, phase.name(), measured.whole(phase), None);
                    row.predicted_seconds = measured.predict(&direct, phase, link);
                    rows.push(row);
                }
            }
        }
    }
    Ok(Findings { rows, comparisons: Vec::new() })
}

/// The connection that the user named, and the same with 100 Mbit/s, if that is less.
fn links(scope: &Scope) -> Vec<Link> {
    let named = scope.link;
    let narrow = Link { bits_per_second: NARROW, ..named };
    let mut links = if named.is_free() { Vec::new() } else { vec![named] };
    links.extend((narrow.bits_per_second < named.bits_per_second).then_some(narrow));
    links
}

fn panels(findings: &Findings) -> Vec<Panel> {
    let mut panels = Vec::new();
    for (network, rows) in by_network(&findings.rows) {
        let groups =
            rows.iter().filter(|row| row.system == Protocol::ClientMalicious.name()).map(|row| Group {
                label: format!("{}\n{}", row.item, row.link),
                bars: vec![row.predicted_seconds.map(Bar::exactly), Quantity::Seconds.measured(row)],
            });
        panels.push(Panel {
            title: format!("{network}, client-malicious: time over slower connections"),
            quantity: Quantity::Seconds,
            series: vec!["predicted from loopback (computed)".into(), "measured".into()],
            groups: groups.collect(),
        });
    }
    panels
}

/// Bits a second of a narrow connection.
const NARROW: f64 = 100e6;

#[cfg(test)]
mod tests {
    use super::*;
    use muse_cli::connect::describe;

    #[test]
    fn a_link_is_not_measured_twice() {
        let scope = |link| Scope { subjects: Vec::new(), link, threads: 1, cores: 1, quick: true };
        let named = |bits_per_second| Link { bits_per_second, round_trip_seconds: 0.021 };
        let described = |link| links(&scope(link)).into_iter().map(describe).collect::<Vec<_>>();
        assert_eq!(described(named(f64::INFINITY)), ["21 ms", "21 ms, 100 Mbit/s"]);
        assert_eq!(described(named(50e6)), ["21 ms, 50 Mbit/s"]);
        assert_eq!(described(Link::default()), ["100 Mbit/s"]);
    }
}

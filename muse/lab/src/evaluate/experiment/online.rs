//! Whole preprocessings and online phases over each connection, both modes.

use super::{Experiment, Findings, Lab, Origin, Scope, by_network, counterpart, only_published, row};
use crate::{
    args::What,
    evaluate::{
        chart::{Bar, Group, Panel, Quantity},
        published::{self, ONLINE_OVER_DELPHI},
        row::{Comparison, Row},
    },
};
use muse::accounts::Phase;
use muse_cli::failure::Failure;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: NAME,
    title: "Whole preprocessing and online phases",
    what: What::Online,
    run,
    panels,
};

const NAME: &str = "online";

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    for subject in &scope.subjects {
        let network = subject.name.as_str();
        for link in scope.links() {
            let mut onlines = Vec::new();
            for protocol in Scope::PROTOCOLS {
                let setting = scope.setting(subject, protocol, link);
                let measured = lab.measure(&setting)?;
                let system = counterpart(protocol);
                for (phase, published) in [
                    (Phase::Preprocessing, published::preprocessing(system, network)),
                    (Phase::Online, published::table3(system, network, "online")),
                ] {
                    findings.rows.push(row(NAME, &setting, phase.name(), measured.whole(phase), published));
                }
                onlines.push(measured.whole(Phase::Online));
            }
            if !link.is_free() || scope.link.is_free() {
                let [time, bytes] = ONLINE_OVER_DELPHI;
                let ratios = [
                    (time, onlines.iter().map(|part| part.seconds.map(|spread| spread.median)).collect()),
                    (bytes, onlines.iter().map(|part| part.bytes.map(|spread| spread.median)).collect()),
                ];
                findings.comparisons.extend(ratios.map(|(ratio, values): (_, Vec<Option<f64>>)| {
                    Comparison {
                        experiment: NAME,
                        network: network.into(),
                        what: ratio.what.into(),
                        measured: values[0].zip(values[1]).map(|(baseline, malicious)| malicious / baseline),
                        published: ratio.range,
                        source: ratio.source,
                    }
                }));
            }
        }
        findings.rows.extend(published::totals(network).map(|total| only_published(NAME, total)));
    }
    Ok(findings)
}

/// Time and bytes, published and over each connection.
fn panels(findings: &Findings) -> Vec<Panel> {
    let mut panels = Vec::new();
    for (network, rows) in by_network(&findings.rows) {
        let measured: Vec<&Row> = rows.into_iter().filter(|row| row.origin == Origin::Measured).collect();
        let mut links: Vec<&str> = measured.iter().map(|row| row.link.as_str()).collect();
        links.dedup();
        links.sort_unstable();
        links.dedup();
        for quantity in [Quantity::Seconds, Quantity::Bytes] {
            let mut groups: Vec<Group> = Vec::new();
            for first in measured.iter().filter(|row| row.link == "loopback") {
                let of = |link: &&str| {
                    let same = |row: &&&Row| {
                        row.link == **link && (&row.item, &row.system) == (&first.item, &first.system)
                    };
                    measured.iter().find(same).and_then(|row| quantity.measured(row))
                };
                let published = first.published.and_then(|published| quantity.published(&published));
                let mut bars = vec![published.map(Bar::exactly)];
                bars.extend(links.iter().rev().map(of));
                groups.push(Group { label: format!("{}\n{}", first.item, first.system), bars });
            }
            let mut series = vec!["published".to_owned()];
            series.extend(links.iter().rev().map(|link| format!("measured, {link}")));
            let title = format!("{network}: {} of a whole inference", quantity.name());
            panels.push(Panel { title, quantity, series, groups });
        }
    }
    panels
}

//! Table 4: authentication of a million inputs.

use super::{Experiment, Findings, Lab, Origin, Part, Scope, only_published, row};
use crate::{
    args::What,
    evaluate::{
        chart::Panel,
        published,
        row::{Row, Spread},
    },
};
use crate::{overdrive::Work, rehearsal::Rehearsal};
use muse::accounts::{Component, Phase};
use muse_cli::{failure::Failure, table::count};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: NAME,
    title: "Table 4: a million authenticated inputs",
    what: What::Table4,
    run,
    panels,
};

const NAME: &str = "table4";

/// Batches of 262,143 inputs, in either setting.
pub(super) const BATCHES: u8 = 4;
/// The same between two malicious parties.
pub(super) const OVERDRIVE: Work = Work::Inputs(BATCHES);

fn run(lab: &mut Lab, scope: &Scope) -> Result<Findings, Failure> {
    let rehearsal = Rehearsal::Inputs(BATCHES);
    let setting = scope.rehearsal(rehearsal, 1);
    let measured = lab.measure(&setting)?;
    let inputs = count(rehearsal.count() as u64);
    let nothing = Some(Spread::exactly(0.0));
    let none = Part { seconds: nothing, cpu_seconds: nothing, bytes: nothing, round_trips: nothing };
    let mut rows: Vec<_> = [
        ("before they are known", measured.part(Phase::Preprocessing, &[Component::AuthenticatedInputs])),
        ("once they are known", measured.whole(Phase::Online)),
    ]
    .map(|(when, part)| row(NAME, &setting, &format!("{inputs} client inputs, {when}"), part, None))
    .into();
    let free = row(NAME, &setting, &format!("{inputs} server inputs: shares need no MAC"), none, None);
    rows.push(Row { origin: Origin::Computed, ..free });
    let setting = scope.overdrive(OVERDRIVE, 1);
    let part = lab.measure(&setting)?.part(Phase::Preprocessing, &[Component::AuthenticatedInputs]);
    let inputs = count(OVERDRIVE.count() as u64);
    rows.push(row(NAME, &setting, &format!("{inputs} inputs of one party, with their masks"), part, None));
    rows.extend(published::table4().map(|published| only_published(NAME, published)));
    Ok(Findings { rows, comparisons: Vec::new() })
}

/// Three numbers need no picture.
fn panels(_: &Findings) -> Vec<Panel> {
    Vec::new()
}

//! The estimate of the time.

use super::{Time, tables::section};
use crate::table::{Table, counted};
use muse::accounts::Component;

/// How long each phase may take.
pub fn render(time: &Time) -> String {
    let mut table = Table::new(&["seconds", "work", "bytes", "round trips", "sum", "(semi-honest: sum)"]);
    let [malicious, baseline] = &time.estimates[..] else {
        return String::new();
    };
    for (phase, before) in malicious.phases.iter().zip(&baseline.phases) {
        table.row(vec![
            phase.phase.name().into(),
            seconds(phase.work),
            seconds(phase.transfer),
            seconds(phase.latency),
            seconds(phase.total()),
            format!("({})", seconds(before.total())),
        ]);
        for &(component, work) in &phase.work_by_component {
            if phase.work_by_component.len() > 1 {
                table.row(vec![format!("  {}", name(component)), seconds(work)]);
            }
        }
    }
    let link = &malicious.link;
    let threads = time.calibration.threads;
    section(
        "Time, an estimate",
        &format!(
            "measured: this machine, {}; assumed: {} Mbit/s, {} ms for a round trip\n\
             (work + bytes + round trips, as if nothing overlapped; both parties on machines like this one)",
            counted(threads, "thread"),
            plain(link.bits_per_second / 1e6),
            plain(link.round_trip_seconds * 1e3),
        ),
        &table,
    )
}

/// Openings are where the server computes its linear layers in the clear.
const fn name(component: Component) -> &'static str {
    if matches!(component, Component::Openings) { "linear layers, clear" } else { component.name() }
}

/// A number as the user gave it.
fn plain(number: f64) -> String {
    format!("{number:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn seconds(seconds: f64) -> String {
    if seconds < 0.0005 { "<0.001".into() } else { format!("{seconds:.3}") }
}

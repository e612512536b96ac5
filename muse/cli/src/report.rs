//! The table of costs: time, bytes and round trips per phase and component.

use super::table::{Table, counted, decimal};
use muse::accounts::{Component, Counters, Phase, Stats};

/// One party's costs over `inferences` inferences.
pub fn render(party: &str, inferences: u64, stats: &Stats) -> String {
    let title = format!("{party}, {}", counted(inferences, "inference"));
    let mut table = Table::new(&[&title, "time/ms", "wait/ms", "sent/kB", "received/kB", "round trips"]);
    for phase in Phase::ALL {
        let sum = stats.phase(phase);
        if sum == Counters::default() {
            continue;
        }
        table.row(line(phase.name().to_owned(), &sum, 1));
        for component in Component::ALL {
            let counters = stats.get(phase, component);
            if counters != Counters::default() {
                table.row(line(format!("  {}", component.name()), &counters, 1));
            }
        }
        if phase != Phase::Setup && inferences > 1 {
            table.row(line("  = per inference".to_owned(), &sum, inferences));
        }
    }
    table.rule();
    table.row(line("total".to_owned(), &stats.total(), 1));
    table.render()
}

/// What the columns mean, to be printed once below the tables.
pub const LEGEND: &str = "\
time: wall clock of this party; wait: the part spent waiting for the other one
kB: 1000 bytes of frames, without TCP/IP headers; a round trip is two flights
(how many there are in preprocessing depends on how often a proof is tried)
";

fn line(name: String, counters: &Counters, share: u64) -> Vec<String> {
    let share = share.max(1) as f64;
    let kilobytes = |bytes: u64| decimal(bytes as f64 / 1000.0 / share);
    let millis = |time: core::time::Duration| decimal(time.as_secs_f64() * 1000.0 / share);
    vec![
        name,
        millis(counters.time),
        millis(counters.waited),
        kilobytes(counters.sent),
        kilobytes(counters.received),
        decimal(counters.round_trips() / share),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    fn sample() -> Stats {
        let mut stats = Stats::default();
        *stats.entry(Phase::Setup, Component::Handshake) = counters(77, 1_377, 2, 1_260, 900);
        *stats.entry(Phase::Preprocessing, Component::Linear) =
            counters(880_600, 3_800_000, 2, 812_000, 700_000);
        *stats.entry(Phase::Preprocessing, Component::Garbling) =
            counters(0, 88_000_000, 1, 400_000, 300_000);
        *stats.entry(Phase::Online, Component::Openings) = counters(120_000, 20, 5, 9_000, 8_000);
        stats
    }

    fn counters(sent: u64, received: u64, flights: u64, micros: u64, waited: u64) -> Counters {
        let (time, waited) = (Duration::from_micros(micros), Duration::from_micros(waited));
        Counters { sent, received, flights, time, waited }
    }

    #[test]
    fn several_inferences_show_averages() {
        let expected = "\
client, 2 inferences   time/ms  wait/ms  sent/kB  received/kB  round trips
--------------------------------------------------------------------------
setup                      1.3      0.9      0.1          1.4          1.0
  handshake, requests      1.3      0.9      0.1          1.4          1.0
preprocessing          1,212.0  1,000.0    880.6     91,800.0          1.5
  linear layers (HE)     812.0    700.0    880.6      3,800.0          1.0
  garbled circuits       400.0    300.0        0     88,000.0          0.5
  = per inference        606.0    500.0    440.3     45,900.0          0.8
online                     9.0      8.0    120.0         <0.1          2.5
  openings                 9.0      8.0    120.0         <0.1          2.5
  = per inference          4.5      4.0     60.0         <0.1          1.2
--------------------------------------------------------------------------
total                  1,222.3  1,008.9  1,000.7     91,801.4          5.0
";
        assert_eq!(render("client", 2, &sample()), expected);
    }

    #[test]
    fn one_inference_needs_no_average() {
        let text = render("server", 1, &sample());
        assert!(text.starts_with("server, 1 inference  "));
        assert!(!text.contains("per inference"));
    }

    #[test]
    fn nothing_is_a_table_too() {
        let text = render("client", 0, &Stats::default());
        assert_eq!(text.lines().count(), 4);
        assert!(
            text.ends_with("total                       0        0        0            0            0\n")
        );
    }
}

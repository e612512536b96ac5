//! What one protocol costs over another, per component: security against a malicious client over the baseline, the published disclosure
//! over the default one.

use super::table::{Table, decimal};
use muse::accounts::{Component, Counters, Phase, Stats};

/// What is compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Mode client-malicious with mode semi-honest.
    Mode,
    /// Both in mode client-malicious: the published disclosure with the one from correlated OT.
    Disclosure,
}

/// Both parties' accounts of one protocol.
pub struct Costs<'a> {
    /// Inferences they are the accounts of.
    pub inferences: u64,
    /// The client's.
    pub client: &'a Stats,
    /// The server's.
    pub server: &'a Stats,
}

/// Per inference: time of both parties without their waiting, and bytes, of `baseline` and `full`, for a network of `relus` ReLUs.
pub fn render(subject: Subject, baseline: &Costs<'_>, full: &Costs<'_>, relus: u64) -> String {
    let mut table =
        Table::new(&["per inference", "work/ms", "(before)", "bytes/kB", "(before)", "more B/ReLU"]);
    for phase in [Phase::Preprocessing, Phase::Online] {
        table.row(line(phase.name().to_owned(), baseline.phase(phase), full.phase(phase), relus));
        for component in Component::ALL {
            let (before, after) = (baseline.component(phase, component), full.component(phase, component));
            if after != Cost::default() {
                table.row(line(format!("  {}", component.name()), before, after, relus));
            }
        }
    }
    let trips =
        |costs: &Costs<'_>| costs.client.phase(Phase::Online).round_trips() / costs.inferences.max(1) as f64;
    let waits = |costs: &Costs<'_>, phase| {
        costs.client.phase(phase).time.as_secs_f64() / costs.inferences.max(1) as f64
    };
    let mut sentences = String::new();
    for phase in [Phase::Preprocessing, Phase::Online] {
        let [before, after] = [baseline, full].map(|costs| costs.phase(phase).bytes / 1e6);
        sentences += &format!(
            "{:<13} {:.2} s instead of {:.2} s, {after:.1} MB instead of {before:.1} MB\n",
            phase.name(),
            waits(full, phase),
            waits(baseline, phase),
        );
    }
    if subject == Subject::Disclosure {
        let [before, after] = [baseline, full].map(Costs::disclosure);
        sentences += &format!(
            "disclosure    {:.2} s of work instead of {:.2} s ({} times), {:.1} MB instead of {:.1} MB ({} times)\n",
            after.millis / 1e3,
            before.millis / 1e3,
            decimal(after.millis / before.millis),
            after.bytes / 1e6,
            before.bytes / 1e6,
            decimal(after.bytes / before.bytes),
        );
    }
    let title = match subject {
        Subject::Mode => "what security against a cheating client costs (before: mode semi-honest)",
        Subject::Disclosure => {
            "what the published disclosure of labels costs (before: the default one, from correlated OT)"
        }
    };
    format!(
        "\n{title}\n\n{}\
         work: time of both parties without waiting; bytes: both directions\n\n{sentences}\
         online round trips: {} (before: {})\n",
        table.render(),
        decimal(trips(full)),
        decimal(trips(baseline)),
    )
}

/// One inference's share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cost {
    millis: f64,
    bytes: f64,
}

impl Costs<'_> {
    fn phase(&self, phase: Phase) -> Cost {
        self.cost(&self.client.phase(phase), &self.server.phase(phase))
    }

    fn component(&self, phase: Phase, component: Component) -> Cost {
        self.cost(&self.client.get(phase, component), &self.server.get(phase, component))
    }

    /// Labels for exactly the client's shares, with all that is made for it.
    fn disclosure(&self) -> Cost {
        let parts = [Component::Triples, Component::AuthenticatedInputs, Component::ObliviousTransfer];
        let parts = parts.map(|component| self.component(Phase::Preprocessing, component));
        Cost {
            millis: parts.iter().map(|cost| cost.millis).sum(),
            bytes: parts.iter().map(|cost| cost.bytes).sum(),
        }
    }

    fn cost(&self, client: &Counters, server: &Counters) -> Cost {
        let work = |counters: &Counters| counters.time.saturating_sub(counters.waited).as_secs_f64();
        let share = self.inferences.max(1) as f64;
        Cost { millis: 1000.0 * (work(client) + work(server)) / share, bytes: client.bytes() as f64 / share }
    }
}

fn line(name: String, before: Cost, after: Cost, relus: u64) -> Vec<String> {
    vec![
        name,
        decimal(after.millis),
        format!("({})", decimal(before.millis)),
        decimal(after.bytes / 1000.0),
        format!("({})", decimal(before.bytes / 1000.0)),
        decimal((after.bytes - before.bytes) / relus.max(1) as f64),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    fn stats(millis: u64, waited: u64, bytes: u64) -> Stats {
        let mut stats = Stats::default();
        *stats.entry(Phase::Preprocessing, Component::Garbling) = Counters {
            sent: 0,
            received: bytes,
            flights: 1,
            time: Duration::from_millis(millis),
            waited: Duration::from_millis(waited),
        };
        *stats.entry(Phase::Online, Component::Openings) = Counters { flights: 4, ..Counters::default() };
        stats
    }

    #[test]
    fn differences_are_per_inference_and_relu() {
        let (client, server) = (stats(30, 20, 4_000), stats(40, 0, 4_000));
        let baseline = Costs { inferences: 2, client: &client, server: &server };
        let (client, server) = (stats(50, 20, 14_000), stats(60, 0, 14_000));
        let full = Costs { inferences: 2, client: &client, server: &server };
        let expected = "
what security against a cheating client costs (before: mode semi-honest)

per inference       work/ms  (before)  bytes/kB  (before)  more B/ReLU
----------------------------------------------------------------------
preprocessing          45.0    (25.0)       7.0     (2.0)        500.0
  garbled circuits     45.0    (25.0)       7.0     (2.0)        500.0
online                    0       (0)         0       (0)            0
work: time of both parties without waiting; bytes: both directions

preprocessing 0.03 s instead of 0.01 s, 0.0 MB instead of 0.0 MB
online        0.00 s instead of 0.00 s, 0.0 MB instead of 0.0 MB
online round trips: 1.0 (before: 1.0)
";
        assert_eq!(render(Subject::Mode, &baseline, &full, 10), expected);
    }

    #[test]
    fn a_disclosure_is_the_sum_of_its_parts() {
        let of = |parts: &[(Component, u64, u64)]| {
            let mut stats = Stats::default();
            for &(component, millis, bytes) in parts {
                let time = Duration::from_millis(millis);
                *stats.entry(Phase::Preprocessing, component) =
                    Counters { received: bytes, flights: 1, time, ..Counters::default() };
            }
            stats
        };
        let before = of(&[(Component::ObliviousTransfer, 250, 500_000)]);
        let after = of(&[
            (Component::Triples, 5_000, 40_000_000),
            (Component::AuthenticatedInputs, 500, 8_000_000),
            (Component::ObliviousTransfer, 750, 2_000_000),
            (Component::Garbling, 9_999, 999),
        ]);
        let [before, after] =
            [&before, &after].map(|stats| Costs { inferences: 1, client: stats, server: stats });
        let text = render(Subject::Disclosure, &before, &after, 1000);
        assert!(
            text.contains("what the published disclosure of labels costs (before: the default one"),
            "{text}"
        );
        let line = "disclosure    12.50 s of work instead of 0.50 s (25.0 times), 50.0 MB instead of 0.5 MB (100.0 times)";
        assert!(text.contains(line), "{text}");
    }
}

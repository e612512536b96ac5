//! Accounts: bytes, flights and time per phase and component.

mod meter;

pub(crate) use meter::{Direction, Meter};

use core::{ops::AddAssign, time::Duration};
use serde::{Deserialize, Serialize};

/// The three parts of the protocol, by when they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Phase {
    /// Once per session.
    Setup,
    /// Once per inference, before the input exists.
    Preprocessing,
    /// Once per inference, with the input.
    Online,
}

impl Phase {
    /// Every phase in the order in which they run.
    pub const ALL: [Self; 3] = [Self::Setup, Self::Preprocessing, Self::Online];

    /// In words, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Preprocessing => "preprocessing",
            Self::Online => "online",
        }
    }
}

/// What a part of the traffic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Component {
    /// Hellos and the card; requests and ids.
    Handshake,
    /// The homomorphic public key.
    Keys,
    /// Base OTs and trees.
    BaseOt,
    /// Homomorphic linear layers, with the MACs of their inputs and outputs.
    Linear,
    /// The proof that the client's rows are well formed.
    Proofs,
    /// The published disclosure of labels: making its Beaver triples, proofs included.
    Triples,
    /// The published disclosure of labels: making the random values under which its inputs are authenticated, proofs included.
    AuthenticatedInputs,
    /// Labels for the bits of the client's shares: correlated OTs and, against a malicious client, conditional disclosure.
    ObliviousTransfer,
    /// Garbled tables and label-to-share rows.
    Garbling,
    /// Online labels, and evaluating with them.
    Labels,
    /// Masked values that are opened: inputs, activations, the result.
    Openings,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 11] = [
        Self::Handshake,
        Self::Keys,
        Self::BaseOt,
        Self::Linear,
        Self::Proofs,
        Self::Triples,
        Self::AuthenticatedInputs,
        Self::ObliviousTransfer,
        Self::Garbling,
        Self::Labels,
        Self::Openings,
    ];

    /// In words, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake, requests",
            Self::Keys => "keys",
            Self::BaseOt => "base OT",
            Self::Linear => "linear layers (HE)",
            Self::Proofs => "proofs (ZK)",
            Self::Triples => "triples",
            Self::AuthenticatedInputs => "authenticated inputs",
            Self::ObliviousTransfer => "labels of shares",
            Self::Garbling => "garbled circuits",
            Self::Labels => "labels, evaluation",
            Self::Openings => "openings",
        }
    }
}

/// One party's account of one activity. Bytes are those of frames, without what TCP and IP add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
    /// Changes of direction: a run of frames one way is one flight, a round trip is two.
    pub flights: u64,
    /// Wall time.
    pub time: Duration,
    /// How much of it this side waited for the peer.
    pub waited: Duration,
}

impl Counters {
    /// Bytes in both directions.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.sent + self.received
    }

    /// Flights in pairs; half a round trip when the activity ends with a message that is not answered.
    #[must_use]
    pub fn round_trips(&self) -> f64 {
        self.flights as f64 / 2.0
    }
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.flights += other.flights;
        self.time += other.time;
        self.waited += other.waited;
    }
}

/// One line of [`Stats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The phase.
    pub phase: Phase,
    /// The component.
    pub component: Component,
    /// Its account.
    pub counters: Counters,
}

/// One party's accounts of a connection, or of several after [`merge`](Self::merge).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    rows: Vec<Row>,
}

impl Stats {
    /// The lines in the order of phases, then components; only those that something happened in.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The account of one component in one phase.
    #[must_use]
    pub fn get(&self, phase: Phase, component: Component) -> Counters {
        self.sum(|row| row.phase == phase && row.component == component)
    }

    /// The account of one phase.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> Counters {
        self.sum(|row| row.phase == phase)
    }

    /// The account of everything.
    #[must_use]
    pub fn total(&self) -> Counters {
        self.sum(|_| true)
    }

    /// Adds another account line by line.
    pub fn merge(&mut self, other: &Self) {
        for row in &other.rows {
            *self.entry(row.phase, row.component) += row.counters;
        }
    }

    /// What was added since `earlier`, which are accounts of the same connection.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut stats = Self::default();
        for row in &self.rows {
            let before = earlier.get(row.phase, row.component);
            let counters = Counters {
                sent: row.counters.sent.saturating_sub(before.sent),
                received: row.counters.received.saturating_sub(before.received),
                flights: row.counters.flights.saturating_sub(before.flights),
                time: row.counters.time.saturating_sub(before.time),
                waited: row.counters.waited.saturating_sub(before.waited),
            };
            if counters != Counters::default() {
                *stats.entry(row.phase, row.component) = counters;
            }
        }
        stats
    }

    /// The account to add to; made when it is not there yet.
    pub fn entry(&mut self, phase: Phase, component: Component) -> &mut Counters {
        let key = (phase, component);
        let at = match self.rows.binary_search_by_key(&key, |row| (row.phase, row.component)) {
            Ok(at) => at,
            Err(at) => {
                self.rows.insert(at, Row { phase, component, counters: Counters::default() });
                at
            }
        };
        &mut self.rows[at].counters
    }

    fn sum(&self, wanted: impl Fn(&Row) -> bool) -> Counters {
        let mut sum = Counters::default();
        self.rows.iter().filter(|row| wanted(row)).for_each(|row| sum += row.counters);
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sent: u64) -> Counters {
        Counters {
            sent,
            received: 1,
            flights: 2,
            time: Duration::from_secs(3),
            waited: Duration::from_secs(1),
        }
    }

    #[test]
    fn rows_stay_sorted_and_merge() {
        let mut stats = Stats::default();
        *stats.entry(Phase::Online, Component::Labels) += one(5);
        *stats.entry(Phase::Setup, Component::Keys) += one(7);
        let mut other = Stats::default();
        *other.entry(Phase::Online, Component::Labels) += one(1);
        *other.entry(Phase::Online, Component::Openings) += one(2);
        stats.merge(&other);
        let keys: Vec<_> =
            stats.rows().iter().map(|row| (row.phase, row.component, row.counters.sent)).collect();
        assert_eq!(
            keys,
            [
                (Phase::Setup, Component::Keys, 7),
                (Phase::Online, Component::Labels, 6),
                (Phase::Online, Component::Openings, 2)
            ]
        );
        assert_eq!(stats.phase(Phase::Online).bytes(), 11);
        assert_eq!(stats.total().flights, 8);
        assert_eq!(stats.get(Phase::Preprocessing, Component::Keys), Counters::default());
    }

    #[test]
    fn a_difference_has_what_was_added() {
        let mut stats = Stats::default();
        *stats.entry(Phase::Setup, Component::Keys) += one(5);
        *stats.entry(Phase::Online, Component::Labels) += one(5);
        let earlier = stats.clone();
        let mut added = Stats::default();
        *added.entry(Phase::Online, Component::Labels) += one(9);
        *added.entry(Phase::Online, Component::Openings) += one(1);
        stats.merge(&added);
        assert_eq!(stats.since(&earlier), added);
        assert_eq!(stats.since(&Stats::default()), stats);
    }

    #[test]
    fn they_travel_as_json() {
        let mut stats = Stats::default();
        *stats.entry(Phase::Preprocessing, Component::Garbling) += one(1 << 40);
        let text = serde_json::to_string(&stats).expect("serialises");
        assert_eq!(serde_json::from_str::<Stats>(&text).expect("parses"), stats);
    }
}

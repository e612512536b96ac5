//! Bytes, round trips and memory of a protocol: exact, except for the number of tries of a proof.

use crate::{
    Error,
    accounts::{Component, Phase},
    plan::{Frame, Party, Plan},
};
use muse_zk::wellformed::Tries as Limits;
use serde::Serialize;

/// What one protocol costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProtocolCosts {
    /// The protocol's name. In JSON it is called as the program's option is.
    #[serde(rename = "mode")]
    pub protocol: &'static str,
    /// Setup, preprocessing with ONE try of the proof, online.
    pub phases: Vec<PhaseCosts>,
    /// How often the proof is tried, and what that adds; `None` in the baseline, which proves nothing.
    pub tries: Option<Tries>,
    /// Bytes of one inference, layer by layer, both directions, with one try.
    pub layers: Vec<LayerCosts>,
    /// The rest of it, which belongs to no layer.
    pub shared: LayerCosts,
    /// Bytes of memory that a preprocessed inference takes at the client.
    pub client_ticket_bytes: u64,
    /// The same at the server.
    pub server_ticket_bytes: u64,
}

/// What one phase costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PhaseCosts {
    /// Which one.
    pub phase: Phase,
    /// All of it.
    pub bytes: Bytes,
    /// Changes of direction; a round trip is two.
    pub flights: u64,
    /// Part by part.
    pub components: Vec<ComponentCosts>,
}

/// What one component of a phase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ComponentCosts {
    /// Which one.
    pub component: Component,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What a phase costs on average.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// Bytes, both directions.
    pub bytes: f64,
    /// Flights in pairs.
    pub round_trips: f64,
}

/// Bytes of frames, by direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bytes {
    /// From the client.
    pub to_server: u64,
    /// From the server.
    pub to_client: u64,
}

/// How often an honest client tries its proof: a random number, as it gives up a try whose answer would tell of its secrets.
///
/// A try succeeds with a chance of 1/e, whatever the secrets, so the number is geometric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tries {
    /// The mean: e.
    pub mean: f64,
    /// Half of the proofs need at most so many.
    pub median: u32,
    /// 99 of 100 need at most so many.
    pub most_of_99_percent: u32,
    /// The server ends the session beyond.
    pub limit: u32,
    /// Bytes of a try that fails.
    pub bytes: Bytes,
    /// Flights of a try that fails.
    pub flights: u64,
}

/// Bytes of one inference for one layer, both directions.
///
/// Proofs and labels of shares are about all layers at once; a layer has its share of them by its ciphertexts and its ReLUs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LayerCosts {
    /// Ciphertexts, replies and MACs.
    pub linear: u64,
    /// Its share of the proof.
    pub proofs: u64,
    /// Its share of the labels of the client's shares.
    pub labels_of_shares: u64,
    /// Garbled tables and rows.
    pub garbled: u64,
    /// Labels online.
    pub online_labels: u64,
    /// Openings online.
    pub openings: u64,
}

impl ProtocolCosts {
    pub(super) fn new(plan: &Plan) -> Result<Self, Error> {
        let preprocessing = plan.preprocessing_frames(1)?;
        let (layers, shared) = per_layer(plan, preprocessing.iter().chain(&plan.online_frames()));
        let phases = [
            (Phase::Setup, plan.setup_frames()?),
            (Phase::Preprocessing, preprocessing),
            (Phase::Online, plan.online_frames()),
        ];
        Ok(Self {
            protocol: plan.protocol().name(),
            phases: phases.iter().map(|(phase, frames)| PhaseCosts::new(*phase, frames)).collect(),
            tries: if plan.is_authenticated() { Some(Tries::new(plan)?) } else { None },
            layers,
            shared,
            client_ticket_bytes: plan.ticket_bytes(),
            server_ticket_bytes: plan.server_ticket_bytes(),
        })
    }

    /// One phase; nothing for one that this version does not know.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> Option<&PhaseCosts> {
        self.phases.iter().find(|costs| costs.phase == phase)
    }

    /// Means of a phase, failed tries of the proof included; nothing for one that this version does not know.
    #[must_use]
    pub fn expected(&self, phase: Phase) -> Expected {
        let Some(costs) = self.phase(phase) else {
            return Expected::default();
        };
        let (mut bytes, mut flights) = (costs.bytes.total() as f64, costs.flights as f64);
        if let (Some(tries), Phase::Preprocessing) = (&self.tries, phase) {
            let failed = tries.mean - 1.0;
            bytes += failed * tries.bytes.total() as f64;
            flights += failed * tries.flights as f64;
        }
        Expected { bytes, round_trips: flights / 2.0 }
    }
}

impl PhaseCosts {
    fn new(phase: Phase, frames: &[Frame]) -> Self {
        let stats = Frame::account(frames, Party::Client);
        let components = Component::ALL.into_iter().filter_map(|component| {
            let counters = stats.get(phase, component);
            let bytes = Bytes { to_server: counters.sent, to_client: counters.received };
            (bytes.total() > 0).then_some(ComponentCosts { component, bytes })
        });
        let total = stats.total();
        let bytes = Bytes { to_server: total.sent, to_client: total.received };
        Self { phase, bytes, flights: total.flights, components: components.collect() }
    }

    /// The bytes of one component.
    #[must_use]
    pub fn component(&self, component: Component) -> Bytes {
        let found = self.components.iter().find(|costs| costs.component == component);
        found.map_or_else(Bytes::default, |costs| costs.bytes)
    }
}

impl Bytes {
    /// Both directions.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.to_server.saturating_add(self.to_client)
    }
}

impl Tries {
    fn new(plan: &Plan) -> Result<Self, Error> {
        let [one, two] = [1, 2].map(|tries| plan.preprocessing_frames(tries));
        let [one, two] = [one?, two?].map(|frames| PhaseCosts::new(Phase::Preprocessing, &frames));
        Ok(Self {
            mean: core::f64::consts::E,
            median: quantile(0.5),
            most_of_99_percent: quantile(0.99),
            limit: Limits::PER_PROOF,
            bytes: Bytes {
                to_server: two.bytes.to_server - one.bytes.to_server,
                to_client: two.bytes.to_client - one.bytes.to_client,
            },
            flights: two.flights - one.flights,
        })
    }
}

/// The least number of tries that suffices with this probability, where each succeeds with 1/e.
pub(super) fn quantile(probability: f64) -> u32 {
    let failure = 1.0 - core::f64::consts::E.recip();
    ((1.0 - probability).ln() / failure.ln()).ceil() as u32
}

impl LayerCosts {
    /// All parts, named, in the order of the protocol.
    #[must_use]
    pub const fn parts(&self) -> [(&'static str, u64); 6] {
        [
            ("linear (HE)", self.linear),
            ("proofs (ZK)", self.proofs),
            ("labels of shares", self.labels_of_shares),
            ("garbled circuits", self.garbled),
            ("labels online", self.online_labels),
            ("openings", self.openings),
        ]
    }

    /// The sum of all parts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.parts().iter().map(|(_, bytes)| bytes).sum()
    }

    fn part(&mut self, phase: Phase, component: Component) -> Option<&mut u64> {
        Some(match (phase, component) {
            (Phase::Preprocessing, Component::Linear) => &mut self.linear,
            (Phase::Preprocessing, Component::Proofs) => &mut self.proofs,
            (Phase::Preprocessing, Component::ObliviousTransfer) => &mut self.labels_of_shares,
            (Phase::Preprocessing, Component::Garbling) => &mut self.garbled,
            (Phase::Online, Component::Labels) => &mut self.online_labels,
            (Phase::Online, Component::Openings) => &mut self.openings,
            _ => return None,
        })
    }
}

/// The bytes of an inference, layer by layer, and those of no layer: requests, digests, checks, and what rounding down leaves.
fn per_layer<'a>(plan: &Plan, frames: impl Iterator<Item = &'a Frame>) -> (Vec<LayerCosts>, LayerCosts) {
    let mut layers = vec![LayerCosts::default(); plan.layers().len()];
    let mut shared = LayerCosts::default();
    for frame in frames {
        let costs = frame.layer.map_or(&mut shared, |index| &mut layers[index]);
        match costs.part(frame.phase, frame.component) {
            Some(part) => *part += frame.bytes,
            // Requests and ids: a few bytes.
            None => shared.openings += frame.bytes,
        }
    }
    let (relus, ciphertexts) = (plan.relu_count() as u64, plan.ciphertexts() as u64);
    let (proofs, labels) = (shared.proofs, shared.labels_of_shares);
    let part =
        |whole: u64, of: u64, all: u64| (u128::from(whole) * u128::from(of) / u128::from(all.max(1))) as u64;
    for (costs, layer) in layers.iter_mut().zip(plan.layers()) {
        let count = layer.relu.as_ref().map_or(0, |relu| relu.count) as u64;
        costs.proofs = part(proofs, layer.layout.input_count() as u64, ciphertexts);
        costs.labels_of_shares = part(labels, count, relus);
        shared.proofs -= costs.proofs;
        shared.labels_of_shares -= costs.labels_of_shares;
    }
    (layers, shared)
}

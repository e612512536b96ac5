//! How long an inference may take: counts times seconds.

use super::{Calibration, costs::ProtocolCosts, layer::products};
use crate::{
    Error,
    accounts::{Component, Phase},
    plan::{LayerPlan, Plan, chunks::CIPHERTEXTS},
    transport::Link,
};
use muse_he::budget::OutputMac;
use serde::Serialize;

/// How long each phase may take, for a protocol, a machine and a connection.
///
/// Three parts, added as if none of them overlapped: work, bytes divided by bandwidth, round trips times latency. Proofs count with the
/// mean number of tries. In a real session some work goes on while bytes travel, so it tends to be faster; a machine busy with other
/// things is slower.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The protocol's name. In JSON it is called as the program's option is.
    #[serde(rename = "mode")]
    pub protocol: &'static str,
    /// The connection.
    pub link: Link,
    /// Setup, preprocessing, online.
    pub phases: Vec<PhaseEstimate>,
}

/// How long one phase may take, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PhaseEstimate {
    /// Which one.
    pub phase: Phase,
    /// Work of both parties, component by component.
    pub work_by_component: Vec<(Component, f64)>,
    /// Its sum.
    pub work: f64,
    /// Bytes divided by bandwidth.
    pub transfer: f64,
    /// Round trips times latency.
    pub latency: f64,
}

impl Estimate {
    /// The estimate for `plan`.
    ///
    /// # Errors
    /// As [`Plan::preprocessing_frames`] and, for a layer whose replies would not decrypt, [`Error::Budget`].
    pub fn new(plan: &Plan, calibration: &Calibration, link: Link) -> Result<Self, Error> {
        let costs = ProtocolCosts::new(plan)?;
        let machine = Machine { plan, calibration };
        let phases = [
            (Phase::Setup, vec![(Component::BaseOt, calibration.setup)]),
            (Phase::Preprocessing, machine.preprocessing()?),
            (Phase::Online, machine.online()),
        ];
        let phases = phases.into_iter().map(|(phase, work_by_component)| {
            let expected = costs.expected(phase);
            PhaseEstimate {
                phase,
                work: work_by_component.iter().map(|(_, seconds)| seconds).sum(),
                work_by_component,
                transfer: link.transfer_seconds(expected.bytes),
                latency: link.latency_seconds(expected.round_trips),
            }
        });
        Ok(Self { protocol: plan.protocol().name(), link, phases: phases.collect() })
    }
}

impl PhaseEstimate {
    /// All three parts.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.work + self.transfer + self.latency
    }
}

struct Machine<'a> {
    plan: &'a Plan,
    calibration: &'a Calibration,
}

impl Machine<'_> {
    fn preprocessing(&self) -> Result<Vec<(Component, f64)>, Error> {
        let (plan, c) = (self.plan, self.calibration);
        let relu = if plan.is_authenticated() { &c.malicious } else { &c.baseline };
        let relus = plan.relu_count() as f64;
        let mut linear = 0.0;
        for layer in plan.layers() {
            linear += self.linear(layer)?;
        }
        let mut parts = vec![
            (Component::Linear, linear),
            (Component::ObliviousTransfer, relus * relu.labels),
            (Component::Garbling, relus * relu.garbling),
        ];
        if plan.is_authenticated() {
            let rows = plan.budget().rows() as f64;
            let each = core::f64::consts::E * c.proof_try + c.proof_verify;
            parts.insert(1, (Component::Proofs, rows * each));
        }
        Ok(parts)
    }

    fn online(&self) -> Vec<(Component, f64)> {
        let (plan, c) = (self.plan, self.calibration);
        let relu = if plan.is_authenticated() { &c.malicious } else { &c.baseline };
        let multiplications = plan.architecture().layers().iter().map(|layer| {
            let (outputs, taps) = (layer.outputs() as f64, layer.shape.taps() as f64);
            outputs * taps
        });
        vec![
            (Component::Labels, plan.relu_count() as f64 * relu.evaluation),
            (Component::Openings, multiplications.sum::<f64>() * c.multiply),
        ]
    }

    /// Encryption, products, replies, MACs and decryption of one layer, one after the other.
    fn linear(&self, layer: &LayerPlan) -> Result<f64, Error> {
        let (plan, c) = (self.plan, self.calibration);
        let (inputs, replies) = (layer.layout.input_count(), layer.layout.reply_count());
        let per_reply = products(layer) as f64 / replies.max(1) as f64 * c.product;
        let mut respond = per_reply + c.reply;
        let mut decryptions = self.turns(replies);
        if layer.has_output_macs() {
            let l1 = layer.layout.max_l1(layer.l1_bound);
            let again = match plan.budget().output_mac(l1, layer.layout.max_taps())? {
                OutputMac::Scalar(_) => 0.0,
                OutputMac::Product(_) => per_reply,
            };
            respond += again + c.reply;
            decryptions += self.turns(replies);
        }
        let mut seconds =
            inputs.div_ceil(c.threads.max(1)) as f64 * c.encrypt + self.turns(replies) * respond;
        if plan.is_authenticated() {
            seconds += self.turns(inputs) * c.input_mac;
            decryptions += self.turns(inputs);
        }
        Ok(seconds + decryptions * c.decrypt)
    }

    /// How often all threads take one of `count` items, which are handed out in batches.
    fn turns(&self, count: usize) -> f64 {
        let threads = self.calibration.threads.max(1);
        let (whole, rest) = (count / CIPHERTEXTS, count % CIPHERTEXTS);
        (whole * CIPHERTEXTS.div_ceil(threads) + rest.div_ceil(threads)) as f64
    }
}

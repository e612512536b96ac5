//! What a network costs and how much room it leaves, before anybody runs it.
//!
//! | item | what it says |
//! |---|---|
//! | [`Report`] | layers, ciphertexts, gates, noise and range, and the exact bytes of every phase and component |
//! | [`Calibration`], [`Link`], [`Estimate`] | how long that may take on a machine like this one and over a given connection |
//! | [`LabelledImages`], [`Accuracy`] | how accurate a network with real weights is at each number of fractional bits |
//!
//! All of it but [`Owner`] follows from the public [`Architecture`], which the server tells every client:
//! a client can also ask for a report on a network before using it.

mod accuracy;
mod calibrate;
mod costs;
mod estimate;
mod layer;

pub use self::{
    accuracy::{Accuracy, Precision, Results},
    calibrate::{Calibration, ReluTimes},
    costs::{Bytes, ComponentCosts, Expected, LayerCosts, PhaseCosts, ProtocolCosts, Tries},
    estimate::{Estimate, PhaseEstimate},
    layer::{LayerReport, Noise, Owner, Room},
};
pub use crate::{model::LabelledImages, transport::Link};

use crate::{
    Error,
    handshake::Protocol,
    model::{Architecture, Network, bounds},
    plan::Plan,
};
use serde::Serialize;

/// What is known of a network before it runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The network's name.
    pub name: String,
    /// Channels, height, width of its input.
    pub input: [usize; 3],
    /// Outputs.
    pub outputs: usize,
    /// Names of the outputs, or none.
    pub classes: Vec<String>,
    /// Fractional bits of inputs and weights.
    pub frac_bits: u32,
    /// Fractional bits of the outputs.
    pub output_scale_bits: i32,
    /// Layer by layer.
    pub layers: Vec<LayerReport>,
    /// Sums over the layers.
    pub totals: Totals,
    /// The inputs over which the worst case is taken: see [`bounds::inputs`].
    pub worst_case_of: &'static str,
    /// Whether no such input leaves the range.
    pub in_range: bool,
    /// Floats below this in magnitude, once normalised, do not either; `None` if there is no such number.
    pub in_range_below: Option<f64>,
    /// Whether a good part of some layer's weights became zero when they were rounded; [`warnings`](Self::warnings) name the layers.
    pub lossy: bool,
    /// What each protocol costs: client-malicious, then semi-honest. In JSON the list is called as the program's option is.
    #[serde(rename = "modes")]
    pub protocols: Vec<ProtocolCosts>,
    /// What the owner of the network should know, a line each.
    pub warnings: Vec<String>,
}

/// Sums over all layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Weights, without biases.
    pub weights: u64,
    /// ReLUs.
    pub relus: u64,
    /// Ciphertexts that the client sends.
    pub input_ciphertexts: u64,
    /// Replies with values.
    pub replies: u64,
    /// Multiplications of the linear layers in the clear.
    pub multiplications: u64,
    /// AND gates of all garbled circuits.
    pub and_gates: u64,
}

impl Report {
    /// The report for the network's owner: with how much of the available range its weights use.
    ///
    /// # Errors
    /// As [`of_architecture`](Self::of_architecture).
    pub fn new(network: &Network) -> Result<Self, Error> {
        let mut report = Self::of_architecture(network.architecture())?;
        let ranges = bounds::worst_case(network);
        for ((layer, report), range) in network.layers().iter().zip(&mut report.layers).zip(&ranges) {
            report.owner = Some(Owner::new(layer, range));
        }
        report.warnings.extend(network.range_warning().map(|warning| warning.to_string()));
        report.warnings.extend(network.losses().iter().map(ToString::to_string));
        Ok(report)
    }

    /// The report for anybody.
    ///
    /// # Errors
    /// [`Error::Budget`] if replies with the noise that hides the weights would not decrypt, [`Error::Card`] if the names do not fit a card.
    pub fn of_architecture(architecture: &Architecture) -> Result<Self, Error> {
        let [malicious, baseline] = [Protocol::ClientMalicious, Protocol::SemiHonest]
            .map(|protocol| Plan::new(protocol, architecture.clone()));
        let (malicious, baseline) = (malicious?, baseline?);
        let layers = LayerReport::of_plan(&malicious)?;
        let input = architecture.input();
        Ok(Self {
            name: architecture.name().into(),
            input: [input.channels, input.height, input.width],
            outputs: architecture.outputs(),
            classes: architecture.classes().to_vec(),
            frac_bits: architecture.frac_bits(),
            output_scale_bits: architecture.output_scale_bits(),
            totals: Totals::of(&layers),
            layers,
            worst_case_of: bounds::inputs(architecture),
            in_range: architecture.reach().pixels,
            in_range_below: architecture.reach().limit(architecture.frac_bits()),
            lossy: architecture.is_lossy(),
            protocols: vec![ProtocolCosts::new(&malicious)?, ProtocolCosts::new(&baseline)?],
            warnings: Vec::new(),
        })
    }

    /// The costs of one protocol.
    #[must_use]
    pub fn protocol(&self, protocol: Protocol) -> Option<&ProtocolCosts> {
        self.protocols.iter().find(|costs| costs.protocol == protocol.name())
    }
}

impl Totals {
    fn of(layers: &[LayerReport]) -> Self {
        let sum =
            |value: &dyn Fn(&LayerReport) -> usize| layers.iter().map(|layer| value(layer) as u64).sum();
        Self {
            weights: sum(&|layer| layer.weights),
            relus: sum(&|layer| layer.relus),
            input_ciphertexts: sum(&|layer| layer.input_ciphertexts),
            replies: sum(&|layer| layer.replies),
            multiplications: layers.iter().map(|layer| layer.multiplications).sum(),
            and_gates: layers.iter().map(|layer| layer.and_gates).sum(),
        }
    }
}

#[cfg(test)]
mod tests;

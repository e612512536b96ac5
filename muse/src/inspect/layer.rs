//! One layer: its shape, its place in ciphertexts and circuits, and the room it leaves.

use crate::{
    Error,
    model::{Layer, LayerSpec, bounds},
    plan::{LayerPlan, Plan},
};
use muse_field::MODULUS;
use muse_he::budget::{Budget, OutputMac};
use serde::Serialize;

/// What is known of one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LayerReport {
    /// Its name.
    pub name: String,
    /// `"convolution"` or `"dense"`.
    pub kind: &'static str,
    /// Channels, height, width of what it takes.
    pub input: [usize; 3],
    /// The same of what the linear map gives, before pooling.
    pub output: [usize; 3],
    /// Side of the kernel; 1 for a dense layer.
    pub kernel: usize,
    /// Step of the kernel.
    pub stride: usize,
    /// Zeros on every side.
    pub padding: usize,
    /// Weights, without biases.
    pub weights: usize,
    /// Multiplications in the clear, those with padding included.
    pub multiplications: u64,
    /// ReLUs: one for each output, none after the last layer.
    pub relus: usize,
    /// k: bits that the ReLU shifts out; `None` after the last layer.
    pub shift: Option<u32>,
    /// Side of the pooling blocks, if there is pooling.
    pub pool: Option<usize>,
    /// Ciphertexts that carry the layer's input.
    pub input_ciphertexts: usize,
    /// Replies that carry its outputs. In the client-malicious protocol there are as many again for MACs, but for the last layer.
    pub replies: usize,
    /// Products of a plaintext and a ciphertext.
    pub products: u64,
    /// AND gates of all its circuits.
    pub and_gates: u64,
    /// The public bound on the sum of the magnitudes of the integer weights of one output.
    pub l1_bound: u64,
    /// Noise: what hiding the weights needs, and what decrypts.
    pub noise: Noise,
    /// What only the owner of the weights can say.
    pub owner: Option<Owner>,
}

/// Bits of modulus that replies need, of [`Budget::AVAILABLE_BITS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Noise {
    /// Replies with values.
    pub values: Room,
    /// Replies with MACs of the layer's input.
    pub input_macs: Room,
    /// Replies with MACs of its output; there are none after the last layer.
    pub output_macs: Option<Room>,
    /// How the MACs of the output are made: `"scalar"` times the product, or a second `"product"`, which is more work and needs fewer
    /// bits: the first that fits.
    pub output_mac_by: Option<&'static str>,
    /// The least room of all kinds of replies, with the MACs of the output made in the way that leaves most: what a larger bound could
    /// use up.
    pub headroom_bits: u32,
}

/// What is needed of what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Bits needed.
    pub needed_bits: u32,
    /// Bits there are.
    pub available_bits: u32,
    /// Bits left.
    pub headroom_bits: u32,
}

/// What the weights use of what is public. For the network's owner: it tells about them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Owner {
    /// The largest sum of the magnitudes of the integer weights of one output; at most the bound.
    pub largest_l1: u64,
    /// Bits of the largest magnitude that some input could lead to, before the ReLU.
    pub worst_case_bits: f64,
    /// Bits that leaves of the signed range, a little less than 43; negative if the range does not do.
    pub range_headroom_bits: f64,
}

impl LayerReport {
    /// The layers of a plan in the client-malicious protocol.
    pub(super) fn of_plan(plan: &Plan) -> Result<Vec<Self>, Error> {
        let layers = plan.architecture().layers().iter().zip(plan.layers());
        layers.map(|(spec, layer)| Self::new(spec, layer, plan.budget())).collect()
    }

    fn new(spec: &LayerSpec, plan: &LayerPlan, budget: &Budget) -> Result<Self, Error> {
        let (shape, layout) = (&spec.shape, &plan.layout);
        let gates = plan.relu.as_ref().map_or(0, |relu| relu.circuit.and_count());
        let relus = spec.relu_count();
        Ok(Self {
            name: spec.name.clone(),
            kind: if spec.is_dense() { "dense" } else { "convolution" },
            input: [shape.in_channels, shape.height, shape.width],
            output: [shape.out_channels, shape.out_height(), shape.out_width()],
            kernel: shape.kernel,
            stride: shape.stride,
            padding: shape.padding,
            weights: shape.weights(),
            multiplications: (shape.outputs() as u64).saturating_mul(shape.taps() as u64),
            relus,
            shift: spec.activation.map(|activation| activation.shift),
            pool: spec.activation.and_then(|activation| activation.sum_pool),
            input_ciphertexts: layout.input_count(),
            replies: layout.reply_count(),
            products: products(plan),
            and_gates: relus as u64 * gates as u64,
            l1_bound: spec.l1_bound,
            noise: Noise::new(plan, budget)?,
            owner: None,
        })
    }
}

/// Every reply sums up the products of its own tiles; all have as many.
pub(super) fn products(plan: &LayerPlan) -> u64 {
    plan.layout.reply_count() as u64 * plan.layout.tiles_of(0).len() as u64
}

impl Noise {
    fn new(plan: &LayerPlan, budget: &Budget) -> Result<Self, Error> {
        let l1 = plan.layout.max_l1(plan.l1_bound);
        let room = |growth: u128| Room::new(budget.needed_bits(growth)?);
        // The growth of each kind of reply, as the budget has it: weights, alpha, and the product of both.
        let (values, input_macs) = (room(l1)?, room(SCALAR)?);
        let least = values.headroom_bits.min(input_macs.headroom_bits);
        if !plan.has_output_macs() {
            return Ok(Self {
                values,
                input_macs,
                output_macs: None,
                output_mac_by: None,
                headroom_bits: least,
            });
        }
        let by_product = room(plan.layout.max_taps().saturating_mul(SCALAR));
        let (used, name, best) = match budget.output_mac(l1, plan.layout.max_taps())? {
            OutputMac::Scalar(_) => {
                let by_scalar = room(l1.saturating_mul(SCALAR))?;
                let other = by_product.map_or(0, |room| room.headroom_bits);
                (by_scalar, "scalar", by_scalar.headroom_bits.max(other))
            }
            OutputMac::Product(_) => {
                let by_product = by_product?;
                (by_product, "product", by_product.headroom_bits)
            }
        };
        let (output_macs, output_mac_by) = (Some(used), Some(name));
        Ok(Self { values, input_macs, output_macs, output_mac_by, headroom_bits: least.min(best) })
    }
}

impl Room {
    fn new(needed_bits: u32) -> Result<Self, Error> {
        let available_bits = Budget::AVAILABLE_BITS;
        let headroom = available_bits.checked_sub(needed_bits);
        let headroom_bits = headroom.ok_or(Error::Budget(muse_he::Error::Budget {
            needed: needed_bits,
            available: available_bits,
        }))?;
        Ok(Self { needed_bits, available_bits, headroom_bits })
    }
}

impl Owner {
    pub(super) fn new(layer: &Layer, ranges: &[bounds::Interval]) -> Self {
        let worst = ranges.iter().map(|range| range.magnitude()).max().unwrap_or(0).max(1);
        let worst_case_bits = (worst as f64).log2();
        Self {
            largest_l1: layer.largest_l1(),
            worst_case_bits,
            range_headroom_bits: (bounds::RANGE as f64).log2() - worst_case_bits,
        }
    }
}

/// The largest magnitude of alpha, lifted centred.
const SCALAR: u128 = (MODULUS / 2) as u128;

//! Public bounds on weights, and worst-case ranges of values.
//!
//! The replies of the server hide its weights under noise whose size must not depend on them. It is sized by a bound, public and
//! per layer, on the l1 norm of the integer weights of one output: [`default_l1_bound`], unless the model declares another.

use super::{Layer, Network, limits};
use core::fmt;
use muse_field::MODULUS;

/// The default bound on the l1 norm of the integer weights of one output: `16 * sqrt(fan_in) * 2^f`, rounded up to a power of two.
///
/// A function of public numbers only. By Cauchy and Schwarz the l1 norm is at most `sqrt(fan_in)` times the l2 norm, and the l2 norm
/// of one output's real weights is about 1.4 when training starts from He's initialisation, and at most 2.3 in the shipped networks but
/// for one first layer with folded batch normalisation, where it is 13: 16 covers the usual and the less usual. A bound linear in the
/// fan-in would be needlessly large for large layers. Where it does not do, the error says so, and the model may declare another.
///
/// The noise budget has room: at N = 8192 and 215 bits of modulus, replies decrypt up to an l1 norm of about 2^57 for a whole packed
/// polynomial (a power of two above; the crate `muse_he` has the sums), and the default for 4,096 inputs at f = 12 is 2^22 for one of
/// the at most 2^13 outputs in it.
///
/// Saturates at [`limits::L1_BOUND`].
#[must_use]
pub fn default_l1_bound(fan_in: usize, frac_bits: u32) -> u64 {
    let fan_in = fan_in.min(limits::WEIGHTS) as u64;
    let root = fan_in.isqrt() + u64::from(fan_in.isqrt().pow(2) < fan_in);
    let shift = frac_bits.min(limits::MAX_FRAC_BITS) + 4;
    (root.max(1) << shift).next_power_of_two().min(limits::L1_BOUND)
}

/// Half of the signed range: values of magnitude below this do not wrap. (p - 1) / 2 is a little below 2^43.
pub const RANGE: i128 = (MODULUS / 2) as i128;

/// Least and greatest value of one output channel before the activation, over every input in range, without wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The least; saturates at the ends of `i128`.
    pub low: i128,
    /// The greatest.
    pub high: i128,
}

/// A layer that some input could drive out of the signed range. Displays as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeWarning {
    /// The layer's name.
    pub layer: String,
    /// Bits of the worst-case magnitude, rounded up; the range has a little less than 43.
    pub bits: u32,
}

impl fmt::Display for RangeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, bits } = self;
        write!(
            f,
            "layer {layer:?}: values of up to {bits} bits are possible for some input, the range has 43; \
             an input that leaves it wraps around and gets a meaningless answer"
        )
    }
}

/// Worst-case intervals, for each layer one per output channel.
///
/// Interval arithmetic: every input of a layer takes its worst value for every output independently. Reveals the weights' magnitudes:
/// for the owner of the network.
#[must_use]
pub fn worst_case(network: &Network) -> Vec<Vec<Interval>> {
    let input = network.architecture().input();
    let mut planes = vec![1i128 << network.architecture().frac_bits(); input.channels];
    let layers = network.layers().iter().map(|layer| {
        let channels = layer_range(layer, &planes);
        planes = channels.iter().map(|range| activated(layer, range.high)).collect();
        channels
    });
    layers.collect()
}

/// See [`Network::range_warning`].
pub(crate) fn range_warning(network: &Network) -> Option<RangeWarning> {
    let magnitude = |range: &Interval| range.high.max(range.low.saturating_neg());
    let worst =
        worst_case(network).into_iter().map(|channels| channels.iter().map(magnitude).max().unwrap_or(0));
    network.layers().iter().zip(worst).find(|(_, worst)| *worst >= RANGE).map(|(layer, worst)| RangeWarning {
        layer: layer.name().into(),
        bits: i128::BITS - worst.leading_zeros(),
    })
}

/// The intervals of a layer whose inputs are in 0..=`planes[c]`, where each plane covers as many inputs as any other.
fn layer_range(layer: &Layer, planes: &[i128]) -> Vec<Interval> {
    let fan_in = layer.shape().taps();
    let taps_per_plane = fan_in / planes.len();
    let one = |(row, bias): (&[i64], &i64)| {
        let mut range = Interval { low: i128::from(*bias), high: i128::from(*bias) };
        for (taps, most) in row.chunks_exact(taps_per_plane).zip(planes) {
            let positive: i128 = taps.iter().map(|w| i128::from(*w.max(&0))).sum();
            let negative: i128 = taps.iter().map(|w| i128::from(*w.min(&0))).sum();
            range.high = range.high.saturating_add(positive.saturating_mul(*most));
            range.low = range.low.saturating_add(negative.saturating_mul(*most));
        }
        range
    };
    layer.weights().chunks_exact(fan_in).zip(layer.bias()).map(one).collect()
}

/// The greatest input of the next layer, for values of at most `high` before the activation.
fn activated(layer: &Layer, high: i128) -> i128 {
    layer.activation().map_or(high, |activation| {
        let shifted = high.max(0) >> activation.shift;
        if activation.sum_pool.is_some() { shifted.saturating_mul(4) } else { shifted }
    })
}

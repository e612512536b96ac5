//! Public bounds on weights, and worst-case ranges of values.
//!
//! The replies of the server hide its weights under noise whose size must not depend on them. It is sized by a bound, public and
//! per layer, on the l1 norm of the integer weights of one output: [`default_l1_bound`], unless the model declares another.

mod ball;
mod gain;

use super::{Architecture, ChannelStats, Layer, Network, Normalisation, Reach, limits};
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

/// No sum of the bounds gets near to what an integer holds below it.
const ABSURD: i128 = 1 << 100;

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
    /// Over which inputs: see [`inputs`].
    pub inputs: &'static str,
}

impl fmt::Display for RangeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, bits, inputs } = self;
        write!(
            f,
            "layer {layer:?}: values of up to {bits} bits are possible for {inputs}, the range has 43; \
             an input that leaves it wraps around and gets a meaningless answer"
        )
    }
}

/// The interval that every pixel's fixed-point value is in, one per input channel.
///
/// Floats are a client's own: they may be outside. Where the network takes no pixels, the range of floats of at most 1 in magnitude once
/// they are normalised. See [`inputs`].
#[must_use]
pub fn input_range(architecture: &Architecture) -> Vec<Interval> {
    let (fixed, input) = (architecture.fixed_point(), architecture.input());
    match &input.normalisation {
        Normalisation::UnitInterval => {
            vec![Interval { low: 0, high: 1 << fixed.frac_bits() }; input.channels]
        }
        // Increasing with the level, as the standard deviation is positive and rounding keeps the order.
        Normalisation::MeanStd(stats) => {
            let at = |stats: &ChannelStats, level| i128::from(fixed.normalised(*stats, level));
            stats.iter().map(|stats| Interval { low: at(stats, 0.0), high: at(stats, 1.0) }).collect()
        }
        Normalisation::InNetwork { stats, units } => {
            let one = 1 << fixed.frac_bits();
            let at = |stats: &ChannelStats, x| i128::from(fixed.normalised(*stats, x));
            let range = |stats| match units.scale() {
                Some(scale) => Interval { low: at(stats, 0.0), high: at(stats, scale) },
                None => Interval { low: -one, high: one },
            };
            stats.iter().map(range).collect()
        }
    }
}

/// The inputs of [`input_range`], in words.
#[must_use]
pub const fn inputs(architecture: &Architecture) -> &'static str {
    if architecture.input().normalisation.takes_pixels() {
        "some input of pixels"
    } else {
        "some input of floats from -1 to 1, normalised"
    }
}

/// For which inputs no value of these layers leaves the signed range: of pixels, and of elements below a power of two.
///
/// By intervals, so it is sound: of pixels by those of [`worst_case`], of elements by interval arithmetic alone, which is far from tight in deep
/// networks.
pub(crate) fn reach(architecture: &Architecture, layers: &[Layer]) -> Reach {
    let channels = architecture.input().channels;
    let widened = |range: Interval| Interval { low: range.low - 1, high: range.high + 1 };
    let pixels = ranges(layers, input_range(architecture).into_iter().map(widened).collect());
    let pixels = pixels.into_iter().flatten().all(|range| range.magnitude() < RANGE);
    let below = |bits: u32| {
        let most = (1i128 << bits) - 1;
        stays(layers, vec![Interval { low: -most, high: most }; channels])
    };
    // Larger inputs have larger intervals: the bits that do are those up to some number.
    let (mut good, mut bad) = (None, Reach::MAX_BITS + 1);
    while good.map_or(0, |good| good + 1) < bad {
        let middle = (good.map_or(0, |good| good + 1) + bad) / 2;
        if below(middle) { good = Some(middle) } else { bad = middle }
    }
    Reach { pixels, bits: good }
}

/// Whether every value stays in the range for inputs in these intervals.
fn stays(layers: &[Layer], mut planes: Vec<Interval>) -> bool {
    layers.iter().all(|layer| {
        let channels = layer_range(layer, &planes);
        planes = channels.iter().map(|range| range.map(|value| activated(layer, value))).collect();
        channels.into_iter().all(|range| range.magnitude() < RANGE)
    })
}

/// Worst-case intervals, for each layer one per output channel, over all inputs of [`input_range`]: see [`inputs`].
///
/// Interval arithmetic: every input of a layer takes its worst value for every output independently. Where that leaves the signed range, the
/// part of it that is within reach of one run (`bounds/ball.rs`), which takes up to a few seconds, and is left out for networks that are too
/// large for it. Reveals the weights' magnitudes: for the owner of the network.
#[must_use]
pub fn worst_case(network: &Network) -> Vec<Vec<Interval>> {
    ranges(network.layers(), input_range(network.architecture()))
}

/// See [`worst_case`].
fn ranges(layers: &[Layer], inputs: Vec<Interval>) -> Vec<Vec<Interval>> {
    let mut planes = inputs.clone();
    let by_arithmetic = layers.iter().map(|layer| {
        let channels = layer_range(layer, &planes);
        planes = channels.iter().map(|range| range.map(|value| activated(layer, value))).collect();
        channels
    });
    let by_arithmetic: Vec<Vec<Interval>> = by_arithmetic.collect();
    let greatest = by_arithmetic.iter().flatten().map(|range| range.magnitude()).max().unwrap_or(0);
    // Far beyond the range nothing is to be gained, and arithmetic that saturated gives no bounds to work with.
    if !(RANGE..ABSURD).contains(&greatest) {
        return by_arithmetic;
    }
    ball::ranges(layers, inputs).unwrap_or(by_arithmetic)
}

/// See [`Network::range_warning`].
pub(crate) fn range_warning(network: &Network) -> Option<RangeWarning> {
    let greatest = |channels: Vec<Interval>| channels.into_iter().map(Interval::magnitude).max().unwrap_or(0);
    let worst = worst_case(network).into_iter().map(greatest);
    network.layers().iter().zip(worst).find(|(_, worst)| *worst >= RANGE).map(|(layer, worst)| RangeWarning {
        layer: layer.name().into(),
        bits: i128::BITS - worst.leading_zeros(),
        inputs: inputs(network.architecture()),
    })
}

impl Interval {
    /// The largest magnitude in it.
    #[must_use]
    pub fn magnitude(self) -> i128 {
        self.high.max(self.low.saturating_neg())
    }

    /// The same with zero, which is what padding consists of.
    fn with_zero(self) -> Self {
        Self { low: self.low.min(0), high: self.high.max(0) }
    }

    /// The image under a function that keeps the order.
    fn map(self, function: impl Fn(i128) -> i128) -> Self {
        Self { low: function(self.low), high: function(self.high) }
    }
}

/// The intervals of a layer whose inputs are in `planes[c]`, where each plane covers as many inputs as any other.
fn layer_range(layer: &Layer, planes: &[Interval]) -> Vec<Interval> {
    let fan_in = layer.shape().taps();
    let taps_per_plane = fan_in / planes.len();
    let padded = layer.shape().padding > 0;
    let one = |(row, bias): (&[i64], &i64)| {
        let mut range = Interval { low: i128::from(*bias), high: i128::from(*bias) };
        for (taps, plane) in row.chunks_exact(taps_per_plane).zip(planes) {
            let plane = if padded { plane.with_zero() } else { *plane };
            // At most 2^26 weights below 2^31.
            let positive = i128::from(taps.iter().map(|w| *w.max(&0)).sum::<i64>());
            let negative = i128::from(taps.iter().map(|w| *w.min(&0)).sum::<i64>());
            let sum =
                |p: i128, n: i128| positive.saturating_mul(p).saturating_add(negative.saturating_mul(n));
            range.high = range.high.saturating_add(sum(plane.high, plane.low));
            range.low = range.low.saturating_add(sum(plane.low, plane.high));
        }
        range
    };
    layer.weights().chunks_exact(fan_in).zip(layer.bias()).map(one).collect()
}

/// The input of the next layer for a value before the activation: the greatest, or the least, for the greatest or the least.
fn activated(layer: &Layer, value: i128) -> i128 {
    layer.activation().map_or(value, |activation| {
        let shifted = value.max(0) >> activation.shift;
        if activation.sum_pool.is_some() { shifted.saturating_mul(4) } else { shifted }
    })
}

#[cfg(test)]
mod random {
    /// Words of the generator of tests.
    pub(super) fn tests_random(seed: u64) -> impl FnMut() -> u64 {
        let mut random = crate::test_util::Random(seed);
        move || random.word()
    }
}

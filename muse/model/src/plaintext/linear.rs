//! Integer kernels of the linear layers.
//!
//! An input below 2^44 is split into 22-bit halves, and each half has its own 64-bit sum: the weights of one output have an l1 norm of
//! at most 2^40 (a bound every [`Layer`] satisfies), so a sum stays below 2^62. Two multiplications per weight, one reduction per output.

use crate::{Layer, limits};
use muse_field::Fp;
use muse_he::encode::LinearShape;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Bits of a half of an input.
const HALF_BITS: u32 = 22;

/// Multiplications below which one thread does all.
const PARALLEL_FROM: usize = 1 << 17;

const _: () = assert!(limits::L1_BOUND <= 1 << (62 - HALF_BITS));

/// Both halves of the inputs, each a sequence of planes with `padding` zeros on every side.
struct Halves {
    low: Zeroizing<Vec<i64>>,
    high: Zeroizing<Vec<i64>>,
}

/// Sums over low and high halves.
type Sums = (i64, i64);

/// A convolution, one output channel after the other.
pub(super) fn convolution(layer: &Layer, x: &[Fp]) -> Vec<Fp> {
    let shape = layer.shape();
    let inputs = Halves::padded(shape, x);
    let (plane, fan_in) = (shape.out_height() * shape.out_width(), layer.shape().taps());
    let mut outputs = vec![Fp::ZERO; shape.outputs()];
    per_chunk(&mut outputs, plane, plane * fan_in, |channel, outputs| {
        let weights = &layer.weights()[channel * fan_in..][..fan_in];
        channel_of_convolution(shape, weights, &inputs, outputs);
    });
    outputs
}

/// A matrix times a vector, row by row.
pub(super) fn dense(layer: &Layer, x: &[Fp]) -> Vec<Fp> {
    let inputs = Halves::padded(layer.shape(), x);
    let fan_in = x.len();
    let mut outputs = vec![Fp::ZERO; layer.shape().out_channels];
    per_chunk(&mut outputs, 1, fan_in, |row, output| {
        let weights = &layer.weights()[row * fan_in..][..fan_in];
        let halves = inputs.low.iter().zip(inputs.high.iter());
        let add = |(low, high): Sums, (&w, (&l, &h)): (&i64, (&i64, &i64))| (low + w * l, high + w * h);
        output[0] = join(weights.iter().zip(halves).fold((0, 0), add));
    });
    outputs
}

/// Calls `work` on every chunk of `outputs` with its number; on several threads if `work_per_chunk` multiplications make that worth it.
fn per_chunk(
    outputs: &mut [Fp],
    chunk: usize,
    work_per_chunk: usize,
    work: impl Fn(usize, &mut [Fp]) + Sync + Send,
) {
    if outputs.len() / chunk * work_per_chunk < PARALLEL_FROM {
        outputs.chunks_mut(chunk).enumerate().for_each(|(index, outputs)| work(index, outputs));
    } else {
        let at_least = (PARALLEL_FROM / 4 / work_per_chunk).max(1);
        let chunks = outputs.par_chunks_mut(chunk).enumerate().with_min_len(at_least);
        chunks.for_each(|(index, outputs)| work(index, outputs));
    }
}

/// One output channel of a convolution: for each output row, all taps of the kernel times stretches of input rows.
fn channel_of_convolution(shape: &LinearShape, weights: &[i64], inputs: &Halves, outputs: &mut [Fp]) {
    let LinearShape { kernel, stride, .. } = *shape;
    let width = shape.width + 2 * shape.padding;
    let plane = width * (shape.height + 2 * shape.padding);
    let mut low = Zeroizing::new(vec![0; shape.out_width()]);
    let mut high = Zeroizing::new(vec![0; shape.out_width()]);
    for (i, outputs) in outputs.chunks_exact_mut(shape.out_width()).enumerate() {
        low.fill(0);
        high.fill(0);
        for (c, weights) in weights.chunks_exact(kernel * kernel).enumerate() {
            for (a, weights) in weights.chunks_exact(kernel).enumerate() {
                let start = c * plane + (i * stride + a) * width;
                for (b, &weight) in weights.iter().enumerate() {
                    accumulate(&mut low, weight, &inputs.low[start + b..], stride);
                    accumulate(&mut high, weight, &inputs.high[start + b..], stride);
                }
            }
        }
        let sums = low.iter().zip(high.iter());
        outputs.iter_mut().zip(sums).for_each(|(output, (&low, &high))| *output = join((low, high)));
    }
}

/// `sums[j] += weight * inputs[j * stride]` for every j.
#[inline]
fn accumulate(sums: &mut [i64], weight: i64, inputs: &[i64], stride: usize) {
    if stride == 1 {
        sums.iter_mut().zip(inputs).for_each(|(sum, input)| *sum += weight * input);
    } else {
        sums.iter_mut().zip(inputs.iter().step_by(stride)).for_each(|(sum, input)| *sum += weight * input);
    }
}

/// The value whose halves' sums these are.
fn join((low, high): Sums) -> Fp {
    Fp::from_i64(high) * Fp::new(1 << HALF_BITS) + Fp::from_i64(low)
}

impl Halves {
    fn padded(shape: &LinearShape, x: &[Fp]) -> Self {
        let LinearShape { in_channels, height, width, padding, .. } = *shape;
        let padded = width + 2 * padding;
        let plane = padded * (height + 2 * padding);
        let mut low = Zeroizing::new(vec![0; in_channels * plane]);
        let mut high = Zeroizing::new(vec![0; in_channels * plane]);
        for (index, row) in x.chunks_exact(width).enumerate() {
            let start = index / height * plane + (index % height + padding) * padded + padding;
            for (at, value) in (start..).zip(row) {
                let value = value.to_u64().cast_signed();
                low[at] = value & ((1 << HALF_BITS) - 1);
                high[at] = value >> HALF_BITS;
            }
        }
        Self { low, high }
    }
}

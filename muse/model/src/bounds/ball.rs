//! Intervals from the largest distance between any run and one fixed run.
//!
//! Interval arithmetic lets every value of a layer be its worst at once, and the bound grows with the l1 norms of all layers. But all values
//! come of one input: however it differs from the middle of its range, the difference grows by no more than the norms of the linear maps
//! ([`gain`]), as ReLU makes no difference larger. So every value is within that distance, times the length of its weights, of
//! its value in the run on the middle. Of both intervals the part that they share is taken, layer by layer.

use super::{
    Interval, activated,
    gain::{ABOVE, gain},
    layer_range,
};
use crate::{Extent, Layer, architecture::sum_blocks};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// For each layer, an interval for each output channel, over inputs in `planes`; `None` if that would take too long.
pub(super) fn ranges(layers: &[Layer], planes: Vec<Interval>) -> Option<Vec<Vec<Interval>>> {
    let products = |layer: &Layer| layer.shape().outputs().saturating_mul(layer.shape().taps());
    if layers.iter().map(products).fold(0, usize::saturating_add) > MOST_PRODUCTS {
        return None;
    }
    let first = layers.first()?.shape();
    let mut run = Run::on_the_middle(planes, first.inputs());
    Some(layers.iter().map(|layer| run.through(layer)).collect())
}

/// All runs, at one layer.
struct Run {
    /// What its inputs are in, a channel each.
    planes: Vec<Interval>,
    /// Its inputs in one run, with errors that `distance` has in it.
    reference: Zeroizing<Vec<f64>>,
    /// How far the inputs of any run are from these, in the Euclidean norm.
    distance: f64,
}

impl Run {
    fn on_the_middle(planes: Vec<Interval>, inputs: usize) -> Self {
        let each = inputs / planes.len();
        let middle = |range: &Interval| (range.low + range.high) as f64 / 2.0;
        let reference = planes.iter().flat_map(|range| core::iter::repeat_n(middle(range), each)).collect();
        let mut run = Self { planes, reference: Zeroizing::new(reference), distance: f64::INFINITY };
        run.distance = run.farthest();
        run
    }

    /// The intervals of this layer's channels before the activation. Goes on to the next layer.
    fn through(&mut self, layer: &Layer) -> Vec<Interval> {
        let shape = layer.shape();
        let each = shape.out_height() * shape.out_width();
        let mut values = affine(layer, &self.reference);
        let largest = self.reference.iter().fold(0.0f64, |most, value| most.max(value.abs()));
        let bias = layer.bias().iter().map(|bias| bias.unsigned_abs()).max().unwrap_or(0) as f64;
        // What rounding may have done to any of them, and to the numbers below that are made of them: a unit in the last place for each step, of
        // sums that are no larger than this.
        let sums = (layer.largest_l1() as f64).mul_add(largest, bias);
        let error = (shape.taps() + 16) as f64 * f64::EPSILON * sums;

        let mut ranges = layer_range(layer, &self.planes);
        let rows = layer.weights().chunks_exact(shape.taps());
        for ((range, row), values) in ranges.iter_mut().zip(rows).zip(values.chunks_exact(each)) {
            let length = row.iter().map(|&weight| (weight as f64).powi(2)).sum::<f64>().sqrt();
            let away = (length * self.distance + error).mul_add(ABOVE, 1.0);
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // Conversions to integers stop at their ends.
            range.low = range.low.max((least - away).floor() as i128);
            range.high = range.high.min((greatest + away).ceil() as i128);
        }
        let Some(activation) = layer.activation() else { return ranges };

        let count = (values.len() as f64).sqrt();
        let scale = f64::from(activation.shift).exp2();
        // Rounding down takes less than one.
        let mut distance = (gain(layer) * self.distance + count * error) / scale + count;
        values.iter_mut().for_each(|value| *value = value.max(0.0) / scale);
        if activation.sum_pool.is_some() {
            // Each value goes into one sum, and a sum of four is at most twice their length.
            distance *= 2.0;
            values = Zeroizing::new(sum_blocks(&Extent::after(shape), &values));
        }
        self.planes = ranges.iter().map(|range| range.map(|value| activated(layer, value))).collect();
        self.reference = values;
        // Nearer to every value that is possible.
        let each = self.reference.len() / self.planes.len();
        for (values, range) in self.reference.chunks_exact_mut(each).zip(&self.planes) {
            values.iter_mut().for_each(|value| *value = value.clamp(range.low as f64, range.high as f64));
        }
        self.distance = (distance * ABOVE).min(self.farthest());
        ranges
    }

    /// How far from the reference any values in the intervals are.
    fn farthest(&self) -> f64 {
        let each = self.reference.len() / self.planes.len();
        let squares = self.reference.chunks_exact(each).zip(&self.planes).map(|(values, range)| {
            let (low, high) = (range.low as f64, range.high as f64);
            let square = |value: &f64| (high - value).max(value - low).mul_add(ABOVE, 1.0).powi(2);
            values.iter().map(square).sum::<f64>()
        });
        squares.sum::<f64>().sqrt() * ABOVE
    }
}

/// `M x + b` in floating point.
fn affine(layer: &Layer, x: &[f64]) -> Zeroizing<Vec<f64>> {
    let shape = layer.shape();
    let (kernel, stride, padding) = (shape.kernel, shape.stride, shape.padding);
    let width = shape.width + 2 * padding;
    let plane = width * (shape.height + 2 * padding);
    let mut padded = Zeroizing::new(vec![0.0; shape.in_channels * plane]);
    for (at, row) in x.chunks_exact(shape.width).enumerate() {
        let (channel, row_at) = (at / shape.height, at % shape.height);
        padded[channel * plane + (row_at + padding) * width + padding..][..shape.width].copy_from_slice(row);
    }
    let mut outputs = Zeroizing::new(vec![0.0; shape.outputs()]);
    let channels = outputs.par_chunks_exact_mut(shape.out_height() * shape.out_width());
    let weights = layer.weights().par_chunks_exact(shape.taps()).zip(layer.bias());
    channels.zip(weights).for_each(|(outputs, (weights, &bias))| {
        outputs.fill(bias as f64);
        for (at, &weight) in weights.iter().enumerate() {
            let (c, a, b) = (at / (kernel * kernel), at / kernel % kernel, at % kernel);
            let start = c * plane + a * width + b;
            for (i, outputs) in outputs.chunks_exact_mut(shape.out_width()).enumerate() {
                let inputs = padded[start + i * stride * width..].iter().step_by(stride);
                outputs.iter_mut().zip(inputs).for_each(|(output, input)| *output += weight as f64 * input);
            }
        }
    });
    outputs
}

/// Products of the run on the middle: about a second on one core.
const MOST_PRODUCTS: usize = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, LayerSpec, bounds::random::tests_random};
    use muse_he::encode::LinearShape;

    /// A network of convolutions and a dense layer, of small weights, for images of 8 x 8.
    fn layers(random: &mut impl FnMut() -> u64, depth: usize) -> Vec<Layer> {
        let (mut channels, mut side) = (1 + (random() % 3) as usize, 8);
        let mut layers = Vec::new();
        for at in 0..=depth {
            let last = at == depth;
            let outputs = 1 + (random() % 4) as usize;
            let pool = !last && side >= 4 && random().is_multiple_of(2);
            let kernel = 1 + (random() % 3) as usize;
            let shape = if last {
                LinearShape::dense(channels * side * side, outputs)
            } else {
                let padding = (random() as usize) % kernel;
                let stride = 1 + usize::from(side >= 4 && random().is_multiple_of(4));
                LinearShape {
                    in_channels: channels,
                    height: side,
                    width: side,
                    out_channels: outputs,
                    kernel: kernel.min(side),
                    padding: padding.min(kernel.min(side) - 1),
                    stride,
                }
            };
            let shift = [0, 2, 4][random() as usize % 3];
            let activation = (!last)
                .then_some(Activation { shift, sum_pool: (pool && shape.out_height() >= 2).then_some(2) });
            let spec = LayerSpec { name: format!("layer{at}"), shape, activation, l1_bound: 1 << 30 };
            let weights = (0..outputs * shape.taps()).map(|_| (random() % 31) as i64 - 15).collect();
            let bias = (0..outputs).map(|_| (random() % 2001) as i64 - 1000).collect();
            let layer = Layer::new(spec, weights, bias).expect("a layer");
            if !last {
                side = shape.out_height() / if activation.and_then(|a| a.sum_pool).is_some() { 2 } else { 1 };
                channels = outputs;
            }
            layers.push(layer);
        }
        layers
    }

    /// Every value of a run, over the integers.
    fn run(layers: &[Layer], mut x: Vec<i64>) -> Vec<Vec<i64>> {
        let mut all = Vec::new();
        for layer in layers {
            let exact: Vec<f64> = x.iter().map(|&x| x as f64).collect();
            // Whole numbers below 2^53 are exact.
            let values: Vec<i64> = affine(layer, &exact).iter().map(|&value| value as i64).collect();
            assert!(values.iter().all(|value| value.abs() < 1 << 50));
            all.push(values.clone());
            let Some(activation) = layer.activation() else { break };
            x = values.iter().map(|&value| value.max(0) >> activation.shift).collect();
            if activation.sum_pool.is_some() {
                x = sum_blocks(&Extent::after(layer.shape()), &x);
            }
        }
        all
    }

    fn assert_inside(layers: &[Layer], ranges: &[Vec<Interval>], x: Vec<i64>) {
        for (at, (values, ranges)) in run(layers, x).into_iter().zip(ranges).enumerate() {
            let each = values.len() / ranges.len();
            for (values, range) in values.chunks_exact(each).zip(ranges) {
                assert!(
                    values.iter().all(|&value| (range.low..=range.high).contains(&value.into())),
                    "layer {at}"
                );
            }
        }
    }

    /// Random inputs, corners, and corners that climb towards the greatest and the least output.
    #[test]
    fn no_value_is_outside() {
        let mut random = tests_random(1);
        let mut tighter = 0;
        for case in 0..120 {
            let layers = layers(&mut random, case % 5);
            let first = layers[0].shape();
            let planes: Vec<Interval> = (0..first.in_channels)
                .map(|_| {
                    let low = i128::from(random() % 400) - 300;
                    Interval { low, high: low + i128::from(random() % 300) }
                })
                .collect();
            let each = first.inputs() / planes.len();
            let ranges = ranges(&layers, planes.clone()).expect("small");
            let bound = |at: usize, x: u64| {
                let range = planes[at / each];
                (range.low + i128::from(x) * (range.high - range.low) / 255) as i64
            };
            for kind in 0..4 {
                let x = (0..first.inputs())
                    .map(|at| bound(at, [0, 255, random() % 256, 255 * (random() % 2)][kind]));
                assert_inside(&layers, &ranges, x.collect());
            }
            for sign in [1, -1] {
                let mut corner: Vec<u64> = (0..first.inputs()).map(|_| 255 * (random() % 2)).collect();
                let input = |corner: &[u64]| corner.iter().enumerate().map(|(at, &x)| bound(at, x)).collect();
                let score = |corner: &[u64]| run(&layers, input(corner)).pop().expect("a layer")[0] * sign;
                let mut best = score(&corner);
                for at in 0..corner.len() {
                    corner[at] ^= 255;
                    let now = score(&corner);
                    if now < best { corner[at] ^= 255 } else { best = now }
                }
                assert_inside(&layers, &ranges, input(&corner));
            }
            let mut old = planes;
            for (layer, new) in layers.iter().zip(&ranges) {
                let all = layer_range(layer, &old);
                for (new, old) in new.iter().zip(&all) {
                    assert!(old.low <= new.low && new.low <= new.high && new.high <= old.high);
                    tighter += usize::from(new.high < old.high);
                }
                old = all.iter().map(|range| range.map(|value| activated(layer, value))).collect();
            }
        }
        assert!(tighter > 20, "of other intervals only {tighter} became tighter");
    }

    /// All inputs are next to each other, and yet what is left of them after the shift is 0 or 1.
    #[test]
    fn rounding_down_is_counted() {
        let shape = LinearShape::dense(8, 8);
        let activation = Some(Activation { shift: 4, sum_pool: None });
        let spec = LayerSpec { name: "same".into(), shape, activation, l1_bound: 1 << 30 };
        let weights = (0..64).map(|at| i64::from(at % 9 == 0)).collect();
        let same = Layer::new(spec, weights, vec![15; 8]).expect("a layer");
        let shape = LinearShape::dense(8, 1);
        let spec = LayerSpec { name: "sum".into(), shape, activation: None, l1_bound: 1 << 30 };
        let layers = [same, Layer::new(spec, vec![100; 8], vec![0]).expect("a layer")];
        let ranges = ranges(&layers, vec![Interval { low: 0, high: 1 }; 8]).expect("small");
        assert_inside(&layers, &ranges, vec![0; 8]);
        assert_inside(&layers, &ranges, vec![1; 8]);
    }

    /// A corner attains the bound of one layer.
    #[test]
    fn what_is_attained_is_the_bound() {
        let mut random = tests_random(2);
        for _ in 0..50 {
            let one = layers(&mut random, 0);
            let first = one[0].shape();
            let planes = vec![Interval { low: -7, high: 90 }; first.in_channels];
            let ranges = ranges(&one, planes).expect("small");
            for (row, (bias, range)) in
                one[0].weights().chunks_exact(first.taps()).zip(one[0].bias().iter().zip(&ranges[0]))
            {
                let at = |up: bool| -> i128 {
                    let of = |w: &i64| i128::from(w * if (*w > 0) == up { 90 } else { -7 });
                    row.iter().map(of).sum::<i128>() + i128::from(*bias)
                };
                assert_eq!((range.low, range.high), (at(false), at(true)));
            }
        }
    }

    /// A network within all limits whose values leave what an integer holds: intervals saturate, and are no bounds to work with.
    #[test]
    fn what_leaves_all_integers_has_the_bounds_of_arithmetic() {
        let layer = |inputs: usize, weights: Vec<i64>, last: bool| {
            let shape = LinearShape::dense(inputs, weights.len() / inputs);
            let activation = (!last).then_some(Activation { shift: 0, sum_pool: None });
            let spec = LayerSpec { name: "l".into(), shape, activation, l1_bound: 1 << 40 };
            let outputs = weights.len() / inputs;
            Layer::new(spec, weights, vec![1 << 42; outputs]).expect("a layer")
        };
        let w = (1_i64 << 31) - 1;
        let mut all: Vec<Layer> = (0..5).map(|_| layer(1, vec![w], false)).collect();
        all.push(layer(1, vec![w, w], false));
        all.push(layer(2, vec![w, -w / 2, w, -w / 2], false));
        all.push(layer(2, vec![w, w], true));
        let found = super::super::ranges(&all, vec![Interval { low: 1, high: 4096 }]);
        assert_eq!(found.len(), all.len());
        assert!(found.iter().flatten().any(|range| range.magnitude() > 1 << 100));
    }
}

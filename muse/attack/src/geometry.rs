//! Which weight connects which input with which output.

use muse::model::{Architecture, Layer, LayerSpec};
use muse_he::encode::LinearShape;

/// A weight of a kernel, in place and in the channel it reads: `a * kernel + b`.
pub(super) type Tap = usize;

/// Outputs of one channel that see the pixel in row `y` and column `x`, each with the tap through which it does.
pub(super) fn seen(shape: &LinearShape, y: usize, x: usize) -> Vec<(usize, Tap)> {
    let rows = along(shape, y, shape.out_height());
    let columns = along(shape, x, shape.out_width());
    let pairs = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
    pairs.map(|(&(i, a), &(j, b))| (i * shape.out_width() + j, a * shape.kernel + b)).collect()
}

/// Positions of one direction that see position `at`, with their offsets in the kernel.
fn along(shape: &LinearShape, at: usize, outputs: usize) -> Vec<(usize, usize)> {
    let padded = at + shape.padding;
    let first = (padded + 1).saturating_sub(shape.kernel).div_ceil(shape.stride);
    let last = (padded / shape.stride).min(outputs - 1);
    (first..=last).map(|i| (i, padded - i * shape.stride)).collect()
}

/// Outputs of one channel.
pub(super) const fn plane(shape: &LinearShape) -> usize {
    shape.out_height() * shape.out_width()
}

/// Channel, row and column of an input.
pub(super) const fn pixel(shape: &LinearShape, input: usize) -> (usize, usize, usize) {
    let (row, x) = (input / shape.width, input % shape.width);
    (row / shape.height, row % shape.height, x)
}

/// The weight with which `output` takes `input`.
pub(super) fn coefficient(layer: &Layer, output: usize, input: usize) -> i64 {
    let shape = layer.shape();
    let (channel, y, x) = pixel(shape, input);
    let (out_channel, position) = (output / plane(shape), output % plane(shape));
    let (i, j) = (position / shape.out_width(), position % shape.out_width());
    let offset = |at: usize, i: usize| {
        (at + shape.padding).checked_sub(i * shape.stride).filter(|&offset| offset < shape.kernel)
    };
    match (offset(y, i), offset(x, j)) {
        (Some(a), Some(b)) => {
            let tap = (channel * shape.kernel + a) * shape.kernel + b;
            layer.weights()[out_channel * shape.taps() + tap]
        }
        _ => 0,
    }
}

/// Outputs of the layer that see any of these inputs, in order.
pub(super) fn touched(shape: &LinearShape, inputs: &[usize]) -> Vec<usize> {
    let mut positions: Vec<usize> = (inputs.iter())
        .flat_map(|&input| {
            let (_, y, x) = pixel(shape, input);
            seen(shape, y, x).into_iter().map(|(position, _)| position)
        })
        .collect();
    positions.sort_unstable();
    positions.dedup();
    let plane = plane(shape);
    (0..shape.out_channels).flat_map(|o| positions.iter().map(move |p| o * plane + p)).collect()
}

/// The input of the next layer that an output goes to; none if pooling drops it.
pub(super) fn cell(spec: &LayerSpec, output: usize) -> Option<usize> {
    if spec.activation.is_none_or(|activation| activation.sum_pool.is_none()) {
        return Some(output);
    }
    let (height, width) = (spec.shape.out_height(), spec.shape.out_width());
    let (channel, position) = (output / (height * width), output % (height * width));
    let (i, j) = (position / width / 2, position % width / 2);
    (i < height / 2 && j < width / 2).then_some((channel * (height / 2) + i) * (width / 2) + j)
}

/// For every layer, which outputs any logit depends on: not those that pooling drops, nor those that a later layer steps over.
pub(super) fn readable(architecture: &Architecture) -> Vec<Vec<bool>> {
    let layers = architecture.layers();
    let mut masks = vec![vec![true; layers[last(architecture)].outputs()]];
    for (spec, next) in layers.iter().zip(&layers[1..]).rev() {
        let behind = &masks[masks.len() - 1];
        // Channels do not differ in this: the first one tells.
        let seen_behind = |cell: usize| {
            let (_, y, x) = pixel(&next.shape, cell);
            seen(&next.shape, y, x).into_iter().any(|(position, _)| behind[position])
        };
        let inputs: Vec<bool> = (0..next.inputs()).map(seen_behind).collect();
        masks.push((0..spec.outputs()).map(|output| cell(spec, output).is_some_and(|c| inputs[c])).collect());
    }
    masks.reverse();
    masks
}

/// A pixel and what it shows: positions of one output channel, each with the tap it sees there.
pub(super) struct Location {
    pub(super) y: usize,
    pub(super) x: usize,
    pub(super) views: Vec<(usize, Tap)>,
}

/// Pixels from row and column `from` on that together show every tap which any `readable` position sees there. One is enough for most
/// layers; strides and padding need more.
pub(super) fn locations(shape: &LinearShape, readable: &[bool], from: (usize, usize)) -> Vec<Location> {
    let mut missing = vec![true; shape.kernel * shape.kernel];
    let mut found = Vec::new();
    loop {
        let mut best = Location { y: 0, x: 0, views: Vec::new() };
        for y in from.0..shape.height {
            for x in from.1..shape.width {
                let mut views = seen(shape, y, x);
                views.retain(|&(position, tap)| missing[tap] && readable[position]);
                if views.len() > best.views.len() {
                    best = Location { y, x, views };
                }
            }
        }
        if best.views.is_empty() {
            return found;
        }
        best.views.iter().for_each(|&(_, tap)| missing[tap] = false);
        found.push(best);
    }
}

/// The index of a layer's input.
pub(super) const fn input_index(shape: &LinearShape, channel: usize, y: usize, x: usize) -> usize {
    (channel * shape.height + y) * shape.width + x
}

/// Number of the last layer.
pub(super) fn last(architecture: &Architecture) -> usize {
    architecture.layers().len() - 1
}

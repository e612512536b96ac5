//! Evaluation with real numbers: what a quantised network is compared with.

use super::{FloatLayer, Model};
use crate::{Extent, LayerFault, ModelError};
use muse_he::encode::LinearShape;
use rayon::prelude::*;

impl Model {
    /// The network's outputs for `input`, in real numbers: one value per element of [`InputSpec`](crate::InputSpec), plane after
    /// plane, already normalised as the network wants it ([`Normalisation`](crate::Normalisation)).
    ///
    /// Sums are 64-bit floats, so the result is at least as exact as that of the 32-bit program the network was trained with. About 1 ms
    /// for the shipped MNIST network and 20 ms for the CIFAR-10 one. For the owner of the network, on data of the owner: it takes no care
    /// of timing.
    ///
    /// # Errors
    /// [`ModelError::ImageSize`] unless `input` has as many values as the network takes. Otherwise a [`ModelError`] naming the layer that
    /// does not fit the one before it, has weights that do not fit its shape or are not finite, or lacks a ReLU.
    pub fn forward(&self, input: &[f32]) -> Result<Vec<f64>, ModelError> {
        self.input.check()?;
        let (expected, found) = (self.input.elements(), input.len());
        if expected != found {
            return Err(ModelError::ImageSize { expected, found });
        }
        if self.layers.is_empty() {
            return Err(ModelError::LayerCount(0));
        }
        let mut extent = Extent::of_input(&self.input);
        let mut values: Vec<f64> = input.iter().copied().map(f64::from).collect();
        for (index, layer) in self.layers.iter().enumerate() {
            let last = index + 1 == self.layers.len();
            extent = layer.check_after(&extent, last).map_err(|fault| fault.in_layer(&layer.name))?;
            values = layer.forward(&values);
        }
        Ok(values)
    }
}

impl FloatLayer {
    /// Checks all that evaluation relies on; what flows out of the layer.
    fn check_after(&self, before: &Extent, last: bool) -> Result<Extent, LayerFault> {
        let after = Extent::flow(&self.shape, self.average_pool)?;
        before.check_followed_by(&self.shape)?;
        let (channels, weights) = (self.shape.out_channels, self.shape.out_channels * self.shape.taps());
        if self.weights.len() != weights {
            return Err(LayerFault::WeightCount { expected: weights, found: self.weights.len() });
        }
        if self.bias.len() != channels {
            return Err(LayerFault::BiasCount { expected: channels, found: self.bias.len() });
        }
        self.check_numbers()?;
        if self.relu == last || (last && self.average_pool.is_some()) {
            return Err(LayerFault::Activation);
        }
        Ok(after)
    }

    /// This layer, once it is checked.
    fn forward(&self, values: &[f64]) -> Vec<f64> {
        let shape = &self.shape;
        let planes = padded(shape, values);
        let mut outputs = vec![0.0; shape.outputs()];
        let (plane, taps) = (shape.out_height() * shape.out_width(), shape.taps());
        let channels = outputs
            .par_chunks_mut(plane)
            .zip(self.weights.par_chunks(taps))
            .zip(&self.bias)
            .with_min_len(AT_LEAST / (plane * taps));
        channels.for_each(|((outputs, weights), &bias)| {
            outputs.fill(f64::from(bias));
            convolve(shape, weights, &planes, outputs);
            if self.relu {
                outputs.iter_mut().for_each(|output| *output = output.max(0.0));
            }
        });
        if self.average_pool.is_some() { averages(shape, &outputs) } else { outputs }
    }
}

/// Adds one output channel of a convolution; a dense layer is one with a single pixel.
fn convolve(shape: &LinearShape, weights: &[f32], planes: &[f64], outputs: &mut [f64]) {
    let LinearShape { kernel, stride, padding, .. } = *shape;
    let width = shape.width + 2 * padding;
    let plane = width * (shape.height + 2 * padding);
    for (c, weights) in weights.chunks_exact(kernel * kernel).enumerate() {
        for (tap, &weight) in weights.iter().enumerate() {
            let weight = f64::from(weight);
            let (a, b) = (tap / kernel, tap % kernel);
            for (i, outputs) in outputs.chunks_exact_mut(shape.out_width()).enumerate() {
                let row = &planes[c * plane + (i * stride + a) * width + b..];
                if stride == 1 {
                    outputs.iter_mut().zip(row).for_each(|(output, value)| *output += weight * value);
                } else {
                    let row = row.iter().step_by(stride);
                    outputs.iter_mut().zip(row).for_each(|(output, value)| *output += weight * value);
                }
            }
        }
    }
}

/// The planes of the input with zeros around each.
fn padded(shape: &LinearShape, values: &[f64]) -> Vec<f64> {
    let LinearShape { in_channels, height, width, padding, .. } = *shape;
    let padded = width + 2 * padding;
    let plane = padded * (height + 2 * padding);
    let mut planes = vec![0.0; in_channels * plane];
    for (index, row) in values.chunks_exact(width).enumerate() {
        let start = index / height * plane + (index % height + padding) * padded + padding;
        planes[start..start + width].copy_from_slice(row);
    }
    planes
}

/// Averages of disjoint 2x2 blocks, plane by plane; an odd last row or column belongs to none.
fn averages(shape: &LinearShape, values: &[f64]) -> Vec<f64> {
    let (height, width) = (shape.out_height(), shape.out_width());
    let mut averages = Vec::with_capacity(values.len() / 4);
    for plane in values.chunks_exact(height * width) {
        for rows in plane.chunks_exact(2 * width) {
            let (upper, lower) = rows.split_at(width);
            let blocks = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            averages.extend(blocks.map(|(a, b)| (a[0] + a[1] + b[0] + b[1]) / 4.0));
        }
    }
    averages
}

/// Multiplications that are worth a thread's while.
const AT_LEAST: usize = 1 << 15;

#[cfg(test)]
mod tests;

//! Exact evaluation in the clear: the oracle of every secure run, and the server's part of the online phase.
//!
//! Linear layers are computed over the integers and reduced modulo p once; the result is that of computing modulo p throughout.
//! No weight is skipped and nothing branches on one: the time depends on the architecture only. (It is also what makes the server's
//! `M_i (x_i - r_i)` online silent about how sparse its weights are.)

mod linear;

use super::{Activation, Architecture, Layer, Network};
use muse_field::{Fp, MODULUS, mask::Mask};

/// The network's result on `input`, exactly as a secure run computes it: outputs of the last linear layer, modulo p.
///
/// About 1 ms for the shipped MNIST network and 0.1 s for the CIFAR-10 one on one core.
///
/// # Panics
/// If `input` does not have as many elements as the network takes.
#[must_use]
pub fn forward(network: &Network, input: &[Fp]) -> Vec<Fp> {
    forward_with(network.architecture(), 0, network.layers(), input.to_vec(), &mut |_, _| {})
}

/// Where [`forward_with`] stops for its hook.
#[derive(Clone, Copy, Debug)]
pub enum Point {
    /// Behind the linear map of this layer.
    Linear(usize),
    /// Behind all of this layer: what the next one takes.
    Output(usize),
}

/// [`forward`] through these layers, the first of which is number `first`, on what that one takes. `hook` sees all values on the way and
/// may change them.
pub fn forward_with<'a>(
    architecture: &Architecture,
    first: usize,
    layers: impl IntoIterator<Item = &'a Layer>,
    mut values: Vec<Fp>,
    hook: &mut dyn FnMut(Point, &mut [Fp]),
) -> Vec<Fp> {
    for (index, layer) in (first..).zip(layers) {
        values = affine(layer, &values);
        hook(Point::Linear(index), &mut values);
        if let Some(activation) = layer.activation() {
            relu(activation, &mut values);
        }
        values = architecture.apply_public_map(index, &values);
        hook(Point::Output(index), &mut values);
    }
    values
}

/// `M x`: the layer's linear map without its bias, modulo p. Constant time in the weights and in `x`.
///
/// Output channels are computed in parallel when there is enough work; this never changes the result.
///
/// # Panics
/// If `x` does not have as many elements as the layer takes.
#[must_use]
pub fn linear(layer: &Layer, x: &[Fp]) -> Vec<Fp> {
    assert_eq!(x.len(), layer.shape().inputs(), "one value per input of the layer");
    if layer.spec().is_dense() { linear::dense(layer, x) } else { linear::convolution(layer, x) }
}

/// `M x + b` modulo p.
///
/// # Panics
/// As [`linear()`].
#[must_use]
pub fn affine(layer: &Layer, x: &[Fp]) -> Vec<Fp> {
    let mut outputs = linear(layer, x);
    let plane = layer.shape().out_height() * layer.shape().out_width();
    for (outputs, &bias) in outputs.chunks_exact_mut(plane).zip(layer.bias()) {
        let bias = Fp::from_i64(bias);
        outputs.iter_mut().for_each(|output| *output += bias);
    }
    outputs
}

/// `v >= 0 ? floor(v / 2^k) : 0` in the signed reading, in place. Constant time. Pooling is
/// [`Architecture::apply_public_map`](super::Architecture::apply_public_map).
pub fn relu(activation: &Activation, values: &mut [Fp]) {
    for value in values {
        let v = value.to_u64();
        // Ones iff v < (p - 1) / 2, the non-negative values; both are below 2^44, so the sign of the difference tells.
        let keep = Mask::of_sign(v.cast_signed() - (MODULUS / 2).cast_signed());
        *value = Fp::new(keep & (v >> activation.shift));
    }
}

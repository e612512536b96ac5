//! Slow, obvious oracles shared by the integration tests.

use muse_field::{Fp, prg::Prg, sample};
use muse_he::encode::LinearShape;
use rand_core::Rng;

pub mod networks;
pub mod ring;
pub mod session;

pub fn prg(seed: u64) -> Prg {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Prg::from_seed(bytes)
}

/// Uniform inputs, and weights below 2^8 with some zeros and extremes.
pub fn random_layer(shape: &LinearShape, seed: u64) -> (Vec<Fp>, Vec<i64>) {
    let mut rng = prg(seed);
    let mut input = vec![Fp::ZERO; shape.inputs()];
    sample::fill_uniform(&mut input, &mut rng);
    (input, random_weights(shape.weights(), 8, &mut rng))
}

/// Weights of at most `bits` bits and either sign.
pub fn random_weights(count: usize, bits: u32, rng: &mut Prg) -> Vec<i64> {
    (0..count).map(|_| (rng.next_u64() >> (63 - bits)) as i64 - (1 << bits)).collect()
}

/// The negacyclic product modulo p, schoolbook.
pub fn negacyclic(a: &[Fp], b: &[i64]) -> Vec<Fp> {
    let n = a.len();
    let mut out = vec![Fp::ZERO; n];
    for (j, &y) in b.iter().enumerate().filter(|(_, y)| **y != 0) {
        for (i, &x) in a.iter().enumerate() {
            let product = x * Fp::from_i64(y);
            if i + j < n {
                out[i + j] += product;
            } else {
                out[i + j - n] -= product;
            }
        }
    }
    out
}

/// The linear layer itself, modulo p, without bias.
pub fn plain_layer(shape: &LinearShape, input: &[Fp], weights: &[i64]) -> Vec<Fp> {
    let LinearShape { in_channels, height, width, out_channels, kernel, padding, stride } = *shape;
    let at = |channel: usize, y: usize, x: usize| {
        let inside = (padding..padding + height).contains(&y) && (padding..padding + width).contains(&x);
        if inside { input[(channel * height + y - padding) * width + x - padding] } else { Fp::ZERO }
    };
    let mut outputs = Vec::with_capacity(shape.outputs());
    for o in 0..out_channels {
        for i in 0..shape.out_height() {
            for j in 0..shape.out_width() {
                let mut sum = Fp::ZERO;
                for c in 0..in_channels {
                    for a in 0..kernel {
                        for b in 0..kernel {
                            let weight = weights[((o * in_channels + c) * kernel + a) * kernel + b];
                            sum += Fp::from_i64(weight) * at(c, i * stride + a, j * stride + b);
                        }
                    }
                }
                outputs.push(sum);
            }
        }
    }
    outputs
}

//! The negacyclic number-theoretic transform modulo one prime: definition, tables and the portable kernel.
//!
//! With g the smallest quadratic non-residue modulo q and psi = g^((q - 1) / 2N), a primitive 2N-th root of unity, entry i of the
//! transform of a polynomial f is f(psi^(2 brv(i) + 1)), where brv reverses log2 N bits. This fixes the order of evaluations once
//! and for all: a uniform polynomial is drawn by its evaluations (`uniform`), so both parties must mean the same points.
//!
//! Butterflies follow Longa and Naehrig (2016), lazily: a product by a twiddle (Shoup) lies in [0, 2q), sums are never
//! reduced inside the transform. With q < 2^43 there is room in a word: going forward a value grows by 2q per layer, to
//! q + 26q < 2^48 after 13 layers; going back it doubles per layer, to 2^13 q < 2^56.

use super::modulus::{Factor, Modulus};
use alloc::vec::Vec;

/// Twiddle factors of one prime for one degree. Index m + i holds the factor of block i in the layer with m blocks.
#[derive(Debug)]
pub(crate) struct Twiddles {
    pub(crate) modulus: Modulus,
    pub(crate) forward: Vec<Factor>,
    pub(crate) inverse: Vec<Factor>,
    /// N^-1, the last factor on the way back.
    pub(crate) scale: Factor,
}

impl Twiddles {
    /// Tables for degree `n`, a power of two with q = 1 mod 2n. Costs about 4n products.
    pub(crate) fn new(modulus: Modulus, n: usize) -> Self {
        let psi = root_of_unity(&modulus, n);
        let powers = |root| {
            let mut power = 1;
            let mut out = alloc::vec![modulus.factor(1); n];
            for i in 0..n {
                out[bit_reverse(i, n)] = modulus.factor(power);
                power = modulus.mul(power, root);
            }
            out
        };
        let scale = modulus.factor(modulus.inv(n as u64));
        Self { modulus, forward: powers(psi), inverse: powers(modulus.inv(psi)), scale }
    }

    /// Coefficients to evaluations, in place, canonical on both sides. Constant time.
    pub(crate) fn forward(&self, values: &mut [u64]) {
        let m = &self.modulus;
        let mut blocks = 1;
        while blocks < values.len() {
            let stride = values.len() / (2 * blocks);
            for (block, &w) in values.chunks_exact_mut(2 * stride).zip(&self.forward[blocks..]) {
                let (low, high) = block.split_at_mut(stride);
                for (x, y) in low.iter_mut().zip(high) {
                    let product = m.mul_lazy(*y, w);
                    *y = *x + 2 * m.q() - product;
                    *x += product;
                }
            }
            blocks *= 2;
        }
        for x in values {
            *x = m.reduce(*x);
        }
    }

    /// Evaluations to coefficients, in place, canonical on both sides. Constant time.
    pub(crate) fn inverse(&self, values: &mut [u64]) {
        let m = &self.modulus;
        let mut blocks = values.len() / 2;
        // Every value is at most `bound`, a multiple of q.
        let mut bound = m.q();
        while blocks > 0 {
            let stride = values.len() / (2 * blocks);
            for (block, &w) in values.chunks_exact_mut(2 * stride).zip(&self.inverse[blocks..]) {
                let (low, high) = block.split_at_mut(stride);
                for (x, y) in low.iter_mut().zip(high) {
                    debug_assert!(*x <= bound && *y <= bound);
                    let difference = *x + bound - *y;
                    *x += *y;
                    *y = m.mul_lazy(difference, w);
                }
            }
            bound *= 2;
            blocks /= 2;
        }
        for x in values {
            *x = m.mul_factor(*x, self.scale);
        }
    }
}

/// psi = g^((q - 1) / 2n) for the smallest non-residue g: psi^n = -1.
fn root_of_unity(m: &Modulus, n: usize) -> u64 {
    let minus_one = m.q() - 1;
    let g = (2..)
        .find(|&g| m.pow_vartime(g, minus_one / 2) == minus_one)
        .expect("half of the residues are non-squares");
    m.pow_vartime(g, minus_one / (2 * n as u64))
}

/// The log2(n) low bits of `i` in reverse order.
pub(crate) fn bit_reverse(i: usize, n: usize) -> usize {
    i.reverse_bits() >> (usize::BITS - n.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::super::modulus::MODULI;
    use super::*;

    fn pattern(q: u64, n: usize, kind: u64) -> Vec<u64> {
        let mut state = kind;
        (0..n as u64)
            .map(|i| match kind {
                0 => 0,
                1 => q - 1,
                2 => (i & 1) * (q - 1),
                _ => {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (state >> 11) % q
                }
            })
            .collect()
    }

    #[test]
    fn entries_are_the_documented_evaluations() {
        for m in MODULI {
            for n in [8, 16, 32] {
                let tables = Twiddles::new(m, n);
                let psi = root_of_unity(&m, n);
                assert_eq!(m.pow_vartime(psi, n as u64), m.q() - 1);
                for kind in 0..5 {
                    let f = pattern(m.q(), n, kind);
                    let mut values = f.clone();
                    tables.forward(&mut values);
                    for (i, &value) in values.iter().enumerate() {
                        let point = m.pow_vartime(psi, 2 * bit_reverse(i, n) as u64 + 1);
                        let horner = f.iter().rev().fold(0, |acc, &c| m.add(m.mul(acc, point), c));
                        assert_eq!(value, horner);
                    }
                }
            }
        }
    }

    #[test]
    fn inverse_undoes_forward() {
        for m in MODULI {
            for log in 3..=13 {
                let tables = Twiddles::new(m, 1 << log);
                for kind in 0..5 {
                    let f = pattern(m.q(), 1 << log, kind);
                    let mut values = f.clone();
                    tables.forward(&mut values);
                    assert!(values.iter().all(|&x| x < m.q()));
                    tables.inverse(&mut values);
                    assert_eq!(values, f);
                    tables.inverse(&mut values);
                    tables.forward(&mut values);
                    assert_eq!(values, f);
                }
            }
        }
    }
}

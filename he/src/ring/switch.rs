//! Modulus switching from `q` to `q' = q_0 q_1`, and truncation to the top 58 of 86 bits (protocol section 4.4).
//!
//! With `R = q_2 q_3 q_4`, so `q = q' R` and R odd, rounding `c q' / q` is exact integer arithmetic:
//! `round(c / R) = floor((2c + R) / 2R) = floor((c + (R - 1) / 2) / R)`. Let `y = c + (R - 1) / 2 mod q`. Adding q to y adds q' to
//! the quotient, so modulo q' it is `floor(y / R) = (y - [y]_R) / R`, where `[y]_R = y mod R`. Modulo q_0 and q_1 that division is
//! a product by `R^-1`; `[y]_R` itself follows exactly from the last three residues by mixed radix digits:
//! `[y]_R = d_2 + d_3 q_2 + d_4 q_2 q_3` with `d_i < q_i`. No approximation enters anywhere.

use super::modulus::{Factor, MODULI, Modulus, wide};
use super::poly::CoeffPoly;
use super::tables::Ring;
use crate::error::{Error, Misuse};
use crate::params::{DROP_BITS, LIMBS, PRIMES, REPLY_LIMBS};

/// The largest word that [`switch_and_truncate`] gives: floor((q' - 1) / 2^28). A larger 58-bit word is not canonical.
pub const MAX_REPLY_WORD: u64 = ((wide(PRIMES[0]) * wide(PRIMES[1]) - 1) >> DROP_BITS) as u64;

/// For every coefficient c of `poly`: `floor((round(c q' / q) mod q') / 2^28)`, 58 bits. Exact, constant time.
///
/// # Errors
/// [`Misuse::Length`] unless `out` has N words.
///
/// # Panics
/// If the polynomial is of another ring.
pub fn switch_and_truncate(ring: &Ring, poly: &CoeffPoly, out: &mut [u64]) -> Result<(), Error> {
    assert_eq!(poly.n(), ring.n(), "a polynomial of another ring");
    if out.len() != ring.n() {
        return Err(Misuse::Length.into());
    }
    for (j, word) in out.iter_mut().enumerate() {
        *word = CONSTANTS.switch(core::array::from_fn(|i| poly.limb(i)[j]));
    }
    Ok(())
}

/// As [`switch_and_truncate`], for the coefficients at `indices` only (public), in their order.
///
/// # Errors
/// [`Misuse::Length`] unless `out` is as long as `indices`, [`Misuse::Index`] for an index beyond N.
///
/// # Panics
/// If the polynomial is of another ring.
pub fn switch_and_truncate_at(
    ring: &Ring,
    poly: &CoeffPoly,
    indices: &[usize],
    out: &mut [u64],
) -> Result<(), Error> {
    assert_eq!(poly.n(), ring.n(), "a polynomial of another ring");
    if out.len() != indices.len() {
        return Err(Misuse::Length.into());
    }
    if indices.iter().any(|&j| j >= ring.n()) {
        return Err(Misuse::Index.into());
    }
    for (word, &j) in out.iter_mut().zip(indices) {
        *word = CONSTANTS.switch(core::array::from_fn(|i| poly.limb(i)[j]));
    }
    Ok(())
}

/// What the formulas of the module need, modulo each prime.
struct Constants {
    /// (R - 1) / 2 modulo q_i.
    half: [u64; LIMBS],
    /// q_2^-1 modulo q_3 and modulo q_4.
    inv_q2: [Factor; 2],
    /// q_3^-1 modulo q_4.
    inv_q3: Factor,
    /// R^-1 modulo q_0, q_1: the factor of y and, negated, of d_2.
    inv_r: [Factor; REPLY_LIMBS],
    /// q_2 R^-1 = (q_3 q_4)^-1, the factor of d_3.
    inv_q34: [Factor; REPLY_LIMBS],
    /// q_2 q_3 R^-1 = q_4^-1, the factor of d_4.
    inv_q4: [Factor; REPLY_LIMBS],
    /// q_0^-1 modulo q_1.
    inv_q0: Factor,
}

static CONSTANTS: Constants = Constants::new();

impl Constants {
    const fn new() -> Self {
        // Modulo q_i: the inverse of the product of some primes.
        const fn inverse_of(i: usize, primes: &[usize]) -> Factor {
            let m = &MODULI[i];
            let (mut product, mut k) = (1, 0);
            while k < primes.len() {
                product = m.mul(product, m.reduce(PRIMES[primes[k]]));
                k += 1;
            }
            m.factor(m.inv(product))
        }
        let mut half = [0; LIMBS];
        let mut i = 0;
        while i < LIMBS {
            let m = &MODULI[i];
            let r = m.mul(m.mul(m.reduce(PRIMES[2]), m.reduce(PRIMES[3])), m.reduce(PRIMES[4]));
            // R is odd: (R - 1) / 2 = (R - 1) 2^-1 modulo an odd prime.
            half[i] = m.mul(m.sub(r, 1), m.q().div_ceil(2));
            i += 1;
        }
        Self {
            half,
            inv_q2: [inverse_of(3, &[2]), inverse_of(4, &[2])],
            inv_q3: inverse_of(4, &[3]),
            inv_r: [inverse_of(0, &[2, 3, 4]), inverse_of(1, &[2, 3, 4])],
            inv_q34: [inverse_of(0, &[3, 4]), inverse_of(1, &[3, 4])],
            inv_q4: [inverse_of(0, &[4]), inverse_of(1, &[4])],
            inv_q0: inverse_of(1, &[0]),
        }
    }

    /// One coefficient.
    #[inline(always)]
    fn switch(&self, residues: [u64; LIMBS]) -> u64 {
        let [q0, q1, _, q3, q4] = &MODULI;
        let y: [u64; LIMBS] = core::array::from_fn(|i| MODULI[i].add(residues[i], self.half[i]));
        // Digits. A digit modulo another prime is below 2^43 < 2q, differences are kept positive by adding 2q.
        let shifted = |m: &Modulus, a: u64, b: u64| a + 2 * m.q() - b;
        let d2 = y[2];
        let d3 = q3.mul_factor(shifted(q3, y[3], d2), self.inv_q2[0]);
        let t4 = q4.mul_lazy(shifted(q4, y[4], d2), self.inv_q2[1]);
        let d4 = q4.mul_factor(shifted(q4, t4, d3), self.inv_q3);
        // (y - d2 - d3 q2 - d4 q2 q3) / R; each lazy product is in [0, 2q).
        let quotient = |m: &Modulus, i: usize| {
            let minus = m.mul_lazy(d3, self.inv_q34[i]) + m.mul_lazy(d4, self.inv_q4[i]);
            m.reduce(m.mul_lazy(shifted(m, y[i], d2), self.inv_r[i]) + 4 * m.q() - minus)
        };
        let (z0, z1) = (quotient(q0, 0), quotient(q1, 1));
        // z = z0 + q_0 t by the Chinese remainder theorem.
        let t = q1.mul_factor(shifted(q1, z1, z0), self.inv_q0);
        ((wide(z0) + wide(q0.q()) * wide(t)) >> DROP_BITS) as u64
    }
}

//! Slot encoding: N elements in a plaintext, on which products of plaintexts act element by element.
//!
//! $p = 1 \bmod 2N$ for every supported N, so $X^N + 1$ splits modulo p and a polynomial is the same as its values at the N roots.
//! The product with a slot-encoded plaintext multiplies slot by slot; a scalar multiplies every slot. Beaver triples are made in slots
//! (protocol section 6), linear layers are not: those use coefficients.
//!
//! Slot i is the value at $\psi^{2\,\mathrm{brv}(i) + 1}$, where $\psi = 3^{(p - 1) / 2N}$ and brv reverses $\log_2 N$ bits.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::{Fp, MODULUS, vector};
use zeroize::Zeroizing;

use crate::error::{Error, Misuse};
use crate::params::Params;
use crate::ring::ntt::bit_reverse;
use crate::ring::{CoeffPoly, NttPoly, Ring};

/// The tables of the encoding for one N.
pub struct Slots {
    /// Index m + i holds the factor of block i in the layer with m blocks.
    forward: Vec<Fp>,
    inverse: Vec<Fp>,
    /// N^-1.
    scale: Fp,
}

impl Slots {
    /// Tables for a ring; about 2 N products.
    #[must_use]
    pub fn new(params: &Params) -> Self {
        let n = params.n();
        let psi = Fp::new(ROOT).pow_vartime((MODULUS - 1) / (2 * n as u64));
        let powers = |root: Fp| {
            let mut out = vec![Fp::ONE; n];
            let mut power = Fp::ONE;
            for i in 0..n {
                out[bit_reverse(i, n)] = power;
                power *= root;
            }
            out
        };
        // The inverse of psi is psi^(2N - 1).
        let inverse = psi.pow_vartime(2 * n as u64 - 1);
        let scale = Fp::new(n as u64).pow_vartime(MODULUS - 2);
        Self { forward: powers(psi), inverse: powers(inverse), scale }
    }

    /// Number of slots, N.
    #[must_use]
    pub fn len(&self) -> usize {
        self.forward.len()
    }

    /// Never: a ring has slots.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forward.is_empty()
    }

    /// The coefficients of the polynomial with these values in its slots. Constant time; N log2 N / 2 products.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless there are N values.
    pub fn encode(&self, slots: &[Fp]) -> Result<Zeroizing<Vec<Fp>>, Error> {
        let mut values = self.copied(slots)?;
        let mut blocks = self.len() / 2;
        while blocks > 0 {
            let stride = self.len() / (2 * blocks);
            for (block, &w) in values.chunks_exact_mut(2 * stride).zip(&self.inverse[blocks..]) {
                let (low, high) = block.split_at_mut(stride);
                for (x, y) in low.iter_mut().zip(&mut *high) {
                    (*x, *y) = (*x + *y, *x - *y);
                }
                scale(high, w);
            }
            blocks /= 2;
        }
        vector::scale_assign(&mut values, self.scale);
        Ok(values)
    }

    /// The slots of a polynomial of these coefficients. Constant time; N log2 N / 2 products.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless there are N coefficients.
    pub fn decode(&self, coefficients: &[Fp]) -> Result<Zeroizing<Vec<Fp>>, Error> {
        let mut values = self.copied(coefficients)?;
        let mut blocks = 1;
        while blocks < self.len() {
            let stride = self.len() / (2 * blocks);
            for (block, &w) in values.chunks_exact_mut(2 * stride).zip(&self.forward[blocks..]) {
                let (low, high) = block.split_at_mut(stride);
                scale(high, w);
                for (x, y) in low.iter_mut().zip(high) {
                    (*x, *y) = (*x + *y, *x - *y);
                }
            }
            blocks *= 2;
        }
        Ok(values)
    }

    /// What multiplies a ciphertext slot by slot: the encoding, lifted centred. Its $\ell_1$ norm is at most $N (p - 1) / 2$, secret or not
    /// ([`Budget::slot_flood`](crate::budget::Budget::slot_flood)). Constant time.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless there are N values and the ring has this N.
    pub fn multiplier(&self, ring: &Ring, slots: &[Fp]) -> Result<NttPoly, Error> {
        lift(ring, &self.encode(slots)?)
    }

    fn copied(&self, values: &[Fp]) -> Result<Zeroizing<Vec<Fp>>, Error> {
        if values.len() == self.len() {
            Ok(Zeroizing::new(values.to_vec()))
        } else {
            Err(Misuse::Length.into())
        }
    }
}

/// The polynomial with these coefficients as a multiplier of ciphertexts: lifted centred, in the transform domain. Constant time.
///
/// # Errors
/// [`Misuse::Length`] unless there are N coefficients.
pub fn lift(ring: &Ring, coefficients: &[Fp]) -> Result<NttPoly, Error> {
    let centred: Zeroizing<Vec<i64>> = Zeroizing::new(coefficients.iter().map(|x| x.to_centred()).collect());
    Ok(CoeffPoly::from_signed(ring, &centred)?.into_ntt(ring))
}

/// The vector kernels pay from some length on.
fn scale(values: &mut [Fp], factor: Fp) {
    if values.len() < SHORT {
        values.iter_mut().for_each(|value| *value *= factor);
    } else {
        vector::scale_assign(values, factor);
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slots({})", self.len())
    }
}

/// The smallest primitive root modulo p.
pub(crate) const ROOT: u64 = 3;
const SHORT: usize = 16;

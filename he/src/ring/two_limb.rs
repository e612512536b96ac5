//! The reply ring modulo `q' = q_0 q_1`: what the client does with a reply (protocol section 4.4).

use super::modulus::{Factor, MODULI, wide};
use super::small::SmallPoly;
use super::switch::MAX_REPLY_WORD;
use super::tables::Ring;
use crate::error::{Error, Misuse};
use crate::params::{DROP_BITS, PRIMES, REPLY_LIMBS};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use muse_field::mask::Mask;
use muse_field::{Fp, MODULUS};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The decryption key of replies: a short polynomial by its evaluations modulo q_0 and q_1. Wiped on drop, redacted.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TwoLimbKey {
    limbs: [Vec<u64>; REPLY_LIMBS],
}

impl TwoLimbKey {
    /// The key whose coefficients are those of `key`: twice the ternary secret, because the server doubles what it receives.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless there are N coefficients.
    pub fn new(ring: &Ring, key: &SmallPoly) -> Result<Self, Error> {
        if key.coefficients().len() != ring.n() {
            return Err(Misuse::Length.into());
        }
        let limb = |i: usize| {
            let mut values: Vec<u64> =
                key.coefficients().iter().map(|&c| MODULI[i].signed(i64::from(c))).collect();
            ring.forward(i, &mut values);
            values
        };
        Ok(Self { limbs: core::array::from_fn(limb) })
    }

    /// The plaintext of a reply at the coefficients `wanted` (public): `c1` has all N words of the second component, `c0` the
    /// words of the first component at `wanted`, in the same order.
    ///
    /// A word w stands for w 2^28 + 2^27. With v = c0 + c1 key modulo q', the plaintext is round(p v / q') modulo p, exactly.
    /// Constant time.
    ///
    /// # Errors
    /// [`Misuse::Length`] for slices of other lengths, [`Misuse::Index`] for an index beyond N, [`Error::Malformed`] for a
    /// word above [`MAX_REPLY_WORD`].
    pub fn decrypt(&self, ring: &Ring, c0: &[u64], c1: &[u64], wanted: &[usize]) -> Result<Vec<Fp>, Error> {
        if self.limbs[0].len() != ring.n() || c1.len() != ring.n() || c0.len() != wanted.len() {
            return Err(Misuse::Length.into());
        }
        if wanted.iter().any(|&j| j >= ring.n()) {
            return Err(Misuse::Index.into());
        }
        // Words are the peer's, not secret.
        if c0.iter().chain(c1).any(|&word| word > MAX_REPLY_WORD) {
            return Err(Error::Malformed);
        }
        let mut product = Zeroizing::new(vec![0; REPLY_LIMBS * ring.n()]);
        for (i, values) in product.chunks_exact_mut(ring.n()).enumerate() {
            values.iter_mut().zip(c1).for_each(|(x, &word)| *x = MODULI[i].reduce_wide(middle(word)));
            ring.forward(i, values);
            ring.backend().mul_assign(&MODULI[i], values, &self.limbs[i]);
            ring.inverse(i, values);
        }
        let (low, high) = product.split_at(ring.n());
        let phase = |(&word, &j): (&u64, &usize)| {
            let limb = |i: usize, x: u64| MODULI[i].add(x, MODULI[i].reduce_wide(middle(word)));
            round([limb(0, low[j]), limb(1, high[j])])
        };
        Ok(c0.iter().zip(wanted).map(phase).collect())
    }
}

impl fmt::Debug for TwoLimbKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TwoLimbKey(..)")
    }
}

/// The middle of the interval that a word stands for; at most 86 bits.
#[inline(always)]
fn middle(word: u64) -> u128 {
    wide(word) << DROP_BITS | 1 << (DROP_BITS - 1)
}

/// round(p v / q') modulo p, for the v below q' with these residues; a tie cannot occur, q' is odd.
///
/// With a_0 = v_0 q_1^-1 mod q_0 and a_1 = v_1 q_0^-1 mod q_1, v / q' = a_0 / q_0 + a_1 / q_1 up to an integer (the Chinese
/// remainder theorem divided by q'), so modulo p it is p a_0 / q_0 + p a_1 / q_1. Let u_i and r_i be quotient and remainder of
/// p a_i by q_i: the result is u_0 + u_1 + floor((r_0 q_1 + r_1 q_0 + (q' - 1) / 2) / q'), and the last floor is 0, 1 or 2.
#[inline(always)]
fn round(v: [u64; REPLY_LIMBS]) -> Fp {
    const Q: u128 = wide(PRIMES[0]) * wide(PRIMES[1]);
    let divided =
        |i: usize| MODULI[i].div_rem(wide(MODULUS) * wide(MODULI[i].mul_factor(v[i], COFACTORS[i])));
    let ((u0, r0), (u1, r1)) = (divided(0), divided(1));
    let rest = wide(r0) * wide(PRIMES[1]) + wide(r1) * wide(PRIMES[0]) + (Q - 1) / 2;
    let at_least = |bound: u128| !Mask::of_sign((rest.wrapping_sub(bound) >> 64) as i64) & 1_u64;
    Fp::new(u0 + u1 + at_least(Q) + at_least(2 * Q))
}

const COFACTORS: [Factor; REPLY_LIMBS] = [
    MODULI[0].factor(MODULI[0].inv(MODULI[0].reduce(PRIMES[1]))),
    MODULI[1].factor(MODULI[1].inv(MODULI[1].reduce(PRIMES[0]))),
];

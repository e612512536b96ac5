//! Parameters of the encryption scheme (protocol sections 4.1 and 4.4).
//!
//! RNS-BFV over `Z_q[X] / (X^N + 1)` with `q` the product of five 43-bit primes. At N = 8192 a modulus of up to 218 bits
//! has 128 bits of security for ternary secrets (the tables of the homomorphic encryption standard); `q` has 215.
//! Replies are switched down to `q' = q_0 q_1` of 86 bits, and of these the top 58 are sent.

use crate::error::{Error, Misuse};
use muse_field::id::RunId;

/// The five primes of the modulus, `2^43 + 1 - k 2^14` for k = 10, 14, 22, 38, 65: the largest below 2^43 that are 1 modulo
/// 2 * 8192, so that negacyclic transforms exist for every supported degree. Their product `q` has 215 bits.
pub const PRIMES: [u64; 5] = [prime(10), prime(14), prime(22), prime(38), prime(65)];

/// Number of primes, the length of a residue vector.
pub const LIMBS: usize = PRIMES.len();

/// Number of leading primes that survive modulus switching: `q' = q_0 q_1`.
pub const REPLY_LIMBS: usize = 2;

/// Bits of a canonical residue, on the wire and at rest.
pub const RESIDUE_BITS: u32 = 43;

/// Bits of each coefficient of a switched reply that are sent (protocol section 4.4).
pub const KEEP_BITS: u32 = 58;

/// Low bits of each coefficient of a switched reply that are dropped: `q'` has `KEEP_BITS + DROP_BITS` = 86 bits.
pub const DROP_BITS: u32 = 28;

/// Parameter of the centred binomial noise: each error is a difference of two sums of 21 bits, standard deviation 3.24.
pub const ETA: u32 = 21;

/// Flooding exceeds the worst case that the proof of well-formed ciphertexts allows by this many bits: 42 over all
/// runs of a session, 50 for each.
pub const SIGMA_FLOOD: u32 = 42 + RunId::MAX_RUNS.ilog2();

/// Largest supported ring dimension, and the one with 128 bits of security. Smaller ones are for tests.
pub const MAX_DEGREE: usize = 8192;

/// Smallest supported ring dimension.
pub const MIN_DEGREE: usize = 8;

/// The choice of a ring: only its dimension N varies. Everything else is fixed by the constants of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    n: usize,
}

impl Params {
    /// A ring of dimension `n`. Only [`MAX_DEGREE`] is secure; smaller rings make small tests and examples.
    ///
    /// # Errors
    /// [`Misuse::Degree`] unless `n` is a power of two in [`MIN_DEGREE`]..=[`MAX_DEGREE`].
    pub const fn with_degree(n: usize) -> Result<Self, Error> {
        if n.is_power_of_two() && n >= MIN_DEGREE && n <= MAX_DEGREE {
            Ok(Self { n })
        } else {
            Err(Error::Misuse(Misuse::Degree))
        }
    }

    /// The ring dimension N, the number of coefficients of a polynomial.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.n
    }
}

/// N = 8192.
impl Default for Params {
    fn default() -> Self {
        Self { n: MAX_DEGREE }
    }
}

const fn prime(k: u64) -> u64 {
    (1 << 43) + 1 - (k << 14)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_powers_of_two_in_range() {
        for n in 0..20_000 {
            let wanted = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192].contains(&n);
            assert_eq!(Params::with_degree(n).is_ok(), wanted, "{n}");
        }
        assert_eq!(Params::default().n(), 8192);
    }

    #[test]
    fn primes_are_prime_and_split() {
        for q in PRIMES {
            assert_eq!(q % (2 * MAX_DEGREE as u64), 1);
            assert_eq!(64 - q.leading_zeros(), RESIDUE_BITS);
            // Trial division: 2^21.5 steps.
            assert!((2..1_u64 << 22).take_while(|d| d * d <= q).all(|d| q % d != 0));
        }
        let product = u128::from(PRIMES[0]) * u128::from(PRIMES[1]);
        assert_eq!(128 - product.leading_zeros(), KEEP_BITS + DROP_BITS);
    }
}

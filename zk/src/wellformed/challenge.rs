//! Challenges: 0 or $\pm X^k$ for every repetition, $2N + 1$ possibilities each.

use alloc::vec::Vec;

use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_he::ring::{CoeffPoly, NttPoly, Ring};
use rand_core::CryptoRng;

use super::ProofShape;
use crate::monomial;

/// The verifier's challenge: for every repetition 0 or $\pm X^k$. Public.
///
/// On the wire two bytes a repetition: $j < 2N$ stands for $X^j$ (so $X^{N + k} = -X^k$), $2N$ for 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    n: usize,
    exponents: Vec<u16>,
}

impl Challenge {
    /// Uniform and independent challenges.
    pub(super) fn draw(shape: &ProofShape, rng: &mut impl CryptoRng) -> Self {
        Self { n: shape.n, exponents: monomial::draw(shape.n, shape.repetitions, rng) }
    }

    /// Whether it is of this shape.
    pub(super) fn fits(&self, shape: &ProofShape) -> bool {
        self.n == shape.n && self.exponents.len() == shape.repetitions
    }

    /// Coefficient `at` of the challenge of a repetition times a polynomial $w$ over the integers is `sign * w[from]`: (from,
    /// sign).
    pub(super) fn source(&self, repetition: usize, at: usize) -> (usize, i64) {
        monomial::source(self.n, self.exponents[repetition], at)
    }

    /// The challenge of a repetition, negated, by its evaluations.
    pub(super) fn negated(&self, ring: &Ring, repetition: usize) -> NttPoly {
        let coefficient = |at| match self.source(repetition, at) {
            (0, sign) => -sign,
            _ => 0,
        };
        let coefficients: Vec<i64> = (0..self.n).map(coefficient).collect();
        CoeffPoly::from_signed(ring, &coefficients).expect("N coefficients").into_ntt(ring)
    }
}

impl Encode for Challenge {
    fn encoded_len(&self) -> usize {
        2 * self.exponents.len()
    }

    fn encode(&self, out: &mut Writer<'_>) {
        self.exponents.iter().for_each(|&exponent| out.u16(exponent));
    }
}

/// Exponents above $2N$ are refused.
impl Decode for Challenge {
    type Shape = ProofShape;

    fn len_for(shape: ProofShape) -> usize {
        shape.repetitions.saturating_mul(2)
    }

    fn decode(shape: ProofShape, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut exponents = Vec::with_capacity(shape.repetitions);
        for _ in 0..shape.repetitions {
            let exponent = r.u16()?;
            if usize::from(exponent) > 2 * shape.n {
                return Err(DecodeError::OutOfRange);
            }
            exponents.push(exponent);
        }
        Ok(Self { n: shape.n, exponents })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muse_field::prg::Prg;
    use muse_field::wire::{from_slice, to_vec};
    use muse_he::budget::Budget;

    fn shape(n: usize, repetitions: usize) -> ProofShape {
        ProofShape::new(&Budget::new(n, 2, 1).with_repetitions(repetitions)).unwrap()
    }

    /// All 2N + 1 values occur, about equally often.
    #[test]
    fn uniform_over_all_values() {
        let shape = shape(8, 17 * 400);
        let challenge = Challenge::draw(&shape, &mut Prg::from_seed([1; 32]));
        let mut counts = [0_i32; 17];
        challenge.exponents.iter().for_each(|&j| counts[usize::from(j)] += 1);
        // Five standard deviations.
        assert!(counts.iter().all(|count| (count - 400).abs() < 100), "{counts:?}");
    }

    #[test]
    fn bytes() {
        let shape = shape(8, 4);
        let challenge = Challenge { n: 8, exponents: alloc::vec![0, 3, 15, 16] };
        let bytes = to_vec(&challenge);
        assert_eq!(bytes, [0, 0, 3, 0, 15, 0, 16, 0]);
        assert_eq!(from_slice::<Challenge>(shape, &bytes), Ok(challenge));
        assert_eq!(from_slice::<Challenge>(shape, &[0, 0, 3, 0, 15, 0, 17, 0]), Err(DecodeError::OutOfRange));
        assert_eq!(from_slice::<Challenge>(shape, &bytes[..7]), Err(DecodeError::Length));
    }

    /// X^3, -X^3 = X^11 and 0 times 1 + 2X + .. + 8X^7.
    #[test]
    fn monomials() {
        let challenge = Challenge { n: 8, exponents: alloc::vec![3, 11, 16] };
        let w = [1, 2, 3, 4, 5, 6, 7, 8];
        let times = |repetition| -> Vec<i64> {
            let term = |at| challenge.source(repetition, at);
            (0..8).map(term).map(|(from, sign)| sign * w[from]).collect()
        };
        assert_eq!(times(0), [-6, -7, -8, 1, 2, 3, 4, 5]);
        assert_eq!(times(1), [6, 7, 8, -1, -2, -3, -4, -5]);
        assert_eq!(times(2), [0; 8]);
    }
}

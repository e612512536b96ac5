//! Random bits, from the squares of random values.

use alloc::vec::Vec;

use muse_field::{Fp, parallel};
use muse_mac::spdz::Shares;
use rand_core::CryptoRng;

use super::open::Live;
use crate::linear::Linear;
use crate::{Check, Error};

/// Times that bits are made for those whose square was zero, the first one included. An honest party sees a fourth with a chance of
/// n / p^4.
pub(crate) const MAX_ROUNDS: usize = 4;

impl<R: CryptoRng> Live<'_, R> {
    /// Uniform bits. They are bits only if all openings were right: nothing but products may be computed with them before a check.
    pub(super) async fn random_bits(&mut self, count: usize) -> Result<Shares, Error> {
        let mut bits = self.candidates(count).await?;
        for _ in 1..MAX_ROUNDS {
            if bits.len() == count {
                break;
            }
            let more = self.candidates(count - bits.len()).await?;
            bits.append(more);
        }
        // Check: squares are zero as often as chance has it.
        if bits.len() < count {
            return Err(Error::PeerMisbehaved(Check::Square));
        }
        Ok(bits)
    }

    /// A bit for each of `count` triples whose first value is not zero.
    async fn candidates(&mut self, count: usize) -> Result<Shares, Error> {
        let (values, b, mut squares) = self.pool_mut().take_triples(count)?.into_parts();
        let differences = self.open_uniform(b.minus(&values)).await?;
        squares.sub_assign(&values.times(&differences));
        let (kept, factors) = halved_inverse_roots(&self.open_uniform(squares).await?)?;
        let mut bits = if kept.len() == count { values } else { values.select(&kept) };
        bits.mul_public_assign(&factors);
        let halves: Vec<Fp> = factors.iter().map(|_| HALF).collect();
        self.add_constants(&mut bits, &halves);
        Ok(bits)
    }
}

/// The places of squares that are not zero, and `1 / (2 w)` for each, where w is the root that both parties take.
fn halved_inverse_roots(squares: &[Fp]) -> Result<(Vec<usize>, Vec<Fp>), Error> {
    let roots = parallel::map(squares.chunks(CHUNK).collect(), |_, chunk: &[Fp]| {
        chunk.iter().map(|&square| halved_inverse_root(square)).collect::<Result<Vec<_>, _>>()
    });
    let (mut kept, mut factors) = (Vec::with_capacity(squares.len()), Vec::with_capacity(squares.len()));
    let mut place = 0;
    for chunk in roots {
        for factor in chunk? {
            if let Some(factor) = factor {
                kept.push(place);
                factors.push(factor);
            }
            place += 1;
        }
    }
    Ok((kept, factors))
}

/// `1 / (2 w)` for a root w of a square; `None` for zero.
fn halved_inverse_root(square: Fp) -> Result<Option<Fp>, Error> {
    // Check: opened squares are squares.
    let root = square.sqrt_vartime().ok_or(Error::PeerMisbehaved(Check::Square))?;
    Ok(root.double().invert().into_option())
}

/// Squares whose roots one thread takes: about a millisecond.
const CHUNK: usize = 512;

/// 1/2.
const HALF: Fp = Fp::new(muse_field::MODULUS.div_ceil(2));

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn roots_of_zero_are_left_out_and_what_has_none_is_refused() {
        let (kept, factors) = halved_inverse_roots(&[9, 0, 4].map(Fp::new)).unwrap();
        assert_eq!(kept, [0, 2]);
        assert_eq!([factors[0] * Fp::new(6), factors[1] * Fp::new(4)], [Fp::ONE; 2]);
        assert_eq!(halved_inverse_roots(&[]).unwrap(), (vec![], vec![]));
        // Over several chunks.
        let many: Vec<Fp> = (0..3 * CHUNK as u64 / 2).map(|i| Fp::new(i % 5).square()).collect();
        let (kept, factors) = halved_inverse_roots(&many).unwrap();
        assert_eq!(kept, (0..many.len()).filter(|place| place % 5 != 0).collect::<Vec<_>>());
        assert!(
            kept.iter().zip(&factors).all(|(&place, &factor)| factor.square() * many[place] == HALF * HALF)
        );
        let refused = Err(Error::PeerMisbehaved(Check::Square));
        assert_eq!(halved_inverse_roots(&[Fp::new(9), Fp::GENERATOR]), refused);
        assert_eq!(HALF.double(), Fp::ONE);
    }
}

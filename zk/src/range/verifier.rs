//! The server's side of the proof.

use muse_field::ct;
use muse_field::id::{Coin, RunId};
use muse_gc::gf128::Gf128;
use muse_gc::label::{Block, Delta};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::batch::{CHUNK, groups, values_of};
use super::challenge::{Challenge, ChunkCoefficients, Coefficients};
use super::key::{Key, KeyInputs, Powers};
use super::statements::{DEGREES, each_statement};
use super::{BITS, DEGREE, HELPERS, Message};
use crate::{Check, Error};
use muse_field::parallel::sum_over_chunks;

/// Accepts iff the values in the correlated OTs with these zero labels are below p, but for an error of 2^-123.
///
/// `keys` are the [`count`](super::count) zero labels of the extension, whose check has passed; `seed` was drawn after that.
///
/// 52 products in GF(2^128) a value. Constant time in keys and `Delta`.
///
/// # Errors
/// [`Error::PeerMisbehaved`] with [`Check::Range`] if the proof does not hold: the session must end.
/// [`Error::Misuse`] if `keys` are not those of a whole number of values.
pub fn verify(
    id: &RunId,
    delta: &Delta,
    keys: &[Block],
    seed: &Coin,
    message: &Message,
) -> Result<(), Error> {
    let values = values_of(keys.len()).ok_or(Error::Misuse("the zero labels of a whole batch"))?;
    verify_with(delta, keys, values, &Challenge::new(id, values, seed), message)
}

/// The verdict under given coefficients; `keys` are those of `values` values.
pub(super) fn verify_with(
    delta: &Delta,
    keys: &[Block],
    values: usize,
    coefficients: &impl Coefficients,
    message: &Message,
) -> Result<(), Error> {
    let powers = Powers::new(delta);
    // Sums of statements of degree 9 and of degree 10.
    let sums = Zeroizing::new(sum_over_chunks(values, CHUNK, |index, chunk| {
        let mut coefficients = coefficients.chunk(index);
        let mut sums = [Gf128::ZERO; 2];
        let mut formula = Key::new(&powers);
        for group in groups(chunk) {
            let chi = coefficients.next(group.len());
            let inputs = KeyInputs::new(&powers, keys, values, group);
            each_statement(&inputs, &mut formula, |statement, formula| {
                sums[DEGREES[statement] + 1 - DEGREE] += Gf128::dot(&chi[statement], formula.value());
            });
        }
        sums
    }));
    let mut expected = Zeroizing::new(sums[0] * powers.get(1) + sums[1]);
    for (i, keys) in keys[(BITS + HELPERS) * values..].as_chunks().0.iter().enumerate() {
        *expected += Gf128::pack(keys) * powers.get(i);
    }
    let claimed = Zeroizing::new(powers.get(1).evaluate(&message.0));
    // Check: bits are canonical.
    if ct::verdict(expected.ct_eq(&claimed)) { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Range)) }
}

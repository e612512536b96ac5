//! The client's side of the proof.

use muse_field::id::{Coin, RunId};
use muse_gc::gf128::Gf128;
use muse_gc::label::Block;

use super::batch::{CHUNK, groups};
use super::challenge::{Challenge, ChunkCoefficients, Coefficients};
use super::hidden::{Hidden, HiddenInputs};
use super::statements::each_statement;
use super::{BITS, Choices, DEGREE, HELPERS, MASKS, Message, count};
use crate::Error;
use muse_field::parallel::sum_over_chunks;

/// Proves that all values of a batch are below p, to the holder of the zero labels.
///
/// `choices` went into a correlated OT extension as they are, `labels` are the [`count`] active labels it gave, `seed` is the
/// server's. Masks are used up: a second proof from the same extension would show the values.
///
/// 255 products in GF(2^128) a value. Constant time in choices and labels.
///
/// # Errors
/// [`Error::Misuse`] if there is not a label for each choice bit.
pub fn prove(id: &RunId, choices: &Choices, labels: &[Block], seed: &Coin) -> Result<Message, Error> {
    if labels.len() != count(choices.values()) {
        return Err(Error::Misuse("a label for each choice bit of the batch"));
    }
    Ok(prove_with(choices, labels, &Challenge::new(id, choices.values(), seed)))
}

/// The proof under given coefficients; as many labels as choices.
pub(super) fn prove_with(choices: &Choices, labels: &[Block], coefficients: &impl Coefficients) -> Message {
    let values = choices.values();
    let mut sums = sum_over_chunks(values, CHUNK, |index, chunk| {
        let mut coefficients = coefficients.chunk(index);
        let mut sums = [Gf128::ZERO; DEGREE];
        let mut formula = Hidden::new();
        for group in groups(chunk) {
            let chi = coefficients.next(group.len());
            let inputs = HiddenInputs::new(choices, labels, group);
            each_statement(&inputs, &mut formula, |statement, formula| {
                let low = formula.low();
                // The coefficients of lower-degree statements move up: times a power of X.
                for (sum, row) in sums[DEGREE - low.len()..].iter_mut().zip(low) {
                    *sum += Gf128::dot(&chi[statement], row);
                }
            });
        }
        sums
    });
    // X^i (a_i + u_i X).
    let masks = labels[(BITS + HELPERS) * values..].as_chunks().0;
    for (i, tags) in masks.iter().take(MASKS).enumerate() {
        sums[i] += Gf128::pack(tags);
        sums[i + 1] += Gf128::new(choices.mask(i));
    }
    Message(sums)
}

//! Well-formed keys and ciphertexts.

mod answer;
mod challenge;
mod each;
pub mod fiat_shamir;
mod masks;
mod prover;
mod responses;
mod shape;
mod statement;
mod verifier;

use muse_he::budget::Budget;

use crate::error::Error;

pub use challenge::Challenge;
pub use prover::{Attempt, AwaitChallenge, Prover};
pub use responses::Responses;
pub use shape::ProofShape;
pub use statement::{BatchId, Commitment};
pub use verifier::{AwaitResponses, Tries, Verifier};

#[cfg(test)]
mod tests;

/// Whether the budget, by which replies are flooded, is that of a proof with so many repetitions.
fn require(budget: &Budget, repetitions: usize) -> Result<(), Error> {
    if budget.repetitions() == repetitions {
        Ok(())
    } else {
        Err(Error::Misuse("a budget with the repetitions of this kind of proof"))
    }
}

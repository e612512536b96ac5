//! The verifier.

use alloc::vec::Vec;

use muse_field::parallel;
use muse_he::budget::Budget;
use muse_he::keyed::{Masks, ReceivedKeyed};
use muse_he::ring::Ring;

use super::challenge::{Matrix, coefficients};
use super::statement::Statement;
use super::{Name, Proof, ProofShape, Proven};
use crate::error::{Check, Error};

/// The rows, doubled and named by their budget, if the proof holds.
///
/// Costs 10 transforms a ciphertext and 15 a response, U V rotations of both rows, and one hash of all rows.
///
/// # Errors
/// [`Check::ResponseBound`] or [`Check::WellFormed`]: the peer deviates, and the session must end. [`Error::Misuse`] if `budget` is not that of an
/// amortised proof of this ring, for another number of rows than it says, and for a proof that was decoded for another shape.
pub fn verify(
    ring: &Ring,
    budget: &Budget,
    name: &Name,
    masks: Masks,
    rows: Vec<ReceivedKeyed>,
    proof: Proof,
) -> Result<Proven, Error> {
    let shape = ProofShape::new(budget)?;
    let statement = Statement::new(ring, &shape, name, &masks, rows.iter().collect())?;
    let Proof { commitment, responses } = proof;
    if responses.shape != shape {
        return Err(Error::Misuse("responses of the shape of this proof"));
    }
    // Check: responses of the amortised proof are within their bounds.
    responses.bounded()?;
    let matrix = Matrix::of(&shape, &commitment);
    let ciphertexts = coefficients(ring, rows.iter().map(ReceivedKeyed::row));
    let keys = coefficients(ring, rows.iter().map(ReceivedKeyed::key));
    let first = parallel::map(responses.vectors.iter().collect(), |response, z| {
        let shift = |row: &mut _, key: &mut _| {
            matrix.subtract(response, row, &ciphertexts);
            matrix.subtract(response, key, &keys);
        };
        statement.first_message(z, Some(&shift))
    });
    // Check: responses of the amortised proof fit the commitment.
    if statement.commitment(&first) != commitment {
        return Err(Error::PeerMisbehaved(Check::WellFormed));
    }
    let rows = rows.into_iter().map(ReceivedKeyed::assume_well_formed).collect();
    Ok(Proven::new(*name, *budget, masks, rows))
}

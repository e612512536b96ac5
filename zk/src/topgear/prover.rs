//! The prover.

use muse_field::{ct, parallel};
use muse_he::budget::Budget;
use muse_he::keyed::{KeyedWitness, Masks, ReceivedKeyed};
use muse_he::ring::Ring;
use rand_core::CryptoRng;

use super::challenge::Matrix;
use super::responses::{Responses, Vectors};
use super::statement::Statement;
use super::{Name, Proof, ProofShape};
use crate::error::Error;

/// Proves that `rows` are well formed, under the masks of `name`. Rejected tries are repeated here; about e are needed.
///
/// Costs 15 transforms a response and try, and one hash of all rows. Constant time over witnesses, but for how many tries there are, which is
/// independent of them.
///
/// # Errors
/// [`Error::Misuse`] if `budget` is not that of an amortised proof of this ring, for another number of ciphertexts than it says, and for witnesses that
/// exceed their bounds.
pub fn prove(
    ring: &Ring,
    budget: &Budget,
    name: &Name,
    masks: &Masks,
    rows: &[(ReceivedKeyed, KeyedWitness)],
    rng: &mut impl CryptoRng,
) -> Result<Proof, Error> {
    let shape = ProofShape::new(budget)?;
    let whole = |witness: &KeyedWitness| {
        let lengths =
            [witness.secret(), witness.error(), witness.key_error()].map(|w| w.coefficients().len());
        lengths == [ring.n(); 3] && witness.plaintext().len() == ring.n()
    };
    if !rows.iter().all(|(_, witness)| whole(witness)) {
        return Err(Error::Misuse("a witness of this ring for every ciphertext"));
    }
    let statement = Statement::new(ring, &shape, name, masks, rows.iter().map(|(row, _)| row).collect())?;
    for _ in 0..LOCAL_TRIES {
        let mut vectors = Vectors::random(&shape, rng);
        let first = parallel::map(vectors.iter().collect(), |_, y| statement.first_message(y, None));
        let commitment = statement.commitment(&first);
        let matrix = Matrix::of(&shape, &commitment);
        parallel::map(vectors.iter_mut().collect(), |response, z: &mut Vectors| {
            z.answer(matrix.row(response), rows.iter().map(|(_, witness)| witness));
        });
        let responses = Responses { shape, vectors };
        // Whether a try is rejected is independent of the witnesses.
        if ct::disclosed(responses.within()) {
            return Ok(Proof { commitment, responses });
        }
    }
    Err(Error::Misuse("witnesses within their bounds"))
}

/// An honest prover fails this often with a chance below $2^{-160}$.
const LOCAL_TRIES: u32 = 256;

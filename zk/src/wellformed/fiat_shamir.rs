//! The same proof without interaction: 10 repetitions, challenges from a hash of everything before them, error $2^{-140}$.
//!
//! For where a round trip is dear. The flooding of the replies must be sized by the same budget, with 10 repetitions. Fewer are
//! refused: a prover could grind their challenges offline.

use alloc::vec::Vec;
use muse_field::id::RunId;

use muse_field::transcript::Transcript;
use muse_field::wire::message;
use muse_he::budget::Budget;
use muse_he::encrypt::{Received, Witness};
use muse_he::keys::{ReceivedPublicKey, SecretKey};
use muse_he::ring::Ring;
use rand_core::CryptoRng;

use super::{Attempt, Challenge, Commitment, ProofShape, Proven, Prover, Responses, Verifier};
use crate::domain;
use crate::error::Error;

message! {
    /// A whole proof: the commitment, then the responses to the challenges that follow from it.
    #[derive(Debug)]
    pub struct Proof(shape: ProofShape) {
        commitment: Commitment = (),
        responses: Responses = shape,
    }
}

impl Proof {
    /// The public dimensions of a proof.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless `budget` has [`Budget::FIAT_SHAMIR`] repetitions, or as [`ProofShape::new`].
    pub fn shape(budget: &Budget) -> Result<ProofShape, Error> {
        super::require(budget, Budget::FIAT_SHAMIR)?;
        ProofShape::new(budget)
    }
}

/// Proves that the public key and `rows` are well formed; as [`Prover`], rejected tries are repeated here.
///
/// # Errors
/// [`Error::Misuse`] as [`Prover::new`], with [`Budget::FIAT_SHAMIR`] repetitions, and for witnesses that exceed their bounds.
pub fn prove(
    ring: &Ring,
    budget: &Budget,
    id: RunId,
    secret: &SecretKey,
    public_key: (&ReceivedPublicKey, &Witness),
    rows: &[(Received, Witness)],
    rng: &mut impl CryptoRng,
) -> Result<Proof, Error> {
    let shape = Proof::shape(budget)?;
    let mut prover = Prover::with_shape(ring, shape, id, secret, public_key, rows)?;
    for _ in 0..LOCAL_TRIES {
        let (awaiting, commitment) = prover.commit(rng);
        match awaiting.respond(&challenge(&shape, &commitment)) {
            Attempt::Accepted(responses) => return Ok(Proof { commitment, responses }),
            Attempt::Rejected(again) => prover = again,
        }
    }
    Err(Error::Misuse("witnesses within their bounds"))
}

/// The public key and the rows, doubled, if the proof holds.
///
/// # Errors
/// As [`AwaitResponses::verify`](super::AwaitResponses::verify), and [`Error::Misuse`] as [`Verifier::new`], with
/// [`Budget::FIAT_SHAMIR`] repetitions.
pub fn verify(
    ring: &Ring,
    budget: &Budget,
    id: RunId,
    public_key: &ReceivedPublicKey,
    rows: Vec<Received>,
    proof: Proof,
) -> Result<Proven, Error> {
    let shape = Proof::shape(budget)?;
    let Proof { commitment, responses } = proof;
    let verifier = Verifier::with_shape(ring, budget, shape, id, public_key, rows)?;
    verifier.with_challenge(commitment, challenge(&shape, &commitment)).verify(responses)
}

/// The challenges that a commitment, which binds the whole statement, leads to.
fn challenge(shape: &ProofShape, commitment: &Commitment) -> Challenge {
    let mut transcript = Transcript::new(domain::FIAT_SHAMIR);
    transcript.append("commitment", &commitment.0);
    Challenge::draw(shape, &mut transcript.prg("challenge"))
}

/// An honest prover fails this often with a chance below $2^{-160}$.
const LOCAL_TRIES: u32 = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use muse_field::wire::from_slice;

    /// Every bit of the commitment, and so of the statement and the first messages, decides all challenges.
    #[test]
    fn challenges_follow_from_the_commitment() {
        let shape = Proof::shape(&Budget::new(64, 2, 1).with_repetitions(10)).unwrap();
        let of = |bytes: [u8; 32]| challenge(&shape, &from_slice((), &bytes).unwrap());
        let first = of([7; 32]);
        assert_eq!(first, of([7; 32]));
        for byte in 0..32 {
            let mut other = [7; 32];
            other[byte] ^= 1;
            assert_ne!(first, of(other));
        }
    }
}

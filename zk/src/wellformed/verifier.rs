//! The server's side.

use alloc::vec::Vec;
use core::fmt;
use muse_field::id::RunId;

use muse_he::budget::Budget;
use muse_he::encrypt::Received;
use muse_he::keys::ReceivedPublicKey;
use muse_he::ring::Ring;
use rand_core::CryptoRng;

use super::statement::{RowRef, Statement};
use super::{Challenge, Commitment, ProofShape, Proven, Responses};
use crate::error::{Check, Error};
use muse_field::parallel;

/// The tries that a session has left for all its proofs: every one is another chance for a cheater. Lives as long as the session.
#[derive(Debug)]
pub struct Tries {
    left: u32,
}

impl Tries {
    /// Tries of one session: at $2^{-56}$ each, a cheater's chance stays below $2^{-44}$.
    pub const PER_SESSION: u32 = 4_096;
    /// Tries of one proof. An honest prover needs about e, and more than 64 with a chance of $2^{-42}$.
    pub const PER_PROOF: u32 = 64;

    /// All tries of a new session.
    #[must_use]
    pub const fn new() -> Self {
        Self { left: Self::PER_SESSION }
    }

    /// How many are left.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    /// Takes one from this session and one from a proof.
    fn take(&mut self, proof: &mut u32) -> Result<(), Error> {
        // Check: 64 tries a proof.
        // Check: 4,096 tries a session.
        match (self.left.checked_sub(1), proof.checked_sub(1)) {
            (Some(session), Some(one)) => {
                (self.left, *proof) = (session, one);
                Ok(())
            }
            _ => Err(Error::PeerMisbehaved(Check::Tries)),
        }
    }
}

impl Default for Tries {
    fn default() -> Self {
        Self::new()
    }
}

/// The verifier between tries.
///
/// It owns the rows, and the only way from them to something that can be computed on is [`AwaitResponses::verify`].
pub struct Verifier<'a> {
    id: RunId,
    budget: Budget,
    statement: Statement<'a>,
    public_key: &'a ReceivedPublicKey,
    rows: Vec<Received>,
    tries: u32,
}

impl<'a> Verifier<'a> {
    /// A verifier for the public key and `rows`, in order. Seeds of the masks $a$ are fixed by then: they are in the rows.
    ///
    /// Costs one hash of all rows.
    ///
    /// # Errors
    /// [`Error::Misuse`] if `budget`, which also decides the flooding, is not that of this ring, of `rows.len() + 1` rows and of
    /// [`Budget::INTERACTIVE`] repetitions.
    pub fn new(
        ring: &'a Ring,
        budget: &Budget,
        id: RunId,
        public_key: &'a ReceivedPublicKey,
        rows: Vec<Received>,
    ) -> Result<Self, Error> {
        super::require(budget, Budget::INTERACTIVE)?;
        Self::with_shape(ring, budget, ProofShape::new(budget)?, id, public_key, rows)
    }

    pub(super) fn with_shape(
        ring: &'a Ring,
        budget: &Budget,
        shape: ProofShape,
        id: RunId,
        public_key: &'a ReceivedPublicKey,
        rows: Vec<Received>,
    ) -> Result<Self, Error> {
        // Check: the public key is in the batch.
        let refs = core::iter::once(RowRef { b: public_key.b(), a: public_key.a() })
            .chain(rows.iter().map(|row| RowRef { b: row.b(), a: row.a() }));
        let statement = Statement::new(ring, shape, &id, refs.collect())?;
        Ok(Self { id, budget: *budget, statement, public_key, rows, tries: Tries::PER_PROOF })
    }

    /// Round 1: a uniform challenge, drawn once the statement and the first messages are fixed. Uses up a try.
    ///
    /// # Errors
    /// [`Check::Tries`] if this was the 65th of the proof, or the 4,097th of the session.
    pub fn challenge(
        mut self,
        commitment: &Commitment,
        tries: &mut Tries,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitResponses<'a>, Challenge), Error> {
        tries.take(&mut self.tries)?;
        let challenge = Challenge::draw(&self.statement.shape, rng);
        Ok((self.with_challenge(*commitment, challenge.clone()), challenge))
    }

    pub(super) fn with_challenge(self, commitment: Commitment, challenge: Challenge) -> AwaitResponses<'a> {
        AwaitResponses { verifier: self, commitment, challenge }
    }

    fn row(&self, row: usize) -> RowRef<'_> {
        match row.checked_sub(1) {
            None => RowRef { b: self.public_key.b(), a: self.public_key.a() },
            Some(row) => RowRef { b: self.rows[row].b(), a: self.rows[row].a() },
        }
    }
}

impl fmt::Debug for Verifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("shape", &self.statement.shape).field("tries", &self.tries).finish()
    }
}

/// The verifier after its challenge.
pub struct AwaitResponses<'a> {
    verifier: Verifier<'a>,
    commitment: Commitment,
    challenge: Challenge,
}

impl<'a> AwaitResponses<'a> {
    /// The prover rejected this try, as honest ones do in about 63 of 100.
    #[must_use]
    pub fn rejected(self) -> Verifier<'a> {
        self.verifier
    }

    /// Round 2: the rows, doubled and named by their budget, if the responses keep their bounds and give the committed first messages.
    ///
    /// The public key is returned for every batch, and is the same every time. Costs five transforms a row and repetition.
    ///
    /// # Errors
    /// [`Check::ResponseBound`] or [`Check::WellFormed`]: the peer deviates, and the session must end. [`Error::Misuse`] if the
    /// responses were decoded for another shape.
    pub fn verify(self, responses: Responses) -> Result<Proven, Error> {
        let Self { verifier, commitment, challenge } = self;
        let shape = verifier.statement.shape;
        // Check: responses are within their bounds.
        responses.bounded(&shape)?;
        // Check: responses fit the commitment.
        if verifier.recomputed(&responses, &challenge) != commitment {
            return Err(Error::PeerMisbehaved(Check::WellFormed));
        }
        let rows = verifier.rows.into_iter().map(Received::assume_well_formed).collect();
        let public_key = verifier.public_key.clone().assume_well_formed();
        Ok(Proven::new(verifier.id, verifier.budget, public_key, rows))
    }
}

impl Verifier<'_> {
    /// The commitment to the first messages that the responses belong to: $-a z_s + z_e + p^{-1} z_\mu - c\,b$.
    fn recomputed(&self, responses: &Responses, challenge: &Challenge) -> Commitment {
        let (statement, shape) = (&self.statement, &self.statement.shape);
        let secrets = responses.vectors.secrets.chunks_exact(shape.n).collect();
        let repetitions = parallel::map(secrets, |repetition, secret| {
            (statement.minus_secret(secret), challenge.negated(statement.ring, repetition))
        });
        let first = parallel::map(responses.vectors.rows(shape), |_, vectors| {
            let (minus_secret, minus_challenge) = &repetitions[vectors.repetition];
            let RowRef { b, a } = self.row(vectors.row);
            let shift = Some((minus_challenge, b));
            statement.first_message(a, minus_secret, vectors.error, vectors.plaintext, shift)
        });
        statement.commitment(&first)
    }
}

impl fmt::Debug for AwaitResponses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitResponses").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

//! The client's side.

use core::fmt;
use muse_field::id::RunId;

use muse_field::ct;
use muse_he::budget::Budget;
use muse_he::encrypt::{Received, Witness};
use muse_he::keys::{ReceivedPublicKey, SecretKey};
use muse_he::ring::Ring;
use rand_core::CryptoRng;

use super::responses::Vectors;
use super::statement::{RowRef, Statement};
use super::{Challenge, Commitment, ProofShape, Responses};
use crate::error::Error;
use muse_field::parallel;

/// The prover between tries. Everything about witnesses is constant time, but for whether a try is rejected.
///
/// It borrows rows and witnesses, holds only a hash of them, and is consumed by every step.
pub struct Prover<'a> {
    statement: Statement<'a>,
    secret: &'a [i8],
    public_key: (&'a ReceivedPublicKey, &'a Witness),
    rows: &'a [(Received, Witness)],
}

impl<'a> Prover<'a> {
    /// A prover for the public key and `rows`, in the order in which the server has them, all under `secret`.
    ///
    /// Costs one hash of all rows.
    ///
    /// # Errors
    /// [`Error::Misuse`] if `budget` is not that of this ring, of `rows.len() + 1` rows and of [`Budget::INTERACTIVE`]
    /// repetitions; if the public key's witness has a plaintext, or a row's has none, or their lengths are not N.
    pub fn new(
        ring: &'a Ring,
        budget: &Budget,
        id: RunId,
        secret: &'a SecretKey,
        public_key: (&'a ReceivedPublicKey, &'a Witness),
        rows: &'a [(Received, Witness)],
    ) -> Result<Self, Error> {
        super::require(budget, Budget::INTERACTIVE)?;
        Self::with_shape(ring, ProofShape::new(budget)?, id, secret, public_key, rows)
    }

    pub(super) fn with_shape(
        ring: &'a Ring,
        shape: ProofShape,
        id: RunId,
        secret: &'a SecretKey,
        public_key: (&'a ReceivedPublicKey, &'a Witness),
        rows: &'a [(Received, Witness)],
    ) -> Result<Self, Error> {
        let secret = secret.ternary().coefficients();
        let whole = |witness: &Witness, plaintext: usize| {
            witness.error().coefficients().len() == ring.n()
                && witness.plaintext().map_or(0, <[i64]>::len) == plaintext
        };
        if secret.len() != ring.n()
            || !whole(public_key.1, 0)
            || !rows.iter().all(|row| whole(&row.1, ring.n()))
        {
            return Err(Error::Misuse(
                "a witness of this ring for every row, without a plaintext for the key's",
            ));
        }
        let refs = core::iter::once(RowRef { b: public_key.0.b(), a: public_key.0.a() })
            .chain(rows.iter().map(|(row, _)| RowRef { b: row.b(), a: row.a() }));
        let statement = Statement::new(ring, shape, &id, refs.collect())?;
        Ok(Self { statement, secret, public_key, rows })
    }

    /// Round 1: fresh masks $y_s, y_e, y_\mu$, and a hash of all $-a_j y_s + y_{e, j} + p^{-1} y_{\mu, j}$.
    ///
    /// Costs five transforms a row and repetition.
    #[must_use]
    pub fn commit(self, rng: &mut impl CryptoRng) -> (AwaitChallenge<'a>, Commitment) {
        let (statement, shape) = (&self.statement, &self.statement.shape);
        let masks = Vectors::random(shape, rng);
        let secrets = masks.secrets.chunks_exact(shape.n).collect();
        let secrets = parallel::map(secrets, |_, secret| statement.minus_secret(secret));
        let first = parallel::map(masks.rows(shape), |_, row| {
            let a = self.witness(row.row).0.a;
            statement.first_message(a, &secrets[row.repetition], row.error, row.plaintext, None)
        });
        let commitment = statement.commitment(&first);
        (AwaitChallenge { prover: self, masks }, commitment)
    }

    /// A row and its witness; number 0 is the public key.
    fn witness(&self, row: usize) -> (RowRef<'a>, &'a Witness) {
        match row.checked_sub(1) {
            None => (RowRef { b: self.public_key.0.b(), a: self.public_key.0.a() }, self.public_key.1),
            Some(row) => {
                let (row, witness) = &self.rows[row];
                (RowRef { b: row.b(), a: row.a() }, witness)
            }
        }
    }
}

impl fmt::Debug for Prover<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").field("shape", &self.statement.shape).finish_non_exhaustive()
    }
}

/// The prover with the masks of one try, which never leave it. Wiped on drop.
pub struct AwaitChallenge<'a> {
    prover: Prover<'a>,
    masks: Vectors,
}

/// What a challenge led to.
#[derive(Debug)]
pub enum Attempt<'a> {
    /// The responses, for the server.
    Accepted(Responses),
    /// A response would have shown something about the witness: the masks are gone, the server is told, and all starts over.
    Rejected(Prover<'a>),
}

impl<'a> AwaitChallenge<'a> {
    /// Round 2: $z = y + c\,w$ for every witness $w$, in place of the masks; rejected unless all $|z_s| \le \gamma_s - B_s$ and
    /// $|z_e| \le \gamma_e - B_e - 1$, which happens with a probability of about $1/e$ that does not depend on the witnesses.
    ///
    /// $z_\mu$ is reduced modulo p, centred; the wrap (-1, 0 or 1) joins $z_e$.
    ///
    /// # Panics
    /// If the challenge was decoded for another shape than this proof's.
    #[must_use]
    pub fn respond(self, challenge: &Challenge) -> Attempt<'a> {
        let Self { prover, mut masks } = self;
        let shape = prover.statement.shape;
        assert!(challenge.fits(&shape), "a challenge of this proof's shape");
        masks.answer(&shape, challenge, prover.secret, |row| {
            let witness = prover.witness(row).1;
            (witness.error().coefficients(), witness.plaintext().unwrap_or_default())
        });
        // Whether a try is rejected is told to the server, and is independent of the witness.
        if ct::disclosed(masks.within(&shape)) {
            Attempt::Accepted(Responses { shape, vectors: masks })
        } else {
            Attempt::Rejected(prover)
        }
    }
}

impl fmt::Debug for AwaitChallenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitChallenge").field("prover", &self.prover).finish_non_exhaustive()
    }
}

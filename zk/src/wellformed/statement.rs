//! What is proven, and what is fixed before a challenge exists: a hash of the whole statement, and of the first messages.

use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::id::RunId;
use muse_field::transcript::Transcript;
use muse_field::wire::message;
use muse_he::ring::{NttPoly, Ring};

use super::ProofShape;
use crate::domain;
use crate::error::Error;
use crate::polynomial::{digest, lifted, minus};
use muse_field::parallel;

message! {
    /// The prover's first message: a hash of the statement and of the first messages of the sigma protocol.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub struct Commitment(pub(super) [u8; 32]), redacted;
}

/// A row as both parties see it: $b$ and the mask $a$.
#[derive(Clone, Copy)]
pub(super) struct RowRef<'r> {
    pub(super) b: &'r NttPoly,
    pub(super) a: &'r NttPoly,
}

/// Everything about the proven relation that does not change from try to try.
#[derive(Clone)]
pub(super) struct Statement<'a> {
    pub(super) ring: &'a Ring,
    pub(super) shape: ProofShape,
    digest: [u8; 32],
}

impl<'a> Statement<'a> {
    /// The statement about `rows`, of which the first is the public key.
    pub(super) fn new(
        ring: &'a Ring,
        shape: ProofShape,
        id: &RunId,
        rows: Vec<RowRef<'_>>,
    ) -> Result<Self, Error> {
        if shape.n != ring.n() || rows.iter().any(|row| row.a.n() != ring.n() || row.b.n() != ring.n()) {
            return Err(Error::Misuse("rows and a budget of the same ring"));
        }
        if shape.rows != rows.len() {
            return Err(Error::Misuse("a budget with as many rows as the batch, the public key included"));
        }
        let mut transcript = Transcript::new(domain::WELLFORMED);
        // Check: the proof binds session, inference, all rows.
        id.bind(&mut transcript)
            .append_u64("degree", shape.n as u64)
            .append_u64("rows", shape.rows as u64)
            .append_u64("repetitions", shape.repetitions as u64)
            .append_u64("secret mask", shape.secret.mask)
            .append_u64("error mask", shape.error.mask);
        for (b, a) in parallel::map(rows, |_, row| (digest(row.b), digest(row.a))) {
            transcript.append("b", &b).append("a", &a);
        }
        Ok(Self { ring, shape, digest: transcript.digest("statement") })
    }

    /// The hash of $-a z_s + z_e + p^{-1} z_\mu$ (without the last term for an empty `plaintext`), plus `shift` $= -c b$ at the
    /// verifier's. `minus_secret` is $-z_s$ by its evaluations; for masks in place of responses it is the prover's first message.
    /// Constant time.
    pub(super) fn first_message(
        &self,
        a: &NttPoly,
        minus_secret: &NttPoly,
        error: &[i64],
        plaintext: &[Fp],
        shift: Option<(&NttPoly, &NttPoly)>,
    ) -> [u8; 32] {
        let mut message = lifted(self.ring, error, plaintext).into_ntt(self.ring);
        message.mul_add_assign(a, minus_secret);
        if let Some((minus_challenge, b)) = shift {
            message.mul_add_assign(minus_challenge, b);
        }
        digest(&message)
    }

    /// Minus a vector for the secret, by its evaluations.
    pub(super) fn minus_secret(&self, secret: &[i64]) -> NttPoly {
        minus(self.ring, secret)
    }

    /// The commitment to the hashes of all first messages, repetition by repetition, row by row.
    pub(super) fn commitment(&self, first_messages: &[[u8; 32]]) -> Commitment {
        let mut transcript = Transcript::new(domain::FIRST_MESSAGES);
        transcript.append("statement", &self.digest);
        first_messages.iter().for_each(|message| {
            transcript.append("first message", message);
        });
        Commitment(transcript.digest("commitment"))
    }
}

//! What is proven, and what is fixed before the challenges exist: a hash of the whole statement, and of the first messages.

use alloc::vec::Vec;

use muse_field::parallel;
use muse_field::transcript::Transcript;
use muse_field::wire::message;
use muse_he::keyed::{Masks, ReceivedKeyed};
use muse_he::ring::{CoeffPoly, Ring};

use super::responses::Vectors;
use super::{Name, ProofShape};
use crate::domain;
use crate::error::Error;
use crate::polynomial::{digest, lifted, minus};

message! {
    /// A hash of the statement and of the first messages.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) struct Commitment(pub(super) [u8; 32]), redacted;
}

/// Everything about the proven relation that does not change from try to try.
pub(super) struct Statement<'a> {
    ring: &'a Ring,
    masks: &'a Masks,
    digest: [u8; 32],
}

/// What the verifier subtracts: a combination of rows and one of keys.
pub(super) type Shift<'s> = dyn Fn(&mut CoeffPoly, &mut CoeffPoly) + Sync + 's;

impl<'a> Statement<'a> {
    /// The statement about `rows` under the masks of `name`.
    pub(super) fn new(
        ring: &'a Ring,
        shape: &ProofShape,
        name: &Name,
        masks: &'a Masks,
        rows: Vec<&ReceivedKeyed>,
    ) -> Result<Self, Error> {
        let fits = |row: &&ReceivedKeyed| row.row().n() == ring.n() && row.key().n() == ring.n();
        if shape.n != ring.n() || masks.row().n() != ring.n() || !rows.iter().all(fits) {
            return Err(Error::Misuse("rows, masks and a budget of the same ring"));
        }
        // The name is hashed, and so are the masks with it.
        if masks.id() != name.row() {
            return Err(Error::Misuse("the masks of this batch"));
        }
        if rows.len() != shape.ciphertexts {
            return Err(Error::Misuse("as many ciphertexts as the proof has"));
        }
        let mut transcript = Transcript::new(domain::TOPGEAR);
        name.bind(&mut transcript);
        transcript
            .append_u64("degree", shape.n as u64)
            .append_u64("responses", shape.responses as u64)
            .append_u64("ciphertexts", shape.ciphertexts as u64)
            .append_u64("secret mask", shape.secret.mask)
            .append_u64("error mask", shape.error.mask)
            .append_u64("key error mask", shape.key.mask);
        for (row, key) in parallel::map(rows, |_, row| (digest(row.row()), digest(row.key()))) {
            transcript.append("row", &row).append("key", &key);
        }
        Ok(Self { ring, masks, digest: transcript.digest("statement") })
    }

    /// The hashes of $-a z_s + z_e + p^{-1} z_\mu$ and $-a' z_s + z_{e'}$, less what `shift` takes off. For masks in place of responses it is the prover's
    /// first message. Constant time; 15 transforms.
    pub(super) fn first_message(&self, z: &Vectors, shift: Option<&Shift<'_>>) -> [[u8; 32]; 2] {
        let mut row = lifted(self.ring, &z.error, &z.plaintext);
        let mut key = lifted(self.ring, &z.key, &[]);
        if let Some(shift) = shift {
            shift(&mut row, &mut key);
        }
        let minus_secret = minus(self.ring, &z.secret);
        [(row, self.masks.row()), (key, self.masks.key())].map(|(sum, mask)| {
            let mut message = sum.into_ntt(self.ring);
            message.mul_add_assign(mask, &minus_secret);
            digest(&message)
        })
    }

    /// The commitment to the hashes of all first messages, response by response.
    pub(super) fn commitment(&self, first_messages: &[[[u8; 32]; 2]]) -> Commitment {
        let mut transcript = Transcript::new(domain::TOPGEAR_FIRST_MESSAGES);
        transcript.append("statement", &self.digest);
        for [row, key] in first_messages {
            transcript.append("row", row).append("key", key);
        }
        Commitment(transcript.digest("commitment"))
    }
}

//! From masks to responses, in place: $z = y + c\,w$ over the integers.

use super::responses::Vectors;
use super::{Challenge, ProofShape};
use crate::short::reduce;
use muse_field::parallel;

impl Vectors {
    /// Adds the challenge times the witness to the masks: `secret` is $s$, `witness` gives $e$ and $\mu$ (empty for row 0) of a
    /// row.
    ///
    /// A response for a plaintext is reduced modulo p, centred, and the wrap joins the response for the error:
    /// $p^{-1} \cdot p = 1$. Constant time over masks and witnesses.
    pub(super) fn answer<'w>(
        &mut self,
        shape: &ProofShape,
        challenge: &Challenge,
        secret: &[i8],
        witness: impl Fn(usize) -> (&'w [i8], &'w [i64]) + Sync + Send,
    ) {
        let (secrets, rows) = self.split_mut(shape);
        parallel::map(secrets, |repetition, z| add(z, challenge, repetition, secret));
        parallel::map(rows, |_, row| {
            let (error, plaintext) = witness(row.row);
            add(row.error, challenge, row.repetition, error);
            for (at, (z, wraps)) in row.plaintext.iter_mut().zip(row.error).enumerate() {
                let (from, sign) = challenge.source(row.repetition, at);
                let (reduced, wrap) = reduce(z.to_centred() + sign * plaintext[from]);
                *z = reduced;
                *wraps += wrap;
            }
        });
    }
}

/// Adds the challenge of a repetition times a short polynomial.
fn add(z: &mut [i64], challenge: &Challenge, repetition: usize, witness: &[i8]) {
    for (at, z) in z.iter_mut().enumerate() {
        let (from, sign) = challenge.source(repetition, at);
        *z += sign * i64::from(witness[from]);
    }
}

//! From masks to responses, in place: $z = y + c\,w$ over the integers.

use muse_field::Fp;
use muse_field::mask::Mask;

use super::responses::Vectors;
use super::{Challenge, ProofShape};
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
                *wraps += add_wrapping(z, sign * plaintext[from]);
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

/// Adds `term`, of absolute value at most (p - 1) / 2, to a centred element, and returns the wrap of the sum: -1, 0 or 1.
fn add_wrapping(value: &mut Fp, term: i64) -> i64 {
    let full = value.to_centred() + term;
    *value = Fp::from_i64(full);
    // -p, 0 or p.
    let difference = full - value.to_centred();
    (Mask::of_sign(-difference) & 1_i64) - (Mask::of_sign(difference) & 1_i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use muse_field::MODULUS;

    const P: i64 = MODULUS as i64;

    #[test]
    fn wraps() {
        let half = (P - 1) / 2;
        for (y, term, expected) in [
            (0, 0, 0),
            (half, 0, 0),
            (half, 1, 1),
            (-half, 0, 0),
            (-half, -1, -1),
            (half, half, 1),
            (-half, -half, -1),
            (half, -half, 0),
            (1, half, 1),
            (-1, -half, -1),
        ] {
            let mut value = Fp::from_i64(y);
            let wrap = add_wrapping(&mut value, term);
            assert_eq!((wrap, value.to_centred()), (expected, y + term - expected * P), "{y} {term}");
        }
    }
}

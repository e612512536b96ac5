//! Masks and responses: short vectors, many of them, in three flat buffers; and how responses travel.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::pack::{bits_len, packed_len};
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::ProofShape;
use crate::error::{Check, Error};
use crate::short::{excess, put, take};

/// One vector for the secret in every repetition, one for the error of every row, one for the plaintext of every row but the
/// first. First masks, then, in place, responses. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Vectors {
    pub(super) secrets: Vec<i64>,
    pub(super) errors: Vec<i64>,
    /// Centred representatives are what counts.
    pub(super) plaintexts: Vec<Fp>,
}

/// The vectors of one row in one repetition; the plaintext is empty for the public key.
pub(super) struct RowVectors<E, M> {
    pub(super) repetition: usize,
    pub(super) row: usize,
    pub(super) error: E,
    pub(super) plaintext: M,
}

/// The vectors of all rows, to be written to.
pub(super) type RowsMut<'v> = Vec<RowVectors<&'v mut [i64], &'v mut [Fp]>>;

impl Vectors {
    pub(super) fn zero(shape: &ProofShape) -> Self {
        let [secrets, errors, plaintexts] = shape.lengths();
        Self { secrets: vec![0; secrets], errors: vec![0; errors], plaintexts: vec![Fp::ZERO; plaintexts] }
    }

    /// Row by row, repetition by repetition.
    pub(super) fn rows(&self, shape: &ProofShape) -> Vec<RowVectors<&[i64], &[Fp]>> {
        let mut plaintexts = self.plaintexts.chunks_exact(shape.n);
        let mut plaintext =
            |row| if row == 0 { [].as_slice() } else { plaintexts.next().expect("one for every later row") };
        let errors = self.errors.chunks_exact(shape.n).enumerate();
        errors
            .map(|(index, error)| {
                let (repetition, row) = (index / shape.rows, index % shape.rows);
                RowVectors { repetition, row, error, plaintext: plaintext(row) }
            })
            .collect()
    }

    /// The secrets' vectors, and [`rows`](Self::rows), to be written to.
    pub(super) fn split_mut(&mut self, shape: &ProofShape) -> (Vec<&mut [i64]>, RowsMut<'_>) {
        let mut plaintexts = self.plaintexts.chunks_exact_mut(shape.n);
        let mut plaintext = |row| {
            if row == 0 { [].as_mut_slice() } else { plaintexts.next().expect("one for every later row") }
        };
        let errors = self.errors.chunks_exact_mut(shape.n).enumerate();
        let rows = errors.map(|(index, error)| {
            let (repetition, row) = (index / shape.rows, index % shape.rows);
            RowVectors { repetition, row, error, plaintext: plaintext(row) }
        });
        let rows = rows.collect();
        (self.secrets.chunks_exact_mut(shape.n).collect(), rows)
    }

    /// Whether all responses that have a bound keep it. Looks at all of them, in constant time.
    pub(super) fn within(&self, shape: &ProofShape) -> bool {
        excess(&self.secrets, &shape.secret) | excess(&self.errors, &shape.error) == 0
    }
}

/// The prover's last message: the responses of all repetitions, in which no secret is left.
///
/// | part | coefficients | bits each |
/// |---|---|---|
/// | for the secret | repetitions x N | $\lceil\log_2 \gamma_s\rceil + 1$ at most |
/// | for the errors | repetitions x rows x N | $\lceil\log_2 \gamma_e\rceil + 1$ at most |
/// | for the plaintexts | repetitions x (rows - 1) x N | 44 |
///
/// The first two are sent with an offset of half their range; what exceeds its bound decodes, and fails the check of the
/// verifier.
pub struct Responses {
    pub(super) shape: ProofShape,
    pub(super) vectors: Vectors,
}

impl Responses {
    /// The verifier's first check.
    pub(super) fn bounded(&self, shape: &ProofShape) -> Result<(), Error> {
        if self.shape != *shape {
            Err(Error::Misuse("responses of the shape of this proof"))
        } else if self.vectors.within(shape) {
            Ok(())
        } else {
            Err(Error::PeerMisbehaved(Check::ResponseBound))
        }
    }
}

impl Encode for Responses {
    fn encoded_len(&self) -> usize {
        Self::len_for(self.shape)
    }

    fn encode(&self, out: &mut Writer<'_>) {
        put(out, self.shape.n, &self.shape.secret, &self.vectors.secrets);
        put(out, self.shape.n, &self.shape.error, &self.vectors.errors);
        out.elements(&self.vectors.plaintexts);
    }
}

/// Elements of p and more are refused; a response out of bounds is not, it is a check of its own.
impl Decode for Responses {
    type Shape = ProofShape;

    fn len_for(shape: ProofShape) -> usize {
        let [secrets, errors, plaintexts] = shape.lengths();
        bits_len(shape.secret.width(), secrets)
            .saturating_add(bits_len(shape.error.width(), errors))
            .saturating_add(packed_len(plaintexts))
    }

    fn decode(shape: ProofShape, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [secrets, errors, plaintexts] = shape.lengths();
        let secrets = take(r, &shape.secret, secrets)?;
        let errors = take(r, &shape.error, errors)?;
        Ok(Self { shape, vectors: Vectors { secrets, errors, plaintexts: r.elements(plaintexts)? } })
    }
}

impl fmt::Debug for Responses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Responses").field(&self.shape).finish()
    }
}

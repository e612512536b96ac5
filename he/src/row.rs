//! What all rows have in common: their name, their mask, their wire form, the secrets behind them.

use alloc::vec::Vec;
use core::fmt;

use muse_field::ct;
use muse_field::id::{RunId, SessionId};
use muse_field::pack::bits_len;
use muse_field::transcript::Transcript;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::domain;
use crate::error::{Error, Misuse};
use crate::params::{LIMBS, PRIMES, RESIDUE_BITS};
use crate::ring::{NttPoly, Ring, SmallPoly};

/// The secrets behind one row, which the proof of well-formedness needs. Wiped on drop, redacted.
pub struct Witness {
    pub(crate) error: SmallPoly,
    pub(crate) plaintext: Option<Vec<i64>>,
}

impl Witness {
    /// $e$, coefficients of absolute value at most 21.
    #[must_use]
    pub fn error(&self) -> &SmallPoly {
        &self.error
    }

    /// $\mu$, N integers in $\pm (p - 1)/2$; `None` for a public-key row.
    #[must_use]
    pub fn plaintext(&self) -> Option<&[i64]> {
        self.plaintext.as_deref()
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness(..)")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.plaintext.zeroize();
    }
}

impl ZeroizeOnDrop for Witness {}

/// Which row of which session: decides its mask $a$. Two rows must never share one, or their difference loses the mask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowId {
    /// The run. Number `u64::MAX` is reserved for the public key of the session.
    pub run: RunId,
    /// Number of the row within the run, counted over all its layers.
    pub index: u32,
}

impl RowId {
    /// The public-key row of a session.
    #[must_use]
    pub const fn public_key(session: SessionId) -> Self {
        Self { run: RunId::new(session, Self::PUBLIC_KEY), index: 0 }
    }

    /// The row `offset` places after this one, of the same run.
    ///
    /// # Errors
    /// [`Misuse::Index`] if row numbers run out.
    pub fn nth(self, offset: usize) -> Result<Self, Error> {
        let index = u32::try_from(offset).ok().and_then(|offset| self.index.checked_add(offset));
        index.map(|index| Self { index, ..self }).ok_or(Error::Misuse(Misuse::Index))
    }

    /// The mask $a$: uniform, the same for both parties, in the transform domain.
    #[must_use]
    pub fn mask(&self, ring: &Ring) -> NttPoly {
        let mut transcript = Transcript::new(domain::ROW);
        transcript.append_u64("degree", ring.n() as u64);
        self.run.bind(&mut transcript).append_u64("index", u64::from(self.index));
        NttPoly::uniform(ring, &mut transcript.prg("mask"))
    }

    pub(crate) const PUBLIC_KEY: u64 = u64::MAX;
}

/// A row as it travels: the residues of $b$ in the transform domain, limb by limb, 43 bits each. The mask does not travel.
#[derive(Clone)]
pub(crate) struct WireRow {
    residues: Vec<u64>,
}

impl WireRow {
    pub(crate) fn new(b: &NttPoly) -> Self {
        let residues = b.as_slice().to_vec();
        // What travels is public.
        ct::public(&residues[..]);
        Self { residues }
    }

    /// The row with its mask.
    pub(crate) fn expand(self, ring: &Ring, id: RowId) -> Result<Row, Error> {
        Ok(Row { b: self.receive(ring)?, a: id.mask(ring) })
    }

    /// The row without its mask.
    pub(crate) fn receive(self, ring: &Ring) -> Result<NttPoly, Error> {
        NttPoly::from_limbs_checked(ring, self.residues)
    }

    pub(crate) fn n(&self) -> usize {
        self.residues.len() / LIMBS
    }
}

impl Encode for WireRow {
    fn encoded_len(&self) -> usize {
        Self::len_for(self.n())
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.bits(RESIDUE_BITS, &self.residues);
    }
}

/// The shape is N.
impl Decode for WireRow {
    type Shape = usize;

    fn len_for(n: usize) -> usize {
        bits_len(RESIDUE_BITS, LIMBS.saturating_mul(n))
    }

    fn decode(n: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let residues = r.bits(RESIDUE_BITS, LIMBS.saturating_mul(n))?;
        let canonical = residues.chunks(n.max(1)).zip(PRIMES).all(|(limb, q)| limb.iter().all(|&x| x < q));
        if canonical { Ok(Self { residues }) } else { Err(DecodeError::NotCanonical) }
    }
}

/// A row with its mask, as it was received: $b = -a s + e\ (+\ p^{-1} \mu)$, if its sender is honest.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) b: NttPoly,
    pub(crate) a: NttPoly,
}

impl Row {
    /// $b := 2b$, $a$ stays: the same under the key $2s$.
    pub(crate) fn doubled(mut self) -> Self {
        self.b.double_assign();
        self
    }
}

/// `Encode`, `Decode` and `Debug` of a public wrapper of a wire row.
macro_rules! wire_row {
    ($name:ident) => {
        impl Encode for $name {
            fn encoded_len(&self) -> usize {
                self.row.encoded_len()
            }

            fn encode(&self, out: &mut Writer<'_>) {
                self.row.encode(out);
            }
        }

        /// The shape is N. A residue that is not below its prime is refused.
        impl Decode for $name {
            type Shape = usize;

            fn len_for(n: usize) -> usize {
                WireRow::len_for(n)
            }

            fn decode(n: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
                WireRow::decode(n, r).map(|row| Self { row })
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("n", &self.row.n()).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use wire_row;

/// What a row of the client goes through at the server: received with its mask, then doubled and ready to compute with.
macro_rules! received_row {
    ($received:ident => $ready:ident) => {
        impl $received {
            /// $b$ as it was received, for the proof of well-formedness.
            #[must_use]
            pub fn b(&self) -> &NttPoly {
                &self.row.b
            }

            /// The mask $a$.
            #[must_use]
            pub fn a(&self) -> &NttPoly {
                &self.row.a
            }

            /// Doubles the row: from here on it is under the key $2s$.
            ///
            /// Called by the semi-honest mode, which takes the client's word, and by the verifier of the proof of well-formedness
            /// after it accepted a batch with this row and the public key in it. Nobody else has a reason to.
            #[must_use]
            pub fn assume_well_formed(self) -> $ready {
                // Check: rows are doubled.
                $ready { row: self.row.doubled() }
            }
        }

        impl $ready {
            pub(crate) fn row(&self) -> &Row {
                &self.row
            }
        }

        $crate::row::received_row!(@redacted $received);
        $crate::row::received_row!(@redacted $ready);
    };
    (@redacted $name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
pub(crate) use received_row;

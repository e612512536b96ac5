//! The hash of a vector of MACs.

use muse_field::wire::message;
use muse_field::{Fp, ct};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::OpeningId;
use crate::domain;
use crate::error::{Check, Error};

message! {
    /// 32 bytes that stand for a vector of MACs. On the wire as they are.
    ///
    /// The client sends its own; the one the server expects stays with the server.
    #[derive(Clone, Zeroize, ZeroizeOnDrop)]
    pub struct Digest([u8; 32]), redacted;
}

/// The kinds of openings, which never share a hash.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Values are sent along.
    Opening,
    /// All values are zero.
    Zero,
}

/// The digest of one kind of opening: binds the kind, the name and the number of MACs, then 8 bytes a MAC.
pub(crate) fn hash(kind: Kind, id: &OpeningId, macs: &[Fp]) -> Digest {
    let domain = match kind {
        Kind::Opening => domain::OPENING,
        Kind::Zero => domain::ZERO,
    };
    let mut transcript = id.transcript(domain);
    transcript.append_elements("macs", macs);
    Digest(transcript.digest("digest"))
}

/// The proof that the values with these MACs are zero, for vectors of MACs that have no values
/// ([`Authenticated::prove_zero`](crate::Authenticated::prove_zero) otherwise; the server uses
/// [`Keys::verify_zero`](crate::Keys::verify_zero) in both cases).
#[must_use]
pub fn zero_digest(macs: &[Fp], id: &OpeningId) -> Digest {
    hash(Kind::Zero, id, macs)
}

impl Digest {
    /// Bytes on the wire.
    pub const BYTES: usize = 32;

    /// The verdict on what the peer sent, in constant time.
    pub(crate) fn check(&self, claimed: &Self, check: Check) -> Result<(), Error> {
        if ct::verdict(self.ct_eq(claimed)) { Ok(()) } else { Err(Error::PeerMisbehaved(check)) }
    }
}

impl ConstantTimeEq for Digest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0[..].ct_eq(&other.0[..])
    }
}

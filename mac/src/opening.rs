//! Openings: values in the clear, proven by one 32-byte hash of all their MACs.
//!
//! The server knows what the MAC of a right value must be, so the client sends the values and the hash of the MACs, and the
//! server compares it with the hash of what it expects, in constant time (protocol section 2). No extra round and no random
//! combination. A client that changes any value must know its new MAC, that is guess alpha: probability 1/(p-1) per try,
//! and there is one try, because a failed check ends the session. **The server's expected hash is never sent or printed:**
//! it would let the client test guesses of alpha offline.
//!
//! Every hash binds the [`OpeningId`], the kind of opening and the number of elements, so no hash serves for another.

mod digest;
mod id;

use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::wire::message;

pub use digest::{Digest, zero_digest};
pub use id::{OpeningId, Purpose};

use crate::authenticated::Authenticated;
use crate::error::{Check, Error};
use crate::key::MacKey;
use crate::keys::Keys;
use digest::{Kind, hash};

message! {
    /// What the client sends to open a vector: the values and the [`Digest`] of their MACs.
    #[derive(Clone)]
    pub sent struct Opening {
        values: Vec<Fp>,
        digest: Digest,
    }
}

message! {
    /// An [`Opening`] that the server has received and not checked: its values are out of reach until
    /// [`Keys::verify`] has accepted them. The shape of the message is the number of values.
    ///
    /// ```compile_fail,E0616
    /// fn peek(claimed: muse_mac::Claimed) -> Vec<muse_field::Fp> {
    ///     claimed.values
    /// }
    /// ```
    pub received struct Claimed(count: usize) {
        values: Vec<Fp> = count,
        digest: Digest = (),
    }
}

impl Authenticated {
    /// Client: opens the vector to the server. Consumes it: an opened value is masked by nothing any more.
    ///
    /// Cost: one hash over 8 bytes a value.
    #[must_use]
    pub fn open(self, id: &OpeningId) -> Opening {
        let digest = hash(Kind::Opening, id, self.macs());
        Opening { values: self.values().to_vec(), digest }
    }

    /// Client: proves that all values are zero, with 32 bytes. If one is not, the proof is refused.
    #[must_use]
    pub fn prove_zero(self, id: &OpeningId) -> Digest {
        zero_digest(self.macs(), id)
    }
}

impl Keys {
    /// Server: checks an opening and only then gives its values.
    ///
    /// Cost: one product and 8 hashed bytes a value.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Opening`] if a value or the digest is wrong, [`Error::Misuse`] if the opening was
    /// decoded with another number of values than there are keys.
    pub fn verify(self, key: &MacKey, id: &OpeningId, claimed: Claimed) -> Result<Vec<Fp>, Error> {
        if claimed.len() != self.len() {
            return Err(Error::Misuse("an opening of as many values as there are keys"));
        }
        let wanted = hash(Kind::Opening, id, &self.macs_of(key, &claimed.values));
        // Check: opened values fit their MACs.
        wanted.check(&claimed.digest, Check::Opening)?;
        Ok(claimed.values)
    }

    /// Server: checks that all values under these keys are zero, so that their MACs are the keys themselves.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Zero`] if one is not, or the digest is wrong.
    pub fn verify_zero(self, id: &OpeningId, claimed: &Digest) -> Result<(), Error> {
        // Check: padding is zero, in every layer.
        zero_digest(self.expose(), id).check(claimed, Check::Zero)
    }
}

impl Opening {
    /// The opened values.
    #[must_use]
    pub fn values(&self) -> &[Fp] {
        &self.values
    }
}

impl Claimed {
    /// Number of values. Public.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no values.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({} values)", self.values.len())
    }
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimed({} unchecked values)", self.values.len())
    }
}

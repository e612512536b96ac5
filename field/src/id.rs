//! Names and coins: [`SessionId`] and [`RunId`], under which all correlations are made, and [`Coin`], a verifier's randomness.

use crate::ct;
use crate::message;
use crate::transcript::Transcript;
use core::fmt;
use rand_core::CryptoRng;

message! {
    /// The name of a session: the hash of its handshake. Public; it enters every tweak, challenge and transcript.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct SessionId([u8; 32]);
}

impl SessionId {
    /// Wraps a digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The name of one run of a session: an inference, or a batch of triples or of random values. Whatever is hashed, proven, opened or
/// encrypted in the run is bound to it, and a session never gives a number twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RunId {
    /// The session.
    pub session: SessionId,
    /// The number of the run within the session.
    pub number: u64,
}

impl RunId {
    /// Runs that a session has at most, together and begun ones included: noise flooding is sized for the union of this many runs.
    pub const MAX_RUNS: u64 = 256;

    /// A name from its parts.
    #[must_use]
    pub const fn new(session: SessionId, number: u64) -> Self {
        Self { session, number }
    }

    /// Binds a transcript to the run, and returns it.
    pub fn bind<'a>(&self, transcript: &'a mut Transcript) -> &'a mut Transcript {
        transcript.append("session", self.session.as_bytes()).append_u64("inference", self.number)
    }
}

message! {
    /// A verifier's public randomness: 32 bytes, drawn when everything that a prover could fit to them is fixed. One coin serves one
    /// check.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    pub struct Coin([u8; 32]);
}

impl Coin {
    /// A fresh coin.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        // A coin is told to the prover as it is.
        ct::public(&bytes);
        Self(bytes)
    }

    /// Wraps bytes that somebody else drew.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(")?;
        for byte in &self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{from_slice, to_vec};
    use std::format;

    #[test]
    fn round_trip_and_printing() {
        let id = SessionId::from_bytes([0xab; 32]);
        assert_eq!(from_slice::<SessionId>((), &to_vec(&id)), Ok(id));
        assert_eq!(format!("{id:?}"), format!("SessionId({})", "ab".repeat(32)));
    }
}

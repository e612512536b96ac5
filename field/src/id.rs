//! [`SessionId`]: the name under which all correlations of a session are made.

use crate::wire::{Decode, DecodeError, Encode, Reader, Writer};
use core::fmt;

/// The name of a session: the hash of its handshake. Public; it enters every tweak, challenge and transcript.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 32]);

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

impl Encode for SessionId {
    fn encoded_len(&self) -> usize {
        32
    }
    fn encode(&self, out: &mut Writer<'_>) {
        out.put(&self.0);
    }
}

impl Decode for SessionId {
    type Shape = ();
    fn len_for((): ()) -> usize {
        32
    }
    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.array().map(Self)
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

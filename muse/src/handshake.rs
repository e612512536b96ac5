//! The handshake of protocol 4.0: a fixed-size hello each way, the server's card, and the session id that binds them.
//!
//! | offset | bytes | field of a hello |
//! |---|---|---|
//! | 0 | 8 | magic `MUSE-RS\0` |
//! | 8 | 2 | protocol version, little endian |
//! | 10 | 1 | number of the protocol ([`Protocol::number`]) |
//! | 11 | 32 | nonce |
//! | 43 | 32 | digest of all parameters and hash suites |
//!
//! Magic, version, protocol and digest must be equal on both sides; nothing is negotiated. The server answers a hello
//! that differs with its own before it hangs up, so that the other side can say what differs: a hello holds no secret. One of another
//! protocol, and one that gets no session now, is answered with a [`Refused`] instead.

pub use crate::{
    protocol::{HandshakeError, Protocol, VERSION},
    refused::Refused,
};

use crate::message::HELLO_BYTES;
pub use crate::parameters::parameter_digest;
use muse_field::{ct, id::SessionId, transcript::Transcript};
use rand_core::CryptoRng;

/// One party's hello. What is not stored is implied: both sides have checked that it is equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    protocol: Protocol,
    nonce: [u8; 32],
}

impl Hello {
    /// Bytes of a hello on the wire.
    pub const LEN: usize = HELLO_BYTES;

    /// A hello with a fresh nonce.
    pub fn new(protocol: impl Into<Protocol>, rng: &mut impl CryptoRng) -> Self {
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        // Told to the peer as it is, and hashed to the session's id.
        ct::public(&nonce);
        Self { protocol: protocol.into(), nonce }
    }

    /// Reads the peer's hello and requires it to match `protocol` and this program's parameters.
    ///
    /// # Errors
    /// The first difference, in the order magic, version, protocol, parameters.
    pub fn decode_matching(
        bytes: &[u8; Self::LEN],
        protocol: impl Into<Protocol>,
    ) -> Result<Self, HandshakeError> {
        let protocol = protocol.into();
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(HandshakeError::Magic)?;
        let (version, rest) = rest.split_first_chunk::<2>().ok_or(HandshakeError::Magic)?;
        let (&[theirs], rest) = rest.split_first_chunk::<1>().ok_or(HandshakeError::Magic)?;
        let (&nonce, digest) = rest.split_first_chunk::<32>().ok_or(HandshakeError::Magic)?;
        if *magic != MAGIC {
            // Check: magic, version and parameters of the hello.
            return Err(HandshakeError::Magic);
        }
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            // Check: magic, version and parameters of the hello.
            return Err(HandshakeError::Version { theirs: version });
        }
        if theirs != protocol.number() {
            // Check: protocol of the hello.
            return Err(HandshakeError::Protocol { theirs });
        }
        if digest != parameter_digest() {
            // Check: magic, version and parameters of the hello.
            return Err(HandshakeError::Parameters);
        }
        Ok(Self { protocol, nonce })
    }

    /// The bytes of this hello.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&VERSION.to_le_bytes());
        out[10] = self.protocol.number();
        out[11..43].copy_from_slice(&self.nonce);
        out[43..].copy_from_slice(&parameter_digest());
        out
    }
}

/// `H(domain, client hello, server hello, card, channel binding)`; the channel binding of a plain connection is zero.
#[must_use]
pub fn session_id(client: &Hello, server: &Hello, card: &[u8], channel_binding: &[u8; 32]) -> SessionId {
    let mut transcript = Transcript::new("muse session v1");
    transcript
        .append("client hello", &client.to_bytes())
        .append("server hello", &server.to_bytes())
        .append("card", card)
        .append("channel binding", channel_binding);
    SessionId::from_bytes(transcript.digest("session id"))
}

/// The channel binding of a connection without TLS.
pub const PLAIN_CHANNEL: [u8; 32] = [0; 32];

pub(crate) const MAGIC: [u8; 8] = *b"MUSE-RS\0";

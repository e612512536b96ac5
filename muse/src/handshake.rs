//! The handshake of protocol 4.0: a fixed-size hello each way, the server's card, and the session id that binds them.
//!
//! | offset | bytes | field of a hello |
//! |---|---|---|
//! | 0 | 8 | magic `MUSE-RS\0` |
//! | 8 | 2 | protocol version, little endian |
//! | 10 | 1 | mode, and how labels are disclosed ([`Protocol::number`]) |
//! | 11 | 32 | nonce |
//! | 43 | 32 | digest of all parameters and hash suites |
//!
//! Magic, version, mode and digest must be equal on both sides; nothing is negotiated. The server answers a hello
//! that differs with its own before it hangs up, so that the other side can say what differs: a hello holds no secret.

mod protocol;

pub use protocol::{Cds, Protocol};

use crate::{plan::ReluPlan, session::MAX_INFERENCES};
use muse_field::{id::SessionId, transcript::Transcript};
use muse_gc::ot::softspoken::DEFAULT_K;
use rand_core::CryptoRng;

/// Version of the protocol on the wire; any change of a byte raises it.
pub const VERSION: u16 = 5;

/// What the server's secrets are protected against. Fixed by the server's configuration and bound into the session id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Mode {
    /// The DELPHI baseline: secure while both parties follow the protocol. A client that does not can extract the
    /// network's weights (MUSE, USENIX Security 2021, section 2).
    SemiHonest = 1,
    /// MUSE: the client may deviate in any way; it learns nothing by that, and is caught but for a chance of at most 2^-41 a session.
    #[default]
    ClientMalicious = 2,
}

impl Mode {
    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SemiHonest => "semi-honest",
            Self::ClientMalicious => "client-malicious",
        }
    }
}

/// Why two programs do not talk to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The first bytes are not those of this protocol.
    #[error("the peer does not speak the MUSE protocol")]
    Magic,
    /// Another protocol version.
    #[error(
        "the peer speaks version {theirs} of the protocol, this program version {VERSION}; use the same release on both sides"
    )]
    Version {
        /// The version the peer named.
        theirs: u16,
    },
    /// Another mode or disclosure, or one this program does not know.
    #[error(
        "the peer runs another security mode: {}; the server's configuration decides, and a client needs the same --mode and --cds",
        Protocol::name_of(*theirs)
    )]
    Mode {
        /// The [number](Protocol::number) the peer named.
        theirs: u8,
    },
    /// Other parameters (field, ring, circuits or hash functions).
    #[error("the peer was built with other parameters; use the same release on both sides")]
    Parameters,
}

/// One party's hello. What is not stored is implied: both sides have checked that it is equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    protocol: Protocol,
    nonce: [u8; 32],
}

impl Hello {
    /// Bytes of a hello on the wire.
    pub const LEN: usize = 75;

    /// A hello with a fresh nonce.
    pub fn new(protocol: impl Into<Protocol>, rng: &mut impl CryptoRng) -> Self {
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        Self { protocol: protocol.into(), nonce }
    }

    /// Reads the peer's hello and requires it to match `protocol` and this program's parameters.
    ///
    /// # Errors
    /// The first difference, in the order magic, version, mode, parameters.
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
            return Err(HandshakeError::Magic);
        }
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(HandshakeError::Version { theirs: version });
        }
        if theirs != protocol.number() {
            return Err(HandshakeError::Mode { theirs });
        }
        if digest != parameter_digest() {
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

/// A hash of every constant that both programs must share: two builds that differ in one cannot start a session.
#[must_use]
pub fn parameter_digest() -> [u8; 32] {
    let mut transcript = Transcript::new("muse parameters v1");
    transcript
        .append_u64("field modulus", muse_field::MODULUS)
        .append_u64("ring degree", muse_he::params::Params::default().n() as u64)
        .append_u64("noise parameter", u64::from(muse_he::params::ETA))
        .append_u64("flooding bits", u64::from(muse_he::params::SIGMA_FLOOD))
        .append_u64("reply bits kept", u64::from(muse_he::params::KEEP_BITS))
        .append_u64("reply bits dropped", u64::from(muse_he::params::DROP_BITS));
    transcript
        .append_u64("inferences a session", MAX_INFERENCES)
        .append_u64("OT block", DEFAULT_K as u64)
        .append_u64("share bits", ReluPlan::BITS as u64);
    for prime in muse_he::params::PRIMES {
        transcript.append_u64("ring prime", prime);
    }
    for suite in SUITES {
        transcript.append("suite", suite.as_bytes());
    }
    transcript.digest("parameters")
}

/// The channel binding of a connection without TLS.
pub const PLAIN_CHANNEL: [u8; 32] = [0; 32];

const MAGIC: [u8; 8] = *b"MUSE-RS\0";

/// The choices that are code rather than numbers, by name.
const SUITES: [&str; 12] = [
    "transcript: BLAKE3",
    "expansion: ChaCha20",
    "garbling: half-gates, AES-128 re-keyed per half gate and instance, sigma",
    "labels to shares: one row a bit, 128 bits reduced mod p",
    "correlated OT: SoftSpoken, repetition code",
    "base OT: endemic, ristretto255",
    "rows: p^-1 [-q m]_p, doubled on receipt",
    "well-formed rows: sigma protocol, monomial challenges, 4 repetitions, public key in every batch",
    "openings: one BLAKE3 digest of all MACs",
    "disclosure: correlated OT, tau over F, 128 bits reduced mod p",
    "published disclosure: groups of 1024, bits and range by products, limbs of 43 bits",
    "canonical range: QuickSilver over GF(2^128), four helper bits, degree 10",
];

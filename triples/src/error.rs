//! One error type, sorted by blame.

/// Why a step failed. It has destroyed the state it happened in.
///
/// A failed check carries no index and no position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    #[error("malformed bytes from the peer")]
    Malformed,
    /// The peer failed a check: the session must end, and the MAC key with it.
    #[error("{0}")]
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// Fewer triples or random values are left than a step needs.
    #[error("exhausted: {0}")]
    Exhausted(&'static str),
}

/// The check that a misbehaving peer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Check {
    /// The client's products are not those of its factors.
    #[error("products are not those of their factors")]
    Product,
    /// Opened values do not fit their MACs.
    #[error("opened values do not fit their MACs")]
    Opening,
    /// Values whose check was deferred do not fit their MACs.
    #[error("values whose check was deferred do not fit their MACs")]
    Deferred,
    /// What the client put in as bits are not bits, or not those of the value that they stand for.
    #[error("the client's bits are not the bits of its value")]
    Bits,
    /// What was opened as the square of a random value is none.
    #[error("an opened square is not a square")]
    Square,
    /// Another check of proofs.
    #[error("{0}")]
    Proof(muse_zk::Check),
    /// Another check of MACs.
    #[error("{0}")]
    Mac(muse_mac::Check),
}

/// What [`Error::Exhausted`] says of both.
pub(crate) const POOL: &str = "triples and random values of the session";

/// What [`Error::Misuse`] says of a program that goes on after an error.
pub(crate) const ENDED: &str = "no step after an error";

muse_field::errors!(Error of Check, from muse_he::Error, muse_zk::Error, muse_mac::Error);

/// The ring has no checks.
impl From<core::convert::Infallible> for Check {
    fn from(none: core::convert::Infallible) -> Self {
        match none {}
    }
}

impl From<muse_zk::Check> for Check {
    fn from(check: muse_zk::Check) -> Self {
        if check == muse_zk::Check::Product { Self::Product } else { Self::Proof(check) }
    }
}

impl From<muse_mac::Check> for Check {
    fn from(check: muse_mac::Check) -> Self {
        match check {
            muse_mac::Check::Opening => Self::Opening,
            muse_mac::Check::Batch => Self::Deferred,
            other @ (muse_mac::Check::Zero | muse_mac::Check::Commitment | _) => Self::Mac(other),
        }
    }
}

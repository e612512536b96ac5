//! One error type, sorted by blame.

/// Why an operation of this crate failed.
///
/// A failed check carries no index and no position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    #[error("malformed bytes from the peer")]
    Malformed,
    /// The peer's message decoded but failed a check: the session must end, and the MAC key with it.
    #[error("{0}")]
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// A counter or pool has run out; nothing of this crate does.
    #[error("exhausted: {0}")]
    Exhausted(&'static str),
}

/// The check that a misbehaving peer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Check {
    /// Opened values do not fit the hash of their MACs.
    #[error("opened values do not fit their MACs")]
    Opening,
    /// Values that must be zero are not, or the hash of their MACs is wrong.
    #[error("values that must be zero are not")]
    Zero,
    /// The random combination of the MACs of a batch of openings is wrong.
    #[error("a batch of opened values does not fit its MACs")]
    Batch,
    /// What a party revealed is not what it had committed to.
    #[error("a revealed value is not the committed one")]
    Commitment,
}

muse_field::errors!(Error of Check);

//! One error type, sorted by blame.

/// Why an operation of this crate failed.
///
/// A failed cryptographic check carries no index, share or position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    #[error("malformed bytes from the peer")]
    Malformed,
    /// The peer's message decoded but failed a check: the session must end.
    #[error("{0}")]
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// A counter or pool has run out; a new session is needed.
    #[error("exhausted: {0}")]
    Exhausted(&'static str),
}

/// The check that a misbehaving peer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Check {
    /// The receiver of correlated OTs was inconsistent: punctured PRF or extension check, one verdict for both.
    #[error("the peer failed the correlated OT check")]
    CorrelatedOt,
    /// An output label is neither of the two labels of its wire.
    #[error("the peer sent a forged output label")]
    OutputLabel,
}

muse_field::errors!(Error of Check);

/// A circuit description is not a valid circuit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invalid circuit{}: {what}", LineNumber(*line))]
pub struct CircuitError {
    /// Line of the description, from 1; 0 where no line applies.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Prints where, if a line applies.
struct LineNumber(usize);

impl core::fmt::Display for LineNumber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, ", line {}", self.0) }
    }
}

//! One error type, sorted by blame.

/// Why a disclosure failed. It has destroyed the state it happened in.
///
/// A failed check carries no index and no position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    #[error("malformed bytes from the peer")]
    Malformed,
    /// The client failed a check: the session must end, and with it the MAC key, the offset and the OTs.
    #[error("{0}")]
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// The OTs, triples or random values of the session have run out.
    #[error("exhausted: {0}")]
    Exhausted(&'static str),
}

/// The check that a misbehaving client failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Check {
    /// The receiver of correlated OTs was inconsistent.
    #[error("the client failed the correlated OT check")]
    CorrelatedOt,
    /// A value that was put in is not below p.
    #[error("the client's bits are not those of values below p")]
    Range,
    /// A value that was put in is not the authenticated one.
    #[error("the client's bits are not those of its authenticated values")]
    Value,
    /// Both of the last two.
    #[error("the client's bits are neither those of values below p nor of its authenticated values")]
    RangeAndValue,
    /// A factor of a product that the client opened is not the authenticated one.
    #[error("the client's opened factors do not fit their MACs")]
    Factors,
    /// What was put in as a bit is none.
    #[error("the client's bits are neither 0 nor 1")]
    Bits,
    /// Another check of garbling or OT.
    #[error("{0}")]
    Labels(muse_gc::Check),
    /// Another check of proofs.
    #[error("{0}")]
    Proof(muse_zk::Check),
    /// Another check of MACs.
    #[error("{0}")]
    Mac(muse_mac::Check),
}

muse_field::errors!(Error of Check, from muse_gc::Error, muse_zk::Error, muse_mac::Error);

impl From<muse_gc::Check> for Check {
    fn from(check: muse_gc::Check) -> Self {
        if check == muse_gc::Check::CorrelatedOt { Self::CorrelatedOt } else { Self::Labels(check) }
    }
}

impl From<muse_zk::Check> for Check {
    fn from(check: muse_zk::Check) -> Self {
        if check == muse_zk::Check::Range { Self::Range } else { Self::Proof(check) }
    }
}

impl From<muse_mac::Check> for Check {
    fn from(check: muse_mac::Check) -> Self {
        match check {
            muse_mac::Check::Zero => Self::Value,
            muse_mac::Check::Opening => Self::Factors,
            other @ (muse_mac::Check::Batch | muse_mac::Check::Commitment | _) => Self::Mac(other),
        }
    }
}

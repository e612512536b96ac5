//! What can go wrong, for the operator. The peer learns only that the session ended.

/// An error of a prover or a verifier. It has consumed the state it happened in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    #[error("malformed bytes from the peer")]
    Malformed,
    /// The prover failed a check: it deviates from the protocol, and the session must end.
    #[error("{0}")]
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// A counter has run out; nothing of this crate does.
    #[error("exhausted: {0}")]
    Exhausted(&'static str),
}

/// The checks of this crate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Check {
    /// A response of the proof of well-formed rows exceeds its bound.
    #[error("a response in the proof of well-formed ciphertexts is out of bounds")]
    ResponseBound,
    /// The responses of the proof of well-formed rows do not give the committed first messages.
    #[error("the proof of well-formed ciphertexts does not hold")]
    WellFormed,
    /// The prover asked for more tries of a proof than one proof, or one session, has.
    #[error("too many tries of the proof of well-formed ciphertexts")]
    Tries,
    /// A committed value is not the canonical representative of its residue.
    #[error("the proof that shares are canonical does not hold")]
    Range,
    /// A product is not the product of its factors.
    #[error("the proof of products does not hold")]
    Product,
}

muse_field::errors!(Error of Check, from muse_he::Error);

/// The ring has no checks.
impl From<core::convert::Infallible> for Check {
    fn from(none: core::convert::Infallible) -> Self {
        match none {}
    }
}

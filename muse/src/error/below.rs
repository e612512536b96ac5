//! How errors of the crates below become errors of this one.

use super::{Error, Fault};
use core::convert::Infallible;
use muse_field::error::{Blame, Blamed};

/// An error of a crate below: that crate decides who caused it; this conversion only chooses the words.
trait Below: Blamed {
    /// What the bytes of a peer that decode to nothing should have been.
    const MESSAGE: &'static str;
    /// The crate.
    const NAME: &'static str;

    /// The noise budget, if the public bounds of a network do not fit it.
    fn budget(&self) -> Option<muse_he::Error> {
        None
    }

    /// What ran out in the middle of a run. A plan knows beforehand what a session has enough of.
    fn exhausted(what: &'static str) -> Error {
        Error::Internal(format!("{}: exhausted: {what}", Self::NAME))
    }
}

impl Below for muse_he::Error {
    const MESSAGE: &'static str = "ciphertext";
    const NAME: &'static str = "he";

    fn budget(&self) -> Option<muse_he::Error> {
        matches!(self, Self::Budget { .. }).then_some(*self)
    }
}

impl Below for muse_zk::Error {
    const MESSAGE: &'static str = "proof";
    const NAME: &'static str = "zk";
}

impl Below for muse_mac::Error {
    const MESSAGE: &'static str = "opening";
    const NAME: &'static str = "mac";
}

impl Below for muse_gc::Error {
    const MESSAGE: &'static str = "garbled circuit or transfer message";
    const NAME: &'static str = "gc";
}

impl Below for muse_cds::Error {
    const MESSAGE: &'static str = "message of the disclosure";
    const NAME: &'static str = "cds";
}

impl Below for muse_triples::Error {
    const MESSAGE: &'static str = "message of the triples";
    const NAME: &'static str = "triples";

    fn exhausted(_: &'static str) -> Error {
        Error::Exhausted
    }
}

impl<E: Below<Check: Into<Fault>>> From<E> for Error {
    fn from(error: E) -> Self {
        if let Some(error) = error.budget() {
            return Self::Budget(error);
        }
        match error.blame() {
            Blame::Malformed => Self::malformed(E::MESSAGE),
            Blame::PeerMisbehaved(check) => Self::Peer(check.into()),
            Blame::Exhausted(what) => E::exhausted(what),
            Blame::Misuse(what) => Self::Internal(format!("{}: {what}", E::NAME)),
        }
    }
}

impl From<muse_cds::Check> for Fault {
    fn from(check: muse_cds::Check) -> Self {
        match check {
            muse_cds::Check::CorrelatedOt => Self::Transfer(muse_gc::Check::CorrelatedOt),
            muse_cds::Check::Labels(check) => Self::Transfer(check),
            muse_cds::Check::Proof(check) => Self::Proof(check),
            muse_cds::Check::Mac(check) => Self::Mac(check),
            check @ (muse_cds::Check::Range
            | muse_cds::Check::Value
            | muse_cds::Check::RangeAndValue
            | muse_cds::Check::Factors
            | muse_cds::Check::Bits
            | _) => Self::Disclosure(check),
        }
    }
}

impl From<muse_triples::Check> for Fault {
    fn from(check: muse_triples::Check) -> Self {
        match check {
            muse_triples::Check::Proof(check) => Self::Proof(check),
            muse_triples::Check::Mac(check) => Self::Mac(check),
            check @ (muse_triples::Check::Product
            | muse_triples::Check::Opening
            | muse_triples::Check::Deferred
            | muse_triples::Check::Bits
            | muse_triples::Check::Square
            | _) => Self::Triples(check),
        }
    }
}

/// The crate `muse-he` has no checks, so this is never called.
impl From<Infallible> for Fault {
    fn from(none: Infallible) -> Self {
        match none {}
    }
}

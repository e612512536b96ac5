//! The library's error. It says whether the peer, the caller, or the environment caused it.

pub(crate) mod advice;

use crate::{
    card::CardError, model::ModelError, protocol::HandshakeError, refused::Refused, transport::TransportError,
};
use advice::advice;
use core::convert::Infallible;
use muse_field::error::{Blame, Blamed};
use std::path::PathBuf;

/// Why a session, a preprocessing or an inference did not succeed. Displays as one line.
///
/// This is for the operator of the program it happened in. The peer of a failed check is told "aborted" and nothing else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection: lost, silent, or carrying something that is no message of the protocol at this point.
    #[error(transparent)]
    Transport(TransportError),
    /// [`Cancel`](crate::progress::Cancel) ended it.
    #[error("cancelled")]
    Cancelled,
    /// The server takes no session from this client now, or, where it said nothing, ended the connection before its hello.
    #[error("{}", turned_away(.0.as_ref()))]
    TurnedAway(Option<Refused>),
    /// On a server: the client's session was idle, or one of several of its address, and the server gave its place to another client.
    #[error(
        "the server gave this session's place to another client: the session was idle, or its address had several sessions"
    )]
    GaveWay,
    /// A number of a configuration that is too small or too large to be meant.
    #[error("{name} must be from {least} to {most}")]
    Setting {
        /// The field's name.
        name: &'static str,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
    },
    /// The two programs do not fit each other.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The server's card is refused.
    #[error(transparent)]
    Card(#[from] CardError),
    /// A model or an image that cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A message of the peer decodes to nothing, or a check on it failed.
    #[error("the peer broke the protocol: {0}")]
    Peer(Fault),
    /// The model's public bounds leave no room for the noise that hides the weights.
    #[error("the noise budget does not fit this model: {0}; lower f, or declare a smaller l1 bound")]
    Budget(muse_he::Error),
    /// A session serves at most [`MAX_INFERENCES`](crate::MAX_INFERENCES) inferences; connect again.
    #[error("the session has served all the inferences it may; connect again")]
    Exhausted,
    /// The published disclosure of labels takes more batches of triples for one inference of this network than a
    /// session may make: it is for small networks.
    #[error(
        "an inference of this network takes {needed} batches of triples with the published disclosure, and a session makes {allowed} at most; take the default disclosure"
    )]
    TooManyBatches {
        /// Batches it takes.
        needed: u64,
        /// Batches a session can make besides one inference.
        allowed: u64,
    },
    /// A preprocessed inference of this network takes more memory than the client allows.
    #[error("an inference of this network takes {needed} bytes of memory, {allowed} are allowed")]
    TicketTooLarge {
        /// Bytes it takes.
        needed: u64,
        /// Bytes allowed.
        allowed: u64,
    },
    /// [`ClientConfig::spool`](crate::ClientConfig::spool): the disk is full or fails, or the directory cannot be written to.
    #[error("cannot spool to {}: {source}; {}", .directory.display(), advice(.source, *.needed))]
    Spool {
        /// The directory.
        directory: PathBuf,
        /// Bytes that an inference takes there.
        needed: u64,
        /// The system's reason.
        source: std::io::Error,
    },
    /// An earlier error ended this session; connect again.
    #[error("the session has ended; connect again")]
    SessionOver,
    /// The ticket was made in another session.
    #[error("the ticket belongs to another session")]
    ForeignTicket,
    /// For so large an input a value on the way may leave the signed range, and the answer would be meaningless: see
    /// [`ClientConfig::allow_wrapping`](crate::ClientConfig::allow_wrapping).
    #[error("the input has values that pixels cannot have, {}: the answer could be meaningless", exact_below(*.limit))]
    InputRange {
        /// Floats below it in magnitude, once normalised, would be safe; `None` if the network promises nothing.
        limit: Option<f64>,
    },
    /// The input has another length than the network takes.
    #[error("the network takes {expected} values, the input has {found}")]
    InputLength {
        /// What the network takes.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// The operating system gave no randomness.
    #[error("the operating system's random number generator failed: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The listening socket failed.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as given.
        address: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The operating system has no thread for the work.
    #[error("the system cannot start a thread: {0}; check the limit on this user's processes (ulimit -u)")]
    Thread(std::io::Error),
    /// A precondition between this project's own crates is broken: a bug.
    #[error("internal error, please report it: {0}")]
    Internal(String),
}

/// What a network is exact for, for [`Error::InputRange`].
fn exact_below(limit: Option<f64>) -> String {
    match limit {
        Some(limit) => format!("and this network is exact for values below {limit} only (once normalised)"),
        None => "and this network is not known to be exact for any others".into(),
    }
}

/// What the peer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Bytes that are not the canonical encoding of the message expected.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// A cryptographic check of oblivious transfer failed.
    #[error("{0}")]
    Transfer(#[from] muse_gc::Check),
    /// The proof of well-formed rows does not hold.
    #[error("{0}")]
    Proof(#[from] muse_zk::Check),
    /// Labels were asked for other bits than those of the authenticated shares.
    #[error("{0}")]
    Disclosure(muse_cds::Check),
    /// Triples, or random values, do not have the form that the protocol requires.
    #[error("{0}")]
    Triples(muse_triples::Check),
    /// An opened value differs from the authenticated one.
    #[error("{0}")]
    Mac(#[from] muse_mac::Check),
    /// A ciphertext holds something where it must hold nothing, or unequal copies of an element.
    #[error(
        "the ciphertexts of linear layer {layer} do not keep to the layout: padding that is not zero, or unequal copies"
    )]
    Structure {
        /// Number of the layer, from 0.
        layer: usize,
    },
    /// A claim of a ticket that does not exist, or not any more.
    #[error("no such ticket")]
    Ticket,
    /// More tickets asked for than the server keeps.
    #[error("too many unused tickets")]
    TooManyTickets,
    /// An inference id that is not larger than the one before.
    #[error("an inference id that does not increase")]
    InferenceId,
}

impl Error {
    /// Whether the peer broke the protocol, as opposed to a lost connection, a refused model or a misuse of this library.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Transport(error) => error.peer_at_fault(),
            Self::Card(error) => error.peer_at_fault(),
            Self::Handshake(_) | Self::Peer(_) => true,
            Self::Model(_)
            | Self::Budget(_)
            | Self::Exhausted
            | Self::TooManyBatches { .. }
            | Self::TicketTooLarge { .. }
            | Self::Spool { .. }
            | Self::TurnedAway(_)
            | Self::GaveWay
            | Self::Setting { .. }
            | Self::Cancelled
            | Self::SessionOver
            | Self::ForeignTicket
            | Self::InputLength { .. }
            | Self::InputRange { .. }
            | Self::Randomness(_)
            | Self::Listen { .. }
            | Self::Thread(_)
            | Self::Internal(_) => false,
        }
    }

    /// Whether the peer tried to cheat: a cryptographic check failed, or a message of the protocol was none that exists. Strangers who
    /// do not get past the handshake are not meant.
    #[must_use]
    pub const fn is_failed_check(&self) -> bool {
        let Self::Peer(fault) = self else { return false };
        match fault {
            Fault::Malformed(_)
            | Fault::Transfer(_)
            | Fault::Proof(_)
            | Fault::Disclosure(_)
            | Fault::Mac(_)
            | Fault::Triples(_)
            | Fault::Structure { .. }
            | Fault::Ticket => true,
            Fault::TooManyTickets | Fault::InferenceId => false,
        }
    }

    /// For decoding: blames the peer for `what`.
    pub(crate) const fn malformed(what: &'static str) -> Self {
        Self::Peer(Fault::Malformed(what))
    }
}

/// What a client that got no session can do.
fn turned_away(reason: Option<&Refused>) -> String {
    let Some(reason) = reason else {
        return "the server closed the connection without a reason; it is shutting down, or it runs another release; try again later".into();
    };
    format!("turned away: {reason}")
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        if matches!(error, TransportError::Cancelled) { Self::Cancelled } else { Self::Transport(error) }
    }
}

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

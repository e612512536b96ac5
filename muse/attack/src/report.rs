//! What an observer of an attack hears, and why one fails.

use muse::{Error, Protocol, model::ModelError};

/// How far the attack is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The layer that is worked on, from 0.
    pub layer: usize,
    /// Queries so far.
    pub queries: u64,
    /// Weights recovered so far.
    pub recovered: usize,
    /// Weights to be recovered.
    pub total: usize,
}

/// What an observer of the attack hears.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Work on a layer starts.
    Layer {
        /// The layer, from 0.
        layer: usize,
        /// Its weights.
        weights: usize,
    },
    /// A query was answered.
    Query(Status),
    /// The check of a layer failed for some channels, which are recovered once more, with fewer weights a query.
    Again {
        /// The layer.
        layer: usize,
        /// How many channels.
        channels: usize,
    },
    /// A layer is known and has passed its check.
    Done {
        /// The layer.
        layer: usize,
        /// Its weights.
        weights: usize,
        /// Queries it took.
        queries: u64,
        /// Weights and biases on which no output depends, set to zero.
        unreachable: usize,
    },
    /// The copy answered an honest query like the server, bit for bit.
    Confirmed,
}

/// Why the attack did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The server checks what the client contributes, and aborted.
    #[error(
        "refused: {mode}: the server aborted at our first altered share; nothing was learnt, no logits were returned",
        mode = Protocol::ClientMalicious.name()
    )]
    Refused,
    /// The session failed for another reason.
    #[error(transparent)]
    Session(#[from] Error),
    /// Too little of a layer's values reaches the logits to tell its weights from rounding.
    #[error(
        "layer {layer:?} cannot be read: what is behind it lets too little through, or its weights are too large"
    )]
    Unreadable {
        /// The layer's name.
        layer: String,
    },
    /// Answers fit no weights and biases within what is taken for granted.
    #[error(
        "the answers fit no weights of layer {layer:?}: the server does not follow the protocol, or values wrap"
    )]
    Inconsistent {
        /// The layer's name.
        layer: String,
    },
    /// The copy's answer to an honest query differs.
    #[error("the copy answers an honest query differently")]
    Differs,
    /// What was recovered is no network within the limits.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl Failure {
    /// Whether the server caught the client.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

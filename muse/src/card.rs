//! The server's card: the public part of a model as it travels in the handshake (protocol 4.0).
//!
//! The card is the only message whose length a peer chooses, up to [`Card::MAX_BYTES`]. Shapes are not sent: each follows from the
//! layer before it, so layers that do not fit each other cannot even be written down. All integers are little-endian, a string is
//! one byte of length and then that many bytes of UTF-8.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | format, 4 |
//! | 1 + n | model name |
//! | 1 | f, fractional bits |
//! | 1 | normalisation: 0 pixels to the unit interval; mean and standard deviation: 1 of pixels, outside of the network, or its own, of pixels from 0 to 1 (2), from 0 to 255 (3), of floats only (4) |
//! | 4 + 4 + 4 | input channels, height, width |
//! | 8 + 8 per channel | mean, standard deviation, as 64-bit IEEE floats: not with normalisation 0 |
//! | 2 | number of class names |
//! | 1 + n each | class names |
//! | 1 | number of layers |
//! | per layer | |
//! | 1 + n | layer name |
//! | 1 | kind: 0 dense, 1 convolution |
//! | 4 | output channels |
//! | 1 + 1 + 1 | kernel, padding, stride: convolutions only |
//! | 1 | what follows: 0 nothing, 1 ReLU, 2 ReLU and 2x2 sum pooling |
//! | 1 | shift of the ReLU: not where nothing follows |
//! | 8 | bound on the l1 norm of the integer weights of one output |
//! | 1 | whether no input of pixels leaves the signed range: 0 no, 1 yes |
//! | 1 | b + 1 if no input of elements below 2^b leaves it, 0 if nothing is known |
//! | 1 | whether a good part of some layer's weights became zero when they were rounded: 0 no, 1 yes |
//!
//! The encoding is canonical: a card that decodes is the encoding of the architecture it decodes to. A decoded architecture is
//! within [`limits`](crate::model::limits) like any other, and its names are safe to print.

mod decode;
mod encode;

use crate::model::{Architecture, ModelError};
use muse_field::wire::DecodeError;
use thiserror::Error;

/// An architecture that fits a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    architecture: Architecture,
}

/// Why a card cannot be made or is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardError {
    /// The peer's bytes do not encode a card.
    #[error("malformed card: {0}")]
    Malformed(#[from] DecodeError),
    /// The peer announces a card longer than anybody needs.
    #[error("the peer's card has {0} bytes, at most {max} are allowed", max = Card::MAX_BYTES)]
    Announced(u32),
    /// The peer's card describes an architecture outside the limits.
    #[error("unacceptable card: {0}")]
    Refused(#[from] ModelError),
    /// Our own architecture does not fit, because of many long class names, or many channels with a normalisation each.
    #[error(
        "the model's card has {0} bytes, at most {max} are allowed: shorten its names, or fold the normalisation into the first layer",
        max = Card::MAX_BYTES
    )]
    TooLong(usize),
}

impl Card {
    /// The longest card in bytes.
    pub const MAX_BYTES: usize = 1 << 16;

    /// The card of an architecture.
    ///
    /// # Errors
    /// [`CardError::TooLong`] if it would be longer than [`Self::MAX_BYTES`].
    pub fn new(architecture: Architecture) -> Result<Self, CardError> {
        let card = Self { architecture };
        let length = card.to_bytes().len();
        if length > Self::MAX_BYTES { Err(CardError::TooLong(length)) } else { Ok(card) }
    }

    /// What the card says.
    #[must_use]
    pub const fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// What the card says.
    #[must_use]
    pub fn into_architecture(self) -> Architecture {
        self.architecture
    }

    /// The card's encoding, at most [`Self::MAX_BYTES`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode::architecture(&self.architecture)
    }

    /// Decodes a peer's card. Never panics, and allocates a small multiple of the bytes it is given.
    ///
    /// # Errors
    /// [`CardError::Malformed`] for bytes that are not a canonical encoding (trailing bytes included) or name something unknown,
    /// [`CardError::Refused`] for an architecture that [`Architecture::new`] refuses.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CardError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(DecodeError::Length.into());
        }
        Ok(Self { architecture: decode::architecture(bytes)? })
    }
}

impl CardError {
    /// Whether the peer sent something an honest peer does not send.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Announced(_) | Self::Refused(_) => true,
            Self::TooLong(_) => false,
        }
    }
}

pub(crate) const FORMAT: u8 = 4;
const DENSE: u8 = 0;
const CONVOLUTION: u8 = 1;
const NOTHING: u8 = 0;
const RELU: u8 = 1;
const RELU_AND_POOL: u8 = 2;
const UNIT_INTERVAL: u8 = 0;
const MEAN_STD: u8 = 1;
const OWN_LEVELS: u8 = 2;
const OWN_BYTES: u8 = 3;
const OWN_UNKNOWN: u8 = 4;

//! What can be wrong with one layer.

use crate::{ModelError, limits};
use thiserror::Error;

/// What can be wrong with one layer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LayerFault {
    /// A size is zero, or above its limit.
    #[error("{0} out of range")]
    Size(&'static str),
    /// The kernel is larger than the padded image.
    #[error("the kernel is larger than the padded image")]
    KernelTooLarge,
    /// The layer's input is not what the layer before it produces.
    #[error("takes {expected} but the layer before it gives {found} (channels x height x width)")]
    DoesNotFollow {
        /// What this layer takes.
        expected: String,
        /// What it is given.
        found: String,
    },
    /// Only the last layer has no activation, and it must have none.
    #[error("every layer but the last needs a ReLU, and the last must have none")]
    Activation,
    /// The shift after the ReLU is too large.
    #[error("shift of {0} bits: at most {max}", max = limits::SHIFT)]
    Shift(u32),
    /// Two layers of a description have the same name.
    #[error("another layer has this name")]
    SameName,
    /// A quantised layer with a ReLU does not say by how many bits to shift.
    #[error("has a ReLU but no shift")]
    MissingShift,
    /// `weight_shape` has another form than the kind of layer demands.
    #[error("weight_shape must be [outputs, inputs] or [out_channels, in_channels, kernel, kernel]")]
    WeightShape,
    /// Pooling of another size than 2x2, or of an image with a side of 1.
    #[error("only 2x2 pooling of images with both sides at least 2 is supported")]
    Pool,
    /// The number of weights does not fit the shape.
    #[error("{found} weights, the shape has {expected}")]
    WeightCount {
        /// What the shape says.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// The number of biases is not that of the output channels.
    #[error("{found} biases for {expected} output channels")]
    BiasCount {
        /// Output channels.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A weight or bias of a float network is infinite or no number.
    #[error("a {0} is not a number (NaN): the training diverged")]
    NoNumber(&'static str),
    /// An integer weight or bias is too large.
    #[error("a {0} is too large")]
    Magnitude(&'static str),
    /// A weight or bias of a float network is too large at this number of fractional bits.
    #[error("a {what} is too large {}", fewer(*frac_bits, *most))]
    TooLarge {
        /// `"weight"` or `"bias"`.
        what: &'static str,
        /// The number of fractional bits.
        frac_bits: u32,
        /// The greatest number at which all of this layer would do.
        most: Option<u32>,
    },
    /// Most of the layer's weights become zero.
    #[error("its weights are so small that most of them round to zero {}", more(*frac_bits, *enough))]
    Vanishes {
        /// The number of fractional bits.
        frac_bits: u32,
        /// The least number at which that is not so.
        enough: Option<u32>,
    },
    /// The layer has so many weights that replies would not decrypt under any bound that these weights keep.
    #[error(
        "its {weights} weights are too many for their size: with the noise for an l1 bound that they keep, replies would not decrypt; use {}",
        if *.dense { "fewer inputs or fewer outputs" } else { SIZES }
    )]
    TooManyWeights {
        /// How many there are.
        weights: usize,
        /// Whether the layer is dense.
        dense: bool,
    },
    /// The weights exceed the public bound on their l1 norm.
    #[error(
        "the integer weights of one output have an l1 norm above the public bound {bound}: \
         declare \"l1_bound\": {needed} for this layer, a number that every client will learn"
    )]
    L1Norm {
        /// The bound in force.
        bound: u64,
        /// The next power of two that would do.
        needed: u64,
    },
    /// The layer does not fit ciphertexts of this size.
    #[error("cannot be encoded: {0}")]
    Encoding(muse_he::Error),
    /// Replies with as much noise as the layer's l1 bound demands would not decrypt.
    #[error("{}", no_room(*bound, *largest))]
    Noise {
        /// The bound in force.
        bound: u64,
        /// The largest power of two that would do in this network, if one would.
        largest: Option<u64>,
    },
    /// The bound itself is zero or too large.
    #[error("l1 bound {0} out of range: 1 to {max}", max = limits::L1_BOUND)]
    L1Bound(u64),
}

impl LayerFault {
    /// Says which layer this fault is in.
    #[must_use]
    pub fn in_layer(self, layer: &str) -> ModelError {
        ModelError::Layer { layer: layer.into(), fault: self }
    }
}

const SIZES: &str = "a smaller kernel, a smaller image or fewer channels";

/// What to do about [`LayerFault::TooLarge`].
fn fewer(frac_bits: u32, most: Option<u32>) -> String {
    match most {
        Some(most) => format!("for {frac_bits} fractional bits: at most {most} will do"),
        None => "for any number of fractional bits".into(),
    }
}

/// What to do about [`LayerFault::Vanishes`].
fn more(frac_bits: u32, enough: Option<u32>) -> String {
    match enough {
        Some(enough) => format!("at {frac_bits} fractional bits: {enough} or more keep them"),
        None => "at any number of fractional bits".into(),
    }
}

/// What to do about [`LayerFault::Noise`]: what is said helps.
fn no_room(bound: u64, largest: Option<u64>) -> String {
    match largest {
        Some(largest) => format!(
            "with the noise for its l1 bound, {bound}, replies would not decrypt: in this network the bound may be at most {largest}; \
             declare a lower one if the weights allow it, or use {SIZES}"
        ),
        None => format!("replies would not decrypt, whatever its l1 bound: use {SIZES}"),
    }
}

//! Why a model is refused, in one line that names the file and the layer.

mod layer;

pub use layer::LayerFault;

use super::limits;
use super::sniff::{Kind, Wanted};
use thiserror::Error;

/// A model, its files or an image that cannot be used.
///
/// Displays as one line without control characters, ready for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// What follows concerns this file.
    #[error("{file}: {fault}")]
    InFile {
        /// The file as it was named by the caller.
        file: String,
        /// What is wrong with it.
        fault: Box<Self>,
    },
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The file, or the folder, cannot be written.
    #[error("cannot be written: {0}")]
    Unwritable(String),
    /// A folder, a pipe or a device: nothing that could be waited for is opened.
    #[error("is not a regular file: folders, pipes and devices are not read")]
    NotRegular,
    /// A file that another one names is a link to somewhere else.
    #[error("is a link out of its folder: copy the file itself into the folder (cp -L)")]
    LeadsElsewhere,
    /// A file of another kind than the one that is wanted; says what it is, and what to do.
    #[error("{}", found.instead_of(*wanted))]
    OtherKind {
        /// What it is.
        found: Kind,
        /// What was to be read.
        wanted: Wanted,
    },
    /// The file is larger than its kind may be.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// Not JSON, not safetensors, or not with the expected members.
    #[error("cannot be parsed: {0}")]
    Syntax(String),
    /// Not an ONNX model, or a damaged one.
    #[error("not a readable ONNX model: {0}")]
    Onnx(String),
    /// A node of an ONNX graph asks for what is not supported.
    #[error("{node}: {reason}")]
    Node {
        /// Its operator and its name, or that of its first output.
        node: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// A tensor is missing, or has another type or shape than the description says.
    #[error("tensor {tensor:?}: {reason}")]
    Tensor {
        /// Its name in the file.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something is wrong with this layer.
    #[error("layer {layer:?}: {fault}")]
    Layer {
        /// Its name.
        layer: String,
        /// What is wrong with it.
        fault: LayerFault,
    },
    /// A bound is declared for a layer that is not there.
    #[error("there is no layer {layer:?}; there are: {layers}")]
    NoLayer {
        /// The name that was given.
        layer: String,
        /// Those there are.
        layers: String,
    },
    /// The number of fractional bits is outside 4..=12.
    #[error("{0} fractional bits: must be {min} to {max}", min = limits::MIN_FRAC_BITS, max = limits::MAX_FRAC_BITS)]
    FracBits(u32),
    /// No layers, or too many.
    #[error("{0} layers: must be 1 to {max}", max = limits::LAYERS)]
    LayerCount(usize),
    /// So large a network that its replies would not decrypt, whatever its weights.
    #[error(
        "the input of its layers takes {0} ciphertexts, so many that no reply would decrypt: \
         use smaller images, smaller kernels with less padding, fewer channels or fewer layers"
    )]
    Ciphertexts(usize),
    /// More ReLUs than the limit.
    #[error("more than {max} ReLUs", max = limits::RELUS)]
    TooManyRelus,
    /// An empty or too large image.
    #[error("input of {channels} x {height} x {width}: sides must be 1 to {side}, elements at most {elements}",
        side = limits::SIDE, elements = limits::ELEMENTS)]
    InputSize {
        /// Channels of the input.
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// A name that is empty, too long, or not plainly printable.
    #[error("{role} name {name:?}: must be 1 to {max} bytes without control or invisible characters", max = limits::NAME_BYTES)]
    Name {
        /// Whose name: `"model"`, `"layer"` or `"class"`.
        role: &'static str,
        /// The name.
        name: String,
    },
    /// There are class names, but not one per output.
    #[error("{classes} class names for {outputs} outputs")]
    ClassCount {
        /// How many names.
        classes: usize,
        /// How many outputs.
        outputs: usize,
    },
    /// Means and standard deviations that are out of range, or not one of each for every channel.
    #[error("normalisation: {0}")]
    Normalisation(&'static str),
    /// The number of samples is not that of an image of this size.
    #[error("image of {found} samples: must be {expected}, channels x height x width")]
    ImageSize {
        /// channels * height * width.
        expected: usize,
        /// Samples there are.
        found: usize,
    },
    /// An image of another size than the network's input.
    #[error("image of {found}: the network takes {expected} (channels x height x width)")]
    ImageShape {
        /// What the network takes.
        expected: String,
        /// What the image has.
        found: String,
    },
    /// Pixels for a network that takes floats only.
    #[error(
        "the network normalises its input itself, in units that are not those of pixels from 0 to 1 in every channel, nor those of pixels from 0 to 255: give floats (float32), as its graph takes them"
    )]
    NoPixels,
    /// Floats that all round to zero.
    #[error("all of its values round to zero in the network's fixed point")]
    Vanishes,
    /// This value of an image is no number. Everything is counted from 0.
    #[error(
        "value at channel {channel}, row {row}, column {column} is not finite: infinite, not a number, or beyond 32-bit floats"
    )]
    ImageNotFinite {
        /// Its plane.
        channel: usize,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// This value of an image is too large for the network. Everything is counted from 0.
    #[error(
        "value at channel {channel}, row {row}, column {column} is outside the range of the network's numbers"
    )]
    ImageValue {
        /// Its plane.
        channel: usize,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
}

impl ModelError {
    /// Says which file this error is about.
    pub(crate) fn in_file(self, file: impl Into<String>) -> Self {
        Self::InFile { file: printable(&file.into()), fault: Box::new(self) }
    }
}

/// A message of another library, or a path, on one line, safe for a terminal and not too long.
pub(crate) fn printable(text: &str) -> String {
    super::names::plain(text).chars().take(400).collect()
}

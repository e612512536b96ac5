//! Limits on models. Every number from a file or from a peer's card is compared with these before it sizes anything.
//!
//! They are far above the networks this protocol is practical for, and low enough that no product of two sizes overflows
//! 64 bits and that accumulators of the plaintext kernels cannot overflow.

use muse_he::encode::LinearShape;

/// Layers of one network.
pub const LAYERS: usize = 64;

/// Height or width of an image with its padding, in pixels.
pub const SIDE: usize = 4096;

/// Channels on either side of a layer; the inputs of a dense layer are channels.
pub const CHANNELS: usize = 1 << 16;

/// Side of a convolution kernel; a stride is bounded by it too, and padding is smaller than the kernel.
pub const KERNEL: usize = 31;

/// Elements in the padded input, or in the output, of one linear layer.
pub const ELEMENTS: usize = 1 << 22;

/// Weights of one layer.
pub const WEIGHTS: usize = 1 << 26;

/// ReLUs of a whole network. Each costs about 4 kB of garbled tables, so this is 16 GB of preprocessing.
pub const RELUS: usize = 1 << 22;

/// Bits of the shift after a ReLU: the circuit is exact up to here.
pub const SHIFT: u32 = 22;

/// Fractional bits: least.
pub const MIN_FRAC_BITS: u32 = 4;

/// Fractional bits: most.
pub const MAX_FRAC_BITS: u32 = 12;

/// The largest declarable bound on the l1 norm of the integer weights of one output.
///
/// The plaintext kernels multiply such weights with 22-bit halves of field elements and add them up in 64 bits:
/// 2^40 * 2^22 = 2^62.
pub const L1_BOUND: u64 = 1 << 40;

/// Magnitude of one integer weight (it is below this).
pub const WEIGHT: i64 = 1 << 31;

/// Magnitude of a channel's mean, of levels from 0 to 1.
pub const MEAN: f64 = 1024.0;

/// A channel's standard deviation: least. Networks that want pixels from 0 to 255 have 1 / 255.
///
/// With these, no pixel's fixed-point value reaches 2^35, far inside the range.
pub const MIN_STD: f64 = 1.0 / 4096.0;

/// A channel's standard deviation: greatest.
pub const MAX_STD: f64 = 4096.0;

/// Bytes of a name (model, layer, class), in UTF-8.
pub const NAME_BYTES: usize = 64;

/// Classes of a network.
pub const CLASSES: usize = 4096;

/// Bytes of a JSON description.
pub const DESCRIPTION_BYTES: u64 = 1 << 20;

/// Bytes of the header of a safetensors file.
pub const TENSOR_HEADER_BYTES: u64 = 1 << 20;

/// Bytes of a safetensors file.
pub const TENSOR_BYTES: u64 = 1 << 30;

/// Bytes of an ONNX file.
pub const ONNX_BYTES: u64 = 1 << 30;

/// Nodes of an ONNX graph.
pub const ONNX_NODES: usize = 4096;

/// Tensors, or inputs, of an ONNX graph.
pub const ONNX_TENSORS: usize = 4096;

/// Inputs, outputs or attributes of a node in an ONNX graph, and numbers in one attribute.
pub const ONNX_LIST: usize = 32;

/// Elements of all lists of an ONNX file together, those of its graph, nodes, attributes and shapes: some 80 for a layer with all that
/// may follow it.
pub const ONNX_ITEMS: usize = 1 << 14;

/// Dimensions of a tensor in an ONNX file.
pub const ONNX_RANK: usize = 8;

/// Weights of all layers of an ONNX file together: a tensor may be used by several.
pub const ONNX_WEIGHTS: usize = 1 << 28;

/// Whatever is within these limits can be encoded into ciphertexts.
const _: () = assert!(
    SIDE <= LinearShape::MAX_SIDE
        && CHANNELS <= LinearShape::MAX_CHANNELS
        && ELEMENTS <= LinearShape::MAX_ELEMENTS
        && WEIGHTS <= LinearShape::MAX_ELEMENTS
);

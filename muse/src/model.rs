//! Networks: architecture, fixed point, loading, and the plaintext oracle.
//!
//! A network alternates linear layers, exact modulo p, and activations: ReLU with a floor shift, then optionally a 2x2 sum
//! (average pooling whose division is folded into the next layer's shift). Its public part, the [`Architecture`], is what a
//! server tells every client; the weights of a [`Network`] never leave the server and are wiped when it is dropped.
//!
//! | module | what it holds |
//! |---|---|
//! | [`Architecture`], [`LayerSpec`], [`Activation`], [`InputSpec`] | the public part, validated once, then trusted everywhere |
//! | [`Network`], [`Layer`] | the secret part: integer weights and biases |
//! | [`plaintext`] | exact evaluation in the clear: the oracle of every secure run, and the server's `M_i (x_i - r_i)` online |
//! | [`Image`], [`Pixels`], [`Normalisation`] | what a client has classified, and how it becomes numbers |
//! | [`FixedPoint`], [`Model`] | rounding rules: pixels, weights, biases |
//! | [`bounds`], [`Reach`] | the public bound on the l1 norm of weights (it sizes the flooding), worst-case ranges, and for which inputs nothing wraps |
//! | [`load`], [`save`] | JSON description and safetensors files, read and written |
//! | `onnx` | ONNX files: [`Model::from_onnx`] |
//! | [`shipped`], [`Samples`] | two trained networks and a hundred real digits, inside the binary |
//! | [`names`] | names that can be printed |
//! | [`limits`] | what a description, a file or a card may ask for |
//!
//! The semantics are those of the functionality computed securely: with the signed reading of F (negative iff
//! `v >= (p-1)/2`), an activation with shift k is `w = v >= 0 ? floor(v / 2^k) : 0`, and everything wraps modulo p. A secure
//! run and [`plaintext::forward`] agree in every bit, on every input, in range or not.

mod architecture;
pub mod bounds;
mod error;
mod extent;
mod fixed;
mod float;
mod image;
mod input;
pub(crate) mod labelled;
pub mod limits;
pub mod load;
mod loss;
pub mod names;
mod network;
mod noise;
mod normalisation;
mod onnx;
pub mod plaintext;
mod reach;
mod samples;
pub mod save;
pub mod shipped;

pub use architecture::{Activation, Architecture, LayerSpec};
pub use error::{LayerFault, ModelError};
pub(crate) use extent::Extent;
pub use fixed::FixedPoint;
pub use float::{DeclaredBound, FloatLayer, Model};
pub use loss::Loss;
pub use image::{Image, Pixels};
pub use input::InputSpec;
/// The shape of a layer's linear map; from the crate `muse_he`, which encodes it into ciphertexts.
pub use muse_he::encode::LinearShape;
pub use network::{Layer, Network};
pub use normalisation::{ChannelStats, Normalisation, Units};
pub use reach::{Outlook, Reach};
pub use samples::Samples;

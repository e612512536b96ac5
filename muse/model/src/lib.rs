#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod architecture;
pub mod bounds;
mod error;
mod extent;
mod fixed;
mod float;
mod image;
mod input;
mod labelled;
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
pub mod sniff;

#[cfg(feature = "test-util")]
#[allow(missing_docs, clippy::missing_panics_doc, clippy::must_use_candidate, reason = "for tests")]
pub mod test_util;

pub use architecture::{Activation, Architecture, LayerSpec};
pub use error::{LayerFault, ModelError};
pub use extent::Extent;
pub use fixed::FixedPoint;
pub use float::{DeclaredBound, FloatLayer, Model};
pub use image::{Image, Pixels};
pub use input::InputSpec;
pub use labelled::LabelledImages;
pub use loss::Loss;
/// The shape of a layer's linear map; from the crate `muse_he`, which encodes it into ciphertexts.
pub use muse_he::encode::LinearShape;
pub use network::{Layer, Network};
pub use normalisation::{ChannelStats, Normalisation, Units};
pub use reach::{Outlook, Reach};
pub use samples::Samples;

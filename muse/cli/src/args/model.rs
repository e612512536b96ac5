//! Which network a command works on.

use clap::{Args, ValueEnum};
use muse::model::{Model, Network, limits, shipped};
use std::path::PathBuf;

/// A network: from a file, or from inside this program.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// A network: an ONNX file, as PyTorch or Keras exports it, or a description NAME.json with NAME-fixed.safetensors or NAME.safetensors beside it
    #[arg(required_unless_present = "shipped", conflicts_with = "shipped")]
    pub model: Option<PathBuf>,

    /// A network from inside this program instead
    #[arg(long, value_enum, value_name = "NAME")]
    pub shipped: Option<Shipped>,

    /// Fractional bits of weights and values, 4 to 12, for a network with float weights [default: 10 for NAME.onnx, else what
    /// NAME.json says]
    #[arg(long, value_name = "F", value_parser = clap::value_parser!(u32).range(4..=12))]
    pub frac_bits: Option<u32>,

    /// Names of the outputs of NAME.onnx: a file with one a line
    #[arg(long, value_name = "FILE", conflicts_with = "shipped")]
    pub classes: Option<PathBuf>,

    /// Means of the channels of the images NAME.onnx was trained on, pixels from 0 to 1 (or from 0 to 255, with the deviations, too): M for grey, R,G,B for
    /// colour
    #[arg(long, value_name = "M,..", allow_hyphen_values = true, value_parser = number, value_delimiter = ',', requires = "std", conflicts_with = "shipped")]
    pub mean: Vec<f64>,

    /// Standard deviations of the channels, as many as means
    #[arg(long, value_name = "S,..", value_parser = number, value_delimiter = ',', requires = "mean", conflicts_with = "shipped")]
    pub std: Vec<f64>,

    /// A bound on the l1 norm of the integer weights of one output, for a layer of NAME.onnx whose weights exceed the default one. Clients
    /// learn it; may be repeated
    #[arg(long, value_name = "LAYER=BOUND", value_parser = bound, conflicts_with = "shipped")]
    pub l1_bound: Vec<(String, u64)>,

    /// Take a network even if most of the weights of a layer round to zero
    #[arg(long, conflicts_with = "shipped")]
    pub lossy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shipped {
    /// Handwritten digits: 28 x 28 grey, 10,340 ReLUs
    Mnist,
    /// Small photos: 32 x 32 RGB, 173,056 ReLUs
    Cifar10,
}

impl Shipped {
    /// The quantised network.
    pub fn network(self) -> Network {
        match self {
            Self::Mnist => shipped::mnist(),
            Self::Cifar10 => shipped::cifar10(),
        }
    }

    /// The same with the weights it was trained with.
    pub fn model(self) -> Model {
        match self {
            Self::Mnist => shipped::mnist_float(),
            Self::Cifar10 => shipped::cifar10_float(),
        }
    }
}

/// A mean or a standard deviation. Of which pixels is told from all of them together: see `model_args`.
fn number(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| "numbers separated by commas, please".to_owned())
}

/// A layer's name and a number; the name may have `=` in it.
fn bound(text: &str) -> Result<(String, u64), String> {
    let (layer, bound) = text.rsplit_once('=').ok_or("LAYER=BOUND, please")?;
    match bound.parse() {
        Ok(bound) if (1..=limits::L1_BOUND).contains(&bound) => Ok((layer.to_owned(), bound)),
        _ => Err(format!("the bound must be a whole number from 1 to {}", limits::L1_BOUND)),
    }
}

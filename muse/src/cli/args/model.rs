//! Which network a command works on.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A network: from a file, or from inside this program.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// A network's description, NAME.json, with NAME-fixed.safetensors or NAME.safetensors beside it
    #[arg(required_unless_present = "shipped", conflicts_with = "shipped")]
    pub(crate) model: Option<PathBuf>,

    /// A network from inside this program instead
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) shipped: Option<Shipped>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shipped {
    /// Handwritten digits: 28 x 28 grey, 10,340 ReLUs
    Mnist,
    /// Small photos: 32 x 32 RGB, 173,056 ReLUs
    Cifar10,
}

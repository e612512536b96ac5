//! `muse inspect`.

use super::{
    model::ModelArgs,
    values::{bandwidth, round_trip, up_to},
};
use clap::Args;
use std::path::PathBuf;

/// What a network will cost, and how much room it leaves, before anybody runs it
///
/// Prints tables: layers; ciphertexts and gates; noise and range; the exact bytes of each phase and component in both modes;
/// round trips and memory; an estimate of the time on two machines like this one; and, with labelled images, what
/// each number of fractional bits does to accuracy. Nothing is sent anywhere.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    muse inspect --shipped mnist                       tables, estimate and accuracy of the shipped digits network\n  \
    muse inspect net.onnx --bandwidth 100 --latency 21    how long over a line of 100 Mbit/s with 21 ms of round trip\n  \
    muse inspect net.json --samples test.safetensors   which number of fractional bits does\n  \
    muse inspect net.json --json --no-time             the same numbers for a program\n  \
    muse inspect net.json --svg bytes.svg              a picture of where the bytes go\n\n\
    For the owner of the network only: the largest l1 norms, the worst-case ranges and the accuracy tell about the weights. \
    Whoever shows them shows that much.")]
pub struct InspectArgs {
    #[command(flatten)]
    pub model: ModelArgs,

    /// Bandwidth to estimate the time with: 100Mbit/s, or 100 for that
    #[arg(long, value_name = "MBIT", default_value = "100", value_parser = bandwidth)]
    pub bandwidth: f64,

    /// Latency to estimate the time with: 21ms of a round trip, or 21 for that
    #[arg(long, value_name = "MS", default_value = "21", value_parser = round_trip)]
    pub latency: f64,

    /// No estimate of the time, which takes up to a few seconds to measure this machine and differs from run to run
    #[arg(long)]
    pub no_time: bool,

    /// Labelled images to measure accuracy with: safetensors with `images` (uint8, N x C x H x W) and `labels` (N of uint8, int32 or int64).
    /// With --shipped mnist the hundred shipped digits otherwise
    #[arg(long, value_name = "FILE")]
    pub samples: Option<PathBuf>,

    /// Use the first N images only
    #[arg(long, value_name = "N", value_parser = up_to::<10_000_000>, requires = "samples")]
    pub first: Option<usize>,

    /// Everything as one JSON object, for programs; bytes are exact there
    #[arg(long)]
    pub json: bool,

    /// Write a picture of where the bytes go, layer by layer
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

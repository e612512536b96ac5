//! `muse infer`.

use super::values::{ModeArg, seconds};
use clap::Args;
use core::time::Duration;
use std::path::PathBuf;

/// Have images classified by a server without showing them
///
/// Prints a line per image: its name and the predicted class. The image leaves this machine only masked; the server learns
/// neither it nor the result.
///
/// The server must run the same mode. In every mode your image is protected against a server that follows the protocol; no mode
/// protects against one that does not.
#[derive(Debug, Args)]
pub(crate) struct InferArgs {
    /// The server's address and port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878")]
    pub(crate) connect: String,

    /// PNG images of exactly the network's size, 8 bits a channel, grey or RGB as the network takes. Digits for the shipped
    /// MNIST network are white on black
    #[arg(required_unless_present = "sample", value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,

    /// One of the hundred shipped MNIST images, 0 to 99; may be repeated
    #[arg(long, value_name = "I", value_parser = clap::value_parser!(u16).range(0..=99))]
    pub(crate) sample: Vec<u16>,

    /// The mode the server must run
    #[arg(long, value_enum, default_value_t = ModeArg::ClientMalicious)]
    pub(crate) mode: ModeArg,

    /// Seconds of silence after which the server is given up
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// Print every class with its output value too
    #[arg(long)]
    pub(crate) logits: bool,

    /// End with a table of time, bytes and round trips
    #[arg(long)]
    pub(crate) stats: bool,
}

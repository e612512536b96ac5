//! `muse attack`.

use super::{
    model::Shipped,
    values::{address, seconds, up_to},
};
use clap::Args;
use core::time::Duration;
use muse::model::limits;
use std::path::PathBuf;

/// Extract a network from a server in mode semi-honest, to show why the default mode is needed
///
/// Plays the client of MUSE (USENIX Security 2021), section 2: it follows the protocol in everything but the values it
/// contributes, and recovers the server's weights and biases, exact integers, from the last layer to the first. Every query
/// is a whole inference.
///
/// This is the published attack against the baseline, which is documented as insecure against such a client and is there to be measured
/// against. Against a server in the default mode the same client is refused at the first value it alters: exit code 5. Use it on your
/// own servers: docs/attack.md explains what happens and why.
#[derive(Debug, Args)]
pub struct AttackArgs {
    /// The server's address and port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878", value_parser = address)]
    pub connect: String,

    /// Recover only the last N layers
    #[arg(long, value_name = "N", value_parser = up_to::<{ limits::LAYERS }>)]
    pub layers: Option<usize>,

    /// Weights that one logit may carry at most; 1 is the attack as published
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub pack: u8,

    /// Write the stolen network into this new or empty folder, for `muse serve`: NAME.json and NAME-fixed.safetensors
    #[arg(long, value_name = "DIR", conflicts_with = "layers")]
    pub out: Option<PathBuf>,

    /// Count the weights that are equal to those of a shipped network
    #[arg(long, value_enum, value_name = "NAME")]
    pub compare_shipped: Option<Shipped>,

    /// Seconds without a byte from the server after which the program gives up
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,

    /// Report events on standard output as lines of JSON
    #[arg(long)]
    pub json: bool,
}

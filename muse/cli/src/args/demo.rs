//! `muse demo`.

use super::{
    link::LinkArgs,
    values::{CdsArg, ModeArg},
};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Both parties on this machine: a shipped network, real digits, and what it costs
///
/// Starts a server as a second process, connects to it over loopback TCP, preprocesses and classifies some of the
/// shipped MNIST test images, draws them with predicted and true labels, checks that every secure result equals the
/// plaintext network's bit for bit, and ends with tables of time, bytes and round trips for each phase and component, one
/// per party. With --compare it also runs the semi-honest baseline and shows what security against a malicious client costs.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Images to classify: the first ones of the hundred that are shipped
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub count: u16,

    /// The network
    #[arg(long, value_enum, default_value_t = DemoNetwork::Mnist)]
    pub network: DemoNetwork,

    /// What the weights are protected against
    #[arg(long, value_enum, default_value_t = ModeArg::ClientMalicious)]
    pub mode: ModeArg,

    /// Keep the client's garbled tables in this directory instead of in memory
    #[arg(long, value_name = "DIR")]
    pub spool: Option<PathBuf>,

    /// How labels for the client's shares are disclosed in mode client-malicious. `published` makes 37 batches of triples and random
    /// values for an image
    #[arg(long, value_enum, default_value_t = CdsArg::Correlated)]
    pub cds: CdsArg,

    /// Run the semi-honest baseline too, and show what client-malicious security costs over it; with --cds published, run the default
    /// disclosure instead, and show what the published one costs over it
    #[arg(long, conflicts_with = "mode")]
    pub compare: bool,

    #[command(flatten)]
    pub link: LinkArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoNetwork {
    /// Handwritten digits: 28 x 28 grey, 10,340 ReLUs
    Mnist,
}

//! `muse evaluate`, and `muse measure`, the client it starts.

use clap::{Args, ValueEnum};
use muse_cli::args::{
    LinkArgs, ModelArgs, Shipped,
    values::{CdsArg, ModeArg, up_to},
};
use std::path::PathBuf;

/// Measure on this machine what the MUSE paper measured, and show both side by side
///
/// Runs both parties as two processes over loopback TCP, in both modes, with everything the protocol has, and shows medians of several
/// runs beside the published numbers (MUSE, USENIX Security 2021, section 6) and their ratios. Latency and bandwidth of a wide-area network are
/// added by the program: no system settings, no privileges. Bytes and round trips are counted, times are this machine's, which both parties
/// share; what is computed from measurements is labelled so.
///
/// Experiments: table3, the parts of preprocessing and online; online, whole inferences; links, what a slower
/// connection makes of it, predicted and measured; scaling, by threads and by ReLUs; table4, authenticated inputs; fig8 and fig9, MUSE beside Overdrive against malice on both sides and on the
/// client's alone; fig10, Beaver triples by threads.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct EvaluateArgs {
    /// Which experiments
    #[arg(value_enum, value_name = "EXPERIMENT")]
    pub(crate) what: What,

    /// Minutes instead of most of an hour: the MNIST network only, three runs of each
    #[arg(long)]
    pub(crate) quick: bool,

    /// Runs of each setting; medians are shown, minima and maxima kept [default: 5, with --quick 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) runs: Option<u16>,

    /// The shipped networks to measure [default: both, with --quick mnist]
    #[arg(long, value_enum, value_name = "NAME,..", value_delimiter = ',')]
    pub(crate) networks: Vec<Shipped>,

    /// A network of your own instead, NAME.json: for it nothing is published
    #[arg(long, value_name = "FILE", conflicts_with = "networks")]
    pub(crate) model: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) link: LinkArgs,

    /// Write results.csv, results.json, results.md and figures (SVG and PNG) into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Write or renew this document: tables and figures between its marks, all else in it is left as it is
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) document: Option<PathBuf>,
}

/// The experiments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Table 3: linear layers, garbling, oblivious transfer, CDS, online
    Table3,
    /// Whole preprocessing and online phases over each connection
    Online,
    /// Times over slower connections, predicted and measured
    Links,
    /// Times by threads and by ReLUs
    Scaling,
    /// Table 4: authentication of a million inputs
    Table4,
    /// Figure 8: preprocessing of MUSE and of Overdrive, in both settings
    Fig8,
    /// Figure 9: the online phase of the same
    Fig9,
    /// Figure 10: Beaver triples, ten million of them, in both settings
    #[value(alias = "triples")]
    Fig10,
    /// All of them
    All,
}

/// Preprocess and infer several times, and report what it took as lines of JSON.
#[derive(Debug, Args)]
pub(crate) struct MeasureArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// The server's address and port.
    #[arg(long)]
    pub(crate) connect: String,

    /// The server's process.
    #[arg(long)]
    pub(crate) server: u32,

    #[arg(long, value_enum)]
    pub(crate) mode: ModeArg,

    #[arg(long, value_enum, default_value_t = CdsArg::Correlated)]
    pub(crate) cds: CdsArg,

    #[arg(long, value_parser = up_to::<1000>)]
    pub(crate) runs: usize,

    /// Batches of triples to make instead of inferences.
    #[arg(long, conflicts_with = "inputs")]
    pub(crate) triples: Option<u8>,

    /// Batches of authenticated inputs to make instead of inferences.
    #[arg(long)]
    pub(crate) inputs: Option<u8>,

    #[command(flatten)]
    pub(crate) link: LinkArgs,
}

/// Make triples and inputs with the client that asks for them, for one session.
#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// One party of Overdrive: listens, or connects to the one that does and reports what it took.
#[derive(Debug, Args)]
pub(crate) struct OverdriveArgs {
    /// The other party's address and port; without it, this one listens and says where.
    #[arg(long, requires = "peer")]
    pub(crate) connect: Option<String>,

    /// The other party's process.
    #[arg(long)]
    pub(crate) peer: Option<u32>,

    #[arg(long, value_parser = up_to::<1000>)]
    pub(crate) runs: usize,

    /// What a run makes.
    #[arg(long, value_enum)]
    pub(crate) work: WorkArg,

    /// Batches of it, but for inferences.
    #[arg(long, default_value_t = 1)]
    pub(crate) batches: u8,

    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// What a run of Overdrive makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorkArg {
    Triples,
    Inputs,
    /// An inference, either party malicious.
    Infer,
    /// An inference, the client malicious.
    InferClientMalicious,
}

/// Broken by hand, as for `infer`.
const AFTER: &str = "\
Examples:
  muse evaluate table3 --quick            some minutes, MNIST only
  muse evaluate all --out results         everything, on an idle machine
  muse evaluate online --rtt 40ms --bandwidth 50Mbit/s --networks mnist
  muse evaluate scaling --model net.json  a network of your own

Measured over loopback, and once more with --rtt (21ms unless given, as the
paper's machines had) and --bandwidth (no limit unless given). A part's time is
wall time at the client, who takes part in all of it; CPU time is that of both
processes. Sums of published numbers, and predictions, are marked \"computed\".";

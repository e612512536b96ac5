//! `muse infer`.

use super::values::{CdsArg, ModeArg, address, seconds, up_to};
use crate::image::{Background, Fitting};
use clap::{ArgGroup, Args};
use core::time::Duration;
use muse::model::limits;
use std::path::PathBuf;

/// Let a server classify images without revealing them to it
///
/// Prints a line per image: its name, the predicted class and the network's output for it. The image leaves this machine only masked; the
/// server learns neither it nor the result.
///
/// The server must run the same mode. In every mode your image is protected against a server that follows the protocol; no mode
/// protects against one that does not.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER, group = ArgGroup::new("input").required(true).multiple(true).args(["images", "sample"]))]
pub struct InferArgs {
    /// The server's address and port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878", value_parser = address)]
    pub connect: String,

    /// PNG images, .npy or .safetensors arrays, or folders of these. Digits for the shipped MNIST network are white on black
    #[arg(value_name = "IMAGE")]
    pub images: Vec<PathBuf>,

    /// One of the hundred shipped MNIST images, 0 to 99; may be repeated
    #[arg(long, value_name = "I", value_parser = clap::value_parser!(u16).range(0..=99))]
    pub sample: Vec<u16>,

    /// Scale PNG images to the network's size, proportions aside (a triangle filter, as Pillow's BILINEAR)
    #[arg(long)]
    pub resize: bool,

    /// Convert PNG images in colour for a network that takes grey (luma, ITU-R BT.601)
    #[arg(long, visible_alias = "gray")]
    pub grey: bool,

    /// Background for transparent pixels of PNG images; without this option such images are refused
    #[arg(long, value_enum, value_name = "COLOUR")]
    pub background: Option<Background>,

    /// Send inputs that the network may not be exact for, too: their answers may be meaningless, and say so
    #[arg(long)]
    pub allow_wrapping: bool,

    /// The mode the server must run
    #[arg(long, value_enum, default_value_t = ModeArg::ClientMalicious)]
    pub mode: ModeArg,

    /// Keep the garbled tables of an inference in this directory instead of in memory: 0.7 GB for the shipped CIFAR-10 network. Fast disks
    /// cost no time; nothing is left there, whatever ends this program
    #[arg(long, value_name = "DIR")]
    pub spool: Option<PathBuf>,

    /// How the server must disclose labels in mode client-malicious
    #[arg(long, value_enum, default_value_t = CdsArg::Correlated)]
    pub cds: CdsArg,

    /// Seconds without a byte from the server after which the program gives up
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,

    /// List the N best classes of every image, best first, with their outputs
    #[arg(long, value_name = "N", value_parser = up_to::<{ limits::CLASSES }>)]
    pub top: Option<usize>,

    /// List every class with its output value too, in the network's order, exact integers in brackets
    #[arg(long)]
    pub logits: bool,

    /// Draw every image as the network gets it
    #[arg(long)]
    pub show: bool,

    /// Print an object of JSON a line for every image instead: see `muse help infer`
    #[arg(long, conflicts_with_all = ["logits", "show", "stats"])]
    pub json: bool,

    /// End with a table of time, bytes and round trips
    #[arg(long)]
    pub stats: bool,
}

impl InferArgs {
    /// What may be done to pictures.
    pub const fn fitting(&self) -> Fitting {
        Fitting { resize: self.resize, grey: self.grey, background: self.background }
    }
}

/// Broken by hand: continued lines keep their indentation where they are no longer than this.
const AFTER: &str = "\
Images:
  PNG     of any depth, palettes included. The size must be the network's,
          unless --resize. For a network that takes RGB, grey stands for three
          equal channels; for one that takes grey, colours need --grey. An alpha
          channel is ignored where all is opaque, and needs --background else.
  arrays  .npy or .safetensors, of shape (height, width), (channels, height,
          width) or (images, channels, height, width), taken as they are.
          uint8 and uint16 are pixels, which the network's normalisation is
          applied to. float32, and float64 rounded to it, are what the network
          itself takes, as in every other runtime: before the normalisation
          that its own graph does, after any other (--mean and --std, or that
          of a .json). A .safetensors file has a single tensor, or one named
          \"images\".
  vectors For a network that takes a vector of n values: arrays of shape (n,) or
          (N, n), or anything of n values in all, row by row. Pictures of n
          pixels are taken row by row, too, and --resize is refused.
  folder  its files that end in .png, .npy or .safetensors, by name

All files are read before the server is connected to: one that cannot be read
ends the run there. An input that the network does not take is refused, and the
others get their answers; the exit code is 1 then. More than 256 images take
several sessions. Whatever may make an answer another one than that of the
network with real numbers, but for rounding, is refused or stands with the
answer, with --quiet, too.

JSON, an object a line:
  image                  the name that is shown without --json
  file, item             the file, and the number of the image in it, from 0;
  sample, label          or with --sample: its number, and what it shows
  index, class, logit    the predicted class: its number, its name (null if
                         it has none), its output as a real number
  top                    the --top N best classes (5 unless given), each with
                         index, class and logit
  integers, scale_bits   all outputs, exact: real numbers are these integers
                         divided by 2 to the power of scale_bits
  may_have_wrapped       true if the network is not known to be exact for such
                         an input: the answer may be meaningless
  notes                  what else was done or is odd, in words
  refused                why there is no answer: with image, file and item alone
  preprocessing, online  what each phase of this image took: seconds; bytes
                         sent, received

Examples:
  muse infer digit.png
  muse infer --connect 192.0.2.7:7878 --resize --background white photos/
  muse infer --json --top 3 batch.npy";

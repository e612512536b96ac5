//! Arguments and help.

use clap::{Args, Parser, Subcommand, ValueEnum};
use core::{num::NonZeroU64, time::Duration};
use muse::handshake::Mode;
use std::path::PathBuf;

/// Secure neural-network inference between two parties.
#[derive(Debug, Parser)]
#[command(
    name = "muse",
    version,
    long_about = "Secure neural-network inference between two parties, after MUSE (USENIX Security 2021).\n\n\
        A server holds a trained network, a client holds an image. The client learns the network's output for its \
        image and nothing else about the weights; the server learns nothing, not even the output.",
    after_help = "Start with `muse demo`. Details of a command: `muse help COMMAND`.",
    after_long_help = concat!(
        "What it protects against, in mode client-malicious (the default): the weights against a client that does whatever it likes; ",
        "it gets an abort, and cheats unnoticed with a chance of at most 2^-41 a session. The image against a server that FOLLOWS THE PROTOCOL; ",
        "a malicious server is never covered. What the predictions themselves tell about the weights is not hidden.\n\n",
        "In mode semi-honest, which is there to measure against, A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS (MUSE, section 2).\n\n",
        "The connection is neither encrypted nor authenticated: use loopback, or a tunnel that is both.\n\n",
        "Start with:\n",
        "  muse demo                                          both parties on this machine, real digits\n\n",
        "Then, in two terminals:\n",
        "  muse serve --shipped mnist\n",
        "  muse infer --connect 127.0.0.1:7878 --sample 0\n\n",
        "Exit codes: 0 success; 1 a file, an image or the system; 2 wrong arguments; 3 the other party is not there, ",
        "not in time, or does not follow the protocol; 4 a secure result differs from the plaintext one (please report it)."
    )
)]
pub(crate) struct Cli {
    /// No progress and no remarks: results and errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Threads that compute [default: one for each processor core]
    #[arg(long, global = true, value_name = "N", value_parser = positive)]
    pub(crate) threads: Option<usize>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Serve(ServeArgs),
    Infer(InferArgs),
}

/// Both parties on this machine: a shipped network, real digits, and what it costs
///
/// Starts a server as a second process, connects to it over loopback TCP, preprocesses and classifies some of the
/// shipped MNIST test images, draws them with predicted and true labels, checks that every secure result equals the
/// plaintext network's bit for bit, and ends with tables of time, bytes and round trips for each phase and component, one
/// per party. With --compare it also runs the semi-honest baseline and shows what security against a malicious client costs.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Images to classify: the first ones of the hundred that are shipped
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) count: u16,

    /// The network
    #[arg(long, value_enum, default_value_t = DemoNetwork::Mnist)]
    pub(crate) network: DemoNetwork,

    /// What the weights are protected against
    #[arg(long, value_enum, default_value_t = ModeArg::ClientMalicious)]
    pub(crate) mode: ModeArg,

    /// Run the semi-honest baseline too, and show what client-malicious security costs over it
    #[arg(long, conflicts_with = "mode")]
    pub(crate) compare: bool,
}

/// Serve a network to clients
///
/// Waits for clients and serves each in a thread of its own. A client that fails or misbehaves ends its own session, not
/// the server.
///
/// The mode is the server's to choose, and a client that wants another one is turned away. In mode client-malicious a client
/// that deviates in any way is caught (but for a chance of at most 2^-41 a session), its session ends, and the log says which check it failed.
///
/// WARNING: in mode semi-honest A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS by changing its shares (MUSE, USENIX Security 2021,
/// section 2): it is there to measure against, for clients whose program you trust. The connection is neither encrypted nor
/// authenticated in either mode: whoever reaches the address is served.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A network's description, NAME.json, with NAME-fixed.safetensors or NAME.safetensors beside it
    #[arg(required_unless_present = "shipped", conflicts_with = "shipped")]
    pub(crate) model: Option<PathBuf>,

    /// A network from inside this program instead
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) shipped: Option<Shipped>,

    /// Address and port to listen on; port 0 takes a free one. Anything but loopback is reachable by others
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878")]
    pub(crate) listen: String,

    /// What the weights are protected against
    #[arg(long, value_enum, default_value_t = ModeArg::ClientMalicious)]
    pub(crate) mode: ModeArg,

    /// Clients served at once; further ones are turned away
    #[arg(long, value_name = "N", default_value = "16", value_parser = positive)]
    pub(crate) max_connections: usize,

    /// Clients of one address (IPv6: of one /64) served at once, so that one cannot lock the others out
    #[arg(long, value_name = "N", default_value = "8", value_parser = positive)]
    pub(crate) max_per_address: usize,

    /// New sessions a minute from one address (IPv6: from one /64); further ones are turned away
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) max_sessions_per_minute: u32,

    /// Seconds for which an address is turned away after its client failed a check; honest clients do not. Behind a tunnel or a proxy all
    /// clients have one address: lower this there, and raise the limits
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = any_seconds)]
    pub(crate) penalty: Duration,

    /// End after this many connections, failed ones included
    #[arg(long, value_name = "N")]
    pub(crate) sessions: Option<NonZeroU64>,

    /// Seconds of silence, or of unread messages, after which a client is dropped
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// Report events on standard output as lines of JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// End when standard input does: a parent that dies takes the server along
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// MUSE: a client that cheats in any way gets nothing but an abort
    ClientMalicious,
    /// DELPHI: secure while both parties follow the protocol; A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS
    SemiHonest,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::ClientMalicious => Self::ClientMalicious,
            ModeArg::SemiHonest => Self::SemiHonest,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shipped {
    /// Handwritten digits: 28 x 28 grey, 10,340 ReLUs
    Mnist,
    /// Small photos: 32 x 32 RGB, 173,056 ReLUs
    Cifar10,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DemoNetwork {
    /// Handwritten digits: 28 x 28 grey, 10,340 ReLUs
    Mnist,
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number from 1 on, please".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// A time from 0.1 second to a day.
fn seconds(text: &str) -> Result<Duration, String> {
    seconds_from(0.1, text)
}

/// A time from none to a day.
fn any_seconds(text: &str) -> Result<Duration, String> {
    seconds_from(0.0, text)
}

fn seconds_from(least: f64, text: &str) -> Result<Duration, String> {
    let allowed = least..=86_400.0;
    let number: Option<f64> = text.parse().ok().filter(|number| allowed.contains(number));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("a number of seconds from {least} to 86400, please"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn what_the_help_shows_parses() {
        for line in [
            "muse demo",
            "muse demo --count 100 --network mnist --quiet --threads 2",
            "muse demo --compare",
            "muse demo --mode semi-honest",
            "muse serve --shipped mnist",
            "muse serve --shipped mnist --mode client-malicious --penalty 0",
            "muse serve --shipped mnist --mode semi-honest",
            "muse serve a/net.json --listen 127.0.0.1:0 --mode semi-honest --sessions 1 --json",
            "muse infer --connect 127.0.0.1:7878 --sample 0 --sample 99",
            "muse infer --connect localhost:7878 one.png two.png --logits --stats",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_does_not() {
        for line in [
            "muse",
            "muse demo --count 0",
            "muse demo --count 101",
            "muse demo --threads 0",
            "muse demo --compare --mode semi-honest",
            "muse serve --mode semi-honest",
            "muse serve --shipped mnist --mode none",
            "muse serve net.json --shipped mnist --mode semi-honest",
            "muse serve --shipped mnist --mode semi-honest --timeout 0",
            "muse serve --shipped mnist --mode semi-honest --timeout nan",
            "muse serve --shipped mnist --mode semi-honest --sessions 0",
            "muse infer",
            "muse infer --sample 100",
        ] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn the_help_says_what_is_not_protected() {
        let mut command = Cli::command();
        let mut serve = command.find_subcommand("serve").expect("it exists").clone();
        for help in [command.render_long_help(), serve.render_long_help()] {
            // Lines are wrapped to the terminal.
            let text = help.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS"), "{text}");
        }
    }
}

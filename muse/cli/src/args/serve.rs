//! `muse serve`.

use super::{
    model::ModelArgs,
    values::{CdsArg, ModeArg, any_seconds, seconds, up_to},
};
use clap::Args;
use core::time::Duration;
use muse::ServerConfig;

/// Serve a network to clients
///
/// Waits for clients and serves each in a thread of its own. A client that fails or misbehaves ends its own session, not
/// the server.
///
/// The server chooses the mode, and turns away a client that uses another one. In mode client-malicious a client
/// that deviates in any way is caught (except with probability at most 2^-41 a session), its session ends, and the log says which check it failed.
///
/// WARNING: in mode semi-honest A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS by changing its shares (MUSE, USENIX Security 2021,
/// section 2): it is there to measure against, for clients whose program you trust. The connection is neither encrypted nor
/// authenticated in either mode: any client that reaches the address is served.
#[derive(Debug, Args)]
#[command(override_usage = "muse serve [OPTIONS] <MODEL|--shipped NAME>")]
pub struct ServeArgs {
    #[command(flatten)]
    pub model: ModelArgs,

    /// Address and port to listen on; port 0 takes a free one. Anything but loopback is reachable by others
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878")]
    pub listen: String,

    /// What the weights are protected against
    #[arg(long, value_enum, default_value_t = ModeArg::ClientMalicious)]
    pub mode: ModeArg,

    /// How labels for the client's shares are disclosed in mode client-malicious. `published` is there to measure against, for small
    /// networks: CIFAR-10's takes more triples than a session may make
    #[arg(long, value_enum, default_value_t = CdsArg::Correlated)]
    pub cds: CdsArg,

    /// Clients served at once, at most 4096; further ones are turned away, unless one gives way: one that has been idle for 10 seconds, or one
    /// of several at an address
    #[arg(long, value_name = "N", default_value = "16", value_parser = up_to::<{ ServerConfig::MAX_PLACES }>)]
    pub max_connections: usize,

    /// Clients of one address (IPv6: of one /64) served at once, so that one cannot lock the others out; loopback is one, too
    /// [default: a quarter of --max-connections]
    #[arg(long, value_name = "N", value_parser = up_to::<{ ServerConfig::MAX_PLACES }>)]
    pub max_per_address: Option<usize>,

    /// New sessions a minute from one address (IPv6: from one /64); further ones are told to wait. Connections that send no hello count, and so
    /// does every 3 seconds that a client held a place for nothing, or kept waiting beyond what its bytes need
    #[arg(long, value_name = "N", default_value = "20",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(ServerConfig::MAX_RATE)))]
    pub max_sessions_per_minute: u32,

    /// Seconds in which a client must send its hello; it has no place before that
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub hello_timeout: Duration,

    /// Seconds for which an address is turned away after its client failed a check; honest clients do not. Behind a tunnel or a proxy all
    /// clients have one address: lower this there, and raise the limits
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = any_seconds)]
    pub penalty: Duration,

    /// End after this many connections, failed ones included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub sessions: Option<u64>,

    /// Seconds of silence, or of unread messages, after which a client is dropped; four times as long for all waits of a preprocessing
    /// together. Beyond that a message has the time that its bytes take at 16 KiB a second
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,

    /// Seconds that connected clients have left to finish after Ctrl-C or a request to terminate; a second one sends them away at
    /// once, a third ends the process
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = any_seconds)]
    pub grace: Duration,

    /// Report events on standard output as lines of JSON
    #[arg(long)]
    pub json: bool,

    /// Stop when standard input ends, so that the server stops when its parent process dies
    #[arg(long, hide = true)]
    pub until_stdin_closes: bool,
}

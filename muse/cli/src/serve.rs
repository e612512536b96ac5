//! `muse serve`.

use super::{
    args::{ServeArgs, protocol},
    bars::Bars,
    console::Console,
    events::{NO_HELLO, Report},
    failure::Failure,
    interrupt,
    log_limit::{LogLimit, Sum},
    log_queue::Lines,
    model_args,
};
use alloc::sync::Arc;
use core::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};
use muse::{
    Protocol, Server, ServerConfig,
    accounts::Counters,
    model::{Architecture, ChannelStats, InputSpec, Normalisation},
    server::{Event, Monitor, Refusal, Stop, network_of},
    transport::Limits,
};
use std::{
    io::{self, Read},
    net::TcpListener,
    sync::{Mutex, PoisonError},
    thread,
    time::{Instant, SystemTime},
};

/// Serves until it is told to end.
pub fn run(args: &ServeArgs, console: Console) -> Result<(), Failure> {
    let protocol = protocol(args.mode, args.cds)?;
    let network = model_args::network(&args.model)?;
    if let Some(warning) = network.range_warning() {
        console.remark(&format!("muse: note: {warning}"));
    }
    network.losses().iter().for_each(|loss| console.warn(&format!("muse: warning: {loss}")));
    let name = network.architecture().name().to_owned();
    let introduction = introduction(network.architecture(), protocol);
    let listener = TcpListener::bind(&args.listen).map_err(|e| {
        Failure::general(format!(
            "cannot listen on {}: {e}; choose another --listen ADDRESS:PORT",
            args.listen
        ))
    })?;
    let address =
        listener.local_addr().map_err(|e| Failure::general(format!("the socket has no address: {e}")))?;
    let stop = Stop::new(&listener)?;

    let no_thread = |e| {
        Failure::general(format!(
            "cannot start the threads that write: {e}; see what limits this user's processes"
        ))
    };
    let log = Arc::new(Log::new(args, stop.clone()).map_err(no_thread)?);
    // Nobody has to read these either.
    let lost = |count| format!("muse: {count} remarks were lost: nobody read them");
    let remarks = Lines::start(io::stderr, lost, |_| Vec::new()).map_err(no_thread)?;
    let mut config = ServerConfig::default();
    config.protocol = protocol;
    config.limits = Limits::with_message_timeout(args.timeout);
    config.max_connections = args.max_connections;
    config.max_connections_per_address = args.max_per_address.unwrap_or(args.max_connections.div_ceil(4));
    config.hello = args.hello_timeout;
    config.max_sessions_per_minute = args.max_sessions_per_minute;
    config.penalty = args.penalty;
    config.monitor = log.clone();
    if !args.json {
        config.observer = Arc::new(Bars::lines(console.is_quiet(), remarks.clone()));
    }
    let (cancel, later) = (config.cancel.clone(), config.cancel.clone());
    let grace = args.grace;
    let server = Server::new(network, config)?;
    let last_clients = stop.clone();
    interrupt::on_interrupt(vec![
        Box::new(move || {
            if !console.is_quiet() {
                remarks.put(format!(
                    "muse: ending: clients that are connected have {} s to finish; interrupt again to send them away now",
                    grace.as_secs()
                ));
            }
            last_clients.stop();
            thread::sleep(grace);
            later.cancel();
        }),
        Box::new(move || cancel.cancel()),
    ]);

    if args.until_stdin_closes {
        follow_stdin().map_err(no_thread)?;
    } else {
        if !protocol.is_client_malicious() {
            console.warn(SEMI_HONEST);
        }
        console.remark(&introduction);
        if address.ip().is_loopback() {
            console.remark(PLAIN);
        } else {
            console.warn(PLAIN);
        }
    }
    log.report(&Report::Listening { address: address.to_string(), network: name });
    let served = server.serve_until(listener, &stop);
    log.lines.flush();
    Ok(served?)
}

/// What is served, in a line: what a wrong export, or forgotten options, would show.
fn introduction(architecture: &Architecture, protocol: Protocol) -> String {
    let InputSpec { channels, height, width, normalisation } = architecture.input();
    let numbers = |of: fn(ChannelStats) -> f64, stats: &[ChannelStats]| {
        stats.iter().map(|stats| format!("{:.4}", of(*stats))).collect::<Vec<_>>().join(",")
    };
    let pixels = match normalisation {
        Normalisation::UnitInterval => "pixels from 0 to 1".to_owned(),
        Normalisation::InNetwork { .. } if !normalisation.takes_pixels() => "floats only".to_owned(),
        Normalisation::MeanStd(stats) | Normalisation::InNetwork { stats, .. } if stats.len() <= SHOWN => {
            format!(
                "pixels from 0 to {} minus {}, over {}",
                normalisation.of_one().unwrap_or(1.0),
                numbers(ChannelStats::mean, stats),
                numbers(ChannelStats::std, stats)
            )
        }
        Normalisation::MeanStd(_) | Normalisation::InNetwork { .. } => "pixels normalised".to_owned(),
    };
    let classes = architecture.classes();
    let outputs = match classes.len() {
        0 => format!("{} outputs without names", architecture.outputs()),
        n if n > SHOWN => format!("{n} classes ({}, ..)", classes[..SHOWN].join(", ")),
        n => format!("{n} classes ({})", classes.join(", ")),
    };
    format!(
        "muse: takes {channels} x {height} x {width}, {pixels}; gives {outputs}; {} fractional bits; mode {}",
        architecture.frac_bits(),
        protocol.name()
    )
}

/// Ends the process when standard input ends. Nothing is kept that would have to be saved.
pub fn follow_stdin() -> io::Result<()> {
    let follow = || {
        let mut scrap = [0; 64];
        while io::stdin().read(&mut scrap).is_ok_and(|n| n > 0) {}
        std::process::exit(0);
    };
    thread::Builder::new().spawn(follow).map(drop)
}

/// Writes what happens to clients, and ends the server after the last session asked for. It never waits for a reader.
struct Log {
    json: bool,
    lines: Lines,
    repeats: Arc<Mutex<LogLimit>>,
    sessions: Option<u64>,
    ended: AtomicU64,
    stop: Stop,
}

impl Log {
    fn new(args: &ServeArgs, stop: Stop) -> io::Result<Self> {
        let json = args.json;
        let repeats = Arc::<Mutex<LogLimit>>::default();
        let sums = repeats.clone();
        let more = move |all| {
            let due = sums.lock().unwrap_or_else(PoisonError::into_inner).due(Instant::now(), all);
            due.into_iter().map(|sum| written(&repeated(sum), json)).collect()
        };
        let lines = Lines::start(io::stdout, move |lines| written(&Report::Dropped { lines }, json), more)?;
        Ok(Self { json, lines, repeats, sessions: args.sessions, ended: AtomicU64::new(0), stop })
    }

    fn report(&self, report: &Report) {
        self.lines.put(written(report, self.json));
    }

    /// What an address causes without a session is written once in a while.
    fn is_new(&self, peer: SocketAddr, event: &Event<'_>) -> bool {
        let what = match event {
            Event::TurnedAway { reason: Refusal::Rate { .. } } => {
                "turned away, its address has started all the sessions it may".to_owned()
            }
            Event::TurnedAway { reason } => format!("turned away, {reason}"),
            Event::Ended { stats, .. } if stats.total() == Counters::default() => NO_HELLO.to_owned(),
            Event::Started
            | Event::Preprocessed { .. }
            | Event::Inferred { .. }
            | Event::Ended { .. }
            | _ => {
                return true;
            }
        };
        let mut repeats = self.repeats.lock().unwrap_or_else(PoisonError::into_inner);
        repeats.is_new(network_of(peer.ip()), &what, Instant::now())
    }
}

impl Monitor for Log {
    fn event(&self, peer: SocketAddr, event: &Event<'_>) {
        if self.is_new(peer, event) {
            let peer = peer.to_string();
            self.report(&match event {
                Event::TurnedAway { reason } => Report::TurnedAway { peer, reason: reason.to_string() },
                Event::Started => Report::Started { peer },
                Event::Preprocessed { inference } => Report::Preprocessed { peer, inference: *inference },
                Event::Inferred { inference } => Report::Inferred { peer, inference: *inference },
                Event::Ended { error, stats } => {
                    let error = error.map(|error| Failure::general(error.to_string()).to_string());
                    Report::Ended { peer, error, stats: (*stats).clone() }
                }
                _ => return,
            });
        }
        if matches!(event, Event::Ended { .. }) {
            let ended = self.ended.fetch_add(1, Ordering::SeqCst) + 1;
            if self.sessions.is_some_and(|sessions| ended >= sessions) {
                self.stop.stop();
            }
        }
    }
}

/// A report as a line.
fn written(report: &Report, json: bool) -> String {
    let now = SystemTime::now();
    if json { report.json(now) } else { report.text(now) }
}

fn repeated(sum: Sum) -> Report {
    let Sum { address, what, times } = sum;
    Report::Repeated { address: address.map(|address| address.to_string()), reason: what, times }
}

/// Classes or channels that are listed.
const SHOWN: usize = 10;

const SEMI_HONEST: &str = "\
muse: WARNING: mode semi-honest: a MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS (MUSE, section 2)
muse: WARNING: serve only to clients whose program you trust, or leave out --mode";

const PLAIN: &str = "muse: the connection is neither encrypted nor authenticated";

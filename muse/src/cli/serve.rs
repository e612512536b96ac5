//! `muse serve`.

use super::{
    args::{ServeArgs, protocol},
    bars::Bars,
    console::Console,
    events::Report,
    failure::Failure,
    interrupt, source,
};
use alloc::sync::Arc;
use core::{
    net::SocketAddr,
    num::NonZeroU64,
    sync::atomic::{AtomicU64, Ordering},
};
use muse::{
    Mode, Protocol, Server, ServerConfig,
    model::{Architecture, ChannelStats, InputSpec, Normalisation},
    server::{Event, Monitor, Stop},
    transport::Limits,
};
use std::{
    io::{self, Read},
    net::TcpListener,
    thread,
    time::SystemTime,
};

/// Serves until it is told to end.
pub(crate) fn run(args: &ServeArgs, console: Console) -> Result<(), Failure> {
    let protocol = protocol(args.mode, args.cds)?;
    let mode = protocol.mode();
    let network = source::network(&args.model)?;
    // The shipped networks stay far inside the range on all 10,000 test images.
    if let Some(warning) = network.range_warning().filter(|_| !source::is_shipped(&args.model)) {
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

    let log = Log {
        json: args.json,
        console,
        sessions: args.sessions,
        ended: AtomicU64::new(0),
        stop: stop.clone(),
    };
    let log = Arc::new(log);
    let mut config = ServerConfig::default();
    (config.mode, config.cds) = (mode, protocol.cds());
    config.rehearsals = args.rehearsals;
    config.limits = Limits::with_message_timeout(args.timeout);
    config.max_connections = args.max_connections;
    config.max_connections_per_address = args.max_per_address;
    config.max_sessions_per_minute = args.max_sessions_per_minute;
    config.penalty = args.penalty;
    config.monitor = log.clone();
    if !args.json {
        config.observer = Arc::new(Bars::lines(console.is_quiet()));
    }
    let (cancel, later) = (config.cancel.clone(), config.cancel.clone());
    let grace = args.grace;
    let server = Server::new(network, config)?;
    let last_clients = stop.clone();
    interrupt::on_interrupt(vec![
        Box::new(move || {
            console.remark(&format!(
                "muse: ending: clients that are connected have {} s to finish; interrupt again to send them away now",
                grace.as_secs()
            ));
            last_clients.stop();
            thread::sleep(grace);
            later.cancel();
        }),
        Box::new(move || cancel.cancel()),
    ]);

    if args.until_stdin_closes {
        follow_stdin();
    } else {
        if mode == Mode::SemiHonest {
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
    Ok(server.serve_until(listener, &stop)?)
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
        Normalisation::MeanStd(stats) | Normalisation::InNetwork { stats, .. } if stats.len() <= SHOWN => format!(
            "pixels from 0 to {} minus {}, over {}",
            normalisation.of_one().unwrap_or(1.0),
            numbers(ChannelStats::mean, stats),
            numbers(ChannelStats::std, stats)
        ),
        _ => "pixels normalised".to_owned(),
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
fn follow_stdin() {
    thread::spawn(|| {
        let mut scrap = [0; 64];
        while io::stdin().read(&mut scrap).is_ok_and(|n| n > 0) {}
        std::process::exit(0);
    });
}

/// Writes what happens to clients, and ends the server after the last session asked for.
struct Log {
    json: bool,
    console: Console,
    sessions: Option<NonZeroU64>,
    ended: AtomicU64,
    stop: Stop,
}

impl Log {
    fn report(&self, report: &Report) {
        let now = SystemTime::now();
        let line = if self.json { report.json(now) } else { report.text(now) };
        // Where nobody reads the log any more, clients are still served.
        let _ = self.console.result(&line);
    }
}

impl Monitor for Log {
    fn event(&self, peer: SocketAddr, event: &Event<'_>) {
        let peer = peer.to_string();
        let report = match event {
            Event::TurnedAway { reason } => Report::TurnedAway { peer, reason: reason.to_string() },
            Event::Started => Report::Started { peer },
            Event::Preprocessed { inference } => Report::Preprocessed { peer, inference: *inference },
            Event::Inferred { inference } => Report::Inferred { peer, inference: *inference },
            Event::Ended { error, stats } => {
                let error = error.map(|error| Failure::general(error.to_string()).to_string());
                Report::Ended { peer, error, stats: (*stats).clone() }
            }
            _ => return,
        };
        self.report(&report);
        if matches!(report, Report::Ended { .. }) {
            let ended = self.ended.fetch_add(1, Ordering::SeqCst) + 1;
            if self.sessions.is_some_and(|sessions| ended >= sessions.get()) {
                self.stop.stop();
            }
        }
    }
}

/// Classes or channels that are listed.
const SHOWN: usize = 10;

const SEMI_HONEST: &str = "\
muse: WARNING: mode semi-honest: a MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS (MUSE, section 2)
muse: WARNING: serve only to clients whose program you trust, or leave out --mode";

const PLAIN: &str = "muse: the connection is neither encrypted nor authenticated";

//! Overdrive between two processes, to measure it: either party may be malicious, so both do the same.
//!
//! | module | what it holds |
//! |---|---|
//! | [`wire`] | the connection: both parties speak at the same time |
//! | [`party`] | one party of `muse_triples::overdrive`, step by step |

mod party;
mod wire;

use crate::{
    args::OverdriveArgs,
    measure::{Measurement, Record, cpu::Clock, report, tell},
};
use muse::accounts::{Component, Phase, Stats};
use muse_cli::{console::Console, events::Report, failure::Failure, serve::follow_stdin};
use muse_field::prg::Prg;
use muse_mac::spdz::Party;
use muse_triples::overdrive::{self, Inputs};
use party::{Peer, Tables};
use std::net::{TcpListener, TcpStream};
use wire::Wire;

/// What a run makes and throws away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// So many batches of triples.
    Triples(u8),
    /// So many batches of inputs of the connecting party, and the inputs under them.
    Inputs(u8),
}

impl Work {
    /// Triples or inputs of a run.
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Triples(batches) => batches as usize * overdrive::groups(N) * N,
            Self::Inputs(batches) => batches as usize * Inputs::count(N, overdrive::MAX_GROUPS),
        }
    }

    /// As arguments of this program.
    pub(crate) fn arguments(self) -> [String; 2] {
        match self {
            Self::Triples(batches) => ["--triples".into(), batches.to_string()],
            Self::Inputs(batches) => ["--inputs".into(), batches.to_string()],
        }
    }

    const fn component(self) -> Component {
        match self {
            Self::Triples(_) => Component::Triples,
            Self::Inputs(_) => Component::AuthenticatedInputs,
        }
    }
}

/// One party, to the end of its runs.
pub(crate) fn run(args: &OverdriveArgs, console: Console) -> Result<(), Failure> {
    let work = match (args.triples, args.inputs) {
        (Some(batches), _) => Work::Triples(batches),
        (None, batches) => Work::Inputs(batches.unwrap_or(1)),
    };
    match (&args.connect, args.peer) {
        (Some(address), Some(peer)) => connect(address, peer, args.runs, work, console),
        _ => listen(args.runs, work, console),
    }
}

/// The first party, who reports.
fn connect(address: &str, peer: u32, runs: usize, work: Work, console: Console) -> Result<(), Failure> {
    let stream = TcpStream::connect(address)
        .map_err(|e| Failure::peer(format!("cannot connect to {address}: {e}")))?;
    let mut clock = Measuring { clock: Clock::new([std::process::id(), peer]), before: None };
    clock.before = clock.clock.seconds();
    let (tables, mut wire, mut rng) = (Tables::new()?, Wire::new(stream)?, random()?);
    let mut party = Peer::start(&tables, &mut wire, Party::First, &mut rng)?;
    report(console, &Measurement::Setup(clock.record(party.wire(), Phase::Setup, Component::Keys)))?;
    for _ in 0..runs {
        party = work_once(party, work)?;
        let record = clock.record(party.wire(), Phase::Preprocessing, work.component());
        report(console, &Measurement::Inference(record))?;
    }
    report(console, &Measurement::Done)
}

/// The second party. Reports as `muse serve --json` does.
fn listen(runs: usize, work: Work, console: Console) -> Result<(), Failure> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|e| Failure::general(format!("cannot listen: {e}")))?;
    let address = listener.local_addr().map_err(|e| Failure::general(e.to_string()))?.to_string();
    follow_stdin().map_err(|e| Failure::general(format!("no thread to watch standard input: {e}")))?;
    tell(console, &Report::Listening { address, network: "overdrive".into() })?;
    let (stream, peer) = listener.accept().map_err(|e| Failure::general(format!("no other party: {e}")))?;
    let done = || -> Result<(), Failure> {
        let (tables, mut wire, mut rng) = (Tables::new()?, Wire::new(stream)?, random()?);
        let mut party = Peer::start(&tables, &mut wire, Party::Second, &mut rng)?;
        for _ in 0..runs {
            party = work_once(party, work)?;
        }
        Ok(())
    };
    let error = done().err().map(|failure| failure.to_string());
    tell(console, &Report::Ended { peer: peer.to_string(), error, stats: Stats::default() })
}

/// One run. Nothing of it is kept: a batch is dropped before the next one begins.
fn work_once(mut party: Peer<'_>, work: Work) -> Result<Peer<'_>, Failure> {
    match work {
        Work::Triples(batches) => {
            for _ in 0..batches {
                party = party.triples()?.0;
            }
        }
        Work::Inputs(batches) => {
            for _ in 0..batches {
                let values;
                (party, values) = party.inputs(Party::First, overdrive::MAX_GROUPS)?;
                party.put_in(Party::First, values)?;
            }
        }
    }
    Ok(party)
}

/// Processor time of both parties between two records.
struct Measuring {
    clock: Clock,
    before: Option<f64>,
}

impl Measuring {
    fn record(&mut self, wire: &mut Wire, phase: Phase, component: Component) -> Record {
        let mut stats = Stats::default();
        *stats.entry(phase, component) = wire.take();
        let now = self.clock.seconds();
        let spent =
            now.zip(self.before).map(|(now, before)| vec![(phase, component, (now - before).max(0.0))]);
        self.before = now;
        Record { stats, cpu: spent }
    }
}

fn random() -> Result<Prg, Failure> {
    muse::hazmat::system_prg().map_err(|e| Failure::general(e.to_string()))
}

/// The ring dimension.
const N: usize = muse_he::params::MAX_DEGREE;

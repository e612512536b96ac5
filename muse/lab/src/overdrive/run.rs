//! The two processes: one listens, the other connects and reports.

use super::{
    Needs, Work,
    client_malicious::{Client, Server},
    infer,
    party::{Peer, Tables},
    wire::Wire,
};
use crate::{
    args::OverdriveArgs,
    measure::{Measurement, Record, cpu::Clock, report, tell},
};
use muse::{
    accounts::{Component, Phase, Stats},
    model::Network,
};
use muse_cli::{console::Console, events::Report, failure::Failure, model_args, serve::follow_stdin};
use muse_field::{Fp, prg::Prg};
use muse_mac::spdz::Party;
use muse_triples::overdrive;
use std::net::{TcpListener, TcpStream};

/// One party, to the end of its runs.
pub(crate) fn run(args: &OverdriveArgs, console: Console) -> Result<(), Failure> {
    let job = Job {
        work: Work::of(args.work, args.batches),
        runs: args.runs,
        network: model_args::network(&args.model)?,
        tables: Tables::new()?,
    };
    match (&args.connect, args.peer) {
        (Some(address), Some(peer)) => connect(address, peer, &job, console),
        _ => listen(&job, console),
    }
}

/// What is to be done.
struct Job {
    work: Work,
    runs: usize,
    network: Network,
    tables: Tables,
}

/// The first party, who reports.
fn connect(address: &str, peer: u32, job: &Job, console: Console) -> Result<(), Failure> {
    let stream = TcpStream::connect(address)
        .map_err(|e| Failure::peer(format!("cannot connect to {address}: {e}")))?;
    let mut account = Account::new(Clock::new([std::process::id(), peer]), console);
    take_part(job, Party::First, &mut Wire::new(stream)?, &mut account)?;
    report(console, &Measurement::Done)
}

/// The second party. Reports as `muse serve --json` does.
fn listen(job: &Job, console: Console) -> Result<(), Failure> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|e| Failure::general(format!("cannot listen: {e}")))?;
    let address = listener.local_addr().map_err(|e| Failure::general(e.to_string()))?.to_string();
    follow_stdin().map_err(|e| Failure::general(format!("no thread to watch standard input: {e}")))?;
    tell(console, &Report::Listening { address, network: "overdrive".into() })?;
    let (stream, peer) = listener.accept().map_err(|e| Failure::general(format!("no other party: {e}")))?;
    let done =
        Wire::new(stream).and_then(|mut wire| take_part(job, Party::Second, &mut wire, &mut Account::none()));
    let error = done.err().map(|failure| failure.to_string());
    tell(console, &Report::Ended { peer: peer.to_string(), error, stats: Stats::default() })
}

/// A session and its runs.
fn take_part(job: &Job, party: Party, wire: &mut Wire, account: &mut Account) -> Result<(), Failure> {
    runs(job, party, wire, account)?;
    // The second party stays until the first has read what both have worked.
    match party {
        Party::First => wire.send_bytes(vec![0]),
        Party::Second => wire.receive_bytes(1).map(drop),
    }
}

fn runs(job: &Job, party: Party, wire: &mut Wire, account: &mut Account) -> Result<(), Failure> {
    let rng = &mut muse::hazmat::system_prg().map_err(|e| Failure::general(e.to_string()))?;
    if job.work == Work::InferClientMalicious {
        // An engine takes the session along to its end.
        for _ in 0..job.runs {
            infer_client_malicious(job, party, wire, rng, account)?;
        }
        return Ok(());
    }
    let mut peer = Peer::start(&job.tables, wire, party, rng)?;
    account.enter(peer.wire(), Phase::Setup, Component::Keys);
    account.setup()?;
    for run in 0..job.runs {
        peer = once(job, peer, run as u64, account)?;
        account.run()?;
    }
    Ok(())
}

/// One run with two malicious parties. What is made is dropped before the next batch begins.
fn once<'a>(job: &Job, mut peer: Peer<'a>, run: u64, account: &mut Account) -> Result<Peer<'a>, Failure> {
    match job.work {
        Work::Triples(batches) => {
            for _ in 0..batches {
                peer = peer.triples()?.0;
            }
            account.enter(peer.wire(), Phase::Preprocessing, Component::Triples);
        }
        Work::Inputs(batches) => {
            for _ in 0..batches {
                let values;
                (peer, values) = peer.inputs(Party::First, overdrive::MAX_GROUPS)?;
                peer.put_in(values)?;
            }
            account.enter(peer.wire(), Phase::Preprocessing, Component::AuthenticatedInputs);
        }
        Work::Infer | Work::InferClientMalicious => {
            let made;
            (peer, made) = infer::preprocess(peer, &Needs::of(&job.network))?;
            account.enter(peer.wire(), Phase::Preprocessing, Component::Triples);
            infer::run(&mut peer, made, &job.network, &image(&job.network)?, run)?;
            account.enter(peer.wire(), Phase::Online, Component::Openings);
        }
    }
    Ok(peer)
}

fn infer_client_malicious(
    job: &Job,
    party: Party,
    wire: &mut Wire,
    rng: &mut Prg,
    account: &mut Account,
) -> Result<(), Failure> {
    let Job { network, tables, .. } = job;
    let (needs, input) = (Needs::of(network), image(network)?);
    match party {
        Party::First => {
            let mut client = Client::start(tables, wire, rng)?;
            account.enter(client.wire, Phase::Setup, Component::Keys);
            account.setup()?;
            let made = infer::preprocess_client(&mut client, &needs)?;
            account.enter(client.wire, Phase::Preprocessing, Component::Triples);
            infer::run_client(client, made, network, &input)?;
        }
        Party::Second => {
            let server = Server::start(tables, wire, rng)?;
            let (server, made) = infer::preprocess_server(server, &needs)?;
            infer::run_server(server, made, network, &input)?;
        }
    }
    account.enter(wire, Phase::Online, Component::Openings);
    account.run()
}

/// An image of which every pixel is another one.
fn image(network: &Network) -> Result<Vec<Fp>, Failure> {
    let pixels = network.architecture().layer(0).inputs();
    let image: Vec<u8> = (0..pixels).map(|i| (i * 37 + i / 251) as u8).collect();
    network.architecture().encode_bytes(&image).map_err(|e| Failure::general(e.to_string()))
}

/// What a party has counted, if it reports.
struct Account {
    to: Option<(Clock, Console)>,
    before: Option<f64>,
    record: Record,
}

impl Account {
    fn new(clock: Clock, console: Console) -> Self {
        let before = clock.seconds();
        Self { to: Some((clock, console)), before, record: Record::default() }
    }

    /// Of the party that does not.
    fn none() -> Self {
        Self { to: None, before: None, record: Record::default() }
    }

    /// All since the last call belongs to a component.
    fn enter(&mut self, wire: &mut Wire, phase: Phase, component: Component) {
        *self.record.stats.entry(phase, component) = wire.take();
        let now = self.to.as_ref().and_then(|(clock, _)| clock.seconds());
        if let Some((now, before)) = now.zip(self.before) {
            let spent = (phase, component, (now - before).max(0.0));
            self.record.cpu.get_or_insert_default().push(spent);
        }
        self.before = now;
    }

    fn setup(&mut self) -> Result<(), Failure> {
        self.tell(Measurement::Setup)
    }

    fn run(&mut self) -> Result<(), Failure> {
        self.tell(Measurement::Inference)
    }

    fn tell(&mut self, measurement: impl Fn(Record) -> Measurement) -> Result<(), Failure> {
        let record = core::mem::take(&mut self.record);
        self.to.as_ref().map_or(Ok(()), |&(_, console)| report(console, &measurement(record)))
    }
}

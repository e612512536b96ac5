//! `muse measure`: the client that `muse evaluate` starts as a process of its own. Not for people.

pub(crate) mod cpu;
mod sampled;

use crate::{
    args::{MeasureArgs, RehearseArgs},
    rehearsal::{self, Rehearsal},
};
use alloc::sync::Arc;
use core::time::Duration;
use cpu::Clock;
use muse::{
    Client, ClientConfig,
    accounts::{Component, Phase, Stats},
    channel::Channel,
    model::{Network, plaintext},
    transport::{Limits, Tcp},
};
use muse_cli::{
    args::protocol, connect, console::Console, events::Report, failure::Failure, interrupt, model_args,
    serve::follow_stdin,
};
use sampled::Sampler;
use serde::{Deserialize, Serialize};
use std::net::TcpListener;

/// One line of what it writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Measurement {
    /// The session is set up.
    Setup(Record),
    /// An inference was preprocessed and done, and its result equals the plaintext network's.
    Inference(Record),
    /// The session has ended.
    Done,
}

/// The accounts of one activity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The client's.
    pub(crate) stats: Stats,
    /// Seconds of processor time of both processes together, where the system tells.
    pub(crate) cpu: Option<Vec<(Phase, Component, f64)>>,
}

/// Runs a session and reports it.
pub(crate) fn run(args: &MeasureArgs, console: Console) -> Result<(), Failure> {
    let network = model_args::network(&args.model)?;
    let mut config = ClientConfig::default();
    config.protocol = protocol(args.mode, args.cds)?;
    config.cancel = interrupt::cancel();
    // A machine that is busy with other things is slow, not gone.
    config.limits = Limits::with_timeout(Duration::from_secs(600)).of_client();
    let clock = Clock::new([std::process::id(), args.server]);
    let link = connect::dial(&args.connect, &config, args.link.link())?;
    let sampler = Arc::new(Sampler::new(clock));
    config.observer = sampler.clone();
    let rehearsal = args.triples.map(Rehearsal::Triples).or(args.inputs.map(Rehearsal::Inputs));
    if let Some(rehearsal) = rehearsal {
        let client = rehearsal::Client::over(link, config.cancel.clone(), sampler.clone())?;
        return measured(args.runs, client, console, &sampler, rehearsal::Client::stats, |client, _| {
            Ok(client.rehearse(rehearsal)?)
        });
    }
    let client = Client::over(link, config)?;
    measured(args.runs, client, console, &sampler, Client::stats, |client, run| infer(client, &network, run))
}

/// Does something with a client in every run, and reports what each took.
fn measured<C>(
    runs: usize,
    mut client: C,
    console: Console,
    sampler: &Sampler,
    stats: impl Fn(&C) -> Stats,
    mut once: impl FnMut(&mut C, usize) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut before = stats(&client);
    report(console, &Measurement::Setup(Record { stats: before.clone(), cpu: sampler.take() }))?;
    for run in 0..runs {
        once(&mut client, run)?;
        let after = stats(&client);
        let record = Record { stats: after.since(&before), cpu: sampler.take() };
        report(console, &Measurement::Inference(record))?;
        before = after;
    }
    drop(client);
    report(console, &Measurement::Done)
}

/// `muse-lab rehearse`: one session of triples or inputs, on a free loopback port. Reports as `muse serve --json` does.
pub(crate) fn serve(args: &RehearseArgs, console: Console) -> Result<(), Failure> {
    let network = model_args::network(&args.model)?;
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|e| Failure::general(format!("cannot listen: {e}")))?;
    let address = listener.local_addr().map_err(|e| Failure::general(e.to_string()))?.to_string();
    follow_stdin().map_err(|e| Failure::general(format!("no thread to watch standard input: {e}")))?;
    tell(console, &Report::Listening { address, network: network.architecture().name().to_owned() })?;
    let (stream, peer) = listener.accept().map_err(|e| Failure::general(format!("no client: {e}")))?;
    let mut link = Tcp::from_stream(stream, Limits::with_timeout(Duration::from_secs(600)))
        .map_err(|e| Failure::peer(e.to_string()))?;
    let (result, stats) = rehearsal::serve(&network, &mut link);
    let error = result.err().map(|error| error.to_string());
    tell(console, &Report::Ended { peer: peer.to_string(), error, stats })
}

pub(crate) fn tell(console: Console, report: &Report) -> Result<(), Failure> {
    let line = serde_json::to_string(report).map_err(|e| Failure::general(e.to_string()))?;
    console.result(&line)
}

/// An inference of an image that is another one in every run.
fn infer(client: &mut Client<impl Channel>, network: &Network, run: usize) -> Result<(), Failure> {
    let pixels = network.architecture().layer(0).inputs();
    let image: Vec<u8> = (0..pixels).map(|i| (i * 37 + i / 251 + run * 11) as u8).collect();
    let input = network.architecture().encode_bytes(&image).map_err(|e| Failure::general(e.to_string()))?;
    let ticket = client.preprocess()?;
    let logits = client.infer_elements(ticket, &input)?;
    if logits.elements() == plaintext::forward(network, &input) {
        return Ok(());
    }
    Err(Failure::mismatch(
        "a secure result differs from the plaintext network's; this is a bug, please report it",
    ))
}

pub(crate) fn report(console: Console, measurement: &Measurement) -> Result<(), Failure> {
    let line = serde_json::to_string(measurement)
        .map_err(|e| Failure::general(format!("cannot write a measurement as JSON: {e}")))?;
    console.result(&line)
}

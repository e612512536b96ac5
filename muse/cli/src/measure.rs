//! `muse measure`: the client that `muse evaluate` starts as a process of its own. Not for people.

mod cpu;
mod sampled;

use super::{args::MeasureArgs, connect, console::Console, failure::Failure, interrupt, source};
use core::time::Duration;
use cpu::Clock;
use muse::{
    Client, ClientConfig,
    model::{Network, plaintext},
    rehearsal::Rehearsal,
    transport::{Component, Limits, Phase, Stats, Transport},
};
use sampled::Sampled;
use serde::{Deserialize, Serialize};

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
    let network = source::network(&args.model)?;
    let mut config = ClientConfig::default();
    (config.mode, config.cds) = (args.mode.into(), args.cds.into());
    config.cancel = interrupt::cancel();
    // A machine that is busy with other things is slow, not gone.
    config.limits = Limits::with_timeout(Duration::from_secs(600)).of_client();
    let clock = Clock::new([std::process::id(), args.server]);
    let link = Sampled::new(connect::dial(&args.connect, &config, args.link.link())?, clock);
    let sampler = link.sampler();
    let mut client = Client::over(link, config)?;
    let mut before = client.stats();
    report(console, &Measurement::Setup(Record { stats: before.clone(), cpu: sampler.take() }))?;
    let rehearsal = args.triples.map(Rehearsal::Triples).or(args.inputs.map(Rehearsal::Inputs));
    for run in 0..args.runs {
        match rehearsal {
            Some(rehearsal) => client.rehearse(rehearsal)?,
            None => infer(&mut client, &network, run)?,
        }
        let after = client.stats();
        let record = Record { stats: after.since(&before), cpu: sampler.take() };
        report(console, &Measurement::Inference(record))?;
        before = after;
    }
    client.close();
    report(console, &Measurement::Done)
}

/// An inference of an image that is another one in every run.
fn infer(client: &mut Client<impl Transport>, network: &Network, run: usize) -> Result<(), Failure> {
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

fn report(console: Console, measurement: &Measurement) -> Result<(), Failure> {
    let line = serde_json::to_string(measurement)
        .map_err(|e| Failure::general(format!("cannot write a measurement as JSON: {e}")))?;
    console.result(&line)
}

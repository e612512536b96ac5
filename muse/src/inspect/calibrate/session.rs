//! A small session in memory.

use super::ReluTimes;
use crate::{
    Client, ClientConfig, Error, Protocol, Server, ServerConfig,
    accounts::{Component, Counters, Phase, Stats},
    model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation},
    plan::Party,
    transport::memory,
};
use muse_field::Fp;
use muse_he::encode::LinearShape;
use std::thread;

/// What the client-malicious session tells.
pub(super) struct Malicious {
    pub(super) relu: ReluTimes,
    pub(super) proof_try: f64,
    pub(super) proof_verify: f64,
    pub(super) setup: f64,
}

/// What the baseline tells.
pub(super) struct Baseline {
    pub(super) relu: ReluTimes,
}

pub(super) fn malicious() -> Result<Malicious, Error> {
    let run = run(Protocol::ClientMalicious)?;
    let (phase, component) = (Phase::Preprocessing, Component::Proofs);
    let (client, server) = (run.client.get(phase, component), run.server.get(phase, component));
    // A try is a challenge.
    let tries = client.received as f64 / run.challenge_bytes.max(1) as f64;
    let rows = run.rows as f64;
    Ok(Malicious {
        relu: run.relu_times(),
        proof_try: work(&client) / tries.max(1.0) / rows,
        proof_verify: work(&server) / rows,
        setup: run.client.phase(Phase::Setup).time.as_secs_f64(),
    })
}

pub(super) fn baseline() -> Result<Baseline, Error> {
    Ok(Baseline { relu: run(Protocol::SemiHonest)?.relu_times() })
}

/// Both parties' accounts of one inference.
struct Run {
    client: Stats,
    server: Stats,
    rows: usize,
    challenge_bytes: u64,
}

fn run(protocol: Protocol) -> Result<Run, Error> {
    let server = Server::new(network()?, ServerConfig { protocol, ..ServerConfig::default() })?;
    let (mine, mut theirs) = memory::pair();
    thread::scope(|scope| {
        let serve = move || {
            let (ended, stats) = server.serve_counted(&mut theirs);
            ended.map(|()| stats)
        };
        let serving = thread::Builder::new().spawn_scoped(scope, serve);
        let serving =
            serving.map_err(|error| Error::Internal(format!("no thread to calibrate with: {error}")))?;
        let mut client = Client::over(mine, ClientConfig { protocol, ..ClientConfig::default() })?;
        let ticket = client.preprocess()?;
        client.infer_elements(ticket, &[Fp::new(1); INPUTS])?;
        let (stats, plan) = (client.stats(), client.plan());
        let rows = plan.budget().rows();
        let challenge_bytes =
            plan.predicted(1, Party::Client)?.get(Phase::Preprocessing, Component::Proofs).received;
        client.close();
        let server: Result<Stats, Error> =
            serving.join().map_err(|_| Error::Internal("the server's thread panicked".into()))?;
        Ok(Run { client: stats, server: server?, rows, challenge_bytes })
    })
}

impl Run {
    fn relu_times(&self) -> ReluTimes {
        let each = |phase, component| self.client.get(phase, component).time.as_secs_f64() / RELUS as f64;
        ReluTimes {
            labels: each(Phase::Preprocessing, Component::ObliviousTransfer),
            garbling: each(Phase::Preprocessing, Component::Garbling),
            evaluation: each(Phase::Online, Component::Labels),
        }
    }
}

/// Time at work.
fn work(counters: &Counters) -> f64 {
    counters.time.saturating_sub(counters.waited).as_secs_f64()
}

/// One layer of ReLUs between two dense ones.
fn network() -> Result<Network, Error> {
    let layer = |name: &str, inputs, outputs, activation| {
        let shape = LinearShape::dense(inputs, outputs);
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, FRAC_BITS);
        Layer::new(spec, vec![1; shape.weights()], vec![0; outputs])
    };
    let activation = Activation { shift: FRAC_BITS, sum_pool: None };
    let layers = vec![layer("first", INPUTS, RELUS, Some(activation))?, layer("last", RELUS, 1, None)?];
    let input =
        InputSpec { channels: INPUTS, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    Ok(Network::new("calibration".into(), input, FRAC_BITS, Vec::new(), layers)?)
}

const INPUTS: usize = 16;

/// Enough to keep a few threads busy with whole chunks.
const RELUS: usize = 2048;

const FRAC_BITS: u32 = 10;

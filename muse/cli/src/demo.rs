//! `muse demo`: both parties as two processes on this machine.

use super::{
    args::{DemoArgs, DemoNetwork, protocol},
    bars::Bars,
    child::{ServerProcess, Source},
    compare::{self, Subject},
    connect,
    console::Console,
    drawn::{Drawn, gallery},
    failure::Failure,
    infer::class,
    interrupt, report,
};
use alloc::sync::Arc;
use muse::{
    Client, ClientConfig, Protocol,
    accounts::{Phase, Stats},
    channel::Channel,
    model::{Network, Samples, plaintext, shipped},
    progress::Cancel,
    transport::Link,
};
use std::{path::PathBuf, time::Instant};

/// Runs both parties, shows results and costs.
pub fn run(args: &DemoArgs, threads: Option<usize>, console: Console) -> Result<(), Failure> {
    let (name, network, samples) = match args.network {
        DemoNetwork::Mnist => ("mnist", shipped::mnist(), shipped::mnist_samples()),
    };
    let cancel = interrupt::cancel();
    let (count, spool) = (usize::from(args.count), args.spool.clone());
    let demo =
        Demo { name, network, samples, count, link: args.link.link(), spool, threads, console, cancel };
    let protocol = protocol(args.mode, args.cds)?;
    let (subject, other) = if protocol.is_published() {
        (Subject::Disclosure, Protocol::ClientMalicious)
    } else {
        (Subject::Mode, Protocol::SemiHonest)
    };
    let run = demo.play(protocol)?;
    let baseline = if args.compare { Some(demo.play(other)?) } else { None };

    show(&run.outcomes, &demo.network, &demo.samples, console)?;
    costs(&run, console)?;
    if let Some(baseline) = &baseline {
        let relus = demo.network.architecture().relu_count() as u64;
        console.result(&compare::render(subject, &baseline.costs(), &run.costs(), relus))?;
    }
    let all = run.outcomes.iter().chain(baseline.iter().flat_map(|run| &run.outcomes));
    let wrong = all.filter(|outcome| !outcome.exact).count();
    if wrong > 0 {
        return Err(Failure::mismatch(format!(
            "{wrong} secure results differ from the plaintext network's; this is a bug, please report it"
        )));
    }
    Ok(())
}

/// What is demonstrated.
struct Demo {
    name: &'static str,
    network: Network,
    samples: Samples,
    count: usize,
    link: Link,
    spool: Option<PathBuf>,
    threads: Option<usize>,
    console: Console,
    cancel: Cancel,
}

/// What came of it in one protocol.
struct Run {
    outcomes: Vec<Outcome>,
    client: Stats,
    server: Stats,
}

impl Run {
    fn costs(&self) -> compare::Costs<'_> {
        compare::Costs { inferences: self.outcomes.len() as u64, client: &self.client, server: &self.server }
    }
}

impl Demo {
    /// Both parties, in one protocol, on all images.
    fn play(&self, protocol: Protocol) -> Result<Run, Failure> {
        let Self { name, network, samples, count, link, spool, threads, console, cancel } = self;
        let server = ServerProcess::start(&Source::Shipped(name), protocol, *threads)?;
        console.remark(&format!(
            "server: process {}, holds the weights of {name} ({} ReLUs), listens on {}",
            server.id(),
            super::table::count(network.architecture().relu_count() as u64),
            server.address()
        ));
        console.remark(&format!("client: process {}, holds the images", std::process::id()));
        console.remark(promise(protocol));

        let mut config = ClientConfig::default();
        config.protocol = protocol;
        config.cancel = cancel.clone();
        config.spool.clone_from(spool);
        config.observer = Arc::new(Bars::new(console.is_quiet()));
        let mut client = connect::over(server.address(), config, *link)?;
        if !link.is_free() {
            console.remark(&format!("connection: {} pretended\n", connect::describe(*link)));
        }
        let mut outcomes = Vec::with_capacity(*count);
        for index in 0..*count {
            let outcome = classify(&mut client, network, samples, index)?;
            console.remark(&format!(
                "image {} of {count}: preprocessed in {:.2} s, then classified in {:.2} s",
                index + 1,
                outcome.preprocessing,
                outcome.online
            ));
            outcomes.push(outcome);
        }
        let client_stats = client.stats();
        client.close();
        Ok(Run { outcomes, client: client_stats, server: server.finish()? })
    }
}

/// What a mode protects, in a line.
const fn promise(protocol: Protocol) -> &'static str {
    if protocol.is_client_malicious() {
        "mode client-malicious: protects the image, and the weights against whatever the client does\n"
    } else {
        "mode semi-honest: protects the image, and the weights ONLY against clients that follow the protocol\n"
    }
}

/// What came out for one image.
struct Outcome {
    sample: usize,
    predicted: usize,
    /// Whether every output equals the plaintext network's.
    exact: bool,
    /// Seconds.
    preprocessing: f64,
    /// Seconds.
    online: f64,
}

fn classify(
    client: &mut Client<impl Channel>,
    network: &Network,
    samples: &Samples,
    sample: usize,
) -> Result<Outcome, Failure> {
    let start = Instant::now();
    let ticket = client.preprocess()?;
    let preprocessing = start.elapsed().as_secs_f64();

    // Only here does the image come in.
    let pixels = samples.image(sample);
    let input = client.architecture().encode_bytes(pixels).map_err(|e| Failure::general(e.to_string()))?;
    let start = Instant::now();
    let logits = client.infer_elements(ticket, &input)?;
    let online = start.elapsed().as_secs_f64();

    let exact = logits.elements() == plaintext::forward(network, &input);
    Ok(Outcome { sample, predicted: logits.argmax_vartime(), exact, preprocessing, online })
}

/// Draws the first images and those that were not recognised; sums up.
fn show(outcomes: &[Outcome], network: &Network, samples: &Samples, console: Console) -> Result<(), Failure> {
    let input = network.architecture().input();
    let label = |outcome: &Outcome| usize::from(samples.label(outcome.sample));
    let drawn = (outcomes.iter().enumerate())
        .filter(|(i, outcome)| *i < DRAWN || outcome.predicted != label(outcome))
        .map(|(_, outcome)| {
            let predicted = class(network.architecture(), outcome.predicted);
            let truth = class(network.architecture(), label(outcome));
            let caption = format!("predicted {predicted}, label {truth}");
            Drawn::draw(samples.image(outcome.sample), input.width, input.height, console.style(), caption)
        });
    let drawn: Vec<_> = drawn.collect();
    console.result(&format!("\n{}", gallery(&drawn, console.columns()).trim_end_matches('\n')))?;

    let count = outcomes.len();
    let exact = outcomes.iter().filter(|outcome| outcome.exact).count();
    let right = outcomes.iter().filter(|outcome| outcome.predicted == label(outcome)).count();
    console.result(&format!("\nlabel predicted:           {right} of {count}"))?;
    console.result(&format!("equal to plaintext result: {exact} of {count} (every output, bit for bit)\n"))
}

/// The tables of both parties, and the averages that matter.
fn costs(run: &Run, console: Console) -> Result<(), Failure> {
    let (count, client) = (run.outcomes.len() as u64, &run.client);
    console.result(&report::render("client", count, client))?;
    console.result(&report::render("server", count, &run.server))?;
    console.result(report::LEGEND)?;
    for (phase, when) in
        [(Phase::Preprocessing, "before the input exists"), (Phase::Online, "with the input")]
    {
        let counters = client.phase(phase);
        let share = count.max(1) as f64;
        console.result(&format!(
            "{:<13} {:>6.2} s, {:>6.2} MB per inference ({when})",
            phase.name(),
            counters.time.as_secs_f64() / share,
            counters.bytes() as f64 / 1e6 / share
        ))?;
    }
    Ok(())
}

/// Images drawn whatever comes out.
const DRAWN: usize = 6;

//! `muse attack`.

mod show;
mod summary;

use super::{
    args::{AttackArgs, Shipped},
    console::Console,
    failure::Failure,
    interrupt,
};
use muse::{
    ClientConfig, Error, Network, Protocol,
    handshake::HandshakeError,
    model::{Architecture, Samples, plaintext, save, shipped},
    transport::{Limits, Tcp},
};
use muse_attack::{self as attack, Options, Oracle, Stolen, Thief};
use show::Show;
use std::time::Instant;
use summary::Summary;

/// Recovers the network of a server that lets it, and shows what came of it.
pub fn run(args: &AttackArgs, console: Console) -> Result<(), Failure> {
    if let Some(folder) = &args.out {
        // Before minutes of work, not after them.
        save::check_folder(folder).map_err(|e| Failure::general(e.to_string()))?;
    }
    let original = args.compare_shipped.map(Shipped::network);
    let mut config = ClientConfig::default();
    config.limits = Limits::with_message_timeout(args.timeout).of_client();
    config.cancel = interrupt::cancel();
    let mut thief = connect(args, config, console)?;
    if let Some(original) = &original
        && original.architecture() != thief.architecture()
    {
        return Err(Failure::general(format!(
            "the server's network {:?} has another architecture than the shipped {:?}; leave out --compare-shipped",
            thief.architecture().name(),
            original.architecture().name()
        )));
    }

    let mut options = Options::default();
    options.layers = args.layers.unwrap_or(usize::MAX);
    options.pack = args.pack.into();
    let mut show = Show::new(thief.architecture().clone(), args.json, console);
    let start = Instant::now();
    let result = attack::run(&mut thief, &options, &mut |event| show.event(event));
    show.end();
    let stolen = result.inspect_err(|failure| show.failed(failure))?;
    let seconds = start.elapsed().as_secs_f64();

    let mut summary = Summary::new(&stolen, seconds, thief.sessions());
    if let Some(original) = &original {
        summary.compare(&stolen, original);
    }
    finish(args, stolen, original.as_ref(), summary, &show)
}

/// What can be said of the stolen network, and the files.
fn finish(
    args: &AttackArgs,
    stolen: Stolen,
    original: Option<&Network>,
    mut summary: Summary,
    show: &Show,
) -> Result<(), Failure> {
    let copy = stolen.into_network().map_err(|e| Failure::general(e.to_string()))?;
    let Some(copy) = copy else { return show.summary(&summary) };
    if let Some(samples) = samples_for(copy.architecture()) {
        summary.accuracy = Some((right(&copy, &samples), samples.len()));
        summary.original_accuracy = original.map(|original| right(original, &samples));
    }
    if let Some(folder) = &args.out {
        match copy.save(folder) {
            Ok(path) => summary.saved = Some(path.display().to_string()),
            Err(error) => {
                show.summary(&summary)?;
                return Err(Failure::general(error.to_string()));
            }
        }
    }
    show.summary(&summary)
}

/// A client with the protocol of the server: the attack is the same in both, but only one of them stops it.
fn connect(args: &AttackArgs, config: ClientConfig, console: Console) -> Result<Thief, Failure> {
    let with = |protocol| {
        let mut config = config.clone();
        config.protocol = protocol;
        let (address, limits) = (args.connect.clone(), config.limits);
        Thief::new(config, move || Ok(Tcp::connect(&address, limits)?))
    };
    match with(Protocol::SemiHonest) {
        Err(Error::Handshake(HandshakeError::Protocol { theirs }))
            if theirs == Protocol::ClientMalicious as u8 =>
        {
            console.remark("the server runs the default mode, client-malicious: trying the same there");
            Ok(with(Protocol::ClientMalicious)?)
        }
        result => Ok(result?),
    }
}

/// The shipped digits, if the network takes such images and tells ten classes apart.
fn samples_for(architecture: &Architecture) -> Option<Samples> {
    let samples = shipped::mnist_samples();
    let digits = shipped::mnist();
    let fits = architecture.input() == digits.architecture().input() && architecture.outputs() == 10;
    fits.then_some(samples)
}

/// Samples that a network classifies as they are labelled.
fn right(network: &Network, samples: &Samples) -> usize {
    (0..samples.len())
        .filter(|&index| {
            let input = network.architecture().encode_bytes(samples.image(index)).unwrap_or_default();
            let class = Architecture::argmax_vartime(&plaintext::forward(network, &input));
            class == Some(usize::from(samples.label(index)))
        })
        .count()
}

impl From<attack::Failure> for Failure {
    fn from(failure: attack::Failure) -> Self {
        let text = failure.to_string();
        if failure.is_refused() {
            return Self::refused(text);
        }
        if let attack::Failure::Session(error) = failure { error.into() } else { Self::general(text) }
    }
}

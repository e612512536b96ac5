//! The model-extraction attack of MUSE, section 2, over the wire: the baseline loses its network to a client that cheats, the default
//! refuses that client at the first value it alters.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use alloc::sync::Arc;
use common::{client_config, limits, server_config};
use core::net::SocketAddr;
use muse::{
    Client, Error, Fault, Protocol, Server,
    handshake::Refused,
    model::{Activation, InputSpec, Layer, LayerSpec, LinearShape, Network, Normalisation, plaintext},
    server::{self, Monitor},
    transport::{Framed, Limits, Tcp, memory},
};
use muse_attack::{self as attack, Equal, Event, Options, Oracle, Query, Thief};
use muse_field::{Fp, prg::Prg, sample};
use std::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    thread,
};

extern crate alloc;

/// A convolution with padding and pooling, and two dense layers: random weights and biases of the size training gives them.
fn small(seed: u8) -> Network {
    let frac_bits = 8;
    let mut rng = Prg::from_seed([seed; 32]);
    let mut draw = |reach: i64| sample::uniform(&mut rng).to_u64().cast_signed() % (2 * reach + 1) - reach;
    let image = LinearShape {
        in_channels: 1,
        height: 4,
        width: 4,
        out_channels: 3,
        kernel: 3,
        padding: 1,
        stride: 1,
    };
    let pooled = Some(Activation { shift: frac_bits, sum_pool: Some(2) });
    let summed = Some(Activation { shift: frac_bits + 2, sum_pool: None });
    let shapes = [
        ("conv", image, pooled),
        ("fc1", LinearShape::dense(12, 6), summed),
        ("fc2", LinearShape::dense(6, 4), None),
    ];
    let layers = shapes.map(|(name, shape, activation)| {
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, frac_bits);
        let weights = (0..shape.weights()).map(|_| draw(150)).collect();
        let bias = (0..shape.out_channels).map(|_| draw(60_000)).collect();
        Layer::new(spec, weights, bias).unwrap()
    });
    let input = InputSpec { channels: 1, height: 4, width: 4, normalisation: Normalisation::UnitInterval };
    Network::new("small".into(), input, frac_bits, Vec::new(), layers.into()).unwrap()
}

/// A cheating client; every session is served by a thread of its own, whose verdict is sent.
fn thief(
    network: fn() -> Network,
    protocol: Protocol,
) -> (Thief<memory::Memory>, mpsc::Receiver<Result<(), Error>>) {
    let (verdicts, received) = mpsc::channel();
    let thief = Thief::new(client_config(protocol), move || {
        let (mine, theirs) = memory::pipes();
        let server = Server::new(network(), server_config(protocol)).unwrap();
        let verdicts = verdicts.clone();
        thread::spawn(move || verdicts.send(server.serve_connection(&mut Framed::new(theirs, limits()))));
        Ok(Framed::new(mine, limits()))
    });
    (thief.unwrap(), received)
}

#[test]
fn the_baseline_loses_its_network() {
    let (mut thief, verdicts) = thief(|| small(1), Protocol::SemiHonest);
    let mut confirmed = false;
    let stolen = attack::run(&mut thief, &Options::default(), &mut |event| {
        confirmed |= matches!(event, Event::Confirmed);
    });
    let stolen = stolen.unwrap();
    let original = small(1);
    for (ours, theirs) in stolen.layers.iter().zip(original.layers()) {
        assert_eq!(ours.weights(), theirs.weights(), "{}", theirs.name());
        assert_eq!(ours.bias(), theirs.bias(), "{}", theirs.name());
    }
    assert_eq!((stolen.layers.len(), stolen.unreachable), (3, 0));
    assert!(confirmed, "the copy was compared with the server");
    drop(thief);
    assert!(verdicts.recv().unwrap().is_ok(), "the server noticed nothing");
}

#[test]
fn the_last_layers_alone_can_be_asked_for() {
    let (mut thief, _verdicts) = thief(|| small(2), Protocol::SemiHonest);
    let mut options = Options::default();
    options.layers = 1;
    let stolen = attack::run(&mut thief, &options, &mut |_| {}).unwrap();
    assert_eq!((stolen.first, stolen.layers.len()), (2, 1));
    let original = small(2);
    assert_eq!(stolen.equal(&original), [Equal { weights: 24, biases: 4 }]);
    assert_ne!(stolen.equal(&small(1)), stolen.equal(&original));
    assert!(stolen.into_network().unwrap().is_none(), "a part is no network");
}

/// Keeps what the server's operator is told.
#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Monitor for Log {
    fn event(&self, _: SocketAddr, event: &server::Event<'_>) {
        let line = match event {
            server::Event::Inferred { .. } => "inferred".to_owned(),
            server::Event::Ended { error: Some(error), .. } => format!("ended: {error}"),
            server::Event::TurnedAway { .. } => "turned away".to_owned(),
            server::Event::Started | server::Event::Preprocessed { .. } | server::Event::Ended { .. } | _ => {
                return;
            }
        };
        self.0.lock().unwrap().push(line);
    }
}

#[test]
fn the_default_refuses_the_same_client_at_its_first_altered_share() {
    let log = Arc::new(Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = server::Stop::new(&listener).unwrap();
    let mut config = server_config(Protocol::ClientMalicious);
    config.monitor = log.clone();
    let serving = {
        let (server, stop) = (Server::new(small(1), config).unwrap(), stop.clone());
        thread::spawn(move || server.serve_until(listener, &stop))
    };

    let target = address.clone();
    let connect = move || Ok(Tcp::connect(&target, Limits::default())?);
    let mut thief = Thief::new(client_config(Protocol::ClientMalicious), connect).unwrap();
    let mut heard = Vec::new();
    let result = attack::run(&mut thief, &Options::default(), &mut |event| heard.push(*event));
    let failure = result.unwrap_err();
    assert!(failure.is_refused(), "{failure}");
    assert_eq!(
        failure.to_string(),
        "refused: client-malicious: the server aborted at our first altered share; nothing was learnt, no logits were returned"
    );
    assert!(!heard.iter().any(|event| matches!(event, Event::Query(_) | Event::Done { .. })), "{heard:?}");
    drop(thief);
    // And nobody at this address gets another chance for a while.
    assert!(matches!(
        Client::connect(&address, client_config(Protocol::ClientMalicious)),
        Err(Error::TurnedAway(Some(Refused::Penalty)))
    ));
    stop.stop();
    serving.join().unwrap().unwrap();
    let check = Error::Peer(Fault::Disclosure(muse_cds::Check::Value));
    // The address is marked before the client hears of it, the log is written after.
    let mut lines = log.0.lock().unwrap();
    lines.sort();
    assert_eq!(lines[..], [format!("ended: {check}"), "turned away".to_owned()], "the log names the check");
}

#[test]
fn an_honest_query_is_served_by_both() {
    // The refusal above is due to what was altered and to nothing else.
    for protocol in [Protocol::SemiHonest, Protocol::ClientMalicious] {
        let (mut thief, _verdicts) = thief(|| small(3), protocol);
        let input: Vec<Fp> = (0..16).map(|i| Fp::new(i * 16)).collect();
        let query = Query::honest(thief.architecture(), input.clone());
        assert_eq!(thief.ask(&query).unwrap(), plaintext::forward(&small(3), &input));
    }
}

#[test]
fn one_altered_opening_is_refused_too() {
    // Only what is opened behind the first ReLU, no choice bit.
    let (mut thief, verdicts) = thief(|| small(1), Protocol::ClientMalicious);
    let mut query = Query::honest(thief.architecture(), vec![Fp::ZERO; 16]);
    query.steps[0].after[0] = Fp::ONE;
    assert!(thief.ask(&query).is_err());
    let verdict = verdicts.recv().unwrap();
    assert!(matches!(verdict, Err(Error::Peer(Fault::Mac(_)))), "{verdict:?}");
}

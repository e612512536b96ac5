//! A client that deviates nowhere is the honest one, byte by byte: what a deviation changes is the deviation and nothing else.
//!
//! An honest client with fixed randomness plays against a server, whose bytes are recorded. The deviating one plays against the
//! record with the same randomness: as soon as it sent anything else, what it hears would not fit.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::*;
use core::time::Duration;
use muse::{
    Network, Protocol, Server, ServerConfig,
    hazmat::{self, Metered},
    model::{Activation, InputSpec, Layer, LayerSpec, LinearShape, Normalisation, plaintext},
    progress::Silent,
    steps::{handshake, keys},
    transport::{Framed, Limits, Pipe, Tag, Transport as _, memory},
};
use std::io;

/// What the client reads, from a server or from a record, and what it writes.
struct Recorded<P> {
    server: P,
    read: Vec<u8>,
    written: Vec<u8>,
}

impl<P: Pipe> Pipe for &mut Recorded<P> {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let n = self.server.read(out, patience)?;
        self.read.extend_from_slice(&out[..n]);
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let n = self.server.write(bytes, patience)?;
        self.written.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn close(&mut self) {
        self.server.close();
    }
}

/// The bytes of a server that does not listen.
struct Record<'a>(&'a [u8]);

impl Pipe for Record<'_> {
    fn read(&mut self, out: &mut [u8], _patience: Duration) -> io::Result<usize> {
        io::Read::read(&mut self.0, out)
    }

    fn write(&mut self, bytes: &[u8], _patience: Duration) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn close(&mut self) {}
}

/// Several ciphertexts in a layer, and two layers that are opened.
fn network() -> Network {
    let f = 6;
    let layer = |name: &str, inputs: usize, outputs: usize, last: bool| {
        let activation = (!last).then_some(Activation { shift: f, sum_pool: None });
        let shape = LinearShape::dense(inputs, outputs);
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, f);
        let weights = (0..shape.weights()).map(|i| (i as i64 * 37 + 11) % 65 - 32).collect();
        Layer::new(spec, weights, vec![5; outputs]).unwrap()
    };
    let layers =
        vec![layer("first", INPUTS, 3, false), layer("second", 3, 2, false), layer("third", 2, 2, true)];
    let input = InputSpec { channels: 2, height: 50, width: 50, normalisation: Normalisation::UnitInterval };
    Network::new("same".into(), input, f, Vec::new(), layers).unwrap()
}

const INPUTS: usize = 5000;

fn input() -> Vec<Fp> {
    (0..INPUTS as u64).map(|i| Fp::new(i % 64)).collect()
}

/// A session of one inference by this conduct, with fixed randomness.
fn play(conduct: &impl Conduct, protocol: Protocol, pipe: impl Pipe) -> Result<Elements, Error> {
    let rng = &mut Prg::from_seed([2; 32]);
    let link = &mut Metered::new(Framed::new(pipe, Limits::default()), Arc::new(Silent));
    let (id, plan) = handshake::client(link, protocol, rng)?;
    let session = keys::client(link, id, &plan, rng)?;
    let spool = Spool::new(None, plan.spool_bytes())?;
    let (_session, ticket) = conduct.preprocess(session, &plan, spool, link, &Silent, rng)?;
    let logits = conduct.infer(ticket, &input(), &plan, link, &Silent, rng)?;
    link.send(Tag::Bye, &[])?;
    link.flush()?;
    Ok(logits)
}

/// What a server and an honest client said to each other.
fn honest(network: &Network, protocol: Protocol) -> [Vec<u8>; 2] {
    let mut config = ServerConfig::default();
    config.protocol = protocol;
    let server = Server::new(self::network(), config).unwrap();
    let (mine, theirs) = memory::pipes();
    let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, Limits::default())));
    let mut pipe = Recorded { server: mine, read: Vec::new(), written: Vec::new() };
    let logits = play(&hazmat::Honest, protocol, &mut pipe).unwrap();
    assert_eq!(*logits, plaintext::forward(network, &input()));
    serving.join().unwrap().unwrap();
    [pipe.written, pipe.read]
}

/// What a deviating client sends to a server that says this.
fn deviant(
    deviation: impl Deviate + 'static,
    protocol: Protocol,
    says: &[u8],
) -> (Result<Elements, Error>, Vec<u8>) {
    let mut pipe = Recorded { server: Record(says), read: Vec::new(), written: Vec::new() };
    let logits = play(&Deviant(Arc::new(deviation)), protocol, &mut pipe);
    (logits, pipe.written)
}

/// Opens one value that is off by one.
struct Opens;

impl Deviate for Opens {
    fn opened(&self, layer: usize, values: &mut [Fp], _macs: &mut [Fp]) {
        if layer == 1 {
            values[0] += Fp::ONE;
        }
    }
}

#[test]
fn who_deviates_nowhere_sends_what_an_honest_client_sends() {
    let network = network();
    for protocol in Protocol::ALL {
        let [sent, heard] = honest(&network, protocol);
        let (logits, written) = deviant(Honest, protocol, &heard);
        assert_eq!(*logits.unwrap(), plaintext::forward(&network, &input()), "{protocol:?}");
        assert!(written == sent, "{protocol:?}");
        // And one deviation changes what it is about alone: the record goes on, as it would not mind.
        let (_, written) = deviant(Opens, protocol, &heard);
        let at = written.iter().zip(&sent).position(|(one, other)| one != other).unwrap();
        assert_eq!(written.len(), sent.len(), "{protocol:?}");
        assert!(
            sent.len() - at < 64,
            "{protocol:?}: the last opening, {} bytes before the end",
            sent.len() - at
        );
    }
}

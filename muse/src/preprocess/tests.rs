//! Threads change speed only: with the same seeds, every byte of a session is the same whatever the number of threads.

use crate::{
    Protocol,
    card::Card,
    metered::Metered,
    model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation, plaintext},
    online,
    plan::Plan,
    preprocess,
    progress::Silent,
    spool::Spool,
    steps::{handshake, keys},
    transport::{
        Framed, Limits, Pipe, Tag, Transport,
        memory::{MemoryPipe, pipes},
    },
};
use alloc::sync::Arc;
use core::time::Duration;
use muse_field::{Fp, prg::Prg, transcript::Transcript};
use muse_he::encode::LinearShape;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{io, path::Path, thread};

/// A pipe that remembers what was written.
struct Recorded {
    pipe: MemoryPipe,
    written: Vec<u8>,
}

impl Pipe for &mut Recorded {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.pipe.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let n = self.pipe.write(bytes, patience)?;
        self.written.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}

/// A convolution with more ReLUs than are garbled at once on a few threads, then a dense layer.
fn network() -> Network {
    let f = 6;
    let convolution = LinearShape {
        in_channels: 1,
        height: 14,
        width: 14,
        out_channels: 4,
        kernel: 3,
        padding: 1,
        stride: 1,
    };
    let layer = |name: &str, shape: LinearShape, shift: Option<u32>| {
        let activation = shift.map(|shift| Activation { shift, sum_pool: None });
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, f);
        let weights = (0..shape.weights()).map(|i| (i as i64 * 37 + 11) % 65 - 32).collect();
        let outputs = if name == "first" { shape.out_channels } else { shape.outputs() };
        Layer::new(spec, weights, vec![5; outputs]).expect("a layer")
    };
    let layers =
        vec![layer("first", convolution, Some(f)), layer("second", LinearShape::dense(784, 3), None)];
    let input = InputSpec { channels: 1, height: 14, width: 14, normalisation: Normalisation::UnitInterval };
    Network::new("threads".into(), input, f, Vec::new(), layers).expect("a network")
}

/// A whole session of one inference with fixed seeds: what each party wrote.
fn session(protocol: Protocol, threads: usize, spool: Option<&Path>) -> [Vec<u8>; 2] {
    let pool = || -> ThreadPool { ThreadPoolBuilder::new().num_threads(threads).build().expect("threads") };
    let (network, limits) = (network(), Limits::default());
    let card = Card::new(network.architecture().clone()).expect("a card").to_bytes();
    let input: Vec<Fp> = (0..196).map(|i| Fp::new(i % 64)).collect();
    let (one, other) = pipes();
    let [mut client, mut server] = [one, other].map(|pipe| Recorded { pipe, written: Vec::new() });
    thread::scope(|scope| {
        scope.spawn(|| {
            pool().install(|| {
                let rng = &mut Prg::from_seed([1; 32]);
                let link = &mut Metered::new(Framed::new(&mut server, limits), Arc::new(Silent));
                let plan = Plan::new(protocol, network.architecture().clone()).expect("a plan");
                let id = handshake::server(link, protocol, &card, rng).expect("hello");
                let session = keys::server(link, id, &plan, rng).expect("keys");
                link.recv_request(&[Tag::Preprocess]).expect("a request");
                let (session, ticket) =
                    preprocess::server(session, &network, &plan, link, &Silent, rng).expect("a ticket");
                link.recv(Tag::Infer, 8).expect("a claim");
                online::server(ticket, &session, &network, &plan, link, &Silent, rng).expect("an answer");
                link.flush().expect("sent");
            });
        });
        pool().install(|| {
            let rng = &mut Prg::from_seed([2; 32]);
            let link = &mut Metered::new(Framed::new(&mut client, limits), Arc::new(Silent));
            let (id, plan) = handshake::client(link, protocol, rng).expect("hello");
            let session = keys::client(link, id, &plan, rng).expect("keys");
            let spool = Spool::new(spool, plan.spool_bytes()).expect("a place");
            let (_session, ticket) =
                preprocess::client(session, &plan, spool, link, &Silent, rng).expect("a ticket");
            let logits = online::client(ticket, &input, &plan, link, &Silent, rng).expect("an answer");
            assert_eq!(*logits, plaintext::forward(&network, &input));
        });
    });
    [client.written, server.written]
}

#[test]
fn every_byte_is_the_same_on_any_number_of_threads() {
    let directory = tempfile::tempdir().expect("a directory");
    for protocol in [Protocol::ClientMalicious, Protocol::SemiHonest] {
        let one = session(protocol, 1, None);
        assert!(one[1].len() > 1 << 20, "tables of hundreds of circuits");
        for (threads, spool) in [(2, None), (5, Some(directory.path()))] {
            let several = session(protocol, threads, spool);
            assert!(one == several, "{protocol:?} on {threads} threads");
        }
    }
}

/// What goes over the wire is pinned: whoever changes a byte of it raises [`VERSION`](crate::handshake::VERSION), changes these digests, and
/// says why in the changelog.
#[test]
fn the_bytes_of_a_session_are_pinned() {
    let digests = Protocol::ALL.map(|protocol| {
        session(protocol, 2, None).map(|written| {
            let mut transcript = Transcript::new("pinned session");
            let [a, b, c, d, ..] = transcript.append("written", &written).digest("bytes");
            (written.len(), u32::from_be_bytes([a, b, c, d]))
        })
    });
    assert_eq!(digests, PINNED, "{digests:#x?}");
}

/// For every protocol the number of bytes, and the digest, of what the client and the server write.
const PINNED: [[(usize, u32); 2]; 3] = [
    [(810_951, 0xdb2a_af73), (3_959_636, 0x9788_9143)],
    [(1_545_047, 0xddc0_128c), (4_615_934, 0x5ea9_3e4d)],
    [(31_590_106, 0xd93a_fab2), (17_653_326, 0x638c_c95a)],
];

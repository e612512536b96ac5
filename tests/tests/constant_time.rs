//! Whole sessions of both parties under valgrind, which reports every jump and every address that depends on a secret.
//!
//! Secret is what the parties draw (their seeds are marked where they come from the system, and with them Delta, alpha, keys, labels,
//! masks, s, noise and r), the weights, and the image. Public is what goes over the wire, and what `docs/constant-time.md` lists.
//! `.ci/whole_constant_time` builds this program as a release is built, and runs it. The tests count the reports themselves; without
//! valgrind or without the marks they check results only.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use alloc::sync::Arc;
use core::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use muse::{
    Client, ClientConfig, Image, Logits, Protocol, Server, ServerConfig,
    model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation, plaintext},
    transport::{
        Framed, Limits, Pipe,
        memory::{self, MemoryPipe},
    },
};
use muse_attack::deviate::{self, Deviate};
use muse_field::ct;
use muse_he::encode::LinearShape;
use std::{io, thread};

/// A convolution with padding, 72 ReLUs, average pooling, and a dense layer.
fn network() -> Network {
    let f = 6;
    let convolution = LinearShape {
        in_channels: 2,
        height: 6,
        width: 6,
        out_channels: 2,
        kernel: 3,
        padding: 1,
        stride: 1,
    };
    let layer = |name: &str, shape: LinearShape, activation| {
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, f);
        let count = shape.out_channels * shape.taps();
        let weights = (0..count).map(|i| (i as i64 * 37 + 11) % 129 - 64).collect();
        Layer::new(spec, weights, (0..shape.out_channels).map(|i| i as i64 * 900 - 700).collect()).unwrap()
    };
    let layers = vec![
        layer("convolution", convolution, Some(Activation { shift: f, sum_pool: Some(2) })),
        layer("dense", LinearShape::dense(18, 3), None),
    ];
    let input = InputSpec { channels: 2, height: 6, width: 6, normalisation: Normalisation::UnitInterval };
    Network::new("small".into(), input, f, Vec::new(), layers).unwrap()
}

/// A pipe to the peer. A copy of what goes out is public from here on; the sender's own bytes stay as they are.
struct Wire {
    pipe: MemoryPipe,
    leaks: Option<Arc<AtomicU64>>,
}

impl Pipe for Wire {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.pipe.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        if let Some(leaks) = &self.leaks {
            leak(bytes.iter().fold(0, |all, byte| all ^ byte), leaks);
        }
        let sent = bytes.to_vec();
        ct::public(&sent[..]);
        self.pipe.write(&sent, patience)
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}

/// One inference of a server, which leaks if leaks are to be counted, and of the client that `play` plays; how many reports it took.
fn session(
    protocol: Protocol,
    leaks: Option<Arc<AtomicU64>>,
    play: impl FnOnce(Framed<Wire>, ClientConfig, &Image) -> Logits,
) -> u64 {
    let before = ct::reports();
    let pixels: Vec<u8> = (0..72).map(|i| (i * i % 251) as u8).collect();
    let network = network();
    let expected = plaintext::forward(&network, &network.architecture().encode_bytes(&pixels).unwrap());
    for layer in network.layers() {
        ct::secret(layer.weights());
        ct::secret(layer.bias());
    }
    ct::secret(&pixels[..]);

    // Valgrind takes its time.
    let limits = Limits::with_timeout(Duration::from_secs(1800));
    let (mine, theirs) = memory::pipes();
    let mut config = ServerConfig::default();
    (config.protocol, config.limits) = (protocol, limits);
    let server = Server::new(network, config).unwrap();
    let wire = Wire { pipe: theirs, leaks };
    let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(wire, limits)));

    let mut config = ClientConfig::default();
    (config.protocol, config.limits) = (protocol, limits);
    let wire = Wire { pipe: mine, leaks: None };
    let logits = play(Framed::new(wire, limits), config, &Image::new(2, 6, 6, pixels).unwrap());
    // The client's result, for it to look at.
    ct::public(logits.elements());
    assert_eq!(logits.elements(), expected);
    serving.join().unwrap().unwrap();
    ct::reports() - before
}

fn honest(protocol: Protocol) -> u64 {
    session(protocol, None, |link, config, image| {
        let mut client = Client::over(link, config).unwrap();
        let ticket = client.preprocess().unwrap();
        client.infer(ticket, image).unwrap()
    })
}

#[test]
fn the_correlated_disclosure() {
    assert_eq!(honest(Protocol::ClientMalicious), 0);
}

#[test]
fn the_published_disclosure() {
    assert_eq!(honest(Protocol::ClientMaliciousPublished), 0);
}

/// Jumps on a bit, and counts the reports of that.
fn leak(secret: u8, reports: &AtomicU64) {
    let before = ct::reports();
    if black_box(secret) & 1 == 1 {
        black_box(reports);
    }
    reports.fetch_add(ct::reports() - before, Ordering::Relaxed);
}

/// A client that jumps on a bit of its first share y, which it computed from its secret key and a reply.
#[derive(Default)]
struct Leaky(AtomicU64);

impl Deviate for Leaky {
    fn choices(&self, values: &mut [u64]) {
        leak(values[0] as u8, &self.0);
    }
}

/// The negative control, which is the baseline's test, too: reported are these leaks, of both sides, and nothing else.
#[test]
fn the_baseline_with_leaks() {
    let (client, server) = (Arc::new(Leaky::default()), Arc::<AtomicU64>::default());
    let leaky = client.clone();
    let reports = session(Protocol::SemiHonest, Some(server.clone()), |link, config, image| {
        let mut client = deviate::client(link, config, leaky).unwrap();
        let ticket = client.preprocess().unwrap();
        client.infer(ticket, image).unwrap()
    });
    let [client, server] = [&client.0, &*server].map(|leaks| leaks.load(Ordering::Relaxed));
    assert_eq!(client, u64::from(ct::is_watched()));
    // It jumps at every write, also of bytes that were public before.
    assert_eq!(server > 0, ct::is_watched());
    assert_eq!(reports, client + server);
}

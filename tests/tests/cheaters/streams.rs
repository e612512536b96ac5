//! The client's stream of bytes as a whole: bits flipped, bytes lost or repeated anywhere, by the hundred.

use crate::common::{Meddle, Meddled, limits, tiny};
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Server, ServerConfig,
    model::plaintext,
    transport::{Framed, memory},
};
use muse_field::Fp;
use proptest::{prelude::*, test_runner::TestRunner};
use std::{sync::OnceLock, thread};

/// The client's input.
const INPUT: [Fp; 6] = [Fp::ONE; 6];

/// Bytes an honest client sends in a session of one inference, give or take a few tries of the proof.
fn honest_stream() -> u64 {
    static LENGTH: OnceLock<u64> = OnceLock::new();
    *LENGTH.get_or_init(|| {
        let (mut client, serving) = crate::common::session(tiny());
        let ticket = client.preprocess().unwrap();
        client.infer_elements(ticket, &INPUT).unwrap();
        let total = client.stats().total().sent;
        drop(client);
        serving.join().unwrap().unwrap();
        total
    })
}

/// Flips a bit, drops some bytes, or sends some bytes twice.
#[derive(Clone, Copy, Debug)]
enum Change {
    Flip(u8),
    Drop(usize),
    Double(usize),
}

struct Once {
    position: u64,
    change: Change,
}

impl Meddle for Once {
    fn outgoing(&mut self, position: u64, bytes: &mut Vec<u8>) -> bool {
        let Some(at) = self.position.checked_sub(position).filter(|at| *at < bytes.len() as u64) else {
            return true;
        };
        let at = at as usize;
        match self.change {
            Change::Flip(bit) => bytes[at] ^= 1 << bit,
            Change::Drop(count) => {
                let end = (at + count).min(bytes.len());
                bytes.drain(at..end);
            }
            Change::Double(count) => {
                let end = (at + count).min(bytes.len());
                let run = bytes[at..end].to_vec();
                bytes.splice(at..at, run);
            }
        }
        true
    }
}

/// A session of one inference with a client whose stream is changed. The server waits for `patience` for bytes that do not come.
fn infer_meddled(
    position: u64,
    change: Change,
    patience: Duration,
) -> (Result<Vec<Fp>, Error>, Result<(), Error>) {
    let (mine, theirs) = memory::pipes();
    let mut brief = limits();
    brief.read = patience;
    let server = Server::new(tiny(), ServerConfig::default()).unwrap();
    let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, brief)));
    let link = Framed::new(Meddled::new(mine, Once { position, change }), limits());
    let outcome = (|| {
        let mut client = Client::over(link, ClientConfig::default())?;
        let ticket = client.preprocess()?;
        Ok(client.infer_elements(ticket, &INPUT)?.elements().to_vec())
    })();
    (outcome, serving.join().expect("the server does not panic"))
}

/// The right result, or one for another input: what a bit of the masked input, of an unchosen base-OT message or of unused
/// bits may come to. Nothing else passes.
fn harmless(result: &[Fp]) -> bool {
    let network = tiny();
    if result == plaintext::forward(&network, &INPUT) {
        return true;
    }
    (0..6).any(|i| {
        (0..44).any(|bit| {
            [Fp::new(1 << bit), -Fp::new(1 << bit)].into_iter().any(|change| {
                let mut input = INPUT;
                input[i] += change;
                result == plaintext::forward(&network, &input)
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_bit_flipped_anywhere_is_refused_or_harmless(share in 0.0..1.0_f64, bit in 0..8_u8) {
        let length = honest_stream();
        let (client, server) = infer_meddled((share * length as f64) as u64, Change::Flip(bit), PATIENCE);
        match server {
            Ok(()) => prop_assert!(harmless(&client.unwrap())),
            Err(error) => {
                prop_assert!(client.is_err());
                prop_assert!(!matches!(error, Error::Internal(_)), "{error}");
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}

/// Flows that are too short or too long end in a time-out, a wrong tag or a failed check, never in a result. Most of them end with
/// a wait, so that many wait at once.
#[test]
fn truncated_and_repeated_bytes_are_refused() {
    let length = honest_stream();
    let refused = |(share, count, double): (f64, usize, bool)| {
        let change = if double { Change::Double(count) } else { Change::Drop(count) };
        let position = (share * (length - 200) as f64) as u64;
        let (client, server) = infer_meddled(position, change, Duration::from_secs(2));
        prop_assert!(client.is_err());
        prop_assert!(server.is_err());
        Ok(())
    };
    let run = || {
        let config = ProptestConfig { cases: 6, max_shrink_iters: 8, ..ProptestConfig::default() };
        TestRunner::new(config).run(&(0.0..1.0_f64, 1..100_usize, any::<bool>()), refused).unwrap();
    };
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(run);
        }
    });
}

/// More than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

//! Speed of the engine, both parties on one core, messages through their encodings. `items` are multiplications or comparisons.

use divan::Bencher;
use divan::counter::ItemsCount;
use muse_field::Fp;
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_mac::{Authenticated, MacKey, ServerShare};
use muse_triples::engine::compare::{self, ClientStep, ServerStep};
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::ideal;

fn main() {
    divan::main();
}

struct Parties {
    client: Client,
    server: Server,
    x: (Authenticated, ServerShare),
    rng: Prg,
}

/// Parties that share a vector.
fn parties(count: usize, triples: usize, randoms: usize) -> Parties {
    let mut rng = Prg::from_seed([1; 32]);
    let key = MacKey::random(&mut rng);
    let session = SessionId::from_bytes([2; 32]);
    let (triples, server_triples) = ideal::triples(&key, triples, &mut rng);
    let (randoms, keys) = ideal::random(&key, randoms, &mut rng);
    let x = ideal::share(&key, &vec![Fp::new(12_345); count], &mut rng);
    let client = Client::new(session, 0, ClientPreprocessed::new(triples, randoms));
    let server = Server::new(session, 0, &key, ServerPreprocessed::new(server_triples, keys));
    Parties { client, server, x, rng }
}

#[divan::bench(args = [1, 100, 10_000])]
fn multiply(bencher: Bencher<'_, '_>, count: usize) {
    bencher.counter(ItemsCount::new(count)).with_inputs(|| parties(count, count, 0)).bench_local_values(
        |Parties { mut client, server, x, .. }| {
            let (wait, message) = client.multiply(&x.0, &x.0).expect("triples");
            let wait_s = server.multiply(&x.1, &x.1).expect("triples");
            let message = from_slice(wait_s.shape(), &to_vec(&message)).expect("a message");
            let (_, product_s, reply) = wait_s.on_factors(message).expect("honest");
            let reply = from_slice(wait.shape(), &to_vec(&reply)).expect("a message");
            (wait.on_shares(reply).expect("a product"), product_s)
        },
    );
}

#[divan::bench(args = [1, 100, 1000])]
fn is_negative(bencher: Bencher<'_, '_>, count: usize) {
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| parties(count, compare::triples(count), compare::randoms(count)))
        .bench_local_values(|Parties { mut client, server, x, mut rng }| {
            let (wait, message) = client.is_negative(&x.0).expect("triples");
            let wait_s = server.is_negative(&x.1);
            let message = from_slice(wait_s.shape(), &to_vec(&message)).expect("a message");
            let (wait_s, reply) = wait_s.on_request(message, &mut rng).expect("honest");
            let reply = from_slice(wait.shape(), &to_vec(&reply)).expect("a message");
            let (mut wait, message) = wait.on_reply(&mut client, reply).expect("triples");
            let message = from_slice(wait_s.shape(), &to_vec(&message)).expect("a message");
            let (mut step, mut reply) = wait_s.on_proven(message).expect("honest");
            loop {
                let shares = from_slice(wait.shape(), &to_vec(&reply)).expect("a message");
                match (wait.on_shares(&mut client, shares).expect("triples"), step) {
                    (ClientStep::Level(next, message), ServerStep::Level(wait_s)) => {
                        wait = next;
                        let message = from_slice(wait_s.shape(), &to_vec(&message)).expect("a message");
                        (step, reply) = wait_s.on_factors(message).expect("honest");
                    }
                    (ClientStep::Done(client), ServerStep::Done(_, server)) => return (client, server),
                    other => unreachable!("one program: {other:?}"),
                }
            }
        });
}

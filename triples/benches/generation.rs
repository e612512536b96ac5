//! Triples and authenticated values as both parties make them, one after the other, at N = 8192.
//!
//! `cargo bench -p muse-triples --features test-util --bench generation`, and with `parallel` for all cores. Items are triples or values.

#![allow(missing_docs, clippy::unwrap_used)]

use divan::Bencher;
use divan::counter::ItemsCount;
use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_he::encode::Slots;
use muse_he::encrypt::Witness;
use muse_he::keys::{ReceivedPublicKey, SecretKey};
use muse_he::params::Params;
use muse_he::reply::ReplyKey;
use muse_he::ring::Ring;
use muse_mac::{MacKey, ideal};
use muse_triples::beaver::{Batch, Client, Server};
use muse_triples::random;
use muse_zk::wellformed::{Attempt, Tries};

fn main() {
    divan::main();
}

const SESSION: SessionId = SessionId::from_bytes([7; 32]);

struct Session {
    ring: Ring,
    slots: Slots,
    secret: SecretKey,
    reply_key: ReplyKey,
    public_key: (ReceivedPublicKey, Witness),
    key: MacKey,
}

fn session() -> Session {
    let rng = &mut Prg::from_seed([1; 32]);
    let ring = Ring::new(Params::default()).unwrap();
    let secret = SecretKey::generate(&ring, rng);
    let (row, witness) = secret.public_key_with_witness(&ring, SESSION, rng);
    let public_key = (row.receive(&ring, SESSION).unwrap(), witness);
    let reply_key = ReplyKey::new(&ring, &secret).unwrap();
    Session {
        slots: Slots::new(&Params::default()),
        ring,
        secret,
        reply_key,
        public_key,
        key: MacKey::random(rng),
    }
}

/// A batch of triples between two parties, with all of its proofs and tries.
#[divan::bench(args = [1, 8], sample_count = 10, sample_size = 1)]
fn beaver(bencher: Bencher<'_, '_>, groups: usize) {
    let session = session();
    let Session { ring, slots, secret, reply_key, public_key, key } = &session;
    let batch = Batch::new(ring, slots, RunId::new(SESSION, 0), groups).unwrap();
    let (rng, server_rng) = (&mut Prg::from_seed([2; 32]), &mut Prg::from_seed([3; 32]));
    bencher.counter(ItemsCount::new(batch.triples())).bench_local(|| {
        let (client, rows) = Client::start(batch, secret, rng).unwrap();
        let rows = rows.iter().map(|row| from_slice(ring.n(), &to_vec(row)).unwrap()).collect();
        let mut verifier = batch.verifier(&public_key.0, rows).unwrap();
        let mut prover = client.prover(secret, (&public_key.0, &public_key.1)).unwrap();
        let mut tries = Tries::new();
        let proven = loop {
            let (waiting, commitment) = prover.commit(rng);
            let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, server_rng).unwrap();
            match waiting.respond(&challenge) {
                Attempt::Accepted(responses) => break expecting.verify(responses).unwrap(),
                Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
            }
        };
        let mut client = client.proven();
        let mut server = Server::start(batch, proven, key, server_rng).unwrap();
        while server.remaining() > 0 {
            let replies = from_slice(ring.n(), &to_vec(&server.replies().unwrap())).unwrap();
            client = client.on_replies(reply_key, replies).unwrap();
        }
        let (mask, mask_keys) = ideal::authenticate(key, &[Fp::new(77)], server_rng);
        let (server, seed) = server.challenge(mask_keys, server_rng).unwrap();
        let (triples, proof) = client.on_seed(mask, &seed).unwrap();
        (triples, server.on_proof(proof).unwrap())
    });
}

/// A batch of authenticated values.
#[divan::bench(args = [1, 32], sample_count = 10, sample_size = 1)]
fn randoms(bencher: Bencher<'_, '_>, groups: usize) {
    let Session { ring, key, .. } = &session();
    let (rng, server_rng) = (&mut Prg::from_seed([2; 32]), &mut Prg::from_seed([3; 32]));
    bencher
        .counter(ItemsCount::new(random::values(ring.n(), groups)))
        .with_inputs(|| {
            let rng = &mut Prg::from_seed([4; 32]);
            let (server, setup) = random::Server::setup(ring, SESSION, key, rng).unwrap();
            (random::Client::on_setup(ring, SESSION, setup).unwrap(), server)
        })
        .bench_local_values(|(mut client, server)| {
            let mut sending = client.start(ring, groups, rng).unwrap();
            let mut waiting = server.start(ring, groups).unwrap();
            while sending.remaining() > 0 {
                let replies = sending.replies(8).unwrap();
                let read = |reply| from_slice(random::reply_shape(ring.n()), &to_vec(reply)).unwrap();
                waiting = waiting.on_replies(replies.iter().map(read).collect()).unwrap();
            }
            let (waiting, seed) = waiting.challenge(server_rng).unwrap();
            let (values, opening) = sending.sent().unwrap().on_seed(&seed);
            (values, waiting.on_opening(from_slice(1, &to_vec(&opening)).unwrap()).unwrap())
        });
}

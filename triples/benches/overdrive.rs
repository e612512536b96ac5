//! Malice on both sides, and on the client's alone, in one run at N = 8192: what a triple and an input cost, both parties one after the other.
//!
//! `cargo bench -p muse-triples --features test-util --bench overdrive`, and with `parallel` for all cores. It prints microseconds of CPU of both parties together, and
//! the bytes of each, per item; a batch of 163,840 triples between malicious parties, one of 65,536 with an honest server, 1,000,000 inputs in both settings.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints")]

use std::fs;
use std::time::Instant;

use muse_field::Fp;
use muse_field::id::RunId;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_mac::ideal;
use muse_mac::spdz::Party;
use muse_test_support::triples::generation::{SESSION, Session};
use muse_test_support::triples::overdrive::{self, Beginning, World};
use muse_triples::beaver::{Batch, Client, Server};
use muse_triples::overdrive::MAX_GROUPS;
use muse_triples::random;
use muse_zk::wellformed::{Attempt, ProofShape, Responses, Tries};

const N: usize = 8192;
const INPUTS: usize = 1_000_000;

/// Seconds that this process has computed, on all of its threads; where the system does not say, seconds that have passed.
struct Clock {
    start: Instant,
    computed: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self { start: Instant::now(), computed: Self::computed() }
    }

    /// Of Linux: fields 14 and 15 of the process, in hundredths of a second.
    fn computed() -> Option<f64> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let fields = stat.rsplit(')').next()?.split_whitespace();
        let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        Some(ticks.iter().sum::<f64>() / 100.0)
    }

    fn seconds(&self) -> f64 {
        match (self.computed, Self::computed()) {
            (Some(before), Some(now)) => now - before,
            _ => self.start.elapsed().as_secs_f64(),
        }
    }
}

/// Bytes of the first party, or the client, and of the other.
type Bytes = [usize; 2];

fn report(what: &str, items: usize, seconds: f64, [one, other]: Bytes) {
    let each = |total: f64| total / items as f64;
    println!(
        "{what:<44} {items:>9} items {:>8.2} us {:>7.1} and {:>5.1} bytes an item",
        each(seconds * 1e6),
        each(one as f64),
        each(other as f64),
    );
}

/// A message on its way, counted.
fn sent<T: Decode>(shape: T::Shape, message: &impl Encode, bytes: &mut usize) -> T {
    let encoded = to_vec(message);
    *bytes += encoded.len();
    from_slice(shape, &encoded).unwrap()
}

fn malicious() {
    let world = World::new(N);
    let mut bytes = [0, 0];
    let mut count = |party, _: &'static str, _: usize, message: &mut Vec<u8>| {
        bytes[usize::from(party == Party::Second)] += message.len();
    };
    let start = Clock::start();
    let sessions = overdrive::setup(&world, &Beginning::default(), &mut count).unwrap();
    report("setup of a session, both malicious", 1, start.seconds(), bytes);

    bytes = [0, 0];
    let mut count = |party, _: &'static str, _: usize, message: &mut Vec<u8>| {
        bytes[usize::from(party == Party::Second)] += message.len();
    };
    let start = Clock::start();
    let [(first, triples), (second, _)] = overdrive::triples(&world, sessions, &mut count, 3).unwrap();
    report("triples, both malicious", triples.len(), start.seconds(), bytes);

    let (mut sessions, mut made) = ([first, second], 0);
    bytes = [0, 0];
    let mut count = |party, _: &'static str, _: usize, message: &mut Vec<u8>| {
        bytes[usize::from(party == Party::Second)] += message.len();
    };
    let start = Clock::start();
    while made < INPUTS {
        let groups = MAX_GROUPS.min((INPUTS - made).div_ceil(N));
        let [(first, one), (second, _)] =
            overdrive::inputs(&world, sessions, Party::First, groups, &mut count, 5).unwrap();
        made += one.len();
        sessions = [first, second];
    }
    report("inputs of the first party, both malicious", made, start.seconds(), bytes);
}

fn client_malicious_triples(session: &Session) {
    let Session { ring, slots, secret, reply_key, public_key, key, .. } = session;
    let (rng, server_rng) = (&mut Prg::from_seed([2; 32]), &mut Prg::from_seed([3; 32]));
    let batch = Batch::new(ring, slots, RunId::new(SESSION, 0), Batch::MAX_GROUPS).unwrap();
    let [mut up, mut down] = [0, 0];
    let start = Clock::start();
    let (client, rows) = Client::start(batch, secret, rng).unwrap();
    let rows = rows.iter().map(|row| sent(N, row, &mut up)).collect();
    let mut verifier = batch.verifier(&public_key.0, rows).unwrap();
    let mut prover = client.prover(secret, (&public_key.0, &public_key.1)).unwrap();
    let mut tries = Tries::new();
    let shape = ProofShape::new(&batch.budget()).unwrap();
    let proven = loop {
        let (waiting, commitment) = prover.commit(rng);
        let commitment = sent((), &commitment, &mut up);
        let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, server_rng).unwrap();
        match waiting.respond(&sent(shape, &challenge, &mut down)) {
            Attempt::Accepted(responses) => {
                let responses: Responses = sent(shape, &responses, &mut up);
                break expecting.verify(responses).unwrap();
            }
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    };
    let mut client = client.proven();
    let mut server = Server::start(batch, proven, key, server_rng).unwrap();
    while server.remaining() > 0 {
        client = client.on_replies(reply_key, sent(N, &server.replies().unwrap(), &mut down)).unwrap();
    }
    let (mask, mask_keys) = ideal::authenticate(key, &[Fp::new(77)], server_rng);
    let (server, seed) = server.challenge(mask_keys, server_rng).unwrap();
    let (_, proof) = client.on_seed(mask, &sent((), &seed, &mut down)).unwrap();
    server.on_proof(sent((), &proof, &mut up)).unwrap();
    let seconds = start.seconds();
    report("triples, client malicious", batch.triples(), seconds, [up, down]);
}

fn client_malicious_inputs(session: &Session) {
    let (rng, server_rng) = (&mut Prg::from_seed([2; 32]), &mut Prg::from_seed([3; 32]));
    let (mut client, mut server) = session.randoms(rng);
    let ([mut up, mut down], mut made) = ([0, 0], 0);
    let start = Clock::start();
    while made < INPUTS {
        let groups = random::MAX_GROUPS.min((INPUTS - made).div_ceil(N));
        let mut sending = client.start(&session.ring, groups, rng).unwrap();
        let mut waiting = server.start(&session.ring, groups).unwrap();
        while sending.remaining() > 0 {
            let replies = sending.replies(2).unwrap();
            let read = |reply| sent(random::reply_shape(N), reply, &mut up);
            waiting = waiting.on_replies(replies.iter().map(read).collect()).unwrap();
        }
        let (waiting, seed) = waiting.challenge(server_rng).unwrap();
        let (values, opening) = sending.sent().unwrap().on_seed(&sent((), &seed, &mut down));
        server = waiting.on_opening(sent(1, &opening, &mut up)).unwrap().0;
        made += values.len();
    }
    report("inputs of the client, client malicious", made, start.seconds(), [up, down]);
}

fn main() {
    let session = Session::new(N, SESSION, 1);
    client_malicious_triples(&session);
    malicious();
    client_malicious_triples(&session);
    client_malicious_inputs(&session);
}

//! Speed of a disclosure from correlated OT, both sides one after the other, and per side of each step; and of the published one,
//! without making its triples. `items` are values.

use divan::Bencher;
use divan::counter::ItemsCount;
use muse_cds::correlated::{Client, Server};
use muse_cds::{Disclose, Step, published};
use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_gc::label::Delta;
use muse_gc::ot::softspoken::{receiver, sender};
use muse_mac::{Authenticated, Keys, MacKey, ideal};

fn main() {
    divan::main();
}

/// Values of one call: those of an inference of the MNIST network.
const COUNT: usize = 10_340;

fn parties() -> (Client, Server) {
    let rng = &mut Prg::from_seed([1; 32]);
    let session = SessionId::from_bytes([2; 32]);
    let (wait, request) = sender::Setup::start(&session, Delta::random(rng), rng);
    let (receiver, trees) = receiver::Setup::reply(&session, &request, rng);
    let alpha = MacKey::random(rng);
    let mut values = vec![Fp::ZERO; COUNT];
    fill_uniform(&mut values, rng);
    let (shares, keys): (Authenticated, Keys) = ideal::authenticate(&alpha, &values, rng);
    let id = RunId::new(session, 0);
    let client = Client::new(id, receiver, shares, rng).expect("rows left");
    let server = Server::new(id, wait.on_trees(&trees), &alpha, keys, rng).expect("rows left");
    (client, server)
}

/// The next message of `party`, whole.
fn say(party: &mut impl Disclose) -> Vec<u8> {
    let Step::Send(n) = party.step() else { panic!("its turn to send") };
    let mut message = vec![0; usize::try_from(n).expect("fits in memory")];
    party.fill(&mut message);
    message
}

fn hear(party: &mut impl Disclose, message: &[u8]) {
    party.absorb(message).expect("an honest peer");
}

/// Both parties after columns, challenge and answer.
fn after_transfer((mut client, mut server): (Client, Server)) -> (Client, Server) {
    hear(&mut server, &say(&mut client));
    hear(&mut client, &say(&mut server));
    hear(&mut server, &say(&mut client));
    (client, server)
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn both_sides_whole(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(parties).bench_local_values(|parties| {
        let (mut client, mut server) = after_transfer(parties);
        hear(&mut client, &say(&mut server));
        hear(&mut client, &say(&mut server));
        hear(&mut server, &say(&mut client));
        (client.finish(), server.finish())
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn both_sides_transfer(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(parties).bench_local_values(after_transfer);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn server_tau(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(|| after_transfer(parties()).1).bench_local_values(
        |mut server| {
            let tau = say(&mut server);
            (server, tau)
        },
    );
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn client_tau(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| {
            let (client, mut server) = after_transfer(parties());
            (client, say(&mut server))
        })
        .bench_local_values(|(mut client, tau)| {
            hear(&mut client, &tau);
            client
        });
}

/// The range proof and the digest.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn client_proofs(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| {
            let (mut client, mut server) = after_transfer(parties());
            hear(&mut client, &say(&mut server));
            (client, say(&mut server))
        })
        .bench_local_values(|(mut client, seed)| {
            hear(&mut client, &seed);
            client
        });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn server_proofs(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| {
            let (mut client, mut server) = after_transfer(parties());
            hear(&mut client, &say(&mut server));
            hear(&mut client, &say(&mut server));
            (server, say(&mut client))
        })
        .bench_local_values(|(mut server, proofs)| {
            hear(&mut server, &proofs);
            server
        });
}

/// Both sides of the published disclosure of one group, from a dealer's triples.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn both_sides_published(bencher: Bencher<'_, '_>) {
    let parties = || {
        let rng = &mut Prg::from_seed([1; 32]);
        let (alpha, delta) = (MacKey::random(rng), Delta::random(rng));
        let mut values = vec![Fp::ZERO; published::GROUP];
        fill_uniform(&mut values, rng);
        let (shares, keys) = ideal::authenticate(&alpha, &values, rng);
        let needs = published::needs(values.len());
        let (triples, server_triples) = muse_triples::ideal::triples(&alpha, needs.triples, rng);
        let (randoms, random_keys) = muse_triples::ideal::random(&alpha, needs.randoms, rng);
        let id = RunId::new(SessionId::from_bytes([2; 32]), 0);
        let pool = published::ClientPool { triples, randoms };
        let client = published::Client::new(id, 0, pool, shares).expect("enough");
        let pool = published::ServerPool { triples: server_triples, randoms: random_keys };
        (client, published::Server::new(id, 0, pool, &delta, &alpha, keys, rng).expect("enough"))
    };
    bencher.counter(ItemsCount::new(published::GROUP)).with_inputs(parties).bench_local_values(
        |(mut client, mut server)| {
            for _ in 0..2 {
                hear(&mut server, &say(&mut client));
                hear(&mut client, &say(&mut server));
            }
            (client.finish(), server.finish())
        },
    );
}

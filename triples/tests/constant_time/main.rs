//! Shares, bits, MACs, keys and alpha under valgrind, which reports every jump and address that depends on bytes marked as secret
//! (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that shares helpers with others")]

use muse_test_support::triples::overdrive::{self, Beginning, World};
mod programs;

use muse_test_support::triples::{engine, generation};

use core::hint::black_box;
use muse_field::id::RunId;

use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, MODULUS, ct};
use muse_mac::spdz::Party;
use muse_mac::{MacKey, ServerShare, ideal};
use muse_triples::beaver::{self, Batch};
use muse_triples::random::reply_shape;
use muse_zk::wellformed::{Attempt, ProofShape, Responses, Tries};

use engine::{Pair, Shared};
use generation::{SESSION, Session, opened, rng};

/// A message on its way, which makes it public.
fn sent<T: Decode>(shape: T::Shape, message: &impl Encode) -> T {
    let bytes = to_vec(message);
    ct::public(&bytes[..]);
    from_slice(shape, &bytes).unwrap()
}

fn secret_inputs() -> Vec<Fp> {
    ct::hidden([0, 1, 5, MODULUS - 1, MODULUS / 2]).map(Fp::new).to_vec()
}

fn shown(values: Vec<Fp>) -> Vec<Fp> {
    ct::public(&values[..]);
    values
}

#[test]
fn programs_of_the_engine() {
    let mut pair = Pair::new(1000, 400);
    let values = secret_inputs();
    let x = pair.split(&values, &values.iter().map(|&x| x * x).collect::<Vec<_>>());
    let product = pair.multiply(&x, &x).unwrap();
    let negative = pair.is_negative(&x).unwrap();
    let bits = pair.random_bits(3).unwrap();
    let (client, server) = pair.multiply_deferred(&x, &x).unwrap();
    let checked = pair.flush().unwrap();
    let deferred = Shared { client, server: server.release(&checked).unwrap() };
    let known = pair.open_to_client(bits.copy()).unwrap();

    let values = shown(values);
    let squares: Vec<Fp> = values.iter().map(|&x| x * x).collect();
    assert_eq!(shown(pair.open(product).unwrap()), squares);
    assert_eq!(shown(pair.open_to_server(deferred).unwrap()), squares);
    assert_eq!(shown(pair.open(negative).unwrap()), [0, 0, 0, 1, 1].map(Fp::new));
    assert_eq!(shown(pair.open(bits).unwrap()), shown(known));
}

#[test]
fn generation_of_random_values() {
    let session = Session::new(32, SESSION, 1);
    let rng = &mut rng(3);
    let (mut client, server) = session.randoms(rng);
    let mut sending = client.start(&session.ring, 1, rng).unwrap();
    let replies = sending.replies(1).unwrap();
    let replies = replies.iter().map(|reply| sent(reply_shape(32), reply)).collect();
    let server = server.start(&session.ring, 1).unwrap().on_replies(replies).unwrap();
    let (server, seed) = server.challenge(rng).unwrap();
    let (values, opening) = sending.sent().unwrap().on_seed(&sent((), &seed));
    let (_, keys) = server.on_opening(sent(1, &opening)).unwrap();
    let known = opened(&session.key, &values, &ServerShare::of_client(keys));
    assert_eq!(shown(known), shown(values.values().to_vec()));
}

#[test]
fn generation_of_triples() {
    let session = Session::new(32, SESSION, 1);
    let id = RunId::new(SESSION, 3);
    let [batch, server_batch] = [(); 2].map(|()| Batch::new(&session.ring, &session.slots, id, 1).unwrap());
    let (client, rows) = beaver::Client::start(batch, &session.secret, &mut rng(10)).unwrap();
    let rows = rows.iter().map(|row| sent(32, row)).collect();

    let shape = ProofShape::new(&server_batch.budget()).unwrap();
    let (public_key, witness) = &session.public_key;
    let mut verifier = server_batch.verifier(public_key, rows).unwrap();
    let mut prover = client.prover(&session.secret, (public_key, witness)).unwrap();
    let (mut tries, masks) = (Tries::new(), &mut rng(20));
    let challenges = &mut Prg::from_seed([21; 32]);
    let proven = loop {
        let (waiting, commitment) = prover.commit(masks);
        let (expecting, challenge) =
            verifier.challenge(&sent((), &commitment), &mut tries, challenges).unwrap();
        match waiting.respond(&challenge) {
            Attempt::Accepted(responses) => {
                let responses: Responses = sent(shape, &responses);
                break expecting.verify(responses).unwrap();
            }
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    };

    let mut server = beaver::Server::start(server_batch, proven, &session.key, &mut rng(11)).unwrap();
    let mut client = client.proven();
    while server.remaining() > 0 {
        client = client.on_replies(&session.reply_key, sent(32, &server.replies().unwrap())).unwrap();
    }
    let (mask, mask_keys) = ideal::authenticate(&session.key, &[Fp::new(77)], &mut rng(13));
    let (server, seed) = server.challenge(mask_keys, &mut rng(12)).unwrap();
    let (client, proof) = client.on_seed(mask, &sent((), &seed)).unwrap();
    let server = server.on_proof(sent((), &proof)).unwrap();
    let ((a, b, c), (a_s, b_s, c_s)) = (client.into_parts(), server.into_parts());
    let [a, b, c] = [(a, a_s), (b, b_s), (c, c_s)].map(|(x, y)| shown(opened(&session.key, &x, &y)));
    assert!(a.iter().zip(&b).zip(&c).all(|((&a, &b), &c)| a * b == c));
}

/// Setup, a batch of triples and one of inputs of either party between two malicious ones, both under watch: keys, alpha, shares, masks and noise of
/// both come from secret seeds.
#[test]
fn two_malicious_parties() {
    let world = World::new(8);
    let sessions = overdrive::setup(&world, &Beginning::default(), &mut overdrive::honest).unwrap();
    let [(first, t_1), (second, t_2)] =
        overdrive::triples(&world, sessions, &mut overdrive::honest, 3).unwrap();
    let mut sessions = [first, second];
    let ((a_1, b_1, c_1), (a_2, b_2, c_2)) = (t_1.into_parts(), t_2.into_parts());
    let [a, b, c] = [(a_1, a_2), (b_1, b_2), (c_1, c_2)].map(|(one, other)| {
        let sums = |one: &[Fp], other: &[Fp]| one.iter().zip(other).map(|(&x, &y)| x + y).collect();
        shown(sums(one.values(), other.values()))
    });
    assert!(a.iter().zip(&b).zip(&c).all(|((&a, &b), &c)| a * b == c));
    for owner in [Party::First, Party::Second] {
        let [(first, one), (second, other)] =
            overdrive::inputs(&world, sessions, owner, 2, &mut overdrive::honest, 5).unwrap();
        let keys = [first.key(), second.key()];
        for (own, column) in [(&one, one.macs()), (&other, other.macs())] {
            ct::public(own.values());
            ct::public(column);
        }
        keys.iter().for_each(|key| ct::public(*key));
        assert!(overdrive::opened(keys, [&one, &other]).is_some());
        sessions = [first, second];
    }
}

/// What valgrind must report: a jump on alpha.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let key = MacKey::random(&mut rng(1));
    let reported = if black_box(key.expose().to_u64()) & 1 == 1 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}

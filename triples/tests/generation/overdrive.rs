//! Triples and inputs between two malicious parties: honest runs.

mod cheaters;

use muse_field::id::RunId;
use muse_field::transcript::Transcript;
use muse_field::{Fp, MODULUS};
use muse_mac::spdz::{Batch, Party, Shares};
use muse_triples::overdrive::{self, Ciphertexts, Inputs, MAX_GROUPS, Session, groups};
use muse_triples::{Error, SharedTriples};

use muse_test_support::triples::generation::rng;
use muse_test_support::triples::overdrive::{Beginning, World, honest, inputs, opened, setup, triples};

const N: usize = 64;

fn begin(world: &World) -> [Session; 2] {
    setup(world, &Beginning::default(), &mut honest).unwrap()
}

/// The columns a, b, c, if all MACs fit.
fn columns(sessions: [&Session; 2], [first, second]: [SharedTriples; 2]) -> Option<[Vec<Fp>; 3]> {
    let (first, second) = (first.into_parts(), second.into_parts());
    let open = |first: &Shares, second: &Shares| opened(sessions.map(Session::key), [first, second]);
    Some([open(&first.0, &second.0)?, open(&first.1, &second.1)?, open(&first.2, &second.2)?])
}

#[test]
fn triples_are_products_under_macs() {
    for n in [8, N] {
        let world = World::new(n);
        let mut sessions = begin(&world);
        for batch in 0..2 {
            let [(first, one), (second, other)] = triples(&world, sessions, &mut honest, 10 + batch).unwrap();
            assert_eq!((one.len(), other.len()), (world.context().triples(), groups(n) * n));
            let [a, b, c] = columns([&first, &second], [one, other]).expect("every MAC fits");
            assert!((0..a.len()).all(|i| c[i] == a[i] * b[i]));
            assert!(a.iter().any(|&x| x > Fp::new(MODULUS / 2)) && a != b, "they are not small, nor alike");
            sessions = [first, second];
        }
        assert_eq!(sessions[0].remaining(), RunId::MAX_RUNS - 3);
    }
}

/// One batch at full size: 163,840 triples, and what they cost.
#[test]
fn full_size() {
    let world = World::new(8192);
    let mut bytes = [0, 0];
    let mut count = |party, _: &'static str, _: usize, message: &mut Vec<u8>| {
        bytes[usize::from(party == Party::Second)] += message.len();
    };
    let sessions = begin(&world);
    let [(first, one), (second, other)] = triples(&world, sessions, &mut count, 20).unwrap();
    let number = one.len();
    assert_eq!((number, bytes[0]), (163_840, bytes[1]));
    // 53.75 + 7.75 + 7 * 14.5 + 5.5 bytes a triple, and 32 for a commitment of the proof, 262 for the check.
    assert_eq!(bytes[0], number * 337 / 2 + 32 + 2 * 32 + 2 * 64 + 32 + 38);
    let [a, b, c] = columns([&first, &second], [one, other]).expect("every MAC fits");
    assert!((0..number).all(|i| c[i] == a[i] * b[i]));
}

#[test]
fn inputs_are_known_to_their_owner_alone() {
    let world = World::new(N);
    let mut sessions = begin(&world);
    for (owner, count) in [(Party::First, 1), (Party::Second, 5), (Party::First, 2)] {
        let [(first, one), (second, other)] =
            inputs(&world, sessions, owner, count, &mut honest, 30).unwrap();
        assert_eq!(one.len(), Inputs::count(N, count));
        let values = opened([first.key(), second.key()], [&one, &other]).expect("every MAC fits");
        let (own, zeros) = if owner == Party::First { (&one, &other) } else { (&other, &one) };
        assert_eq!(values, own.values());
        assert!(zeros.values().iter().all(|&x| x == Fp::ZERO));
        assert!(values.iter().any(|&x| x > Fp::new(MODULUS / 2)));
        sessions = [first, second];
    }
}

/// Inputs multiplied with a triple, then opened: both kinds are under one key.
#[test]
fn inputs_and_triples_share_a_key() {
    let world = World::new(N);
    let sessions = begin(&world);
    let [(first, x_1), (second, x_2)] = inputs(&world, sessions, Party::First, 1, &mut honest, 40).unwrap();
    let [(first, mut t_1), (second, mut t_2)] = triples(&world, [first, second], &mut honest, 41).unwrap();
    let keys = [first.key(), second.key()];
    let (mut d_1, mut d_2) = (x_1.select(&[3]), x_2.select(&[3]));
    let (a_1, ..) = t_1.take(1).unwrap().into_parts();
    let (a_2, ..) = t_2.take(1).unwrap().into_parts();
    d_1.sub_assign(&a_1);
    d_2.sub_assign(&a_2);
    let [x, a, d] = [(&x_1.select(&[3]), &x_2.select(&[3])), (&a_1, &a_2), (&d_1, &d_2)]
        .map(|(one, other)| opened(keys, [one, other]).expect("every MAC fits")[0]);
    assert_eq!(d, x - a);
}

/// All bytes of a session: they depend on seeds alone, not on threads or kernels.
#[test]
fn pinned_bytes() {
    let world = World::new(8);
    let mut transcript = Transcript::new("test");
    let mut tap = |_, name: &'static str, _: usize, message: &mut Vec<u8>| {
        transcript.append(name, message);
    };
    let sessions = setup(&world, &Beginning::default(), &mut tap).unwrap();
    let [(first, _), (second, _)] = triples(&world, sessions, &mut tap, 3).unwrap();
    inputs(&world, [first, second], Party::Second, 2, &mut tap, 5).unwrap();
    let digest = transcript.digest("digest");
    assert_eq!(digest[..8], PINNED, "{digest:?}");
}

const PINNED: [u8; 8] = [120, 121, 165, 77, 12, 124, 66, 116];

#[test]
fn batches_are_counted() {
    let world = World::new(8);
    let mut sessions = begin(&world);
    for _ in 1..RunId::MAX_RUNS {
        let [(first, _), (second, _)] = inputs(&world, sessions, Party::First, 1, &mut honest, 50).unwrap();
        sessions = [first, second];
    }
    assert_eq!(sessions[0].remaining(), 0);
    let [first, second] = sessions;
    let exhausted = Ciphertexts::start(first, world.context(), &mut rng(1));
    assert!(matches!(exhausted, Err(Error::Exhausted(_))));
    assert!(matches!(Inputs::receive(second, world.context(), 1), Err(Error::Exhausted(_))));
}

/// Who cheats in a check learns alpha from it. So a program that failed is the end of the session that has the same key.
#[test]
fn a_session_ends_with_a_program_that_failed() {
    let world = World::new(8);
    let [first, second] = begin(&world);
    let mut batch = Batch::new(Party::First, first.key());
    let (_, pending) = Shares::public(Party::First, first.key(), &[Fp::ONE]).reveal();
    batch.receive(pending, &[Fp::ONE]).unwrap();
    // Its peer left.
    drop(batch);
    assert!(matches!(Ciphertexts::start(first, world.context(), &mut rng(1)), Err(Error::Misuse(_))));
    // Both parties' keys have lives of their own.
    assert!(Inputs::receive(second, world.context(), 1).is_ok());
}

#[test]
fn rounds_cannot_be_skipped() {
    let world = World::new(8);
    let context = world.context();
    let fresh = || begin(&world);
    for groups in [0, MAX_GROUPS + 1] {
        let [first, second] = fresh();
        assert!(matches!(Inputs::send(first, context, groups, &mut rng(1)), Err(Error::Misuse(_))));
        assert!(matches!(Inputs::receive(second, context, groups), Err(Error::Misuse(_))));
    }
    let [first, second] = fresh();
    let mut sending = Inputs::send(first, context, 2, &mut rng(1)).unwrap();
    let receiving = Inputs::receive(second, context, 2).unwrap();
    let replies = sending.replies(1).unwrap();
    assert!(matches!(sending.check(&mut rng(1)), Err(Error::Misuse(_))));
    assert!(matches!(receiving.on_replies(replies).unwrap().check(&mut rng(1)), Err(Error::Misuse(_))));
    let [first, second] = fresh();
    let mut batch = Ciphertexts::start(first, context, &mut rng(1)).unwrap();
    let sent = batch.ciphertexts(usize::MAX).unwrap();
    assert_eq!((sent.len(), batch.to_send(), batch.to_receive()), (groups(8), 0, groups(8)));
    assert!(matches!(batch.prove(&mut rng(1)), Err(Error::Misuse(_))));
    let other = Ciphertexts::start(second, context, &mut rng(1)).unwrap();
    let other = other.on_ciphertexts(sent.clone()).unwrap();
    assert!(matches!(other.on_ciphertexts(sent[..1].to_vec()), Err(Error::Misuse(_))));
    let small = World::new(16);
    assert!(overdrive::Context::new(&small.ring, &world.slots).is_err());
}

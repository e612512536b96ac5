//! Authenticated random values: honest runs, and clients that deviate.

use muse_field::id::RunId;
use muse_field::wire::{Decode, DecodeError, from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_he::params::{KEEP_BITS, PRIMES};
use muse_he::reply::Reply;
use muse_mac::{Authenticated, Claimed, Keys, Opening, ServerShare};
use muse_triples::random::{self, AwaitReplies, AwaitSeed, MAX_GROUPS, Sending, reply_shape};
use muse_triples::{Check, Error};

use muse_test_support::triples::generation::{OTHER, SESSION, Session, opened, rng, sent};

const N: usize = 32;

/// All replies of a batch, over the wire.
fn replies(sending: &mut Sending<'_>, n: usize, at_once: usize, bytes: &mut Vec<u8>) -> Vec<Reply> {
    let mut all = Vec::new();
    while sending.remaining() > 0 {
        all.extend(sending.replies(at_once).unwrap().iter().map(|reply| sent(reply_shape(n), reply, bytes)));
    }
    all
}

fn finish(
    client: AwaitSeed,
    server: AwaitReplies<'_>,
    bytes: &mut Vec<u8>,
) -> (Authenticated, Result<(random::Server, Keys), Error>) {
    let (server, seed) = server.challenge(&mut rng(9)).unwrap();
    let (values, opening) = client.on_seed(&sent((), &seed, bytes));
    let claimed = claim(&opening);
    bytes.extend(to_vec(&opening));
    (values, server.on_opening(claimed))
}

fn claim(opening: &Opening) -> Claimed {
    from_slice(1, &to_vec(opening)).unwrap()
}

/// A batch, and its bytes.
pub(crate) fn batch(session: &Session, groups: usize, at_once: usize) -> (Authenticated, Keys, Vec<u8>) {
    let rng = &mut rng(3);
    let (mut client, server) = session.randoms(rng);
    let (mut bytes, n) = (Vec::new(), session.ring.n());
    let mut sending = client.start(&session.ring, groups, rng).unwrap();
    let all = replies(&mut sending, n, at_once, &mut bytes);
    let server = server.start(&session.ring, groups).unwrap().on_replies(all).unwrap();
    let (values, keys) = finish(sending.sent().unwrap(), server, &mut bytes);
    (values, keys.unwrap().1, bytes)
}

fn check(session: &Session, values: &Authenticated, keys: Keys) {
    let known = opened(&session.key, values, &ServerShare::of_client(keys));
    assert_eq!(known, values.values());
}

#[test]
fn values_are_authenticated_and_cost_what_is_said() {
    let session = Session::new(N, SESSION, 1);
    for groups in [1, 2, 5] {
        let (values, keys, bytes) = batch(&session, groups, 3);
        assert_eq!((values.len(), keys.len()), (random::values(N, groups), groups * N - 1));
        assert_eq!(bytes.len(), groups * 2 * N * KEEP_BITS as usize / 8 + 32 + 6 + 32);
        assert!(values.values().iter().any(|&x| x > Fp::new(MODULUS / 2)), "they are not small");
        check(&session, &values, keys);
    }
}

#[test]
fn full_size_ring() {
    let session = Session::new(8192, SESSION, 2);
    let (values, keys, bytes) = batch(&session, 2, 2);
    check(&session, &values, keys);
    assert!(bytes.len() * 2 < 30 * values.len());
}

/// How many groups are made at once, and on how many threads, changes no byte.
#[test]
fn pinned_bytes() {
    let session = Session::new(N, SESSION, 4);
    let [one, five] = [1, 5].map(|at_once| batch(&session, 5, at_once).2);
    assert!(one == five);
    let mut transcript = muse_field::transcript::Transcript::new("test");
    let digest = transcript.append("bytes", &one).digest("digest");
    assert_eq!(digest[..8], PINNED, "{digest:?}");
}

const PINNED: [u8; 8] = [207, 154, 84, 113, 33, 8, 179, 17];

#[test]
fn batches_are_counted() {
    let session = Session::new(8, SESSION, 5);
    let rng = &mut rng(1);
    let (mut client, mut server) = session.randoms(rng);
    for groups in [0, MAX_GROUPS + 1] {
        assert!(matches!(client.start(&session.ring, groups, rng), Err(Error::Misuse(_))));
        assert!(matches!(session.randoms(rng).1.start(&session.ring, groups), Err(Error::Misuse(_))));
    }
    for _ in 0..RunId::MAX_RUNS {
        let mut sending = client.start(&session.ring, 1, rng).unwrap();
        let waiting = server.start(&session.ring, 1).unwrap().on_replies(sending.replies(1).unwrap());
        let (waiting, seed) = waiting.unwrap().challenge(rng).unwrap();
        let (_, opening) = sending.sent().unwrap().on_seed(&seed);
        server = waiting.on_opening(claim(&opening)).unwrap().0;
    }
    assert!(matches!(client.start(&session.ring, 1, rng), Err(Error::Exhausted(_))));
    assert!(matches!(server.start(&session.ring, 1), Err(Error::Exhausted(_))));
}

#[test]
fn rounds_cannot_be_skipped() {
    let session = Session::new(N, SESSION, 6);
    let rng = &mut rng(1);
    let (mut client, server) = session.randoms(rng);
    let mut sending = client.start(&session.ring, 2, rng).unwrap();
    let first = sending.replies(1).unwrap();
    assert!(matches!(sending.sent(), Err(Error::Misuse(_))));
    let waiting = server.start(&session.ring, 2).unwrap().on_replies(first.clone()).unwrap();
    assert_eq!(waiting.remaining(), 1);
    assert!(matches!(waiting.challenge(rng), Err(Error::Misuse(_))));
    let mut fresh = |groups| session.randoms(rng).1.start(&session.ring, groups).unwrap();
    let three = [first.clone(), first.clone(), first].concat();
    assert!(matches!(fresh(2).on_replies(three), Err(Error::Misuse(_))));
    let small = Session::new(8, SESSION, 6);
    let (mut other, _) = small.randoms(&mut muse_test_support::triples::generation::rng(2));
    let foreign = other
        .start(&small.ring, 1, &mut muse_test_support::triples::generation::rng(2))
        .unwrap()
        .replies(1)
        .unwrap();
    assert!(matches!(fresh(1).on_replies(foreign), Err(Error::Misuse(_))));
}

/// What the server says to a client whose replies, seed or answer a cheater changed.
fn verdict(
    change: impl Fn(usize, Reply) -> Reply,
    answer: impl Fn(Opening) -> Vec<u8>,
) -> Result<Keys, Error> {
    let session = Session::new(N, SESSION, 7);
    let rng = &mut rng(1);
    let (mut client, server) = session.randoms(rng);
    let mut sending = client.start(&session.ring, 3, rng).unwrap();
    let all = replies(&mut sending, N, 3, &mut Vec::new());
    let all = all.into_iter().enumerate().map(|(group, reply)| change(group, reply)).collect();
    let server = server.start(&session.ring, 3).unwrap().on_replies(all).unwrap();
    let (server, seed) = server.challenge(rng).unwrap();
    let (_, opening) = sending.sent().unwrap().on_seed(&seed);
    server.on_opening(from_slice(1, &answer(opening)).unwrap()).map(|(_, keys)| keys)
}

fn refused(verdict: Result<Keys, Error>) {
    let error = verdict.unwrap_err();
    assert_eq!(error, Error::PeerMisbehaved(Check::Opening));
    assert!(error.peer_at_fault());
}

/// One word of a reply, moved far enough to decrypt to another value.
fn moved(reply: &Reply, word: usize) -> Reply {
    let mut bytes = to_vec(reply);
    // Words of 58 bits, bit 57 the top one.
    let bit = KEEP_BITS as usize * word + KEEP_BITS as usize - 2;
    bytes[bit / 8] ^= 1 << (bit % 8);
    Reply::decode_all(&bytes)
}

/// Two words of a reply moved by the same amount in opposite directions: one value's key is one more, the other's one less.
fn opposed(reply: &Reply, words: [usize; 2]) -> Reply {
    const BITS: usize = KEEP_BITS as usize;
    let mut bytes = to_vec(reply);
    // One in the plaintext: q' / p in a coefficient, of which the lowest 28 bits are not sent.
    let modulus = u128::from(PRIMES[0]) * u128::from(PRIMES[1]);
    let step = (modulus / u128::from(MODULUS)) >> (86 - BITS);
    for (word, minus) in words.into_iter().zip([false, true]) {
        let bits = BITS * word..BITS * (word + 1);
        let old =
            bits.clone().rev().fold(0, |sum, bit| sum << 1 | u128::from(bytes[bit / 8] >> (bit % 8) & 1));
        let most = modulus >> (86 - BITS);
        let new = if minus { old + most - step } else { old + step } % most;
        for (at, bit) in bits.enumerate() {
            bytes[bit / 8] = bytes[bit / 8] & !(1 << (bit % 8)) | ((new >> at & 1) as u8) << (bit % 8);
        }
    }
    Reply::decode_all(&bytes)
}

trait DecodeAll: Sized {
    fn decode_all(bytes: &[u8]) -> Self;
}

impl DecodeAll for Reply {
    fn decode_all(bytes: &[u8]) -> Self {
        from_slice(reply_shape(N), bytes).unwrap()
    }
}

#[test]
fn an_honest_client_passes() {
    assert!(verdict(|_, reply| reply, |opening| to_vec(&opening)).is_ok());
}

/// One coefficient of one group, in either component; also the coefficient of the value that the check uses up.
#[test]
fn a_changed_reply_is_refused() {
    for (group, word) in [(0, 0), (1, N - 1), (2, N), (0, N + 3), (2, 2 * N - 1)] {
        let change = |at: usize, reply: Reply| if at == group { moved(&reply, word) } else { reply };
        refused(verdict(change, |opening| to_vec(&opening)));
    }
}

/// Errors that nobody would see in the sum of all values.
#[test]
fn errors_that_cancel_each_other_are_refused() {
    for words in [[N, N + 1], [N + 5, 2 * N - 1]] {
        let change = |at: usize, reply: Reply| if at == 1 { opposed(&reply, words) } else { reply };
        refused(verdict(change, |opening| to_vec(&opening)));
    }
}

#[test]
fn a_reply_that_is_another_one_is_refused() {
    let session = Session::new(N, OTHER, 8);
    let (mut client, _) = session.randoms(&mut rng(8));
    let other = client.start(&session.ring, 1, &mut rng(8)).unwrap().replies(1).unwrap().remove(0);
    let zero: Reply = from_slice(reply_shape(N), &vec![0; Reply::len_for(reply_shape(N))]).unwrap();
    for wrong in [other, zero] {
        refused(verdict(|at, reply| if at == 1 { wrong.clone() } else { reply }, |opening| to_vec(&opening)));
    }
}

#[test]
fn a_wrong_answer_is_refused() {
    for byte in 0..6 + 32 {
        refused(verdict(
            |_, reply| reply,
            |opening| {
                let mut bytes = to_vec(&opening);
                bytes[byte] ^= 1;
                bytes
            },
        ));
    }
}

/// The answer to a batch's seed serves neither for another seed nor for another batch or session.
#[test]
fn answers_are_bound() {
    let session = Session::new(N, SESSION, 7);
    let other = Session { id: OTHER, ..Session::new(N, SESSION, 7) };
    // The same randomness everywhere: the same values, MACs and keys.
    let answer = |session: &Session, batch: usize, seed: u8| {
        let (mut client, mut server) = session.randoms(&mut rng(2));
        for before in 0..=batch {
            let mut sending = client.start(&session.ring, 1, &mut rng(4)).unwrap();
            let replies = sending.replies(1).unwrap();
            let waiting = server.start(&session.ring, 1).unwrap().on_replies(replies).unwrap();
            let (waiting, seed) = waiting.challenge(&mut rng(seed)).unwrap();
            let claimed = claim(&sending.sent().unwrap().on_seed(&seed).1);
            if before == batch {
                return (waiting, claimed);
            }
            server = waiting.on_opening(claimed).unwrap().0;
        }
        unreachable!("the last batch returns")
    };
    let (server, right) = answer(&session, 0, 5);
    assert!(server.on_opening(right).is_ok());
    for (other, batch, seed) in [(&session, 0, 6), (&session, 1, 5), (&other, 0, 5)] {
        let (server, _) = answer(&session, 0, 5);
        refused(server.on_opening(answer(other, batch, seed).1).map(|(_, keys)| keys));
    }
}

#[test]
fn hostile_bytes_are_refused() {
    let n = Reply::len_for(reply_shape(N));
    assert_eq!(from_slice::<Reply>(reply_shape(N), &vec![0xff; n]).unwrap_err(), DecodeError::NotCanonical);
    let setup = random::Setup::len_for(N);
    assert_eq!(from_slice::<random::Setup>(N, &vec![0xff; setup]).unwrap_err(), DecodeError::NotCanonical);
    assert!(from_slice::<random::Setup>(N, &vec![0; setup - 1]).is_err());
    assert!(from_slice::<random::Setup>(N, &vec![0; setup + 1]).is_err());
}

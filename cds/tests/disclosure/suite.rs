//! What every implementation must do, for each of them.

use muse_cds::{Check, Disclose, Error, Step};
use muse_field::id::{RunId, SessionId};
use muse_field::transcript::Transcript;
use muse_field::wire::to_vec;
use muse_field::{Fp, MODULUS};
use muse_mac::Authenticated;

use muse_test_support::cds::{Correlated, ID, Log, Published, Session, Variant, converse, run, values};

macro_rules! suite {
    ($($test:ident),* $(,)?) => {
        mod correlated {
            $(#[test] fn $test() { super::$test::<super::Correlated>(); })*
        }
        mod published {
            $(#[test] fn $test() { super::$test::<super::Published>(); })*
        }
    };
}

suite! {
    the_client_has_the_labels_of_its_values,
    pieces_do_not_matter,
    misuse_is_an_error_and_ends_the_state,
    debug_is_redacted,
    a_shifted_share_is_caught,
    the_other_representative_is_caught,
    a_wrong_value_out_of_range_fails_both_checks,
    exchanged_values_are_caught,
    changed_shares_are_caught,
    with_alpha_a_client_could_shift_its_share,
    another_session_or_inference_does_not_fit,
    a_client_without_sense_is_refused,
}

/// L = K xor bit * Delta, for the 44 bits of every value, least significant first; and the announced bytes.
fn the_client_has_the_labels_of_its_values<V: Variant>() {
    // Around the sizes of shards (32), chunks (512) and groups (1024).
    for count in [0, 1, 2, 9, 31, 32, 33, 512, 513, 1025] {
        let values = values(count);
        let mut session = Session::new(1);
        let delta = session.sender.delta().clone();
        let shares = session.deal(&values);
        let (client, server) = V::parties(session, &values, shares);
        let (log, outcome) = run(client, server);
        let (client, server) = outcome.unwrap();
        let (active, zero) = (V::active(&client), V::zero(&server));
        assert_eq!((active.len(), zero.len()), (44 * count, 44 * count));
        assert_eq!(active.as_slice(), zero.active_integers(&values, 44, &delta).as_slice());
        let (up, down) = V::bytes(count);
        assert_eq!(log.iter().map(|message| message.len() as u64).sum::<u64>(), up + down);
        assert!(log.iter().all(|message| !message.is_empty()));
    }
}

/// The messages, and a hash of them and of all labels.
pub(crate) fn transcript<V: Variant>(count: usize, piece: impl FnMut() -> usize) -> (Log, [u8; 32]) {
    let values = values(count);
    let mut session = Session::new(4);
    let shares = session.deal(&values);
    let (client, server) = V::parties(session, &values, shares);
    let (log, outcome) = converse(client, server, piece, |_, _| {});
    let (client, server) = outcome.unwrap();
    let mut transcript = Transcript::new("muse-cds test");
    for message in &log {
        transcript.append("message", message);
    }
    transcript.append("active", &to_vec(V::active(&client))).append("zero", &to_vec(V::zero(&server)));
    (log, transcript.digest("everything"))
}

fn pieces_do_not_matter<V: Variant>() {
    let whole = transcript::<V>(2, || usize::MAX);
    assert_eq!(transcript::<V>(2, || 1), whole);
    let mut pieces = [7, 1, 1000, 64, 333].into_iter().cycle();
    assert_eq!(transcript::<V>(2, || pieces.next().unwrap()), whole);
}

fn misuse_is_an_error_and_ends_the_state<V: Variant>() {
    let parties = || {
        let mut session = Session::new(5);
        let shares = session.deal(&[5, 6]);
        V::parties(session, &[5, 6], shares)
    };
    let (client, mut server) = parties();
    assert!(matches!(client.finish(), Err(Error::Misuse(_))));
    // More than the message has, and bytes out of turn.
    let Step::Receive(n) = server.step() else { panic!("the client begins") };
    let too_many = vec![0; usize::try_from(n).unwrap() + 1];
    assert!(matches!(server.absorb(&too_many), Err(Error::Misuse(_))));
    assert!(matches!(server.finish(), Err(Error::Misuse(_))));
    let (mut client, _) = parties();
    assert!(matches!(client.absorb(&[0]), Err(Error::Misuse(_))));
    assert_eq!(client.step(), Step::Finished);
}

fn debug_is_redacted<V: Variant>() {
    let mut session = Session::new(5);
    let shares = session.deal(&[5]);
    let (client, server) = V::parties(session, &[5], shares);
    let Step::Send(n) = client.step() else { panic!("the client begins") };
    assert_eq!(
        format!("{client:?} {server:?}"),
        format!("Client(Send({n}), redacted) Server(Receive({n}), redacted)")
    );
}

/// What the server says to a client with these integers for these values; nothing is said after it.
fn refusal<V: Variant>(values: &[u64], integers: &[u64]) -> Error {
    let mut session = Session::new(10);
    let shares = session.deal(values);
    let (client, server) = V::parties(session, integers, shares);
    let Err((true, error)) = run(client, server).1 else { panic!("the server refuses") };
    error
}

fn a_shifted_share_is_caught<V: Variant>() {
    let values = values(50);
    for (at, shift) in [(0, 1), (7, 1 << 24), (49, 1 << 42)] {
        let mut integers = values.clone();
        integers[at] = (integers[at] + shift) % MODULUS;
        assert_eq!(refusal::<V>(&values, &integers), Error::PeerMisbehaved(Check::Value));
    }
}

/// y + p recomposes to y, so the MACs are right: only the range proof sees it. It would zero small positive activations.
fn the_other_representative_is_caught<V: Variant>() {
    for y in [0, 1, 12_345, (1 << 23) - 1, 1 << 23, (1 << 24) - 1, (1 << 44) - MODULUS - 1] {
        for count in [1, 40] {
            let mut values = values(count);
            values[count / 2] = y;
            let mut integers = values.clone();
            integers[count / 2] += MODULUS;
            assert_eq!(refusal::<V>(&values, &integers), Error::PeerMisbehaved(Check::Range));
        }
    }
}

fn a_wrong_value_out_of_range_fails_both_checks<V: Variant>() {
    let error = refusal::<V>(&[5, 6], &[5, 7 + MODULUS]);
    assert_eq!(error, Error::PeerMisbehaved(Check::RangeAndValue));
    assert_eq!(refusal::<V>(&[5], &[(1 << 44) - 1]), Error::PeerMisbehaved(Check::RangeAndValue));
}

fn exchanged_values_are_caught<V: Variant>() {
    assert_eq!(refusal::<V>(&[5, 6], &[6, 5]), Error::PeerMisbehaved(Check::Value));
    // The same sum of values, the same sum of bits.
    assert_eq!(refusal::<V>(&[1, 2, 4], &[2, 1, 4]), Error::PeerMisbehaved(Check::Value));
}

/// The client changes its own half of the shares: the value with the MAC as it was, or the MAC.
fn changed_shares_are_caught<V: Variant>() {
    for (value, mac) in [(1, 0), (0, 1), (1, 1)] {
        let mut session = Session::new(12);
        let (shares, keys) = session.deal(&[5, 6, 7]);
        let (mut x, mut m) = shares.into_parts();
        x[1] += Fp::new(value);
        m[1] += Fp::new(mac);
        let integers: Vec<u64> = x.iter().map(|v| v.to_u64()).collect();
        let shares = (Authenticated::new(x, m).unwrap(), keys);
        let (client, server) = V::parties(session, &integers, shares);
        let Err(error) = run(client, server).1 else { panic!("the server refuses") };
        assert_eq!(error, (true, Error::PeerMisbehaved(Check::Value)));
    }
}

/// What soundness rests on: whoever knows alpha passes with any canonical value.
fn with_alpha_a_client_could_shift_its_share<V: Variant>() {
    let mut session = Session::new(13);
    let (shares, keys) = session.deal(&[5, 6]);
    let (mut x, mut m) = shares.into_parts();
    x[1] += Fp::new(100);
    m[1] += Fp::new(100) * session.key.expose();
    let shares = (Authenticated::new(x, m).unwrap(), keys);
    let (client, server) = V::parties(session, &[5, 106], shares);
    assert!(run(client, server).1.is_ok());
}

/// A client that computes under another name: other tweaks, another challenge, another digest.
fn another_session_or_inference_does_not_fit<V: Variant>() {
    for other in [RunId { number: 8, ..ID }, RunId { session: SessionId::from_bytes([0x43; 32]), ..ID }] {
        let mut session = Session::new(16);
        let values = values(20);
        let shares = session.deal(&values);
        let (client, server) = V::named(session, [other, ID], &values, shares);
        let Err((true, error)) = run(client, server).1 else { panic!("the server refuses") };
        assert!(matches!(error, Error::PeerMisbehaved(Check::RangeAndValue | Check::Factors)), "{error}");
    }
}

/// Zeros, and ones, in place of everything the client has to say.
fn a_client_without_sense_is_refused<V: Variant>() {
    for byte in [0x00, 0xff, 0x11] {
        let mut session = Session::new(22);
        let values = values(3);
        let shares = session.deal(&values);
        let (_, mut server) = V::parties(session, &values, shares);
        let error = loop {
            match server.step() {
                Step::Receive(n) => {
                    if let Err(error) = server.absorb(&vec![byte; usize::try_from(n).unwrap()]) {
                        break error;
                    }
                }
                Step::Send(n) => server.fill(&mut vec![0; usize::try_from(n).unwrap()]),
                Step::Finished => panic!("a client without sense is accepted"),
            }
        };
        assert!(error.peer_at_fault());
        assert_eq!((server.step(), server.finish().map(|_| ())), (Step::Finished, Err(error)));
    }
}

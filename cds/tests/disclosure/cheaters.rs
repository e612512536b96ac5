//! A malicious client, one deviation at a time: each is refused, by the check that is there for it.

use muse_cds::correlated::{Client, Server};
use muse_cds::{Check, DisclosureId, Error};
use muse_field::id::SessionId;
use muse_field::{Fp, MODULUS};
use muse_mac::Authenticated;

use crate::support::{ANSWER, COLUMNS, ID, Log, PROOF, SESSION, Session, converse, run, values};

/// What the server says to a client with these integers for these values, and what was said until then.
fn refusal(values: &[u64], integers: &[u64]) -> (Log, Error) {
    let mut session = Session::new(10);
    let shares = session.deal(values);
    let (client, server) = session.parties(integers, shares);
    let (log, outcome) = run(client, server);
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    (log, error)
}

/// The same for an honest client whose messages are changed on their way to the server.
fn refusal_of_changed(message: usize, change: impl Fn(&mut [u8])) -> (Log, Error) {
    let values = values(40);
    let mut session = Session::new(11);
    let shares = session.deal(&values);
    let (client, server) = session.parties(&values, shares);
    let tamper = |number: usize, bytes: &mut [u8]| {
        if number == message {
            change(bytes);
        }
    };
    let (log, outcome) = converse(client, server, || usize::MAX, tamper);
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    (log, error)
}

#[test]
fn a_shifted_share_is_caught() {
    let values = values(50);
    for (at, shift) in [(0, 1), (7, 1 << 24), (49, 1 << 42)] {
        let mut integers = values.clone();
        integers[at] = (integers[at] + shift) % MODULUS;
        let (log, error) = refusal(&values, &integers);
        assert_eq!(error, Error::PeerMisbehaved(Check::Value));
        assert_eq!(log.len(), PROOF + 1, "nothing is said after the proof");
    }
}

/// y + p recomposes to y, so the MACs are right: only the range proof sees it. It would zero small positive activations.
#[test]
fn the_other_representative_is_caught() {
    for y in [0, 1, 12_345, (1 << 24) - 1, (1 << 44) - MODULUS - 1] {
        for count in [1, 40] {
            let mut values = values(count);
            values[count / 2] = y;
            let mut integers = values.clone();
            integers[count / 2] += MODULUS;
            assert_eq!(refusal(&values, &integers).1, Error::PeerMisbehaved(Check::Range));
        }
    }
}

#[test]
fn a_wrong_value_out_of_range_fails_both_checks() {
    let error = refusal(&[5, 6], &[5, 7 + MODULUS]).1;
    assert_eq!(error, Error::PeerMisbehaved(Check::RangeAndValue));
    assert_eq!(refusal(&[5], &[(1 << 44) - 1]).1, Error::PeerMisbehaved(Check::RangeAndValue));
}

#[test]
fn exchanged_values_are_caught() {
    assert_eq!(refusal(&[5, 6], &[6, 5]).1, Error::PeerMisbehaved(Check::Value));
    // The same sum of values, the same sum of bits.
    assert_eq!(refusal(&[1, 2, 4], &[2, 1, 4]).1, Error::PeerMisbehaved(Check::Value));
}

/// The client changes its own half of the shares: the value with the MAC as it was, or the MAC.
#[test]
fn changed_shares_are_caught() {
    for (value, mac) in [(1, 0), (0, 1), (1, 1)] {
        let mut session = Session::new(12);
        let (shares, keys) = session.deal(&[5, 6, 7]);
        let (mut x, mut m) = shares.into_parts();
        x[1] += Fp::new(value);
        m[1] += Fp::new(mac);
        let integers: Vec<u64> = x.iter().map(|v| v.to_u64()).collect();
        let shares = (Authenticated::new(x, m).unwrap(), keys);
        let (client, server) = session.parties(&integers, shares);
        assert_eq!(run(client, server).1.unwrap_err(), (true, Error::PeerMisbehaved(Check::Value)));
    }
}

/// What soundness rests on: whoever knows alpha passes with any canonical value.
#[test]
fn with_alpha_a_client_could_shift_its_share() {
    let mut session = Session::new(13);
    let (shares, keys) = session.deal(&[5, 6]);
    let (mut x, mut m) = shares.into_parts();
    x[1] += Fp::new(100);
    m[1] += Fp::new(100) * session.key.expose();
    let shares = (Authenticated::new(x, m).unwrap(), keys);
    let (client, server) = session.parties(&[5, 106], shares);
    assert!(run(client, server).1.is_ok());
}

/// Blocks of columns with other choices than the rest: refused by the OT's verdict, before any tau.
#[test]
fn inconsistent_columns_are_caught_before_tau() {
    // One bit in each of eight blocks of the first piece: passes if 32 bits of Delta are guessed.
    let (log, error) = refusal_of_changed(COLUMNS, |columns| {
        for block in 0..8 {
            columns[16 * block] ^= 1;
        }
    });
    assert_eq!(error, Error::PeerMisbehaved(Check::CorrelatedOt));
    assert_eq!(log.len(), ANSWER + 1, "no tau");
}

#[test]
fn every_field_of_the_answer_counts() {
    // The hash of the choices, then the hash of the columns.
    for at in [0, 15, 16, 47] {
        let (log, error) = refusal_of_changed(ANSWER, |answer| answer[at] ^= 0x40);
        assert_eq!(error, Error::PeerMisbehaved(Check::CorrelatedOt));
        assert_eq!(log.len(), ANSWER + 1, "no tau");
    }
}

#[test]
fn every_field_of_the_proofs_counts() {
    // A byte of each of the ten coefficients, then of the digest.
    for at in (0..160).step_by(16).map(|at| at + at / 16).chain([160, 177, 191]) {
        let check = if at < 160 { Check::Range } else { Check::Value };
        let (_, error) = refusal_of_changed(PROOF, |proof| proof[at] ^= 1 << (at % 8));
        assert_eq!(error, Error::PeerMisbehaved(check));
    }
    let (_, error) = refusal_of_changed(PROOF, |proof| proof.fill(0));
    assert_eq!(error, Error::PeerMisbehaved(Check::RangeAndValue));
}

/// A client that uses tau wrongly has wrong MACs: here it ignores the bits of one value's tau, or takes another value's.
#[test]
fn wrong_handling_of_tau_is_caught() {
    let values = values(40);
    for change in [zero_one as fn(&mut [u8]), exchange, add_one] {
        let mut session = Session::new(14);
        let shares = session.deal(&values);
        let (client, server) = session.parties(&values, shares);
        let tamper = |number: usize, bytes: &mut [u8]| {
            if number == crate::support::TAU {
                change(bytes);
            }
        };
        let (_, outcome) = converse(client, server, || usize::MAX, tamper);
        assert_eq!(outcome.unwrap_err(), (true, Error::PeerMisbehaved(Check::Value)));
    }

    fn zero_one(tau: &mut [u8]) {
        tau[3 * 242..4 * 242].fill(0);
    }
    fn exchange(tau: &mut [u8]) {
        let (first, second) = tau.split_at_mut(10 * 242);
        first[9 * 242..].swap_with_slice(&mut second[..242]);
    }
    /// The tau of bit 0 of value 1, which is 1.
    fn add_one(tau: &mut [u8]) {
        tau[242] ^= 1;
    }
}

/// Proofs of an earlier disclosure of the session, word for word.
#[test]
fn a_replayed_proof_is_caught() {
    let mut session = Session::new(15);
    let mut old = Vec::new();
    for inference in 0..2 {
        let id = DisclosureId { session: SESSION, inference };
        let (shares, keys) = session.deal(&values(20));
        let client = Client::new(id, session.receiver, shares, &mut session.rng).unwrap();
        let server = Server::new(id, session.sender, &session.key, keys, &mut session.rng).unwrap();
        let tamper = |number: usize, bytes: &mut [u8]| {
            if inference == 1 && number == PROOF {
                bytes.copy_from_slice(&old);
            }
        };
        let (mut log, outcome) = converse(client, server, || usize::MAX, tamper);
        match outcome {
            Ok((client, server)) => (session.receiver, session.sender) = (client.0, server.0),
            Err(error) => {
                assert_eq!((inference, error), (1, (true, Error::PeerMisbehaved(Check::RangeAndValue))));
                return;
            }
        }
        old = log.swap_remove(PROOF);
    }
    panic!("the replay is accepted");
}

/// A client that computes under another name: other tweaks, another challenge, another digest.
#[test]
fn another_session_or_inference_does_not_fit() {
    for id in [
        DisclosureId { inference: 8, ..ID },
        DisclosureId { session: SessionId::from_bytes([0x43; 32]), ..ID },
    ] {
        let mut session = Session::new(16);
        let (shares, keys) = session.deal(&values(20));
        let client = Client::new(id, session.receiver, shares, &mut session.rng).unwrap();
        let server = Server::new(ID, session.sender, &session.key, keys, &mut session.rng).unwrap();
        let error = run(client, server).1.unwrap_err();
        assert_eq!(error, (true, Error::PeerMisbehaved(Check::RangeAndValue)));
    }
}

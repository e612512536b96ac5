//! A malicious client, one deviation at a time: each is refused, by the check that is there for it.

use muse_cds::correlated::{Client, Server};
use muse_cds::{Check, Error};
use muse_field::id::RunId;

use super::{ANSWER, COLUMNS, PROOF, TAU};
use muse_test_support::cds::{Correlated, Log, SESSION, Session, Variant, converse, values};

/// What the server says to an honest client whose messages are changed on their way to it, and what was said until then.
fn refusal_of_changed(message: usize, change: impl Fn(&mut [u8])) -> (Log, Error) {
    let values = values(40);
    let mut session = Session::new(11);
    let shares = session.deal(&values);
    let (client, server) = Correlated::parties(session, &values, shares);
    let tamper = |number: usize, bytes: &mut [u8]| {
        if number == message {
            change(bytes);
        }
    };
    let (log, outcome) = converse(client, server, || usize::MAX, tamper);
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    (log, error)
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
        let (client, server) = Correlated::parties(session, &values, shares);
        let tamper = |number: usize, bytes: &mut [u8]| {
            if number == TAU {
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
        let id = RunId::new(SESSION, inference);
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

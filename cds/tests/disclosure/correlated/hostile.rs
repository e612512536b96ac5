//! Bytes without sense: refused, never a panic.

use muse_cds::{Check, Disclose, Error, Step};
use muse_field::prg::Prg;
use proptest::prelude::*;
use rand_core::Rng;

use super::{PROOF, TAU};
use muse_test_support::cds::{Correlated, Session, Variant, converse, values};

#[test]
fn tau_is_canonical() {
    // All ones is 2^44 - 1, not an element. The client says malformed, wherever it stands.
    for at in [0, 39] {
        let values = values(40);
        let mut session = Session::new(20);
        let shares = session.deal(&values);
        let (client, server) = Correlated::parties(session, &values, shares);
        let tamper = |number: usize, bytes: &mut [u8]| {
            if number == TAU {
                bytes[242 * at..242 * at + 6].fill(0xff);
            }
        };
        let (_, outcome) = converse(client, server, || usize::MAX, tamper);
        assert_eq!(outcome.unwrap_err(), (false, Error::Malformed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// One bit of anything the client sends, flipped: refused, unless it is in a block of columns whose bits of Delta it
    /// guesses.
    #[test]
    fn a_flipped_bit_is_refused(message in prop::sample::select(vec![0_usize, 2, 5]), bit: prop::sample::Index) {
        let values = values(10);
        let mut session = Session::new(21);
        let shares = session.deal(&values);
        let (client, server) = Correlated::parties(session, &values, shares);
        let tamper = |number: usize, bytes: &mut [u8]| {
            if number == message {
                let bit = bit.index(8 * bytes.len());
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        };
        let (_, outcome) = converse(client, server, || 1000, tamper);
        match outcome {
            Ok(_) => prop_assert_eq!(message, 0),
            Err((at_server, error)) => {
                prop_assert!(at_server);
                let checks: &[Check] = match message {
                    // A guess that is right gives the client what it would have had: one of the later checks may see it.
                    0 => &[Check::CorrelatedOt, Check::Range, Check::Value, Check::RangeAndValue],
                    2 => &[Check::CorrelatedOt],
                    _ => &[Check::Range, Check::Value],
                };
                prop_assert!(checks.iter().any(|&check| error == Error::PeerMisbehaved(check)));
            }
        }
    }

    /// A client that says anything at all.
    #[test]
    fn a_random_client_is_refused(seed: [u8; 32], count in 0_usize..40) {
        let values = values(count);
        let mut session = Session::new(22);
        let shares = session.deal(&values);
        let (_, mut server) = Correlated::parties(session, &values, shares);
        let mut rng = Prg::from_seed(seed);
        let mut sent = Vec::new();
        let error = loop {
            match server.step() {
                Step::Receive(n) => {
                    let mut bytes = vec![0; usize::try_from(n).unwrap()];
                    rng.fill_bytes(&mut bytes);
                    if let Err(error) = server.absorb(&bytes) {
                        break error;
                    }
                }
                Step::Send(n) => {
                    sent.push(n);
                    server.fill(&mut vec![0; usize::try_from(n).unwrap()]);
                }
                Step::Finished => panic!("a random client is accepted"),
            }
        };
        prop_assert_eq!((error, sent), (Error::PeerMisbehaved(Check::CorrelatedOt), vec![32]));
        prop_assert!(error.peer_at_fault());
    }
}

/// A client without values must still prove nothing correctly.
#[test]
fn an_empty_disclosure_is_checked() {
    let mut session = Session::new(23);
    let shares = session.deal(&[]);
    let (client, server) = Correlated::parties(session, &[], shares);
    // Without values there is no tau: messages are columns, challenge, answer, seed, proof.
    let tamper = |number: usize, bytes: &mut [u8]| {
        if number == PROOF - 1 {
            bytes[191] ^= 1;
        }
    };
    let (_, outcome) = converse(client, server, || usize::MAX, tamper);
    assert_eq!(outcome.unwrap_err(), (true, Error::PeerMisbehaved(Check::Value)));
}

#[test]
fn errors_name_the_check_and_the_blame() {
    let texts = [
        (Check::CorrelatedOt, "the client failed the correlated OT check"),
        (Check::Range, "the client's bits are not those of values below p"),
        (Check::Value, "the client's bits are not those of its authenticated values"),
    ];
    for (check, text) in texts {
        let error = Error::PeerMisbehaved(check);
        assert!(error.peer_at_fault() && error.to_string() == text);
    }
    let exhausted = Error::from(muse_gc::Error::Exhausted("correlated OTs of the session"));
    assert_eq!(exhausted.to_string(), "exhausted: correlated OTs of the session");
    assert!(!exhausted.peer_at_fault() && !Error::Misuse("x").peer_at_fault());
    assert!(Error::from(muse_zk::Error::Malformed).peer_at_fault());
    assert!(Error::from(muse_mac::Error::Malformed).peer_at_fault());
}

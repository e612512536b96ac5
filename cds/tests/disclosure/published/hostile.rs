//! Bytes without sense: refused, never a panic.

use muse_cds::{Check, Error};
use proptest::prelude::*;

use super::{HALVES, INPUTS, LABELS, PROOFS};
use muse_test_support::cds::{Published, Session, Variant, converse, values};

#[test]
fn elements_are_canonical() {
    // All ones is 2^44 - 1, not an element: in the inputs, in the differences, in the halves, in what comes with labels.
    for (message, at) in
        [(INPUTS, 0), (INPUTS, 1000), (HALVES, 0), (HALVES, 500), (LABELS, 0), (LABELS, 4000)]
    {
        let values = values(2);
        let mut session = Session::new(20);
        let shares = session.deal(&values);
        let (client, server) = Published::parties(session, &values, shares);
        let tamper = |number: usize, bytes: &mut [u8]| {
            if number == message {
                bytes[at..at + 12].fill(0xff);
            }
        };
        let Err(error) = converse(client, server, || usize::MAX, tamper).1 else { panic!("refused") };
        assert_eq!(error, (message == INPUTS, Error::Malformed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// One bit of anything the client sends, flipped.
    #[test]
    fn a_flipped_bit_is_refused(message in prop::sample::select(vec![INPUTS, PROOFS]), bit: prop::sample::Index) {
        let values = values(10);
        let mut session = Session::new(21);
        let shares = session.deal(&values);
        let (client, server) = Published::parties(session, &values, shares);
        let tamper = |number: usize, bytes: &mut [u8]| {
            if number == message {
                let bit = bit.index(8 * bytes.len());
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        };
        let Err((at_server, error)) = converse(client, server, || 1000, tamper).1 else {
            panic!("the server refuses")
        };
        prop_assert!(at_server);
        match (message, error) {
            (INPUTS, Error::Malformed | Error::PeerMisbehaved(Check::Factors))
            | (PROOFS, Error::PeerMisbehaved(Check::Bits | Check::Range | Check::Value)) => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn errors_name_the_check() {
    for (check, text) in [
        (Check::Factors, "the client's opened factors do not fit their MACs"),
        (Check::Bits, "the client's bits are neither 0 nor 1"),
    ] {
        let error = Error::PeerMisbehaved(check);
        assert!(error.peer_at_fault() && error.to_string() == text);
    }
    let opening = muse_mac::Error::PeerMisbehaved(muse_mac::Check::Opening);
    assert_eq!(Error::from(opening), Error::PeerMisbehaved(Check::Factors));
}

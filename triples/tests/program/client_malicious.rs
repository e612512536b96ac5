//! A client that cheats in one place, in programs: the server refuses, and has sent nothing of the result.

use muse_field::Fp;
use muse_test_support::triples::program::{Supply, client_malicious};
use muse_triples::{Check, Error};

use crate::cheaters::Stubborn;
use crate::sample::{SUPPLY, Sample, change};

/// Bytes of the client: input, factors, bits with factors and proof, output; those of the server: factors, bits, output.
const CLIENT: [usize; 4] = [11, 22 + 32, 11 + 22 + 32 + 11, 11 + 32];
const SERVER: [usize; 3] = [22, 22 + 32, 11];

#[test]
fn the_sample_is_right_when_nobody_cheats() {
    let run = client_malicious(&Sample, SUPPLY, &mut |_, _, _| ());
    assert_eq!(run.bytes(), [CLIENT.iter().sum::<usize>(), SERVER.iter().sum()]);
    assert_eq!(run.unwrap(), [(); 2].map(|()| [15, 24].map(Fp::new).to_vec()));
}

#[test]
fn any_flipped_bit_is_refused_and_nothing_of_the_result_leaves() {
    let end: usize = CLIENT.iter().sum();
    let result = SERVER[0] + SERVER[1];
    for at in 0..end {
        for bit in 0..8 {
            let mut hook = change(0, at, 1, |byte| byte[0] ^= 1 << bit);
            let run = client_malicious(&Sample, SUPPLY, &mut hook);
            let error = run.error(1);
            assert!(error.is_some_and(|error| error.peer_at_fault()), "byte {at}, bit {bit}: {error:?}");
            assert!(run.bytes()[1] <= result, "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_client_that_sends_too_much_or_too_little_is_refused() {
    for longer in [true, false] {
        let mut hook = |party: usize, number: usize, bytes: &mut Vec<u8>| {
            if (party, number) == (0, 0) {
                bytes.resize(if longer { bytes.len() + 1 } else { bytes.len() - 1 }, 0);
            }
        };
        let run = client_malicious(&Sample, SUPPLY, &mut hook);
        // What is missing is waited for; what is too much is read as the next message.
        assert_eq!(run.results[1].is_some(), longer);
        assert!(run.error(1).is_none_or(|error| error.peer_at_fault()));
        assert_eq!(run.bytes()[1], if longer { SERVER[0] } else { 0 });
    }
}

#[test]
fn too_little_is_an_error() {
    let mut supply = SUPPLY;
    supply.0 -= 1;
    let run = client_malicious(&Sample, supply, &mut |_, _, _| ());
    assert!(matches!(run.error(0), Some(Error::Exhausted(_))));
}

#[test]
fn no_step_after_an_error() {
    // The masked opening: after the input and the factors.
    let mut hook = change(0, 11 + 54, 1, |byte| byte[0] ^= 1);
    let run = client_malicious(&Stubborn, Supply(10, [10; 2]), &mut hook);
    let errors = run.results[1].as_ref().unwrap().as_ref().unwrap();
    assert_eq!(errors[0], Error::PeerMisbehaved(Check::Opening));
    assert_eq!(errors.len(), 8);
    assert!(errors[1..].iter().all(|error| *error == Error::Misuse("no step after an error")));
    assert_eq!(run.bytes()[1], 22, "the factors");
}

//! Either of two malicious parties cheats in one place: the other one refuses, and has sent nothing that depends on it but masked values.

use muse_field::Fp;
use muse_field::id::SessionId;
use muse_mac::spdz::{KeyShare, Party, Shares};
use muse_test_support::triples::program::{Deal, Program, SESSION, Supply, shifted, two_sided};
use muse_triples::program::{Engine, Linear};
use muse_triples::{Check, Error, SharedTriples};

use crate::sample::{SUPPLY, Sample, change, elements, place};

const BOTH: [usize; 2] = [0, 1];

fn refused(check: Check) -> Option<Error> {
    Some(Error::PeerMisbehaved(check))
}

/// The honest party's error, and the bytes that it has sent.
fn caught(
    deal: Deal,
    cheater: usize,
    hook: &mut impl FnMut(usize, usize, &mut Vec<u8>),
) -> (Option<Error>, usize) {
    let run = deal.run(&Sample, hook);
    (run.error(1 - cheater), run.bytes()[1 - cheater])
}

fn changed(cheater: usize, place: usize, len: usize, by: impl Fn(&mut [u8])) -> (Option<Error>, usize) {
    caught(Deal::new(SUPPLY), cheater, &mut change(cheater, place, len, by))
}

#[test]
fn the_sample_is_right_when_nobody_cheats() {
    let run = two_sided(&Sample, SUPPLY);
    assert_eq!(run.bytes(), [place::END; 2]);
    assert_eq!(run.unwrap(), [(); 2].map(|()| [15, 24].map(Fp::new).to_vec()));
}

#[test]
fn any_flipped_bit_is_refused_and_nothing_of_the_result_leaves_before() {
    for cheater in BOTH {
        for at in 0..place::END {
            for bit in 0..8 {
                let (error, sent) = changed(cheater, at, 1, |byte| byte[0] ^= 1 << bit);
                let fault = error.filter(|error| error.peer_at_fault());
                assert!(fault.is_some(), "party {cheater}, byte {at}, bit {bit}: {error:?}");
                if at < place::OUTPUT {
                    assert!(sent <= place::OUTPUT, "party {cheater}, byte {at}, bit {bit}: {sent} bytes");
                }
            }
        }
    }
}

#[test]
fn wrong_shares_in_openings_are_refused() {
    for cheater in BOTH {
        for (at, count) in [(place::FACTORS, 4), (place::DIFFERENCES, 2)] {
            for index in 0..count {
                let shift = |bytes: &mut [u8]| elements(bytes, |values| values[index] += Fp::ONE);
                let (error, sent) = changed(cheater, at, count * 11 / 2, shift);
                // Another difference gives another square, which may have no root.
                assert!(error == refused(Check::Deferred) || error == refused(Check::Square), "{error:?}");
                assert!(sent <= place::OUTPUT);
            }
        }
    }
}

#[test]
fn errors_that_cancel_in_the_sum_are_refused() {
    for cheater in BOTH {
        let shift = |bytes: &mut [u8]| {
            elements(bytes, |values| {
                values[0] += Fp::ONE;
                values[3] -= Fp::ONE;
            });
        };
        let (error, sent) = changed(cheater, place::FACTORS, 22, shift);
        assert_eq!((error, sent), (refused(Check::Deferred), place::OUTPUT));
    }
}

#[test]
fn openings_in_another_order_are_refused() {
    for cheater in BOTH {
        let (error, sent) = changed(cheater, place::FACTORS, 22, |bytes| bytes.rotate_left(11));
        assert_eq!((error, sent), (refused(Check::Deferred), place::OUTPUT));
    }
}

#[test]
fn a_shifted_output_is_not_given() {
    for cheater in BOTH {
        let shift = |bytes: &mut [u8]| elements(bytes, |values| values[1] += Fp::ONE);
        let (error, sent) = changed(cheater, place::OUTPUT, 11, shift);
        assert_eq!((error, sent), (refused(Check::Deferred), place::END));
    }
}

#[test]
fn commitments_bind() {
    for cheater in BOTH {
        let commitment = refused(Check::Mac(muse_mac::Check::Commitment));
        for (at, last) in [
            (place::SEED_COMMITMENT, place::SIGMA_COMMITMENT),
            (place::SEED, place::SIGMA_COMMITMENT),
            (place::SIGMA_COMMITMENT, place::OUTPUT),
            (place::SIGMA, place::OUTPUT),
        ] {
            let (error, sent) = changed(cheater, at, 1, |bytes| bytes[0] ^= 1);
            assert_eq!((error, sent), (commitment, last));
        }
    }
}

/// Everything of the first party's check is what the second has just sent.
#[test]
fn reflected_messages_are_refused() {
    let mut heard = Vec::new();
    let (error, sent) = caught(Deal::new(SUPPLY), 0, &mut |party: usize, _, bytes: &mut Vec<u8>| {
        if party == 1 {
            heard.clone_from(bytes);
        } else if heard.len() == bytes.len() && bytes.len() > 30 {
            bytes.clone_from(&heard);
        }
    });
    assert_eq!(error, refused(Check::Mac(muse_mac::Check::Commitment)));
    assert_eq!(sent, place::SIGMA_COMMITMENT);
}

/// A sigma that was committed to, from another share of the key.
#[test]
fn a_sigma_of_another_key_is_refused() {
    for cheater in BOTH {
        let mut deal = Deal::new(SUPPLY);
        deal.keys[cheater] = KeyShare::of_client();
        assert_eq!(caught(deal, cheater, &mut |_, _, _| ()), (refused(Check::Deferred), place::OUTPUT));
    }
}

#[test]
fn wrong_input_masks_are_refused() {
    for cheater in BOTH {
        for owner in BOTH {
            let mut deal = Deal::new(SUPPLY);
            let mask = &mut deal.masks[owner][cheater];
            *mask = shifted(mask, 4, Fp::ONE);
            assert_eq!(caught(deal, cheater, &mut |_, _, _| ()), (refused(Check::Deferred), place::OUTPUT));
        }
    }
}

/// A cheater that computes on with what it lied about.
#[test]
fn wrong_triples_are_refused() {
    for cheater in BOTH {
        for column in 0..3 {
            let mut deal = Deal::new(SUPPLY);
            let triples = deal.triples[cheater].take(SUPPLY.0).unwrap();
            let (a, b, c) = triples.into_parts();
            let mut columns: [Shares; 3] = [a, b, c];
            columns[column] = shifted(&columns[column], 3, Fp::ONE);
            let [a, b, c] = columns;
            deal.triples[cheater] = SharedTriples::new(a, b, c);
            let (error, sent) = caught(deal, cheater, &mut |_, _, _| ());
            // A wrong c alone shows in the result only.
            let last = if column == 2 { place::END } else { place::OUTPUT };
            assert_eq!((error, sent), (refused(Check::Deferred), last), "column {column}");
        }
    }
}

#[test]
fn messages_of_another_session_or_program_are_refused() {
    for cheater in BOTH {
        for name in [(SESSION, 10), (SessionId::from_bytes([5; 32]), 9)] {
            let mut deal = Deal::new(SUPPLY);
            deal.names[cheater] = name;
            let (error, sent) = caught(deal, cheater, &mut |_, _, _| ());
            assert_eq!(error, refused(Check::Mac(muse_mac::Check::Commitment)));
            assert!(sent <= place::SIGMA_COMMITMENT);
        }
    }
}

#[test]
fn messages_of_another_length_and_not_canonical_are_refused() {
    for party in BOTH {
        for (answer, error) in [
            (Vec::new(), Error::Malformed),
            (vec![0; 10], Error::Malformed),
            (vec![0; 12], Error::Malformed),
            (vec![0xff; 11], Error::Malformed),
        ] {
            let (sent, result) = Deal::new(SUPPLY).against(party, &Sample, |_, expect| {
                assert_eq!(expect, 11, "the peer's input");
                answer.clone()
            });
            assert_eq!((result, sent.concat().len()), (Err(error), if party == 0 { 11 } else { 0 }));
        }
    }
}

/// Goes on after errors.
pub(crate) struct Stubborn;

impl Program for Stubborn {
    type Output = Vec<Error>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let x = engine.input(Party::First, 2, &[3, 4].map(Fp::new)).await?;
        let product = engine.multiply(&x, &x).await?;
        let mut errors = Vec::new();
        errors.extend(engine.open_masked(product.copy()).await.err());
        errors.extend(engine.output(product.copy()).await.err());
        errors.extend(engine.output_to(Party::First, product.copy()).await.err());
        errors.extend(engine.open_masked(product.copy()).await.err());
        errors.extend(engine.multiply(&product, &product).await.err());
        errors.extend(engine.random_bits(1).await.err());
        errors.extend(engine.input(Party::First, 1, &[Fp::ONE]).await.err());
        errors.extend(engine.input(Party::Second, 1, &[Fp::ONE]).await.err());
        Ok(errors)
    }
}

#[test]
fn no_step_after_an_error() {
    for cheater in BOTH {
        // The first party's input comes before its factors.
        let at = if cheater == 0 { 11 } else { 0 };
        let mut hook = change(cheater, at, 1, |bytes| bytes[0] ^= 1);
        let run = Deal::new(Supply(10, [10; 2])).run(&Stubborn, &mut hook);
        let errors = run.results[1 - cheater].as_ref().unwrap().as_ref().unwrap();
        assert_eq!(errors[0], Error::PeerMisbehaved(Check::Deferred));
        assert_eq!(errors.len(), 8);
        assert!(errors[1..].iter().all(|error| *error == Error::Misuse("no step after an error")));
        let sent = if cheater == 0 { 22 + 166 } else { 11 + 22 + 166 };
        assert_eq!(run.bytes()[1 - cheater], sent, "the factors and the check");
    }
}

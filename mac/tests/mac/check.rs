//! Deferred checks: complete, sound, and the values stay locked.

use muse_field::Fp;
use muse_field::id::Coin;
use muse_field::wire::{Decode, from_slice, to_vec};
use muse_mac::check::{Batch, Checked, Opener, Response, Unchecked};
use muse_mac::error::Check;
use muse_mac::{Authenticated, Error, Keys, MacKey, OpeningId};
use proptest::prelude::*;

use crate::support::{ID, changed, deal, elements, fits, nonzero, other_names, rng, uniform, vector};

const REFUSED: Error = Error::PeerMisbehaved(Check::Batch);

/// Opens the parts one after the other and checks them; the client's half may be changed.
fn verdict(
    parts: &[Vec<Fp>],
    names: [&OpeningId; 2],
    change: impl Fn(usize, Authenticated, &MacKey) -> Authenticated,
) -> Result<Vec<Vec<Fp>>, Error> {
    let rng = &mut rng(1);
    let key = MacKey::random(rng);
    let (mut opener, mut batch) = (Opener::new(), Batch::new(&key));
    let mut opened = Vec::new();
    for (i, values) in parts.iter().enumerate() {
        let (client, server) = deal(&key, values, rng);
        opened.push(batch.receive(server, opener.open(change(i, client, &key)))?);
    }
    let (wait, challenge) = batch.challenge(names[0], rng);
    let response = opener.answer(names[1], &challenge);
    let checked = wait.on_response(response)?;
    opened.into_iter().map(|opened| opened.release(&checked)).collect()
}

#[test]
fn honest_batches_pass() {
    for sizes in [&[][..], &[0], &[1], &[5, 0, 1000, 1], &[64, 64]] {
        let parts: Vec<Vec<Fp>> = sizes.iter().map(|&count| uniform(count, &mut rng(2))).collect();
        assert_eq!(verdict(&parts, [&ID; 2], |_, client, _| client), Ok(parts));
    }
}

proptest! {
    #[test]
    fn changes_are_refused(mut values in vector(), more in vector(), at: prop::sample::Index, by in nonzero()) {
        values.push(by);
        let at = at.index(values.len());
        let parts = [more.clone(), values.clone(), more];
        let with = |value: Fp, mac: Fp| {
            verdict(&parts, [&ID; 2], move |i, client, _| if i == 1 { changed(client, at, value, mac) } else { client })
        };
        prop_assert_eq!(with(by, Fp::ZERO), Err(REFUSED));
        prop_assert_eq!(with(Fp::ZERO, by), Err(REFUSED));
        let forged = verdict(&parts, [&ID; 2], |i, client, key| {
            if i == 1 { changed(client, at, by, by * key.expose()) } else { client }
        });
        prop_assert!(forged.is_ok(), "whoever knows alpha opens anything");
    }
}

/// Errors that cancel under equal coefficients, or under powers of one: pitfalls of other implementations.
#[test]
fn errors_do_not_cancel() {
    let values = vec![uniform(9000, &mut rng(3))];
    for (first, second) in [(0, 1), (0, 8999), (23, 23 + 8811), (100, 164)] {
        let cheat = |_: usize, client: Authenticated, _: &MacKey| {
            changed(changed(client, first, Fp::ONE, Fp::ZERO), second, Fp::NEG_ONE, Fp::ZERO)
        };
        assert_eq!(verdict(&values, [&ID; 2], cheat), Err(REFUSED));
    }
    // The same error in two openings, with opposite signs.
    let parts = vec![elements(&[1, 2]), elements(&[1, 2])];
    let cheat = |i: usize, client: Authenticated, _: &MacKey| {
        changed(client, 0, if i == 0 { Fp::ONE } else { Fp::NEG_ONE }, Fp::ZERO)
    };
    assert_eq!(verdict(&parts, [&ID; 2], cheat), Err(REFUSED));
}

#[test]
fn an_answer_serves_under_its_name_only() {
    for name in other_names() {
        assert_eq!(verdict(&[elements(&[7])], [&ID, &name], |_, client, _| client), Err(REFUSED));
    }
}

/// An answer to another challenge, or to none.
#[test]
fn answers_of_another_challenge_are_refused() {
    let rng = &mut rng(4);
    let key = MacKey::random(rng);
    let batch = |rng: &mut _| {
        let (client, server) = deal(&key, &elements(&[7, 8]), rng);
        let (mut opener, mut batch) = (Opener::new(), Batch::new(&key));
        let _ = batch.receive(server, opener.open(client)).unwrap();
        let (wait, challenge) = batch.challenge(&ID, rng);
        (opener, wait, challenge)
    };
    let ((opener, wait, _), (_, _, other)) = (batch(rng), batch(rng));
    assert_eq!(wait.on_response(opener.answer(&ID, &other)).unwrap_err(), REFUSED);
    let (_, wait, _) = batch(rng);
    assert_eq!(wait.on_response(from_slice((), &[0; 6]).unwrap()).unwrap_err(), REFUSED);
}

#[test]
fn openings_are_answered_in_order() {
    let rng = &mut rng(5);
    let key = MacKey::random(rng);
    let ((a, k), (b, l)) = (deal(&key, &elements(&[1]), rng), deal(&key, &elements(&[2]), rng));
    let (mut opener, mut batch) = (Opener::new(), Batch::new(&key));
    let (second, first) = (opener.open(b), opener.open(a));
    let opened = [batch.receive(k, first).unwrap(), batch.receive(l, second).unwrap()];
    let (wait, challenge) = batch.challenge(&ID, rng);
    assert_eq!(wait.on_response(opener.answer(&ID, &challenge)).unwrap_err(), REFUSED);
    assert_eq!(format!("{opened:?}"), "[Unchecked(..), Unchecked(..)]");
}

/// A passed check of one batch does not release another's values.
#[test]
fn locks_belong_to_their_batch() {
    let rng = &mut rng(6);
    let key = MacKey::random(rng);
    let batch = |rng: &mut _| -> (Unchecked<Vec<Fp>>, Checked) {
        let (client, server) = deal(&key, &elements(&[7]), rng);
        let (mut opener, mut batch) = (Opener::new(), Batch::new(&key));
        let opened = batch.receive(server, opener.open(client)).unwrap();
        let (wait, challenge) = batch.challenge(&ID, rng);
        (opened, wait.on_response(opener.answer(&ID, &challenge)).unwrap())
    };
    let ((first, checked), (second, other)) = (batch(rng), batch(rng));
    assert!(matches!(first.release(&other), Err(Error::Misuse(_))));
    assert_eq!(second.release(&other), Ok(elements(&[7])));
    let (third, _) = batch(rng);
    assert!(matches!(third.release(&checked), Err(Error::Misuse(_))));
    let ((first, _), (second, _)) = (batch(rng), batch(rng));
    assert!(matches!(first.zip(second), Err(Error::Misuse(_))));
}

/// c + d*b + e*a of a triple (a, b, c): the product of x and y but for the constant d*e, where d = x - a and e = y - b.
fn product(triple: &[Fp], d_e: &[Fp]) -> Vec<Fp> {
    vec![triple[2] + d_e[0] * triple[1] + d_e[1] * triple[0]]
}

/// Two multiplications in a row with triples, one check: the keys of the second opening depend on values of the first.
#[test]
fn a_chain_of_multiplications_is_checked_once() {
    for cheat in [Fp::ZERO, Fp::ONE] {
        let rng = &mut rng(7);
        let key = MacKey::random(rng);
        let (mut opener, mut batch) = (Opener::new(), Batch::new(&key));
        let (mut x, keys) = deal(&key, &elements(&[3]), rng);
        let mut kx = batch.wrap(keys);
        let (y, ky) = deal(&key, &elements(&[5]), rng);
        for (a, b) in [(11, 13), (17, 19)] {
            let (triple, keys) = deal(&key, &elements(&[a, b, a * b]), rng);
            // Client: opens d and e, then computes.
            let mut factors = Authenticated::concat(vec![x, y.select(&[0])]);
            factors.sub_assign(&triple.select(&[0, 1]));
            let sent = opener.open(changed(factors, 0, cheat, Fp::ZERO));
            x = triple.map(|triple| product(triple, &sent));
            x.add_public_assign(&[sent[0] * sent[1]]);
            // Server: the same on keys.
            let factors = kx.map(|kx| {
                let mut factors = Keys::concat(vec![kx, ky.select(&[0])]);
                factors.sub_assign(&keys.select(&[0, 1]));
                factors
            });
            kx = batch.receive_under(factors, sent).unwrap().map(|d_e| {
                let mut z = keys.map(|triple| product(triple, &d_e));
                z.add_public_assign(&key, &[d_e[0] * d_e[1]]);
                z
            });
        }
        assert_eq!((batch.len(), batch.is_empty()), (4, false));
        let (wait, challenge) = batch.challenge(&ID, rng);
        match wait.on_response(opener.answer(&ID, &challenge)) {
            Err(error) => assert_eq!((cheat, error), (Fp::ONE, REFUSED)),
            Ok(checked) => {
                assert_eq!((cheat, x.values()[0]), (Fp::ZERO, Fp::new(3 * 5 * 5)));
                assert!(fits(&key, &x, &kx.release(&checked).unwrap()));
            }
        }
    }
}

#[test]
fn messages_and_printing() {
    assert_eq!((Coin::len_for(()), Response::len_for(())), (32, 6));
    let challenge: Coin = from_slice((), &[9; 32]).unwrap();
    assert_eq!(to_vec(&challenge), [9; 32]);
    let response: Response = from_slice((), &[1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(to_vec(&response), [1, 2, 3, 4, 5, 6]);
    assert!(from_slice::<Response>((), &[0xff; 6]).is_err());
    let key = MacKey::random(&mut rng(1));
    let (wait, _) = Batch::new(&key).challenge(&ID, &mut rng(1));
    assert_eq!(
        format!("{:?} {:?} {wait:?}", Opener::new(), Batch::new(&key)),
        "Opener(0 openings, redacted) Batch(0 values, redacted) AwaitResponse(redacted)"
    );
    let short = Batch::new(&key).receive(Keys::new(elements(&[1])), vec![]);
    assert!(matches!(short, Err(Error::Misuse(_))));
}

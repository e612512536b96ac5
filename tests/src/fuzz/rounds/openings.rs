//! Openings of authenticated values.

use super::{SESSION, altered, prg, values};
use crate::fuzz::input::Input;
use muse_field::id::RunId;
use muse_field::{
    Fp, sample,
    wire::{from_slice, to_vec},
};
use muse_mac::{
    Claimed, Digest, Error, MacKey, OpeningId, Purpose, check, ideal,
    spdz::{self, Commitment, KeyShare, Party, Revealed, RevealedSigma, Shares},
};

const ID: OpeningId = OpeningId::new(Purpose::Activations, RunId::new(SESSION, 3), 2);

/// Values, or zeros, with one digest.
pub(super) fn opening(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(1);
    let key = MacKey::random(rng);
    let count = u64::from(number / 2 % 40);
    let (refused, honest) = if number & 1 == 0 {
        let (shares, keys) = ideal::authenticate(&key, &values(count), rng);
        // Also as a message of another number of values than there are keys.
        let shape = usize::try_from(count).unwrap();
        let Some((claimed, honest)) = altered::<_, Claimed>(&shares.open(&ID), shape, input) else { return };
        (keys.verify(&key, &ID, claimed).map(|opened| assert_eq!(opened, values(count))).err(), honest)
    } else {
        let (shares, keys) = ideal::authenticate(&key, &vec![Fp::ZERO; usize::try_from(count).unwrap()], rng);
        let Some((digest, honest)) = altered::<_, Digest>(&shares.prove_zero(&ID), (), input) else { return };
        (keys.verify_zero(&ID, &digest).err(), honest)
    };
    assert_eq!(refused.is_none(), honest);
    assert!(refused.is_none_or(|error| error.peer_at_fault()));
}

/// Values now, one check later.
pub(super) fn batch(input: &mut Input<'_>) {
    let rng = &mut prg(2);
    let key = MacKey::random(rng);
    let (shares, keys) = ideal::authenticate(&key, &values(5), rng);
    let (mut opener, mut batch) = (check::Opener::new(), check::Batch::new(&key));
    let sent = to_vec(&opener.open(shares));
    // The first byte says which message is changed.
    let first = input.u8() & 1 == 0;
    let bytes = if first { input.mutated(&sent) } else { sent.clone() };
    let Ok(claimed) = from_slice::<Vec<Fp>>(5, &bytes) else { return };
    let locked = batch.receive(keys, claimed).unwrap();
    let (wait, challenge) = batch.challenge(&ID, rng);
    let response = opener.answer(&ID, &challenge);
    let (response, honest) = if first {
        (response, bytes == sent)
    } else {
        let Some(changed) = altered::<_, check::Response>(&response, (), input) else { return };
        changed
    };
    match wait.on_response(response) {
        Ok(checked) => {
            assert!(honest);
            assert_eq!(locked.release(&checked).unwrap(), values(5));
        }
        Err(error) => assert!(!honest && error.peer_at_fault()),
    }
}

/// The form with shares on both sides: one of the four messages of the check is changed.
pub(super) fn two_sided(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(3);
    let keys = [(); 2].map(|()| KeyShare::random(rng));
    let alpha = keys[0].expose() + keys[1].expose();
    let (mut x, mut m) = (vec![Fp::ZERO; 4], vec![Fp::ZERO; 4]);
    sample::fill_uniform(&mut x, rng);
    sample::fill_uniform(&mut m, rng);
    let rest: Vec<Fp> = values(4).iter().zip(&x).map(|(&v, &x)| v - x).collect();
    let macs: Vec<Fp> = values(4).iter().zip(&m).map(|(&v, &m)| alpha * v - m).collect();
    let (a, pending_a) = Shares::new(x, m).unwrap().reveal();
    let (b, pending_b) = Shares::new(rest, macs).unwrap().reveal();
    let message = number % 5;
    let mut honest = true;
    let sent = to_vec(&a);
    let bytes = if message == 0 { input.mutated(&sent) } else { sent.clone() };
    honest &= bytes == sent;
    let Ok(claimed) = from_slice::<Vec<Fp>>(4, &bytes) else { return };

    let (mut first, mut second) =
        (spdz::Batch::new(Party::First, &keys[0]), spdz::Batch::new(Party::Second, &keys[1]));
    let _ = first.receive(pending_a, &b).unwrap();
    let opened = second.receive(pending_b, &claimed).unwrap();
    let ((first, a), (second, b)) = (first.commit(&ID, rng), second.commit(&ID, rng));
    macro_rules! pass {
        ($number:literal, $message:expr, $kind:ty) => {
            if message == $number {
                let Some((changed, same)) = altered::<_, $kind>(&$message, (), input) else { return };
                honest &= same;
                changed
            } else {
                from_slice::<$kind>((), &to_vec(&$message)).unwrap()
            }
        };
    }
    let (second, seed_b) = second.on_commitment(pass!(1, a, Commitment));
    let (first, seed_a) = first.on_commitment(b);
    let checked = second.on_seed(&pass!(2, seed_a, Revealed), rng).map(|(second, b)| {
        let (first, a) = first.on_seed(&seed_b, rng).unwrap();
        let (second, _) = second.on_commitment(from_slice((), &to_vec(&a)).unwrap());
        let (_, sigma_a) = first.on_commitment(b);
        (second, sigma_a)
    });
    let verdict: Result<_, Error> = match checked {
        Ok((second, sigma)) => {
            let sigma = pass!(3, sigma, RevealedSigma);
            second.on_sigma(&sigma)
        }
        Err(error) => Err(error),
    };
    match verdict {
        Ok(checked) => {
            assert!(honest);
            assert_eq!(opened.release(&checked).unwrap(), values(4));
        }
        Err(error) => assert!(!honest && error.peer_at_fault(), "{error}"),
    }
}

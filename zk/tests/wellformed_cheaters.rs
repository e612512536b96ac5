//! Clients whose rows are not well formed, or whose responses are not what they should be, played by a naive prover that knows
//! all there is to know.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

use muse_test_support::zk as wellformed_support;

use muse_he::encrypt::RowId;
use muse_zk::Error;
use muse_zk::error::Check;
use wellformed_support::naive::{
    Naive, P, Row, Vectors, honest_answer, mu_of, noise, once, play, play_with, ternary, verifier,
};
use wellformed_support::{ID, prg, ring, row_id};

const N: usize = 64;

const NOT_WELL_FORMED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::WellFormed));
const OUT_OF_BOUNDS: Result<(), Error> = Err(Error::PeerMisbehaved(Check::ResponseBound));
const OUT_OF_TRIES: Result<(), Error> = Err(Error::PeerMisbehaved(Check::Tries));

fn forger(rows: u32, seed: u64) -> Naive {
    Naive::honest(&ring(N), rows, &mut prg(seed))
}

/// Without a bound, responses pass; cut to their field, they miss the equation; clamped, too, and the bound first.
fn assert_refused(forger: &Naive) {
    let masks = forger.quiet_masks(&mut prg(1));
    let challenge = [5, 70, 1, 99];
    let z = forger.respond(&masks, &challenge).unwrap();
    assert!(forger.equation(&forger.commit(&masks), &challenge, &z), "without bounds it would pass");

    let cut = once(forger, 2, |masks, challenge| forger.bytes(&forger.respond(masks, challenge).unwrap()));
    assert_eq!(cut, NOT_WELL_FORMED);
    let clamped = |z: &mut Vec<i64>, most: i64| z.iter_mut().for_each(|z| *z = (*z).clamp(-most, most));
    let send = |most: [i64; 2]| {
        once(forger, 3, |masks, challenge| {
            let mut z = forger.respond(masks, challenge).unwrap();
            z.s.iter_mut().for_each(|z| clamped(z, most[0]));
            z.e.iter_mut().flatten().for_each(|z| clamped(z, most[1]));
            forger.bytes(&z)
        })
    };
    assert_eq!(send(forger.bounds()), NOT_WELL_FORMED);
    assert_eq!(send(forger.widths().map(|width| (1 << (width - 1)) - 1)), OUT_OF_BOUNDS);
    // It waits for challenges that are all 0, in vain.
    let key = forger.key();
    let patient = play(forger, verifier(forger, &key), &mut prg(4), honest_answer(forger));
    assert_eq!(patient.map(|_| ()), OUT_OF_TRIES);
}

/// The second implementation agrees with the crate on honest proofs: everything below fails for the reason it states.
#[test]
fn the_naive_prover_is_accepted_when_honest() {
    for rows in 0..4 {
        let forger = forger(rows, u64::from(rows));
        let key = forger.key();
        for seed in 0..4 {
            assert!(play(&forger, verifier(&forger, &key), &mut prg(seed), honest_answer(&forger)).is_ok());
        }
        let quiet =
            once(&forger, 9, |masks, challenge| forger.bytes(&forger.respond(masks, challenge).unwrap()));
        assert_eq!(quiet, Ok(()));
    }
}

/// One error of 2^60, in the public key or in a ciphertext, at either end.
#[test]
fn large_noise_is_refused() {
    for row in 0..3 {
        for (place, sign) in [(0, 1), (N - 1, -1)] {
            let mut forger = forger(2, 10);
            let mut e = noise(N, &mut prg(11));
            e[place] = sign << 60;
            let id = if row == 0 { RowId::public_key(ID.session) } else { row_id(row as u32 - 1) };
            let mu = forger.rows[row].mu.clone();
            forger.rows[row] = Row::new(&forger.ring, id, &forger.s, e, mu, false);
            assert_refused(&forger);
        }
    }
}

/// A secret that is not short.
#[test]
fn a_long_secret_is_refused() {
    let (ring, rng) = (ring(N), &mut prg(30));
    let mut s = ternary(N, rng);
    s[3] = 1 << 40;
    let key = Row::new(&ring, RowId::public_key(ID.session), &s, noise(N, rng), vec![], false);
    let row = Row::new(&ring, row_id(0), &s, noise(N, rng), mu_of(&[1; N]), false);
    assert_refused(&Naive { s, rows: vec![key, row], ..forger(1, 31) });
}

/// A ciphertext under another key than the public key's: refused with either key, and accepted by a verifier that leaves the
/// public-key row out.
#[test]
fn another_key_is_refused() {
    let (ring, rng) = (ring(N), &mut prg(20));
    let mut forger = Naive::honest(&ring, 2, rng);
    let other = ternary(N, rng);
    forger.rows[2] = Row::new(&ring, row_id(1), &other, noise(N, rng), mu_of(&[7; N]), false);
    let refused = |forger: &Naive| {
        let sent =
            once(forger, 21, |masks, challenge| forger.bytes(&forger.respond(masks, challenge).unwrap()));
        assert_eq!(sent, NOT_WELL_FORMED);
    };
    refused(&forger);
    refused(&Naive { s: other.clone(), ..forger.clone() });
    // All ciphertexts under another key than the public key, as in a later batch of a session that began honestly.
    let row = Row::new(&ring, row_id(0), &other, noise(N, rng), mu_of(&[8; N]), false);
    forger.rows[1] = row;
    let later = Naive { s: other, ..forger };
    refused(&later);
    // The weakened verifier sees the same rows without the public key: bounds and equation hold.
    let weak = Naive { rows: later.rows[1..].to_vec(), ..later };
    let (masks, challenge) = (weak.quiet_masks(rng), [3, 64, 127, 128]);
    let z = weak.respond(&masks, &challenge).unwrap();
    assert!(weak.within(&z));
    assert!(weak.equation(&weak.commit(&masks), &challenge, &z), "accepted without the public-key row");
}

/// A prover whose witnesses are all 0, so that responses are what it likes.
fn silent() -> Naive {
    let (ring, zero) = (ring(N), vec![0; N]);
    let key = Row::new(&ring, RowId::public_key(ID.session), &zero, zero.clone(), vec![], false);
    let row = Row::new(&ring, row_id(0), &zero, zero.clone(), zero.clone(), false);
    Naive { s: zero, rows: vec![key, row], ..forger(1, 40) }
}

/// What a verifier makes of responses that satisfy the equation.
fn sent(forger: &Naive, change: impl Fn(&mut Vectors)) -> Result<(), Error> {
    let key = forger.key();
    let masks = |rng: &mut muse_field::prg::Prg| {
        let mut masks = forger.quiet_masks(rng);
        change(&mut masks);
        masks
    };
    let answer = |masks: &Vectors, challenge: &[usize]| {
        let z = forger.respond(masks, challenge).unwrap();
        assert!(forger.equation(&forger.commit(masks), challenge, &z));
        Some(forger.bytes(&z))
    };
    play_with(forger, verifier(forger, &key), &mut prg(41), masks, answer).map(|_| ())
}

/// Responses one beyond their bound that satisfy the equation: for the secret and for both rows, at either end, in any place.
#[test]
fn responses_beyond_their_bounds_are_refused() {
    let forger = silent();
    let [s, e] = forger.bounds();
    for (repetition, place) in [(0, 0), (2, 17), (3, N - 1)] {
        for sign in [1, -1] {
            assert_eq!(sent(&forger, |z| z.s[repetition][place] = sign * s), Ok(()));
            assert_eq!(sent(&forger, |z| z.s[repetition][place] = sign * (s + 1)), OUT_OF_BOUNDS);
            for row in [0, 1] {
                assert_eq!(sent(&forger, |z| z.e[repetition][row][place] = sign * e), Ok(()));
                assert_eq!(sent(&forger, |z| z.e[repetition][row][place] = sign * (e + 1)), OUT_OF_BOUNDS);
            }
        }
    }
}

/// z_mu + p with z_e - 1 satisfies the equation over the integers. Only the centred representative counts, and only the canonical
/// residue decodes.
#[test]
fn another_representative_of_a_plaintext_response_is_refused() {
    let forger = silent();
    // Nothing to choose: the ends of the centred range are fine.
    for value in [0, 1, P / 2, -P / 2] {
        assert_eq!(sent(&forger, |z| z.mu[1][1][5] = value), Ok(()));
    }
    let key = forger.key();
    let masks = |rng: &mut muse_field::prg::Prg| {
        let mut masks = forger.quiet_masks(rng);
        masks.mu[1][1][5] = 9;
        masks
    };
    for step in [1, -1] {
        let moved = |masks: &Vectors, challenge: &[usize]| {
            let mut z = forger.respond(masks, challenge).unwrap();
            z.e[1][1][5] -= step;
            z.mu[1][1][5] += step * P;
            assert!(forger.equation(&forger.commit(masks), challenge, &z), "over the integers it holds");
            z
        };
        // As the residue that it is, and, if it fits 44 bits, as it stands.
        let residue = |masks: &Vectors, challenge: &[usize]| Some(forger.bytes(&moved(masks, challenge)));
        let verdict = play_with(&forger, verifier(&forger, &key), &mut prg(51), masks, residue);
        assert_eq!(verdict.map(|_| ()), NOT_WELL_FORMED);
        let field = |masks: &Vectors, challenge: &[usize]| {
            let z = moved(masks, challenge);
            let fields = |z: &i64| if *z == 9 + P { *z } else { z.rem_euclid(P) };
            let fields: Vec<i64> = z.mu.iter().flatten().flatten().map(fields).collect();
            Some(forger.bytes_with(&z, &fields))
        };
        let verdict = play_with(&forger, verifier(&forger, &key), &mut prg(51), masks, field);
        let expected = if step == 1 { Err(Error::Malformed) } else { NOT_WELL_FORMED };
        assert_eq!(verdict.map(|_| ()), expected);
    }
}

//! Provers whose ciphertexts or keys are not well formed, or whose responses are not what they should be.

use muse_test_support::zk::naive::{P, combine, mu_of, noise, ternary};
use muse_test_support::zk::topgear::{Keyed, Naive, Vectors};
use muse_test_support::zk::{prg, ring};
use muse_zk::Error;
use rand_core::Rng;

use super::{N, NOT_WELL_FORMED, OUT_OF_BOUNDS, refusal};

fn honest(seed: u64) -> Naive {
    Naive::honest(&ring(N), &mut prg(seed))
}

/// Without a bound its responses would pass; cut to their field they miss the equation; clamped, too, and the bound first.
fn assert_refused(forger: &Naive) {
    let masks = forger.draw(2, &mut prg(1));
    let commitment = forger.commit(&masks);
    let challenges = forger.challenges(&commitment);
    let z = forger.respond(&masks, &challenges).unwrap();
    assert!(forger.equation(&commitment, &challenges, &z), "without bounds it would pass");
    assert!(!forger.within(&z));
    assert_eq!(refusal(forger.verdict(&forger.bytes(&commitment, &z))), NOT_WELL_FORMED);
    let clamped = |most: [i64; 3]| {
        let clamp = |z: &mut [i64], most: i64| z.iter_mut().for_each(|z| *z = (*z).clamp(-most, most));
        let change = move |z: &mut Vec<Vectors>| {
            for z in z {
                clamp(&mut z.s, most[0]);
                clamp(&mut z.e, most[1]);
                clamp(&mut z.k, most[2]);
            }
        };
        refusal(forger.verdict(&forger.once(change, &mut prg(2))))
    };
    assert_eq!(clamped(forger.bounds()), NOT_WELL_FORMED);
    assert_eq!(clamped(forger.widths().map(|width| (1 << (width - 1)) - 1)), OUT_OF_BOUNDS);
}

/// One error of 2^60 in a ciphertext or in its key, at either end, in the first, a middle and the last of a batch.
#[test]
fn large_noise_is_refused() {
    for (index, place, sign) in [(0, 0, 1), (17, N - 1, -1), (37, 5, 1)] {
        for which in [0, 1] {
            let mut forger = honest(3);
            let (masks, rng) = (forger.masks(), &mut prg(4));
            let mut errors = [noise(N, rng), noise(N, rng)];
            errors[which][place] = sign << 60;
            let row = forger.rows[index].clone();
            forger.rows[index] = Keyed::new(&forger.ring, &masks, row.s, errors, row.mu, false);
            assert_refused(&forger);
        }
    }
}

#[test]
fn a_long_secret_is_refused() {
    let mut forger = honest(5);
    let (masks, rng) = (forger.masks(), &mut prg(6));
    let mut s = ternary(N, rng);
    s[3] = 1 << 40;
    let mu = forger.rows[9].mu.clone();
    forger.rows[9] = Keyed::new(&forger.ring, &masks, s, [noise(N, rng), noise(N, rng)], mu, false);
    assert_refused(&forger);
}

/// A ciphertext under one secret, its key under another: refused, whichever of the two the responses are for.
#[test]
fn a_key_of_another_secret_is_refused() {
    let forger = honest(7);
    let (masks, rng) = (forger.masks(), &mut prg(8));
    let mut mixed = forger.clone();
    let other = ternary(N, rng);
    mixed.rows[11].key = combine(&forger.ring, masks.key(), &other, &forger.rows[11].k, &[], false);
    assert_eq!(refusal(mixed.verdict(&mixed.once(|_| (), rng))), NOT_WELL_FORMED);
    mixed.rows[11].s = other;
    assert_eq!(refusal(mixed.verdict(&mixed.once(|_| (), rng))), NOT_WELL_FORMED);
    assert_eq!(refusal(forger.verdict(&forger.once(|_| (), rng))), None);
}

/// Rows that are nothing at all, in one place of the batch.
#[test]
fn random_rows_are_refused() {
    for key in [false, true] {
        let mut forger = honest(9);
        let random = honest(10).rows[0].clone();
        let replaced = if key { &mut forger.rows[20].key } else { &mut forger.rows[20].row };
        *replaced = random.row;
        assert_eq!(refusal(forger.verdict(&forger.once(|_| (), &mut prg(11)))), NOT_WELL_FORMED);
    }
}

/// A prover whose witnesses are all 0, so that responses are what it likes.
fn silent() -> Naive {
    let mut forger = honest(12);
    let masks = forger.masks();
    let zero = vec![0; N];
    for row in &mut forger.rows {
        *row =
            Keyed::new(&forger.ring, &masks, zero.clone(), [zero.clone(), zero.clone()], zero.clone(), false);
    }
    forger
}

fn sent(forger: &Naive, change: impl Fn(&mut Vectors), response: usize) -> Option<Error> {
    let mut masks = forger.draw(2, &mut prg(13));
    change(&mut masks[response]);
    let commitment = forger.commit(&masks);
    let z = forger.respond(&masks, &forger.challenges(&commitment)).unwrap();
    assert!(forger.equation(&commitment, &forger.challenges(&commitment), &z));
    refusal(forger.verdict(&forger.bytes(&commitment, &z)))
}

/// Responses one beyond their bound that satisfy the equation: of each kind, at either end, in any place.
#[test]
fn responses_beyond_their_bounds_are_refused() {
    let forger = silent();
    let [s, e, k] = forger.bounds();
    for (response, place) in [(0, 0), (7, 17), (18, N - 1)] {
        for sign in [1, -1] {
            for (beyond, expected) in [(0, None), (1, OUT_OF_BOUNDS)] {
                assert_eq!(sent(&forger, |z| z.s[place] = sign * (s + beyond), response), expected);
                assert_eq!(sent(&forger, |z| z.e[place] = sign * (e + beyond), response), expected);
                assert_eq!(sent(&forger, |z| z.k[place] = sign * (k + beyond), response), expected);
            }
        }
    }
}

/// z_mu + p with z_e - 1 satisfies the equation over the integers; only the centred representative counts.
#[test]
fn another_representative_of_a_plaintext_response_is_refused() {
    let forger = silent();
    for value in [0, 1, P / 2, -P / 2] {
        assert_eq!(sent(&forger, |z| z.mu[5] = value, 1), None);
    }
    let change = |z: &mut Vec<Vectors>| {
        z[1].e[5] -= 1;
        z[1].mu[5] += P;
    };
    assert_eq!(refusal(forger.verdict(&forger.once(change, &mut prg(14)))), NOT_WELL_FORMED);
}

/// Any bit of any field: commitment, each kind of response, in the first and the last of them.
#[test]
fn any_flipped_bit_is_refused() {
    let naive = honest(15);
    let (bytes, mut rng) = (naive.prove(&mut prg(16)), prg(17));
    assert_eq!(refusal(naive.verdict(&bytes)), None);
    let [s, e, k] = naive.widths().map(|width| width as usize * N / 8);
    let one = s + e + k + 44 * N / 8;
    let mut fields = vec![(0, 32)];
    for response in [0, naive.responses - 1] {
        let start = 32 + one * response;
        fields.extend([(start, s), (start + s, e), (start + s + e, k), (start + s + e + k, one - s - e - k)]);
    }
    assert_eq!(bytes.len(), 32 + one * naive.responses);
    for (start, len) in fields {
        // The lowest and the highest bit of the field, and some between.
        let random = [(); 6].map(|()| rng.next_u64() as usize % (8 * len));
        for bit in [0, 8 * len - 1].into_iter().chain(random) {
            let mut bytes = bytes.clone();
            bytes[start + bit / 8] ^= 1 << (bit % 8);
            let verdict = refusal(naive.verdict(&bytes));
            assert!(
                [NOT_WELL_FORMED, OUT_OF_BOUNDS, Some(Error::Malformed)].contains(&verdict),
                "{start} {bit} {verdict:?}"
            );
        }
    }
    assert_eq!(refusal(naive.verdict(&bytes[1..])), Some(Error::Malformed));
}

/// First messages computed backwards from responses to chosen challenges, for rows that are not well formed at all: the challenges follow from them, so
/// they are others.
#[test]
fn challenges_cannot_be_chosen() {
    let mut forger = honest(18);
    let random = honest(19);
    forger.rows[4].row = random.rows[0].key.clone();
    let masks = forger.draw(2, &mut prg(20));
    let commitment = forger.commit(&masks);
    // With challenges 0 the responses are the masks: any rows will do.
    let zero = vec![vec![2 * N; forger.rows.len()]; forger.responses];
    assert!(forger.within(&masks) && forger.equation(&commitment, &zero, &masks));
    assert_eq!(refusal(forger.verdict(&forger.bytes(&commitment, &masks))), NOT_WELL_FORMED);
}

/// Ciphertexts proven for one batch and swapped for others of the same maker after the proof.
#[test]
fn ciphertexts_that_are_not_what_is_proven_are_refused() {
    let naive = honest(21);
    let proof = naive.prove(&mut prg(22));
    let mut other = naive.clone();
    let (masks, rng) = (naive.masks(), &mut prg(23));
    let errors = [noise(N, rng), noise(N, rng)];
    let row = naive.rows[0].clone();
    other.rows[0] = Keyed::new(&naive.ring, &masks, row.s, errors, mu_of(&[3; N]), false);
    assert_eq!(refusal(other.verdict(&proof)), NOT_WELL_FORMED);
}

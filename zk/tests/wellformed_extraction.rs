//! Special soundness, executed: two accepted transcripts with the same first messages and different challenges open 2b, within
//! the bounds that the noise budget counts.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

use muse_test_support::zk as wellformed_support;

use muse_field::prg::Prg;
use subtle::ConstantTimeEq;
use wellformed_support::naive::{Naive, P, Row, Vectors, centred, combine, noise, times};
use wellformed_support::{prg, ring, row_id};

const N: usize = 64;

/// 2 / (c - d) in the ring, for challenges c != d: with X^-c the sum 1 + Y + Y^2 + .. for Y = X^(d - c), up to where Y^count =
/// -1.
fn two_over(c: usize, d: usize) -> Vec<i64> {
    let (n, zero) = (N, 2 * N);
    let mut out = vec![0; n];
    let mut add = |exponent: usize, factor: i64| match exponent % (2 * n) {
        k if k < n => out[k] += factor,
        k => out[k - n] -= factor,
    };
    if c == zero || d == zero {
        // c - 0 = X^c, 0 - d = -X^d.
        let exponent = if d == zero { 2 * n - c } else { 3 * n - d };
        add(exponent, 2);
        return out;
    }
    let step = (d + 2 * n - c) % (2 * n);
    let count = n >> step.trailing_zeros();
    (0..count).for_each(|i| add(i * step + 2 * n - c, 1));
    out
}

/// The negacyclic product over the integers.
fn product(a: &[i64], b: &[i64]) -> Vec<i64> {
    let mut out = vec![0; N];
    for (j, &y) in b.iter().enumerate() {
        (0..N).for_each(|at| out[at] += y * times(j, a, at));
    }
    out
}

#[test]
fn two_over_a_difference_is_short() {
    let unit = |c: usize| -> Vec<i64> {
        let mut one = vec![0; N];
        one[0] = 1;
        (0..N).map(|at| times(c, &one, at)).collect()
    };
    for c in 0..=2 * N {
        for d in (0..=2 * N).filter(|&d| d != c) {
            let difference: Vec<i64> = unit(c).iter().zip(unit(d)).map(|(x, y)| x - y).collect();
            let lifted = two_over(c, d);
            let mut two = vec![0; N];
            two[0] = 2;
            assert_eq!(product(&difference, &lifted), two, "{c} {d}");
            assert!(lifted.iter().map(|x| x.abs()).sum::<i64>() <= N as i64);
        }
    }
}

/// Responses to both challenges, accepted with the same masks.
fn two_transcripts(prover: &Naive, challenges: [&[usize]; 2], rng: &mut Prg) -> [Vectors; 2] {
    loop {
        let masks = prover.masks(rng);
        let commitment = prover.commit(&masks);
        let both = challenges.map(|challenge| (challenge, prover.respond(&masks, challenge)));
        if let [(c, Some(z)), (d, Some(w))] = both
            && prover.within(&z)
            && prover.within(&w)
        {
            assert!(prover.equation(&commitment, c, &z) && prover.equation(&commitment, d, &w));
            return [z, w];
        }
    }
}

fn assert_extracted(prover: &Naive, rng: &mut Prg) {
    let (c, d) = ([5, 127, 99, 2], [77, 3, 98, 66]);
    let [z, w] = two_transcripts(prover, [&c, &d], rng);
    let [gamma_s, gamma_e] = prover.gammas();
    let n = N as i64;
    for repetition in 0..4 {
        let factor = two_over(c[repetition], d[repetition]);
        let lift = |z: &[i64], w: &[i64]| {
            let difference: Vec<i64> = z.iter().zip(w).map(|(x, y)| x - y).collect();
            product(&difference, &factor)
        };
        let secret = lift(&z.s[repetition], &w.s[repetition]);
        assert!(secret.iter().all(|x| x.abs() <= 2 * n * gamma_s));
        for (at, row) in prover.rows.iter().enumerate() {
            let mut error = lift(&z.e[repetition][at], &w.e[repetition][at]);
            let mut plaintext = vec![];
            if !row.mu.is_empty() {
                let long = lift(&z.mu[repetition][at], &w.mu[repetition][at]);
                plaintext = long.iter().map(|&mu| centred(mu)).collect();
                error.iter_mut().zip(long.iter().zip(&plaintext)).for_each(|(e, (x, y))| *e += (x - y) / P);
            }
            assert!(error.iter().all(|e| e.abs() <= 2 * n * gamma_e + n));
            // 2b = -a s* + e* + p^-1 mu*.
            let opened = combine(&prover.ring, &row.a, &secret, &error, &plaintext, false);
            let mut doubled = row.b.clone();
            doubled.double_assign();
            assert!(bool::from(doubled.ct_eq(&opened)));
        }
    }
}

#[test]
fn two_transcripts_open_twice_the_rows() {
    let rng = &mut prg(1);
    assert_extracted(&Naive::honest(&ring(N), 2, rng), rng);
    // Half of q in the error: what is opened is 2b all the same, with a short error.
    let mut cheater = Naive::honest(&ring(N), 2, rng);
    let mu = cheater.rows[2].mu.clone();
    cheater.rows[2] = Row::new(&cheater.ring, row_id(1), &cheater.s, noise(N, rng), mu, true);
    assert_extracted(&cheater, rng);
}

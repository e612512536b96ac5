//! Special soundness, executed: two accepted transcripts whose challenges differ in one column open that ciphertext and its key, twice, with one secret and
//! within the bounds that the noise budget counts.

use muse_field::prg::Prg;
use muse_test_support::zk::naive::{P, centred, combine, noise, times};
use muse_test_support::zk::topgear::{Keyed, Naive, Vectors};
use muse_test_support::zk::{prg, ring};
use subtle::ConstantTimeEq;

use super::N;

/// 2 / (c - d) in the ring, for exponents c != d.
fn two_over(c: usize, d: usize) -> Vec<i64> {
    let mut out = vec![0; N];
    let step = (d + 2 * N - c) % (2 * N);
    for i in 0..N >> step.trailing_zeros() {
        match (i * step + 2 * N - c) % (2 * N) {
            k if k < N => out[k] += 1,
            k => out[k - N] -= 1,
        }
    }
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

/// Responses to both matrices, accepted with the same masks.
fn two_transcripts(prover: &Naive, matrices: [&Vec<Vec<usize>>; 2], rng: &mut Prg) -> [Vec<Vectors>; 2] {
    loop {
        let masks = prover.draw(1, rng);
        let commitment = prover.commit(&masks);
        if let [Some(z), Some(w)] = matrices.map(|challenges| prover.respond(&masks, challenges))
            && prover.within(&z)
            && prover.within(&w)
        {
            assert!(prover.equation(&commitment, matrices[0], &z));
            assert!(prover.equation(&commitment, matrices[1], &w));
            return [z, w];
        }
    }
}

fn assert_extracted(prover: &Naive, column: usize, rng: &mut Prg) {
    let first = prover.challenges(&[column as u8; 32]);
    let mut first: Vec<Vec<usize>> = first;
    first.iter_mut().for_each(|row| row[column] %= 2 * N);
    let mut second = first.clone();
    second[5][column] = (first[5][column] + 37) % (2 * N);
    let [z, w] = two_transcripts(prover, [&first, &second], rng);
    let factor = two_over(first[5][column], second[5][column]);
    let lift = |z: &[i64], w: &[i64]| {
        let difference: Vec<i64> = z.iter().zip(w).map(|(x, y)| x - y).collect();
        product(&difference, &factor)
    };
    let (z, w) = (&z[5], &w[5]);
    let (secret, mut error, key) = (lift(&z.s, &w.s), lift(&z.e, &w.e), lift(&z.k, &w.k));
    let long = lift(&z.mu, &w.mu);
    let plaintext: Vec<i64> = long.iter().map(|&mu| centred(mu)).collect();
    error.iter_mut().zip(long.iter().zip(&plaintext)).for_each(|(e, (x, y))| *e += (x - y) / P);
    let (n, [gamma_s, gamma_e, gamma_k]) = (N as i64, prover.gammas());
    assert!(secret.iter().all(|x| x.abs() <= 2 * n * gamma_s));
    assert!(error.iter().all(|x| x.abs() <= 2 * n * gamma_e + n));
    assert!(key.iter().all(|x| x.abs() <= 2 * n * gamma_k));
    // What the budget counts is twice as much: E = 4 N gamma_e for both, S = 4 N gamma_s.
    let budget = prover.budget();
    assert_eq!(budget.error_mask().unwrap(), gamma_e as u128);
    assert_eq!(budget.secret_mask().unwrap(), gamma_s as u128);
    // 2b = -a s* + e* + p^-1 mu* and 2b' = -a' s* + e'*, with one s*.
    let masks = prover.masks();
    let row = &prover.rows[column];
    for (sent, opened) in [
        (&row.row, combine(&prover.ring, masks.row(), &secret, &error, &plaintext, false)),
        (&row.key, combine(&prover.ring, masks.key(), &secret, &key, &[], false)),
    ] {
        let mut doubled = sent.clone();
        doubled.double_assign();
        assert!(bool::from(doubled.ct_eq(&opened)));
    }
}

#[test]
fn two_transcripts_open_twice_the_rows() {
    let rng = &mut prg(1);
    let honest = Naive::honest(&ring(N), rng);
    for column in [0, 20, honest.rows.len() - 1] {
        assert_extracted(&honest, column, rng);
    }
    // Half of q in the error: what is opened is 2b all the same, with a short error.
    let mut cheater = honest;
    let row = cheater.rows[20].clone();
    let errors = [noise(N, rng), noise(N, rng)];
    cheater.rows[20] = Keyed::new(&cheater.ring, &cheater.masks(), row.s, errors, row.mu, true);
    assert_extracted(&cheater, 20, rng);
}

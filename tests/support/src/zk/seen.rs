//! What a key holder sees of the noise in a reply.

use muse_field::MODULUS;
use muse_he::params::{DROP_BITS, PRIMES};
use muse_he::reply::Reply;

/// `p * noise / q'` of a reply at each wanted coefficient, under the key `factor * s`: decryption is right below 1/2, and this
/// is all that noise shows.
pub fn distances(reply: &Reply, s: &[i64], factor: i64, wanted: &[usize]) -> Vec<f64> {
    let n = s.len();
    let q2 = i128::from(PRIMES[0]) * i128::from(PRIMES[1]);
    let wide = |word: u64| (i128::from(word) << DROP_BITS) + (1 << (DROP_BITS - 1));
    let (c0, c1) = reply.words();
    let phase = |(&word, &i): (&u64, &usize)| {
        let term = |j: usize| {
            let (k, sign) = if j <= i { (i - j, 1) } else { (n + i - j, -1) };
            sign * wide(c1[j]) * i128::from(factor * s[k])
        };
        let phase = (wide(word) + (0..n).map(term).sum::<i128>()).rem_euclid(q2);
        // p * phase modulo q', bit by bit.
        let scaled =
            (0..44).rev().fold(0, |sum, bit| (2 * sum + i128::from(MODULUS >> bit & 1) * phase) % q2);
        (if 2 * scaled > q2 { scaled - q2 } else { scaled }) as f64 / q2 as f64
    };
    c0.iter().zip(wanted).map(phase).collect()
}

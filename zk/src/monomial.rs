//! Challenges: 0 or $\pm X^k$, $2N + 1$ possibilities. $j < 2N$ stands for $X^j$, so $X^{N + k} = -X^k$; $2N$ stands for 0.

use alloc::vec::Vec;

use muse_field::ct;
use rand_core::CryptoRng;

/// `count` uniform and independent challenges, by rejection.
pub(crate) fn draw(n: usize, count: usize, rng: &mut impl CryptoRng) -> Vec<u16> {
    let zero = 2 * n as u32;
    let one = || loop {
        // A challenge is told to the prover as it is.
        let candidate = ct::disclosed(rng.next_u32() & (2 * zero - 1));
        if candidate <= zero {
            return candidate as u16;
        }
    };
    core::iter::repeat_with(one).take(count).collect()
}

/// Coefficient `at` of a challenge times a polynomial $w$ over the integers is `sign * w[from]`: (from, sign).
pub(crate) fn source(n: usize, challenge: u16, at: usize) -> (usize, i64) {
    let exponent = usize::from(challenge);
    if exponent == 2 * n {
        return (at, 0);
    }
    let from = (at + 2 * n - exponent) & (2 * n - 1);
    if from < n { (from, 1) } else { (from - n, -1) }
}

/// `sum += challenge * witness` over the integers. Constant time over the witness.
pub(crate) fn accumulate<W: Copy + Into<i64>>(sum: &mut [i64], challenge: u16, witness: &[W]) {
    let (n, exponent) = (witness.len(), usize::from(challenge));
    if exponent == 2 * n {
        return;
    }
    let (shift, negative) = if exponent < n { (exponent, false) } else { (exponent - n, true) };
    // The upper end of the witness comes in again at the lower one, with the other sign.
    let (stays, wraps) = witness.split_at(n - shift);
    let (low, high) = sum.split_at_mut(shift);
    let (added, subtracted) =
        if negative { ((low, wraps), (high, stays)) } else { ((high, stays), (low, wraps)) };
    added.0.iter_mut().zip(added.1).for_each(|(z, &w)| *z += w.into());
    subtracted.0.iter_mut().zip(subtracted.1).for_each(|(z, &w)| *z -= w.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_products() {
        let witness = [1_i8, -2, 3, 4, -5, 6, 7, 8];
        for challenge in 0..=16 {
            let mut sum = [10_i64, 20, 30, 40, 50, 60, 70, 80];
            let expected: Vec<i64> = (0..8)
                .map(|at| {
                    let (from, sign) = source(8, challenge, at);
                    sum[at] + sign * i64::from(witness[from])
                })
                .collect();
            accumulate(&mut sum, challenge, &witness);
            assert_eq!(sum[..], expected[..], "{challenge}");
        }
    }
}

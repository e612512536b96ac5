//! Responses for plaintexts, modulo p.

use muse_field::{Fp, MODULUS};

/// An integer as its residue modulo p and how often it wrapped: `value = p * wraps + centred residue`. Constant time.
pub(crate) fn reduce(value: i64) -> (Fp, i64) {
    let residue = Fp::from_i64(value);
    // The difference is a multiple of p, which is odd: dividing by p is multiplying by its inverse modulo 2^64.
    let wraps = value.wrapping_sub(residue.to_centred()).wrapping_mul(INVERSE);
    (residue, wraps)
}

/// 1 / p modulo 2^64. Each step of Newton's iteration doubles the number of right bits; p itself has three.
const INVERSE: i64 = {
    let p = MODULUS as i64;
    let (mut inverse, mut step) = (p, 0);
    while step < 5 {
        inverse = inverse.wrapping_mul(2_i64.wrapping_sub(p.wrapping_mul(inverse)));
        step += 1;
    }
    assert!(inverse.wrapping_mul(p) == 1);
    inverse
};

#[cfg(test)]
mod tests {
    use super::*;

    const P: i64 = MODULUS as i64;

    #[test]
    fn wraps() {
        let half = (P - 1) / 2;
        for (value, expected) in
            [(0, 0), (half, 0), (half + 1, 1), (-half, 0), (-half - 1, -1), (2 * half, 1), (-2 * half, -1)]
        {
            let (residue, wraps) = reduce(value);
            assert_eq!((wraps, residue.to_centred()), (expected, value - expected * P), "{value}");
        }
        // Sums of many plaintexts, and the ends of a word.
        for wraps in [-1000, -20, -2, 2, 3, 19, 1000] {
            for rest in [-half, -1, 0, 1, half] {
                assert_eq!(reduce(wraps * P + rest), (Fp::from_i64(rest), wraps));
            }
        }
        for value in [i64::MIN / 2, i64::MAX / 2] {
            let (residue, wraps) = reduce(value);
            assert_eq!(wraps * P + residue.to_centred(), value);
        }
    }
}

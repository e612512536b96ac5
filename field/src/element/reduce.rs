//! Reduction modulo p without division.
//!
//! For `x < 2^89` let `h = floor(x / 2^40)`, `MU = floor(2^104 / p)` and `q = floor(h * MU / 2^64)`. With
//! `Q = x / p` as a real number, three truncations make `q` smaller than `Q`: dropping the low 40 bits of x loses
//! less than `2^40 / p < 2^-3.9`, rounding MU down less than `h / 2^64 < 2^-15`, and the final floor less than 1.
//! Hence `Q - 1.07 < q <= Q`, so `0 <= x - q*p < 1.07 * p < 2^45`: the low 64 bits of the difference are the
//! difference, and ONE conditional subtraction finishes.

use super::MODULUS;
use crate::mask::sign_unguarded;

/// floor(2^104 / p), 61 bits.
const MU: u64 = ((1u128 << 104) / MODULUS as u128) as u64;

/// `x mod p` for `x < 2^89`: two multiplications, no branch.
#[inline(always)]
pub(crate) const fn reduce_wide(x: u128) -> u64 {
    debug_assert!(x >> 89 == 0);
    let high = (x >> 40) as u64;
    let quotient = ((high as u128 * MU as u128) >> 64) as u64;
    conditional_subtract((x as u64).wrapping_sub(quotient.wrapping_mul(MODULUS)))
}

/// `v` or `v - p`, whichever is canonical, for `v < 2p`.
#[inline(always)]
pub(crate) const fn conditional_subtract(v: u64) -> u64 {
    debug_assert!(v < 2 * MODULUS);
    let difference = v.wrapping_sub(MODULUS);
    difference.wrapping_add(MODULUS & sign_unguarded(difference))
}

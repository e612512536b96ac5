//! ReLU with truncation: `v >= 0 ? floor(v / 2^k) : 0`, exact for every value (protocol section 3).
//!
//! Truncation of masked values is that of Catrina and de Hoogh (SCN 2010), but without a statistical mask and without an error in the
//! last place. Let `c`, `r` and `w` be as in [`compare`](super::compare), and K = k + 1. Where `v` is not negative, `q = 2 v + 1` does not
//! wrap and `floor(v / 2^k) = floor(q / 2^K)`. As 2^23 divides p - 1, `p w = w + 2^K w (p-1)/2^K` for K <= 23, hence
//!
//! `floor(q / 2^K) = floor(c / 2^K) - floor(r / 2^K) + w (p-1)/2^K + floor((c' + w - r') / 2^K)`
//!
//! with `c'` and `r'` the lower K bits. **The last term is `-[r' > c']`**, the comparison of the lower bits, which that of all bits
//! passes through; so truncation needs no comparison of its own. For `q` is odd, `c_0 + r_0 + w` as well:
//!
//! - If `c_0 = 1`, then `w = r_0`, so that `c_0 + w - r_0 = 1`, and the term is -1 iff `r' >> 1` is greater than `c' >> 1`. With `c_0 = 1` this
//!   is `r' > c'`.
//! - If `c_0 = 0`, then `w = 1 - r_0`, so that `c_0 + w - r_0 = 1 - 2 r_0`, and the term is -1 iff `(r' >> 1) + r_0` is greater than
//!   `c' >> 1`. With `c_0 = 0` this is `r' > c'`.
//!
//! In both cases it is at most 0. Let `T` be the sum without `w`, and `a = c_0 xor r_0`. What is wanted is `(a xor w) (T + w P)` with
//! `P = (p-1)/2^K`, which is `a T + w (T - 2 a T + P - P a)`: two products.

use alloc::vec;

use muse_field::{Fp, MODULUS};

use super::bits::{number, uniform_cost};
use super::compare::{Masked, opened};
use super::{Engine, Linear, Used};
use crate::Error;

/// The largest k: K = k + 1 must not be above 23, the number of times that 2 divides p - 1.
pub const MAX_SHIFT: u32 = Fp::TWO_ADICITY - 1;

/// `v >= 0 ? floor(v / 2^k) : 0` for each value, in the signed reading.
///
/// # Errors
/// [`Error::Misuse`] if k is above [`MAX_SHIFT`], [`Error::Exhausted`] without what it takes, see [`relu_floor_cost`]; the engine's
/// others.
pub async fn relu_floor<E: Engine>(engine: &mut E, v: &E::Share, k: u32) -> Result<E::Share, Error> {
    if k > MAX_SHIFT {
        return Err(Error::Misuse("a shift of at most 22"));
    }
    if v.is_empty() {
        return Ok(v.copy());
    }
    let place = k as usize + 1;
    let masked = Masked::open(engine, v).await?;
    let greater = masked.greater(engine, place).await?;
    let mut sum = engine.constants(&masked.above(place));
    sum.sub(&number(&masked.mask.bits[place..]));
    sum.sub(&greater.low);
    let parity = masked.parity(engine);
    let kept = engine.multiply(&parity, &sum).await?;

    let wrap = Fp::new((MODULUS - 1) >> place);
    let mut change = sum.plus(&engine.constants(&vec![wrap; v.len()]));
    change.axpy(-Fp::new(2), &kept);
    change.axpy(-wrap, &parity);
    Ok(kept.plus(&engine.multiply(&greater.all, &change).await?))
}

/// What [`relu_floor`] takes for `count` values if no mask is drawn again; whatever is adds [`uniform_cost`].
#[must_use]
pub const fn relu_floor_cost(count: u64, k: u32) -> Used {
    if count == 0 {
        return Used::NONE;
    }
    let products = Used { products: 2 * count, steps: 2, ..Used::NONE };
    uniform_cost(count, 1).plus(opened(count, k as usize + 1)).plus(products)
}

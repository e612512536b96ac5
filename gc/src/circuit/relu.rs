//! The garbled ReLU of protocol section 4.6: shares modulo p in, the gated bits of the truncated value out.
//!
//! The value is `v = y - t mod p` with the evaluator's `y` in `[0, p)` and the garbler's `t` in `[1, p]`, both 44-bit
//! numbers; `v` is negative iff `v >= (p - 1)/2`. Outputs are not the result's bits but bits whose weighted sum modulo p
//! is the result, `floor(v / 2^k)` for a non-negative `v` and 0 otherwise: the conversion of labels to additive shares
//! multiplies by [`output_weights`] anyway, and this saves the circuit a subtraction. With `C = 15 * 2^22`:
//!
//! 1. `z = y - t` on 44 bits with borrow `n`: 44 AND.
//! 2. `u = z + (n ? C + p : C) mod 2^44`, which is `v + C`: each bit of the constant is 0, 1, `n` or `not n`, and the
//!    last carry is not needed: 43 AND. Bit 43 of `u` is 1 iff `v` is negative, as `(p - 1)/2 + C = 2^43`.
//! 3. `g = not u_43`, and `g and u_i` for `i = k..43`: `43 - k` AND.
//!
//! When `g = 1`, bits `k..43` of `u` are `floor(v / 2^k) + C / 2^k`, exactly, since `2^k` divides `C` for `k <= 22`; so
//! `g` is converted as one more bit, with weight `-C / 2^k`.
//!
//! 130 - k AND in all, about 122 at the usual k = 8. Other circuits for this also subtract a
//! second share, add an output mask, and compare with p to reduce: none of it is needed here.

use alloc::vec::Vec;

use muse_field::{Fp, MODULUS};

use super::{Builder, Bundle, Circuit, Wire};

/// Bits of a share.
pub const WIDTH: usize = Fp::BITS;
/// The largest shift `k`: `2^k` must divide the offset `15 * 2^22`.
pub const MAX_SHIFT: u32 = 22;

/// Added to v so that the sign is the top bit: `2^43 - (p - 1)/2`.
pub(crate) const OFFSET: u64 = (1 << (WIDTH - 1)) - (MODULUS - 1) / 2;

/// The circuit of `w = (v >= 0 ? floor(v / 2^k) : 0)`, in `130 - k` AND gates.
///
/// Inputs: `y`, then `t`, 44 bits each, least significant first. Outputs: `g and u_i` for `i = k..43`, then `g`;
/// `44 - k` bits, whose sum weighted by [`output_weights`]`(k)` is `w` modulo p.
///
/// # Panics
/// If `k` exceeds [`MAX_SHIFT`].
#[must_use]
pub fn relu(k: u32) -> Circuit {
    assert!(k <= MAX_SHIFT, "the shift of a ReLU is at most {MAX_SHIFT}");
    let mut b = Builder::new();
    let y = b.input("y", WIDTH);
    let t = b.input("t", WIDTH);

    let mut borrow = Wire::ZERO;
    let z: Bundle = y
        .iter()
        .zip(t.iter())
        .map(|(y, t)| {
            let (difference, next) = b.full_subtractor(y, t, borrow);
            borrow = next;
            difference
        })
        .collect();

    // A mux of two constants is a constant, the borrow or its negation: no gate.
    let offset = (0..WIDTH).map(|i| {
        let [no_borrow, with_borrow] = [OFFSET, OFFSET.wrapping_add(MODULUS)].map(|c| c >> i & 1 == 1);
        b.mux(borrow, Wire::constant(no_borrow), Wire::constant(with_borrow))
    });
    let offset: Bundle = offset.collect();
    let mut carry = Wire::ZERO;
    let u: Bundle = z
        .iter()
        .zip(offset.iter())
        .map(|(z, c)| {
            let (sum, next) = b.full_adder(z, c, carry);
            carry = next;
            sum
        })
        .collect();

    let gate = b.negate(u.top());
    let shifted = u.slice(k as usize..WIDTH - 1);
    let gated: Bundle = shifted.iter().map(|bit| b.and(gate, bit)).collect();
    b.output("gated", &gated);
    b.output("gate", &gate.into());
    b.finish()
}

/// Weights modulo p of the outputs of [`relu`]`(k)`: `2^(i - k)` for `i = k..43`, then `-15 * 2^(22 - k)`.
///
/// # Panics
/// If `k` exceeds [`MAX_SHIFT`].
#[must_use]
pub fn output_weights(k: u32) -> Vec<Fp> {
    assert!(k <= MAX_SHIFT, "the shift of a ReLU is at most {MAX_SHIFT}");
    (k..WIDTH as u32 - 1).map(|i| Fp::new(1 << (i - k))).chain([-Fp::new(OFFSET >> k)]).collect()
}

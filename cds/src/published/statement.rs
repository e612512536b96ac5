//! What is proven about the inputs, as public linear maps that both parties apply to their halves.
//!
//! A column of inputs has for every value its 44 bits and `w`. The factors of the products of a group of n values are, row by row:
//! `b` and `1 - b` for all bits; `t` and `w` for all values; `b_23` and `L` for all values; and then for the labels `b` and, which
//! only the server knows, `l1 - l0`, three limbs a bit.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use muse_field::{Fp, vector};
use zeroize::Zeroizing;

use super::limbs::LIMBS;
use super::{BITS, INPUTS, LABELLED, PROVEN};

/// As [`inputs`](super::inputs).
pub(super) fn inputs(integers: &[u64]) -> Zeroizing<Vec<Fp>> {
    let mut inputs = Zeroizing::new(vec![Fp::ZERO; INPUTS * integers.len()]);
    for (row, &integer) in inputs.chunks_exact_mut(INPUTS).zip(integers) {
        for (i, bit) in row[..BITS].iter_mut().enumerate() {
            *bit = Fp::new((integer >> i) & 1);
        }
        let zeros = HIGH_BITS - vector::sum(&row[HIGH]);
        let over = vector::sum(&row[MIDDLE]) + row[DECIDING] * vector::sum(&row[LOW]);
        row[HELPER] = zeros.invert().unwrap_or(Fp::ZERO) * over;
    }
    inputs
}

/// The first factors without their constants, from a column of inputs.
pub(super) fn first_factors(inputs: &[Fp]) -> Vec<Fp> {
    let mut out = Vec::with_capacity(rows(inputs));
    out.extend(bits(inputs));
    out.extend(values(inputs).map(|row| -vector::sum(&row[HIGH])));
    out.extend(values(inputs).map(|row| row[DECIDING]));
    out.extend(bits(inputs).flat_map(|bit| [bit; LIMBS]));
    out
}

/// The second factors without their constants and the server's secrets, from a column of inputs.
pub(super) fn second_factors(inputs: &[Fp]) -> Vec<Fp> {
    let mut out = Vec::with_capacity(rows(inputs));
    out.extend(bits(inputs).map(|bit| -bit));
    out.extend(values(inputs).map(|row| row[HELPER]));
    out.extend(values(inputs).map(|row| vector::sum(&row[LOW])));
    out.resize(rows(inputs), Fp::ZERO);
    out
}

/// The constants of the first factors for n values: the 17 of `t`.
pub(super) fn first_constants(n: usize) -> Vec<Fp> {
    let mut out = vec![Fp::ZERO; (PROVEN + LABELLED) * n];
    out[BITS * n..(BITS + 1) * n].fill(HIGH_BITS);
    out
}

/// The constants of the second factors for n values: the 1 of `1 - b`.
pub(super) fn second_constants(n: usize) -> Vec<Fp> {
    let mut out = vec![Fp::ZERO; (PROVEN + LABELLED) * n];
    out[..BITS * n].fill(Fp::ONE);
    out
}

/// `T` of every value, from a column of inputs.
pub(super) fn middle_ones(inputs: &[Fp]) -> Vec<Fp> {
    values(inputs).map(|row| vector::sum(&row[MIDDLE])).collect()
}

/// What the bits of every value recompose to, from a column of inputs.
pub(super) fn recomposed(inputs: &[Fp]) -> Vec<Fp> {
    values(inputs)
        .map(|row| row[..BITS].iter().rev().fold(Fp::ZERO, |sum, &bit| sum.double() + bit))
        .collect()
}

fn values(inputs: &[Fp]) -> impl Iterator<Item = &[Fp]> {
    inputs.chunks_exact(INPUTS)
}

fn bits(inputs: &[Fp]) -> impl Iterator<Item = Fp> {
    values(inputs).flat_map(|row| row[..BITS].iter().copied())
}

const fn rows(inputs: &[Fp]) -> usize {
    (PROVEN + LABELLED) * (inputs.len() / INPUTS)
}

/// Where p has ones only, down to here.
pub(crate) const HIGH: Range<usize> = 27..BITS;
/// Where p has zeros.
pub(crate) const MIDDLE: Range<usize> = 24..27;
/// Where p has its last one but that of bit 0.
pub(crate) const DECIDING: usize = 23;
/// With the bit before, these decide between p - 1 and p or more.
const LOW: Range<usize> = 0..23;
/// The position of `w`.
const HELPER: usize = BITS;

/// As many as [`HIGH`] has.
const HIGH_BITS: Fp = Fp::new((BITS - 27) as u64);

#[cfg(test)]
mod tests {
    use super::*;
    use muse_field::MODULUS;

    /// `t w = T + b_23 L`, as far as some `w` makes it true: for no integer of p or more, and for the helper of all others.
    #[test]
    fn the_range_is_exact() {
        let edges = [MODULUS, 1 << 23, 1 << 24, 1 << 26, 1 << 27, 1 << 43, 1 << 44];
        let around =
            edges.iter().flat_map(|&edge| (0..5).map(move |i| edge + i)).map(|v| v.saturating_sub(3));
        // Single bits above what has all high bits set, and single high bits missing.
        let high = (1 << 44) - (1 << 27);
        let more = (0..27).flat_map(|i| [high | 1 << i, high | 1 << 23 | 1 << i]);
        let fewer = (27..44).map(|i| ((1 << 44) - 1) ^ (1 << i));
        for integer in around.chain(more).chain(fewer).filter(|&integer| integer < 1 << 44) {
            let row = inputs(&[integer]);
            let [t, over] = [
                HIGH_BITS - vector::sum(&row[HIGH]),
                middle_ones(&row)[0] + row[DECIDING] * vector::sum(&row[LOW]),
            ];
            assert_eq!(t * row[HELPER] == over, integer < MODULUS, "{integer}");
            // Another helper does not help.
            assert!(integer < MODULUS || (t == Fp::ZERO && over != Fp::ZERO), "{integer}");
            assert_eq!(recomposed(&row)[0], Fp::new(integer));
        }
    }

    #[test]
    fn factors_are_in_their_rows() {
        let inputs = inputs(&[5, MODULUS - 1]);
        let mut first = first_factors(&inputs);
        vector::add_assign(&mut first, &first_constants(2));
        let mut second = second_factors(&inputs);
        vector::add_assign(&mut second, &second_constants(2));
        assert_eq!((first.len(), second.len()), (2 * 178, 2 * 178));
        let integer = |fp: Fp| fp.to_signed();
        // Bits 0 and 1 of 5.
        assert_eq!([first[0], first[1], second[0], second[1]].map(integer), [1, 0, 0, 1]);
        // t and w, then bit 23 and L; p - 1 is 17 ones and bit 23.
        assert_eq!(first[88..92].iter().copied().map(integer).collect::<Vec<_>>(), [17, 0, 0, 1]);
        assert_eq!(second[88..92].iter().copied().map(integer).collect::<Vec<_>>(), [0, 0, 2, 0]);
        // Three limbs for each bit.
        assert_eq!(
            first[92..101].iter().copied().map(integer).collect::<Vec<_>>(),
            [1, 1, 1, 0, 0, 0, 1, 1, 1]
        );
        assert_eq!(second[92..], vec![Fp::ZERO; 264]);
    }
}

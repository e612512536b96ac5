//! Which values and helper bits pass.

use muse_field::MODULUS;
use muse_zk::range::{BITS, Choices, HELPERS, MASK_BITS, count};
use proptest::prelude::*;

use super::{BAD, EDGES, Pair, REFUSED, TOP, canonical, prg, run, run_with};

/// What the reference model says of one value's helper bits.
fn helpers(y: u64) -> u8 {
    let ones = |range: core::ops::Range<u32>| range.into_iter().all(|i| y >> i & 1 == 1);
    let zeros = |range: core::ops::Range<u32>| range.into_iter().all(|i| y >> i & 1 == 0);
    let bits = [ones(27..36), ones(27..44), zeros(0..10), zeros(0..19)];
    (0..).zip(bits).map(|(i, bit)| u8::from(bit) << i).sum()
}

#[test]
fn canonical_values_are_accepted() {
    let mut rng = prg(1);
    for n in [0, 1, 2, 7, 8, 9, 511, 512, 513, 1030] {
        assert_eq!(Pair::honest(n, &mut rng).run(), Ok(()), "{n} values");
    }
    for y in EDGES {
        assert_eq!(run(&[y], &mut rng), Ok(()), "{y:x}");
    }
    assert_eq!(run(&EDGES, &mut rng), Ok(()));
}

#[test]
fn the_order_of_choice_bits_is_the_documented_one() {
    let values = [EDGES.as_slice(), &BAD].concat();
    let n = values.len();
    let choices = Choices::new(&values, &mut prg(2));
    let bit = |i: usize| choices.as_bytes()[i / 8] >> (i % 8) & 1;
    for (j, &y) in values.iter().enumerate() {
        let read = |from: usize, width: usize| (0..width).map(|i| u64::from(bit(from + i)) << i).sum::<u64>();
        assert_eq!(read(BITS * j, BITS), y);
        assert_eq!(read(BITS * n + HELPERS * j, HELPERS), u64::from(helpers(y)), "{y:x}");
    }
    assert_eq!((choices.values(), 8 * choices.as_bytes().len()), (n, count(n)));
    // The rest is random: another generator, other masks only.
    let other = Choices::new(&values, &mut prg(3));
    let masks = (BITS + HELPERS) / 8 * n;
    assert_eq!(choices.as_bytes()[..masks], other.as_bytes()[..masks]);
    let differing =
        choices.as_bytes()[masks..].iter().zip(&other.as_bytes()[masks..]).filter(|(a, b)| a != b);
    assert!(differing.count() > MASK_BITS / 8 - 16);
    assert_eq!(format!("{choices:?}"), "Choices(25 values, redacted)");
    // Only 44 bits count.
    let high = Choices::new(&[5 | 1 << 44, 7 | 1 << 63], &mut prg(2));
    assert_eq!(high.as_bytes(), Choices::new(&[5, 7], &mut prg(2)).as_bytes());
}

#[test]
fn second_representations_are_refused_with_any_helper_bits() {
    let mut rng = prg(4);
    for y in BAD {
        assert_eq!(run(&[y], &mut rng), REFUSED, "{y:x}");
        for helpers in 0..16 {
            assert_eq!(run_with(y, helpers, &mut rng), REFUSED, "{y:x} with helpers {helpers:x}");
        }
    }
}

#[test]
fn small_values_cannot_gain_the_modulus() {
    // The attack: for v < 2^24, which a random v never is, y + p zeroes an activation that should be positive.
    let mut rng = prg(5);
    for v in (0..24).flat_map(|i| [1_u64 << i, (1 << i) + 1, (2 << i) - 1]) {
        assert_eq!(run(&[v], &mut rng), Ok(()), "{v}");
        assert_eq!(run(&[v + MODULUS], &mut rng), REFUSED, "{v} + p");
    }
}

#[test]
fn wrong_helper_bits_are_refused() {
    let mut rng = prg(6);
    for y in EDGES {
        for forged in 0..16 {
            let expected = if forged == helpers(y) { Ok(()) } else { REFUSED };
            assert_eq!(run_with(y, forged, &mut rng), expected, "{y:x} with helpers {forged:x}");
        }
    }
}

#[test]
fn one_bad_value_among_thousands_is_refused() {
    let mut rng = prg(7);
    let mut values = canonical(2100, &mut rng);
    for (i, bad) in [0, 7, 8, 511, 512, 1023, 1024, 2047, 2048, 2095, 2096, 2099].into_iter().enumerate() {
        let good = core::mem::replace(&mut values[bad], BAD[i % BAD.len()]);
        assert_eq!(run(&values, &mut rng), REFUSED, "value {bad}");
        values[bad] = good;
    }
    assert_eq!(run(&values, &mut rng), Ok(()));
}

#[test]
fn two_bad_values_do_not_cancel() {
    // They would, at places that had the same coefficients.
    let mut rng = prg(8);
    let values = canonical(1100, &mut rng);
    for (first, second) in [(0, 1), (0, 8), (3, 515), (0, 512), (512, 1024), (511, 1023)] {
        let mut values = values.clone();
        (values[first], values[second]) = (MODULUS + 5, MODULUS + 5);
        assert_eq!(run(&values, &mut rng), REFUSED, "values {first} and {second}");
    }
}

proptest! {
    #[test]
    fn near_the_modulus(y in (1_u64 << 44) - (1 << 28)..1 << 44, seed: u64) {
        prop_assert_eq!(run(&[y], &mut prg(seed)), if y < MODULUS { Ok(()) } else { REFUSED });
    }

    #[test]
    fn with_bits_anywhere(bits in proptest::collection::vec(0_u32..44, 0..8), ones: bool, top: bool, seed: u64) {
        // Few bits differ from all zero or all one, below all ones or not.
        let mut y = if ones { (1 << 44) - 1 } else { 0 };
        for bit in bits {
            y ^= 1 << bit;
        }
        if top {
            y |= TOP;
        }
        prop_assert_eq!(run(&[y], &mut prg(seed)), if y < MODULUS { Ok(()) } else { REFUSED });
    }

    #[test]
    fn accepted_iff_all_are_canonical(
        values in proptest::collection::vec(prop_oneof![9 => 0..MODULUS, 1 => MODULUS..1 << 44], 0..40), seed: u64
    ) {
        let expected = if values.iter().all(|&y| y < MODULUS) { Ok(()) } else { REFUSED };
        prop_assert_eq!(run(&values, &mut prg(seed)), expected);
    }
}

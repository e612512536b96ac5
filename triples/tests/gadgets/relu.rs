//! ReLU with truncation, exact for every value under every mask.

use muse_field::{Fp, MODULUS};
use muse_triples::Error;
use muse_triples::program::bits::uniform_cost;
use muse_triples::program::clear::Clear;
use muse_triples::program::relu::{MAX_SHIFT, relu_floor, relu_floor_cost};
use proptest::prelude::*;

use super::{HALF, extremes, numbers, run, values};

fn floor(v: u64, k: u32) -> u64 {
    if v < HALF { v >> k } else { 0 }
}

/// Each value under its mask, the others under those that the generator gives.
fn check(v: &[u64], masks: &[u64], k: u32) {
    let (found, used) =
        run(2, masks, async |engine: &mut Clear| relu_floor(engine, &values(v), k).await).expect("it runs");
    let expected: Vec<u64> = v.iter().map(|&v| floor(v, k)).collect();
    for (at, (found, expected)) in numbers(&found).into_iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "v = {}, r = {:?}, k = {k}", v[at], masks.get(at));
    }
    let again = masks.iter().filter(|&&mask| mask >= MODULUS).count() as u64;
    assert_eq!(used, relu_floor_cost(v.len() as u64, k) + uniform_cost(again, u64::from(again > 0)));
}

/// The mask under which `2 v + 1` is opened as `c`.
fn mask_for(v: u64, c: u64) -> u64 {
    (Fp::new(c) - Fp::new(v).double() - Fp::ONE).to_u64()
}

#[test]
fn extremes_at_every_shift() {
    for k in 0..=MAX_SHIFT {
        check(&extremes(), &[], k);
    }
}

#[test]
fn every_residue_of_the_shift_under_every_kind_of_mask() {
    for k in [0, 1, 2, 3, 8, 10, 21, 22] {
        let near = |v: u64| [v, v + 1, (v + (1 << k)) - 1, v + (1 << k), v + (1 << k) + 1];
        let v: Vec<u64> =
            [0, 1 << 30, HALF - 5 - (1 << k), MODULUS - 5 - (2 << k)].into_iter().flat_map(near).collect();
        for r in [
            0,
            1,
            2,
            (1 << k) - 1,
            1 << k,
            (2 << k) - 1,
            2 << k,
            HALF,
            MODULUS - 2,
            MODULUS - 1,
            MODULUS - (2 << k),
        ] {
            check(&v, &vec![r; v.len()], k);
        }
        for c in [
            0,
            1,
            2,
            (1 << k) - 1,
            1 << k,
            (2 << k) - 1,
            2 << k,
            (2 << k) + 1,
            HALF,
            MODULUS - 1,
            MODULUS - (2 << k),
        ] {
            let masks: Vec<u64> = v.iter().map(|&v| mask_for(v, c)).collect();
            check(&v, &masks, k);
        }
    }
}

/// r = c, one more and one less, has no value for `2 v + 1 = 0` and its neighbours but these.
#[test]
fn masks_equal_to_what_is_opened() {
    for v in [HALF, 0, MODULUS - 1] {
        for r in [0, 1, 1 << 10, HALF, MODULUS - 2, MODULUS - 1] {
            for k in [0, 9, 22] {
                check(&[v], &[r], k);
            }
        }
    }
    assert_eq!(mask_for(HALF, 1234), 1234);
}

#[test]
fn masks_beyond_p_are_replaced() {
    let v: Vec<u64> = vec![3, HALF - 1, HALF, MODULUS - 1];
    check(&v, &[MODULUS, 5, (1 << 44) - 1, MODULUS - 1], 10);
}

#[test]
fn nothing_costs_nothing_and_larger_shifts_are_misuse() {
    check(&[], &[], 4);
    let program = async |engine: &mut Clear| relu_floor(engine, &values(&[1]), MAX_SHIFT + 1).await;
    assert!(matches!(run(2, &[], program), Err(Error::Misuse(_))));
}

#[test]
fn forty_five_products_and_eight_for_the_mask() {
    let cost = relu_floor_cost(1, 8);
    assert_eq!((cost.products, cost.bits, cost.masked, cost.outputs), (53, 44, 1, 1));
    let steps: Vec<u64> = (0..=MAX_SHIFT).map(|k| relu_floor_cost(1, k).steps).collect();
    assert_eq!((steps.iter().min(), steps.iter().max()), (Some(&19), Some(&20)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_value_under_any_mask(pairs in prop::collection::vec((0..MODULUS, 0..MODULUS), 1..20), k in 0..=MAX_SHIFT) {
        let (v, masks): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
        check(&v, &masks, k);
    }

    /// Small values, and masks that agree with what is opened in most bits.
    #[test]
    fn close_calls(v in 0..1u64 << 24, c in 0..1u64 << 24, k in 0..=MAX_SHIFT, negative: bool) {
        let v = if negative { (-Fp::new(v)).to_u64() } else { v };
        check(&[v], &[mask_for(v, c)], k);
    }
}

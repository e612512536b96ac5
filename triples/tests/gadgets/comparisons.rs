//! Signs and comparisons, exact for every value under every mask.

use muse_field::{Fp, MODULUS};
use muse_triples::Error;
use muse_triples::program::bits::uniform_cost;
use muse_triples::program::clear::Clear;
use muse_triples::program::compare::{less_than, less_than_any, less_than_any_cost, negative, negative_cost};
use proptest::prelude::*;

use super::{HALF, extremes, numbers, run, values};

fn check_negative(v: &[u64], masks: &[u64]) {
    let (found, used) =
        run(3, masks, async |engine: &mut Clear| negative(engine, &values(v)).await).expect("it runs");
    let expected: Vec<u64> = v.iter().map(|&v| u64::from(v >= HALF)).collect();
    assert_eq!(numbers(&found), expected, "v = {v:?}, r = {masks:?}");
    let again = masks.iter().filter(|&&mask| mask >= MODULUS).count() as u64;
    assert_eq!(used, negative_cost(v.len() as u64) + uniform_cost(again, u64::from(again > 0)));
}

fn check_less(x: &[u64], y: &[u64]) {
    let program = async |engine: &mut Clear| less_than_any(engine, &values(x), &values(y)).await;
    let (found, used) = run(4, &[], program).expect("it runs");
    let signed = |v: u64| Fp::new(v).to_signed();
    let expected: Vec<u64> = x.iter().zip(y).map(|(&x, &y)| u64::from(signed(x) < signed(y))).collect();
    assert_eq!(numbers(&found), expected, "{x:?} {y:?}");
    assert_eq!(used, less_than_any_cost(x.len() as u64));
}

#[test]
fn signs_of_extremes() {
    check_negative(&extremes(), &[]);
    check_negative(&[], &[]);
    for r in [0, 1, HALF, MODULUS - 1, MODULUS, (1 << 44) - 1] {
        check_negative(&[HALF - 1, HALF, HALF + 1], &[r; 3]);
    }
}

#[test]
fn any_two_extremes() {
    let all = extremes();
    for &x in &all {
        check_less(&vec![x; all.len()], &all);
    }
    check_less(&[], &[]);
}

#[test]
fn differences_within_the_range() {
    let quarter = (MODULUS - 3) / 4;
    let ends = [quarter, quarter - 1, 1, 0, MODULUS - 1, MODULUS - quarter + 1, MODULUS - quarter];
    for (at, &x) in ends.iter().enumerate() {
        let program = async |engine: &mut Clear| less_than(engine, &values(&[x; 7]), &values(&ends)).await;
        let (found, used) = run(5, &[], program).expect("it runs");
        // The list descends.
        let expected: Vec<u64> = (0..7).map(|other| u64::from(at > other)).collect();
        assert_eq!((numbers(&found), used), (expected, negative_cost(7)));
    }
}

#[test]
fn vectors_of_other_lengths_are_misuse() {
    let (x, y) = (values(&[1]), values(&[1, 2]));
    let short = async |engine: &mut Clear| less_than(engine, &x, &y).await;
    assert!(matches!(run(5, &[], short), Err(Error::Misuse(_))));
    let any = async |engine: &mut Clear| less_than_any(engine, &x, &y).await;
    assert!(matches!(run(5, &[], any), Err(Error::Misuse(_))));
}

#[test]
fn a_sign_takes_fifty_two_products() {
    let cost = negative_cost(1);
    assert_eq!((cost.products, cost.bits, cost.masked, cost.steps), (52, 44, 1, 18));
    assert_eq!(less_than_any_cost(1).products, 158);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn signs_of_any(pairs in prop::collection::vec((0..MODULUS, 0..MODULUS), 1..20)) {
        let (v, masks): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
        check_negative(&v, &masks);
    }

    #[test]
    fn any_two(x in 0..MODULUS, y in 0..MODULUS, near in 0..4u64) {
        check_less(&[x, x, y], &[y, (x + near) % MODULUS, (y + MODULUS - near) % MODULUS]);
    }
}

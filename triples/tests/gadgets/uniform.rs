//! Masks and their bits: which numbers are drawn again.

use muse_field::{Fp, MODULUS};
use muse_triples::program::Linear;
use muse_triples::program::bits::{DRAWN_AGAIN, uniform, uniform_cost};
use muse_triples::program::clear::Clear;

use super::{numbers, run};

/// The numbers that come out if these are drawn first.
fn drawn(chosen: &[u64]) -> Vec<u64> {
    let program = async |engine: &mut Clear| uniform(engine, chosen.len()).await;
    let (found, used) = run(1, chosen, program).expect("it runs");
    let again = chosen.iter().filter(|&&number| number >= MODULUS).count() as u64;
    let tries = if again == 0 { 1 } else { 2 };
    assert_eq!(used, uniform_cost(chosen.len() as u64 + again, tries), "{chosen:?}");
    assert_eq!(found.len(), chosen.len());
    for bit in found.bits() {
        assert!(bit.0.iter().all(|bit| [Fp::ZERO, Fp::ONE].contains(bit)));
    }
    numbers(&found.elements())
}

#[test]
fn numbers_below_p_are_kept() {
    let top = (1 << 44) - (1 << 27);
    let mut chosen =
        vec![0, 1, MODULUS - 1, MODULUS - 2, top - 1, top, top + 1, top + (1 << 23) - 1, top + (1 << 23)];
    chosen.extend((0..44).map(|i| 1 << i));
    chosen.extend((27..44).map(|i| ((1 << 44) - 1) ^ (1 << i)));
    assert_eq!(drawn(&chosen), chosen);
}

#[test]
fn numbers_from_p_on_are_drawn_again() {
    let top = (1 << 44) - (1 << 27);
    let beyond = [
        MODULUS,
        MODULUS + 1,
        top + (1 << 23) + (1 << 22),
        top + (1 << 24),
        top + (1 << 25),
        top + (1 << 26),
    ];
    for number in beyond.into_iter().chain([(1 << 44) - 1]).chain((0..23).map(|i| top + (1 << 23) + (1 << i)))
    {
        let found = drawn(&[7, number, MODULUS - 1]);
        assert_eq!((found[0], found[1]), (7, MODULUS - 1), "{number}");
        assert!(found[2] < MODULUS && found[2] != number);
    }
}

#[test]
fn so_many_are_drawn_again() {
    assert_eq!(DRAWN_AGAIN, 125_829_119);
    assert_eq!(((1u64 << 44) as f64 / DRAWN_AGAIN as f64).round() as u64, 139_810);
}

#[test]
fn none_cost_nothing() {
    assert!(drawn_none());
}

fn drawn_none() -> bool {
    let (found, used) = run(1, &[], async |engine: &mut Clear| uniform(engine, 0).await).expect("it runs");
    found.elements().is_empty() && used == uniform_cost(0, 0)
}

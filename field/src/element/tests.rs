//! `Fp` against 128-bit integer arithmetic, on every pair of extremes and on random values.

use super::*;
use proptest::prelude::*;

const P: u128 = MODULUS as u128;

/// Values where carries, borrows and the signed readings change.
pub(crate) const EXTREMES: [u64; 17] = [
    0,
    1,
    2,
    (1 << 22) - 1,
    1 << 23,
    (1 << 27) - 1,
    1 << 27,
    (1 << 43) - 1,
    1 << 43,
    (MODULUS - 1) / 2 - 1,
    (MODULUS - 1) / 2,
    MODULUS.div_ceil(2),
    MODULUS.div_ceil(2) + 1,
    MODULUS - (1 << 27),
    MODULUS - 3,
    MODULUS - 2,
    MODULUS - 1,
];

fn check_pair(a: u64, b: u64) {
    let (x, y) = (Fp::new(a), Fp::new(b));
    let (a, b) = (u128::from(a) % P, u128::from(b) % P);
    assert_eq!(u128::from((x + y).to_u64()), (a + b) % P);
    assert_eq!(u128::from((x - y).to_u64()), (a + P - b) % P);
    assert_eq!(u128::from((x * y).to_u64()), a * b % P);
    assert_eq!(u128::from((-x).to_u64()), (P - a) % P);
    assert_eq!(x.double(), x + x);
    assert_eq!(x.square(), x * x);
}

#[test]
fn modulus_has_the_stated_form() {
    assert_eq!(MODULUS, (1 << 44) - 15 * (1 << 23) + 1);
    assert_eq!(MODULUS - 1, (1 << 23) * 7 * 17 * 17_623);
}

#[test]
fn all_pairs_of_extremes() {
    for a in EXTREMES {
        for b in EXTREMES {
            check_pair(a, b);
        }
        check_pair(a, u64::MAX);
    }
}

#[test]
fn wide_integers_reduce() {
    let wide = [
        0,
        1,
        P - 1,
        P,
        P + 1,
        (P - 1) * (P - 1),
        1 << 88,
        (1 << 89) - 1,
        u128::MAX,
        u128::MAX - 1,
        1 << 127,
    ];
    for v in wide {
        assert_eq!(u128::from(Fp::from_u128(v).to_u64()), v % P);
    }
    for v in
        [0u64, MODULUS - 1, MODULUS, MODULUS + 1, 2 * MODULUS - 1, 2 * MODULUS, 1 << 44, 1 << 63, u64::MAX]
    {
        assert_eq!(Fp::new(v).to_u64(), v % MODULUS);
        assert_eq!(Fp::from_canonical(v).is_some(), v < MODULUS);
    }
    for v in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX, -(MODULUS as i64), MODULUS as i64] {
        assert_eq!(i128::from(Fp::from_i64(v).to_u64()), i128::from(v).rem_euclid(P as i128));
        assert_eq!(Fp::from(i128::from(v)), Fp::from_i64(v));
    }
    for v in [i128::MIN, i128::MAX, -1] {
        assert_eq!(i128::from(Fp::from(v).to_u64()), v.rem_euclid(P as i128));
    }
}

#[test]
fn signed_readings_at_their_thresholds() {
    let half = (MODULUS - 1) / 2;
    assert_eq!(Fp::new(half - 1).to_signed(), half as i64 - 1);
    assert_eq!(Fp::new(half).to_signed(), -(half as i64) - 1);
    assert_eq!(Fp::new(half).to_centred(), half as i64);
    assert_eq!(Fp::new(half + 1).to_centred(), -(half as i64));
    assert_eq!(Fp::ZERO.to_signed(), 0);
    assert_eq!(Fp::NEG_ONE.to_signed(), -1);
    assert_eq!(Fp::NEG_ONE.to_centred(), -1);
}

#[test]
fn three_is_the_smallest_primitive_root() {
    let order_is_full =
        |g: Fp| [2, 7, 17, 17_623].iter().all(|q| g.pow_vartime((MODULUS - 1) / q) != Fp::ONE);
    assert!(order_is_full(Fp::GENERATOR));
    assert!(!order_is_full(Fp::new(2)));
    let root = Fp::TWO_ADIC_ROOT_OF_UNITY;
    assert_eq!(root.pow_vartime(1 << 22), Fp::NEG_ONE);
    assert_eq!(root.pow_vartime(1 << 23), Fp::ONE);
}

#[test]
fn inversion_of_extremes() {
    for a in EXTREMES {
        let a = Fp::new(a);
        let inverse = a.invert();
        assert_eq!(bool::from(inverse.is_some()), a != Fp::ZERO);
        if a != Fp::ZERO {
            assert_eq!(inverse.unwrap() * a, Fp::ONE);
            assert_eq!(inverse.unwrap(), a.pow_vartime(MODULUS - 2));
        }
    }
}

#[test]
fn folds_and_printing() {
    let values = [Fp::new(2), Fp::NEG_ONE, Fp::new(7)];
    assert_eq!(values.iter().sum::<Fp>(), Fp::new(8));
    assert_eq!(values.iter().product::<Fp>(), -Fp::new(14));
    assert_eq!(values.into_iter().sum::<Fp>(), Fp::new(8));
    assert_eq!(std::format!("{:?} {}", Fp::NEG_ONE, Fp::new(3)), "17592060215296 3");
}

proptest! {
    #[test]
    fn random_pairs(a in any::<u64>(), b in any::<u64>()) {
        check_pair(a, b);
    }

    #[test]
    fn random_wide(v in any::<u128>(), s in any::<i128>()) {
        prop_assert_eq!(u128::from(Fp::from_u128(v).to_u64()), v % P);
        prop_assert_eq!(i128::from(Fp::from(s).to_u64()), s.rem_euclid(P as i128));
    }

    #[test]
    fn signed_round_trips(v in 0..MODULUS) {
        let v = Fp::new(v);
        prop_assert_eq!(Fp::from_i64(v.to_signed()), v);
        prop_assert_eq!(Fp::from_i64(v.to_centred()), v);
        prop_assert!(v.to_centred().unsigned_abs() <= (MODULUS - 1) / 2);
    }

    #[test]
    fn inverses(a in 1..MODULUS) {
        prop_assert_eq!(Fp::new(a).invert().unwrap() * Fp::new(a), Fp::ONE);
    }
}

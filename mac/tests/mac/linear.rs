//! Keys and the linear operations: every MAC still fits, and the values are what plain arithmetic gives.

use muse_field::{Fp, MODULUS, vector};
use muse_mac::{Authenticated, Error, Keys, MacKey};
use proptest::prelude::*;

use crate::support::{deal, element, elements, fits, rng, vector as any_vector};

#[test]
fn keys_are_nonzero_and_redacted() {
    let mut rng = rng(1);
    for _ in 0..1000 {
        assert_ne!(MacKey::random(&mut rng).expose(), Fp::ZERO);
    }
    assert!(MacKey::new(Fp::ZERO).is_none());
    let key = MacKey::new(Fp::new(123_456)).unwrap();
    assert_eq!(key.expose(), Fp::new(123_456));
    let (client, server) = deal(&key, &elements(&[987_654, 3]), &mut rng);
    assert_eq!(
        format!("{key:?} {client:?} {server:?}"),
        "MacKey(redacted) Authenticated(2 redacted) Keys(2 redacted)"
    );
}

#[test]
fn a_mac_for_each_value() {
    assert!(matches!(Authenticated::new(elements(&[1, 2]), elements(&[3])), Err(Error::Misuse(_))));
    assert!(Authenticated::new(vec![], vec![]).unwrap().is_empty());
}

/// What an operation does to a vector of plain values.
fn plain(values: &[Fp], f: impl Fn(&mut Vec<Fp>)) -> Vec<Fp> {
    let mut values = values.to_vec();
    f(&mut values);
    values
}

proptest! {
    #[test]
    fn arithmetic_keeps_macs(x in any_vector(), factor in element(), seed: u8) {
        let rng = &mut rng(seed);
        let key = MacKey::random(rng);
        let y: Vec<Fp> = x.iter().rev().map(|v| v.square() + Fp::ONE).collect();
        let pair = |rng: &mut _| (deal(&key, &x, rng), deal(&key, &y, rng));

        let ((mut a, mut k), (b, l)) = pair(rng);
        a.add_assign(&b);
        k.add_assign(&l);
        prop_assert!(fits(&key, &a, &k));
        prop_assert_eq!(a.values(), plain(&x, |x| vector::add_assign(x, &y)));

        let ((mut a, mut k), (b, l)) = pair(rng);
        a.sub_assign(&b);
        k.sub_assign(&l);
        prop_assert!(fits(&key, &a, &k));
        prop_assert_eq!(a.values(), plain(&x, |x| vector::sub_assign(x, &y)));

        let ((mut a, mut k), (b, l)) = pair(rng);
        a.axpy(factor, &b);
        k.axpy(factor, &l);
        a.neg_assign();
        k.neg_assign();
        a.scale_assign(factor);
        k.scale_assign(factor);
        a.add_public_assign(&y);
        k.add_public_assign(&key, &y);
        prop_assert!(fits(&key, &a, &k));
        let want: Vec<Fp> = x.iter().zip(&y).map(|(&x, &y)| -(x + factor * y) * factor + y).collect();
        prop_assert_eq!(a.values(), want);

        let ((mut a, mut k), _) = pair(rng);
        a.mul_public_assign(&y);
        k.mul_public_assign(&y);
        prop_assert!(fits(&key, &a, &k));
        prop_assert_eq!(a.values(), plain(&x, |x| vector::mul_assign(x, &y)));
    }

    #[test]
    fn rearranging_keeps_macs(x in any_vector(), y in any_vector(), cut: prop::sample::Index, seed: u8) {
        let rng = &mut rng(seed);
        let key = MacKey::random(rng);
        let ((mut a, mut k), (b, l)) = (deal(&key, &x, rng), deal(&key, &y, rng));
        a.append(b);
        k.append(l);
        let joined = [&x[..], &y].concat();
        prop_assert!(fits(&key, &a, &k));
        prop_assert_eq!(a.values(), &joined[..]);

        let cut = cut.index(joined.len() + 1);
        let (tail, tail_keys) = (a.split_off(cut), k.split_off(cut));
        prop_assert!(fits(&key, &a, &k) && fits(&key, &tail, &tail_keys));
        prop_assert_eq!((a.values(), tail.values()), joined.split_at(cut));

        let (a, k) = (Authenticated::concat(vec![tail, a]), Keys::concat(vec![tail_keys, k]));
        prop_assert!(fits(&key, &a, &k));
        prop_assert_eq!(a.values(), [&joined[cut..], &joined[..cut]].concat());

        let chosen: Vec<usize> = (0..a.len()).step_by(3).chain((0..a.len()).rev()).collect();
        let (some, some_keys) = (a.select(&chosen), k.select(&chosen));
        prop_assert!(fits(&key, &some, &some_keys));
        prop_assert_eq!(some.values(), chosen.iter().map(|&i| a.values()[i]).collect::<Vec<_>>());
    }

    /// A matrix with entries of both signs, as pooling and dense layers are.
    #[test]
    fn linear_maps_keep_macs(x in any_vector(), rows in 0_usize..10, seed: u8) {
        let rng = &mut rng(seed);
        let key = MacKey::random(rng);
        let (a, k) = deal(&key, &x, rng);
        let matrix = |v: &[Fp]| -> Vec<Fp> {
            let entry = |row: usize, column: usize| Fp::from_i64((row * 31 + column * 17) as i64 % 201 - 100);
            (0..rows).map(|row| v.iter().enumerate().map(|(column, &v)| entry(row, column) * v).sum()).collect()
        };
        let (a, k) = (a.map(matrix), k.map(matrix));
        prop_assert!(fits(&key, &a, &k));
        prop_assert_eq!(a.values(), matrix(&x));
    }
}

#[test]
fn extremes_keep_macs() {
    let rng = &mut rng(2);
    let x = elements(&[0, 1, MODULUS - 1, (MODULUS - 1) / 2, (1 << 44) - 1]);
    for key in [MacKey::new(Fp::ONE).unwrap(), MacKey::new(Fp::NEG_ONE).unwrap(), MacKey::random(rng)] {
        let (mut a, mut k) = deal(&key, &x, rng);
        let (b, l) = deal(&key, &x, rng);
        a.axpy(Fp::NEG_ONE, &b);
        k.axpy(Fp::NEG_ONE, &l);
        assert!(fits(&key, &a, &k));
        assert!(a.values().iter().all(|&v| v == Fp::ZERO));
    }
}

#[test]
#[should_panic(expected = "one linear map")]
fn a_map_that_is_none_panics() {
    let (a, _) = deal(&MacKey::random(&mut rng(3)), &elements(&[1, 2]), &mut rng(3));
    let calls = core::cell::Cell::new(0);
    let _ = a.map(|v| {
        calls.set(calls.get() + 1);
        v[..calls.get() - 1].to_vec()
    });
}

#[test]
#[should_panic(expected = "different length")]
fn lengths_must_agree() {
    let (key, rng) = (MacKey::random(&mut rng(3)), &mut rng(4));
    let mut a = deal(&key, &elements(&[1, 2]), rng).0;
    a.add_assign(&deal(&key, &elements(&[1]), rng).0);
}

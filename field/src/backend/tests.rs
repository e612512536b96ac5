//! All kernels of this processor against the portable ones.

use super::{Kernels, portable};
use crate::element::tests::EXTREMES;
use crate::prg::Prg;
use crate::{Fp, MODULUS, sample};
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

/// Every kernel on one pair of equally long slices.
fn check(a: &[Fp], b: &[Fp], k: Fp) {
    Kernels::available().for_each(|kernels| check_kernels(kernels, a, b, k));
}

fn check_kernels(kernels: Kernels, a: &[Fp], b: &[Fp], k: Fp) {
    let both = |fast: &dyn Fn(&mut [Fp]), slow: &dyn Fn(&mut [Fp])| {
        let (mut x, mut y) = (a.to_vec(), a.to_vec());
        fast(&mut x);
        slow(&mut y);
        assert_eq!(x, y);
        assert!(x.iter().all(|v| v.to_u64() < MODULUS));
    };
    both(&|x| kernels.add_assign(x, b), &|y| portable::add_assign(y, b));
    both(&|x| kernels.sub_assign(x, b), &|y| portable::sub_assign(y, b));
    both(&|x| kernels.neg_assign(x), &|y| portable::neg_assign(y));
    both(&|x| kernels.mul_assign(x, b), &|y| portable::mul_assign(y, b));
    both(&|x| kernels.scale_assign(x, k), &|y| portable::scale_assign(y, k));
    both(&|x| kernels.axpy(x, k, b), &|y| portable::axpy(y, k, b));
    assert_eq!(kernels.dot(a, b), portable::dot(a, b));
    assert_eq!(kernels.sum(a), portable::sum(a));
}

#[test]
fn all_pairs_of_extremes() {
    let pairs = || EXTREMES.iter().flat_map(|a| EXTREMES.iter().map(move |b| (Fp::new(*a), Fp::new(*b))));
    let (a, b): (Vec<Fp>, Vec<Fp>) = pairs().unzip();
    for k in EXTREMES {
        check(&a, &b, Fp::new(k));
    }
}

#[test]
fn products_next_to_multiples_of_p_and_of_half_p() {
    // b = (i*p + j) / a and (i*p + p/2 + j) / a: where the rounded quotient is closest to being wrong.
    let mut state = Prg::from_seed([9; 32]);
    let (mut left, mut right) = (vec![], vec![]);
    for _ in 0..2000 {
        let a = MODULUS - 1 - (sample::uniform(&mut state).to_u64() >> 20);
        let i = sample::uniform(&mut state).to_u64();
        for half in [0, u128::from(MODULUS / 2)] {
            let target = u128::from(i) * u128::from(a) / u128::from(MODULUS) * u128::from(MODULUS) + half;
            for shift in 0..2 {
                left.push(Fp::new(a));
                right.push(Fp::new((target / u128::from(a)) as u64 + shift));
            }
        }
    }
    check(&left, &right, Fp::NEG_ONE);
    for k in left.iter().step_by(997) {
        check(&left, &right, *k);
    }
}

#[test]
fn every_short_length() {
    let mut prg = Prg::from_seed([5; 32]);
    for n in 0..=70 {
        let (mut a, mut b) = (vec![Fp::ZERO; n], vec![Fp::ZERO; n]);
        sample::fill_uniform(&mut a, &mut prg);
        sample::fill_uniform(&mut b, &mut prg);
        check(&a, &b, sample::uniform(&mut prg));
        check(&vec![Fp::NEG_ONE; n], &vec![Fp::NEG_ONE; n], Fp::NEG_ONE);
        check(&vec![Fp::ZERO; n], &vec![Fp::NEG_ONE; n], Fp::ZERO);
    }
}

#[test]
fn sums_past_the_capacity_of_one_block() {
    // Two million largest elements, in more than one block and not a multiple of the lanes.
    let n = (1 << 21) + 7;
    let a = vec![Fp::NEG_ONE; n];
    for kernels in Kernels::available() {
        assert_eq!(kernels.dot(&a, &a), Fp::new(n as u64), "{kernels:?}");
        assert_eq!(kernels.sum(&a), -Fp::new(n as u64), "{kernels:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_slices(seed in any::<[u8; 32]>(), n in 0usize..600) {
        let mut prg = Prg::from_seed(seed);
        let (mut a, mut b) = (vec![Fp::ZERO; n], vec![Fp::ZERO; n]);
        sample::fill_uniform(&mut a, &mut prg);
        sample::fill_uniform(&mut b, &mut prg);
        check(&a, &b, sample::uniform(&mut prg));
    }
}

//! The ring against big integers: products, modulus switching, decryption and plaintexts, on random and extreme values.

use muse_test_support::he::ring as ring_support;

use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS};
use muse_he::Misuse;
use muse_he::params::{DROP_BITS, KEEP_BITS, LIMBS, PRIMES, Params};
use muse_he::ring::{
    CoeffPoly, MAX_REPLY_WORD, NttPoly, Ring, SmallPoly, TwoLimbKey, lift_plaintext, switch_and_truncate,
    switch_and_truncate_at,
};
use num_bigint::{BigInt, BigUint};
use proptest::prelude::*;
use rand_core::Rng;
use ring_support::{
    all_rings, big, from_big, modulus, negacyclic, random_poly, reply_modulus, rings, value, values,
};
use subtle::ConstantTimeEq;

#[test]
fn products_are_negacyclic_products_of_integers() {
    for ring in rings(&[8, 16, 32, 64]) {
        let n = ring.n();
        let mut prg = Prg::from_seed([1; 32]);
        let top = CoeffPoly::from_limbs_checked(&ring, PRIMES.iter().flat_map(|q| vec![q - 1; n]).collect())
            .unwrap();
        let operands =
            [random_poly(&ring, &mut prg), random_poly(&ring, &mut prg), top, CoeffPoly::zero(&ring)];
        let integers: Vec<_> = operands.iter().map(values).collect();
        for (a, x) in operands.iter().zip(&integers) {
            for (b, y) in operands.iter().zip(&integers) {
                let wanted: Vec<BigUint> = (0..n).map(|k| negacyclic(x, y, k)).collect();
                let mut product = a.clone().into_ntt(&ring);
                product.mul_assign(&b.clone().into_ntt(&ring));
                let mut sum = product.clone();
                let product = product.into_coeff(&ring);
                assert_eq!(values(&product), wanted);
                // a b + a b
                sum.mul_add_assign(&a.clone().into_ntt(&ring), &b.clone().into_ntt(&ring));
                let sum = sum.into_coeff(&ring);
                assert!((0..n).all(|k| value(&sum, k) == &wanted[k] * 2_u32 % modulus()));
            }
        }
    }
}

#[test]
fn product_at_full_size_at_some_coefficients() {
    for ring in rings(&[8192]) {
        let mut prg = Prg::from_seed([2; 32]);
        let (a, b) = (random_poly(&ring, &mut prg), random_poly(&ring, &mut prg));
        let mut product = a.clone().into_ntt(&ring);
        product.mul_assign(&b.clone().into_ntt(&ring));
        let product = product.into_coeff(&ring);
        let (x, y) = (values(&a), values(&b));
        for k in [0, 1, 4095, 8191] {
            assert_eq!(value(&product, k), negacyclic(&x, &y, k));
        }
    }
}

#[test]
fn backends_agree_byte_for_byte() {
    for log in 3..=13 {
        let params = Params::with_degree(1 << log).unwrap();
        let mut fast = Ring::of_every_backend(params).unwrap();
        let slow = fast.pop().unwrap();
        let (n, mut prg) = (params.n(), Prg::from_seed([3; 32]));
        let top: Vec<u64> = PRIMES.iter().flat_map(|q| vec![q - 1; n]).collect();
        let mixed: Vec<u64> =
            PRIMES.iter().flat_map(|q| (0..n).map(move |j| (q - 1) * (j as u64 & 1))).collect();
        let random = || random_poly(&slow, &mut prg).as_slice().to_vec();
        let inputs: Vec<Vec<u64>> =
            [top, mixed].into_iter().chain(core::iter::repeat_with(random).take(3)).collect();
        for a in &inputs {
            for b in &inputs {
                let run = |ring: &Ring| {
                    let poly = |x: &Vec<u64>| CoeffPoly::from_limbs_checked(ring, x.clone()).unwrap();
                    let (a, b) = (poly(a).into_ntt(ring), poly(b).into_ntt(ring));
                    let mut product = a.clone();
                    product.mul_assign(&b);
                    let mut sum = product.clone();
                    sum.mul_add_assign(&a, &b);
                    let back = sum.clone().into_coeff(ring);
                    let mut words = vec![0; ring.n()];
                    switch_and_truncate(ring, &back, &mut words).unwrap();
                    let mut combined = back.clone();
                    combined.add_assign(&poly(&inputs[0]));
                    combined.double_assign();
                    combined.sub_assign(&poly(&inputs[1]));
                    combined.neg_assign();
                    combined.scale_assign(&core::array::from_fn(|i| PRIMES[i] - 1));
                    let all = [
                        a.as_slice(),
                        product.as_slice(),
                        sum.as_slice(),
                        back.as_slice(),
                        combined.as_slice(),
                    ];
                    (all.concat(), words)
                };
                let expected = run(&slow);
                for fast in &fast {
                    assert!(run(fast) == expected, "{} at N = {n}", fast.backend_name());
                }
            }
        }
    }
}

/// Coefficients around every rounding and truncation boundary, and random ones.
fn switch_cases(prg: &mut Prg) -> Vec<BigUint> {
    let (q, q2) = (modulus(), reply_modulus());
    let ratio = &q / &q2;
    let mut out: Vec<BigUint> = vec![0_u32.into(), 1_u32.into(), &q - 1_u32, &q / 2_u32, &q - &ratio / 2_u32];
    let mut near = |x: BigUint| (0..3_u32).for_each(|d| out.push((&x + d + &q - 1_u32) % &q));
    for k in [0_u64, 1, 2, (1 << 28) - 1, 1 << 28, PRIMES[0], PRIMES[1], 1 << 50] {
        near(&ratio * k);
        near(&ratio * k + &ratio / 2_u32);
        near(&ratio * (&q2 - k - 1_u32) + &ratio / 2_u32);
        near(&ratio * (&q2 - k - 1_u32));
    }
    for q in PRIMES {
        near(modulus() / q);
        near(modulus() - modulus() / q);
    }
    out.extend((0..3000).map(|_| big(prg) % modulus()));
    out
}

#[test]
fn switching_is_exact() {
    let (q, q2) = (modulus(), reply_modulus());
    for ring in rings(&[8, 64, 1024]) {
        let mut prg = Prg::from_seed([4; 32]);
        for chunk in switch_cases(&mut prg).chunks(ring.n()) {
            let mut coefficients = chunk.to_vec();
            coefficients.resize(ring.n(), 0_u32.into());
            let poly = from_big(&ring, &coefficients);
            let mut words = vec![0; ring.n()];
            switch_and_truncate(&ring, &poly, &mut words).unwrap();
            for (c, &word) in coefficients.iter().zip(&words) {
                let wanted: BigUint = (((c * &q2 * 2_u32 + &q) / (&q * 2_u32)) % &q2) >> DROP_BITS;
                assert_eq!(BigUint::from(word), wanted);
                assert!(word <= MAX_REPLY_WORD && word >> KEEP_BITS == 0);
            }
            let indices: Vec<usize> = (0..ring.n()).rev().step_by(3).collect();
            let mut some = vec![0; indices.len()];
            switch_and_truncate_at(&ring, &poly, &indices, &mut some).unwrap();
            assert!(indices.iter().zip(&some).all(|(&j, &word)| word == words[j]));
        }
    }
}

#[test]
fn switching_refuses_wrong_shapes() {
    let ring = Ring::new(Params::with_degree(8).unwrap()).unwrap();
    let poly = CoeffPoly::zero(&ring);
    assert_eq!(switch_and_truncate(&ring, &poly, &mut [0; 7]), Err(Misuse::Length.into()));
    assert_eq!(switch_and_truncate_at(&ring, &poly, &[0, 1], &mut [0; 3]), Err(Misuse::Length.into()));
    assert_eq!(switch_and_truncate_at(&ring, &poly, &[0, 8], &mut [0; 2]), Err(Misuse::Index.into()));
}

#[test]
fn decryption_rounds_exactly() {
    let q2 = BigInt::from(reply_modulus());
    let p = BigInt::from(MODULUS);
    for ring in rings(&[8, 256]) {
        let n = ring.n();
        let mut prg = Prg::from_seed([5; 32]);
        for kind in 0..6 {
            let word = |prg: &mut Prg| match kind {
                0 => 0,
                1 => MAX_REPLY_WORD,
                2 => prg.next_u64() % 3 * (MAX_REPLY_WORD / 2),
                _ => prg.next_u64() % (MAX_REPLY_WORD + 1),
            };
            let c0: Vec<u64> = (0..n).map(|_| word(&mut prg)).collect();
            let c1: Vec<u64> = (0..n).map(|_| word(&mut prg)).collect();
            let key: Vec<i8> = (0..n).map(|_| [-2, 0, 2][prg.next_u64() as usize % 3]).collect();
            let secret = TwoLimbKey::new(&ring, &SmallPoly::from_coefficients(key.clone())).unwrap();
            let wanted: Vec<usize> = (0..n).collect();
            let got = secret.decrypt(&ring, &c0, &c1, &wanted).unwrap();
            let middle = |word: u64| (BigInt::from(word) << DROP_BITS) + (1 << (DROP_BITS - 1));
            for k in 0..n {
                let mut v = middle(c0[k]);
                for i in 0..n {
                    let factor = BigInt::from(key[(n + k - i) % n]) * if i <= k { 1 } else { -1 };
                    v += middle(c1[i]) * factor;
                }
                let v: BigInt = ((v % &q2) + &q2) % &q2;
                let m: BigInt = (v * &p * 2 + &q2) / (&q2 * 2) % &p;
                assert_eq!(BigInt::from(got[k].to_u64()), m);
            }
            let some: Vec<usize> = wanted.iter().rev().step_by(5).copied().collect();
            let c0_some: Vec<u64> = some.iter().map(|&j| c0[j]).collect();
            let expected: Vec<Fp> = some.iter().map(|&j| got[j]).collect();
            assert_eq!(secret.decrypt(&ring, &c0_some, &c1, &some).unwrap(), expected);
        }
    }
}

#[test]
fn decryption_refuses_wrong_shapes_and_words() {
    let ring = Ring::new(Params::with_degree(8).unwrap()).unwrap();
    assert!(TwoLimbKey::new(&ring, &SmallPoly::from_coefficients(vec![0; 7])).is_err());
    let key = TwoLimbKey::new(&ring, &SmallPoly::from_coefficients(vec![2; 8])).unwrap();
    assert_eq!(key.decrypt(&ring, &[0], &[0; 7], &[0]), Err(Misuse::Length.into()));
    assert_eq!(key.decrypt(&ring, &[0; 2], &[0; 8], &[0]), Err(Misuse::Length.into()));
    assert_eq!(key.decrypt(&ring, &[0], &[0; 8], &[8]), Err(Misuse::Index.into()));
    assert!(key.decrypt(&ring, &[MAX_REPLY_WORD], &[MAX_REPLY_WORD; 8], &[7]).is_ok());
    assert!(key.decrypt(&ring, &[MAX_REPLY_WORD + 1], &[0; 8], &[7]).unwrap_err().peer_at_fault());
    assert!(key.decrypt(&ring, &[0], &[u64::MAX; 8], &[7]).unwrap_err().peer_at_fault());
}

#[test]
fn plaintexts_are_rounded_multiples() {
    let (q, p) = (modulus(), BigUint::from(MODULUS));
    for ring in rings(&[1024]) {
        let mut prg = Prg::from_seed([6; 32]);
        let mut plain: Vec<Fp> = [0, 1, 2, MODULUS - 1, MODULUS / 2, MODULUS / 2 + 1].map(Fp::new).to_vec();
        plain.resize_with(ring.n(), || Fp::new(prg.next_u64()));
        let lifted = lift_plaintext(&ring, &plain).unwrap();
        for (j, m) in plain.iter().enumerate() {
            let wanted = (&q * m.to_u64() * 2_u32 + &p) / (&p * 2_u32) % &q;
            assert_eq!(value(&lifted, j), wanted);
        }
        assert!(lift_plaintext(&ring, &plain[1..]).is_err());
    }
}

#[test]
fn checked_limbs_are_canonical() {
    for ring in rings(&[8]) {
        for (position, q) in PRIMES.iter().enumerate() {
            for (word, good) in [(0, true), (q - 1, true), (*q, false), (u64::MAX, false), (1 << 63, false)] {
                let mut words = vec![0; LIMBS * 8];
                words[8 * position + position] = word;
                let poly = CoeffPoly::from_limbs_checked(&ring, words);
                assert_eq!(poly.is_ok(), good);
                assert!(poly.err().is_none_or(|e| e.peer_at_fault()));
            }
        }
        assert!(NttPoly::from_limbs_checked(&ring, vec![0; 39]).is_err());
        assert!(CoeffPoly::from_signed(&ring, &[0; 9]).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ring_laws(seed: [u8; 32], signed in prop::collection::vec(any::<i64>(), 16)) {
        for ring in all_rings(16) {
            let mut prg = Prg::from_seed(seed);
            let (a, b, c) = (random_poly(&ring, &mut prg), random_poly(&ring, &mut prg), random_poly(&ring, &mut prg));
            let mul = |x: &CoeffPoly, y: &CoeffPoly| {
                let mut out = x.clone().into_ntt(&ring);
                out.mul_assign(&y.clone().into_ntt(&ring));
                out.into_coeff(&ring)
            };
            let sum = |x: &CoeffPoly, y: &CoeffPoly| { let mut out = x.clone(); out.add_assign(y); out };
            prop_assert!(bool::from(mul(&a, &b).ct_eq(&mul(&b, &a))));
            prop_assert!(bool::from(mul(&mul(&a, &b), &c).ct_eq(&mul(&a, &mul(&b, &c)))));
            prop_assert!(bool::from(mul(&a, &sum(&b, &c)).ct_eq(&sum(&mul(&a, &b), &mul(&a, &c)))));
            let mut zero = a.clone();
            zero.sub_assign(&a);
            prop_assert!(bool::from(zero.ct_eq(&CoeffPoly::zero(&ring))));
            let mut twice = a.clone();
            twice.double_assign();
            prop_assert!(bool::from(twice.ct_eq(&sum(&a, &a))));
            twice.neg_assign();
            twice.add_assign(&a);
            twice.add_assign(&a);
            prop_assert!(bool::from(twice.ct_eq(&zero)));
            // X^15 X = -1
            let monomial = |k: usize| {
                let one: Vec<i64> = (0..16).map(|j| i64::from(j == k)).collect();
                CoeffPoly::from_signed(&ring, &one).unwrap()
            };
            let mut minus = mul(&monomial(15), &mul(&monomial(1), &a));
            minus.neg_assign();
            prop_assert!(bool::from(minus.ct_eq(&a)));
            let lifted = CoeffPoly::from_signed(&ring, &signed).unwrap();
            for (j, &x) in signed.iter().enumerate() {
                let wanted = (BigInt::from(x) + BigInt::from(modulus())) % BigInt::from(modulus());
                prop_assert_eq!(BigInt::from(value(&lifted, j)), wanted);
            }
        }
    }
}

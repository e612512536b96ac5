//! arkworks' own suites over `Fp`, and arkworks' Montgomery field of the same modulus as an oracle.

use ark_ff::{AdditiveGroup, FftField, Field, Fp64, MontBackend, MontConfig, PrimeField};
use ark_poly::{EvaluationDomain, Polynomial, Radix2EvaluationDomain, univariate::DensePolynomial};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use ark_std::UniformRand;
use muse_field::ark::ArkRng;
use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS};
use num_bigint::BigUint;
use proptest::prelude::*;

ark_algebra_test_templates::test_field!(generic; muse_field::Fp; prime);

#[derive(MontConfig)]
#[modulus = "17592060215297"]
#[generator = "3"]
struct OracleConfig;
type Oracle = Fp64<MontBackend<OracleConfig, 1>>;

fn oracle(v: Fp) -> Oracle {
    Oracle::from(v.to_u64())
}

fn same(ours: Fp, theirs: Oracle) -> bool {
    ours.into_bigint() == theirs.into_bigint()
}

#[test]
fn constants_are_those_of_the_oracle() {
    assert_eq!(<Fp as PrimeField>::MODULUS, Oracle::MODULUS);
    assert_eq!(<Fp as PrimeField>::MODULUS_MINUS_ONE_DIV_TWO, Oracle::MODULUS_MINUS_ONE_DIV_TWO);
    assert_eq!(<Fp as PrimeField>::MODULUS_BIT_SIZE, Oracle::MODULUS_BIT_SIZE);
    assert_eq!(<Fp as PrimeField>::TRACE, Oracle::TRACE);
    assert_eq!(<Fp as PrimeField>::TRACE_MINUS_ONE_DIV_TWO, Oracle::TRACE_MINUS_ONE_DIV_TWO);
    assert_eq!(<Fp as FftField>::TWO_ADICITY, Oracle::TWO_ADICITY);
    assert!(same(<Fp as FftField>::GENERATOR, Oracle::GENERATOR));
    assert!(same(<Fp as FftField>::TWO_ADIC_ROOT_OF_UNITY, Oracle::TWO_ADIC_ROOT_OF_UNITY));
    assert_eq!(<Fp as Field>::characteristic(), Oracle::characteristic());
    for log in 0..=24 {
        let (ours, theirs) = (Fp::get_root_of_unity(1 << log), Oracle::get_root_of_unity(1 << log));
        assert_eq!(ours.map(|w| w.into_bigint()), theirs.map(|w| w.into_bigint()));
    }
}

#[test]
fn seven_is_a_square_and_three_is_not() {
    assert!(Fp::new(7).legendre().is_qr());
    assert!(Fp::new(3).legendre().is_qnr());
    assert!(Fp::ZERO.legendre().is_zero());
}

#[test]
fn radix_2_domains_interpolate_what_they_evaluate() {
    let mut prg = Prg::from_seed([3; 32]);
    for log in [0, 1, 5, 13] {
        let n = 1usize << log;
        let domain = Radix2EvaluationDomain::<Fp>::new(n).unwrap();
        let coefficients: Vec<Fp> = (0..n).map(|_| Fp::rand(&mut ArkRng(&mut prg))).collect();
        let values = domain.fft(&coefficients);
        let polynomial = DensePolynomial { coeffs: coefficients.clone() };
        for i in [0, n / 3, n - 1] {
            assert_eq!(values[i], polynomial.evaluate(&domain.element(i)));
        }
        assert_eq!(domain.ifft(&values), coefficients);
    }
    assert!(Radix2EvaluationDomain::<Fp>::new(1 << 24).is_none());
}

#[test]
fn serialization_is_arkworks_and_refuses_p() {
    for v in [0, 1, MODULUS - 1] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        Fp::new(v).serialize_compressed(&mut ours).unwrap();
        Oracle::from(v).serialize_compressed(&mut theirs).unwrap();
        assert_eq!(ours, theirs);
        assert_eq!(Fp::deserialize_compressed(&*ours).unwrap(), Fp::new(v));
    }
    for v in [MODULUS, (1 << 44) - 1, 1 << 44, (1 << 48) - 1] {
        let bytes = &v.to_le_bytes()[..6];
        assert!(Fp::deserialize_compressed(bytes).is_err());
        assert!(Fp::deserialize_uncompressed_unchecked(bytes).is_err());
    }
    assert!(Fp::deserialize_compressed(&[0; 5][..]).is_err());
}

#[test]
fn strings() {
    assert_eq!("17592060215298".parse(), Ok(Fp::ONE));
    assert!("".parse::<Fp>().is_err() && "-1".parse::<Fp>().is_err());
}

/// Random elements with the extremes among them.
fn element() -> impl Strategy<Value = Fp> {
    prop_oneof![
        4 => (0..MODULUS).prop_map(Fp::new),
        1 => prop::sample::select(vec![0, 1, MODULUS - 1, (MODULUS - 1) / 2, MODULUS.div_ceil(2), 1 << 43])
            .prop_map(Fp::new),
    ]
}

proptest! {
    #[test]
    fn arithmetic_agrees_with_the_oracle(a in element(), b in element(), e in any::<u64>()) {
        let (x, y) = (oracle(a), oracle(b));
        prop_assert!(same(a + b, x + y));
        prop_assert!(same(a - b, x - y));
        prop_assert!(same(a * b, x * y));
        prop_assert!(same(-a, -x));
        prop_assert!(same(Field::square(&a), x.square()));
        prop_assert!(same(AdditiveGroup::double(&a), x.double()));
        prop_assert!(same(a.pow([e]), x.pow([e])));
        prop_assert!(same(a.pow_vartime(e), x.pow([e])));
        prop_assert_eq!(a.inverse().map(|v| v.into_bigint()), x.inverse().map(|v| v.into_bigint()));
        prop_assert_eq!(Field::sqrt(&a).is_some(), x.sqrt().is_some());
        prop_assert_eq!(a.cmp(&b), x.cmp(&y));
    }

    #[test]
    fn big_integers_reduce(limbs in prop::collection::vec(any::<u32>(), 0..12), a in element(), b in element()) {
        let big = BigUint::new(limbs);
        let modulus = BigUint::from(MODULUS);
        prop_assert_eq!(BigUint::from(Fp::from(big.clone())), &big % &modulus);
        let bytes = big.to_bytes_le();
        prop_assert_eq!(BigUint::from(Fp::from_le_bytes_mod_order(&bytes)), &big % &modulus);
        prop_assert_eq!(BigUint::from(a * b), BigUint::from(a) * BigUint::from(b) % modulus);
    }

    #[test]
    fn random_bytes_as_in_the_oracle(bytes in prop::collection::vec(any::<u8>(), 0..9)) {
        let ours = Fp::from_random_bytes(&bytes).map(|v| v.into_bigint());
        prop_assert_eq!(ours, Oracle::from_random_bytes(&bytes).map(|v| v.into_bigint()));
    }
}

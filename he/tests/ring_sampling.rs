//! Noise, secrets and flooding: exact against big integers and the documented use of the stream, bounds, first moments.

use muse_test_support::he::ring as ring_support;

use muse_field::prg::Prg;
use muse_he::Misuse;
use muse_he::params::{ETA, Params};
use muse_he::ring::{CoeffPoly, FloodBound, Ring, SmallPoly};
use num_bigint::{BigInt, BigUint};
use rand_core::Rng;
use ring_support::{all_rings, from_big, modulus, random_poly, rings, value, values};

#[test]
fn flooding_adds_the_documented_integers() {
    let q = modulus();
    for ring in rings(&[8, 512]) {
        for bits in [0, 1, 6, 7, 8, 9, 62, 63, 64, 65, 126, 127, 128, 165, 190, 191, 192, 200, 209, 210] {
            let seed = [bits as u8; 32];
            let start = random_poly(&ring, &mut Prg::from_seed([9; 32]));
            let mut flooded = start.clone();
            let bound = FloodBound::from_bits(bits).unwrap();
            assert_eq!(bound.bits(), bits);
            flooded.add_uniform_flood(&ring, &bound, &mut Prg::from_seed(seed));
            let stride = (bits as usize + 1).div_ceil(8);
            let mut stream = Prg::from_seed(seed);
            let before = values(&start);
            for chunk in before.chunks(256).enumerate() {
                let mut bytes = vec![0; stride * chunk.1.len()];
                stream.fill_bytes(&mut bytes);
                for (k, (c, bytes)) in chunk.1.iter().zip(bytes.chunks_exact(stride)).enumerate() {
                    let noise = BigUint::from_bytes_le(bytes) % (BigUint::from(2_u32) << bits);
                    let wanted = (c + noise + &q - (BigUint::from(1_u32) << bits)) % &q;
                    assert_eq!(value(&flooded, 256 * chunk.0 + k), wanted, "{bits} bits");
                }
            }
        }
    }
}

/// Both ends of the interval are reached, and nothing beyond.
#[test]
fn flooding_covers_its_interval() {
    let q = BigInt::from(modulus());
    for ring in all_rings(512) {
        for bits in [0, 1, 2, 3] {
            let mut poly = CoeffPoly::zero(&ring);
            poly.add_uniform_flood(
                &ring,
                &FloodBound::from_bits(bits).unwrap(),
                &mut Prg::from_seed([3; 32]),
            );
            let centred =
                |x: BigUint| if BigInt::from(x.clone()) * 2 > q { BigInt::from(x) - &q } else { x.into() };
            let mut seen: Vec<BigInt> = values(&poly).into_iter().map(centred).collect();
            seen.sort();
            seen.dedup();
            let wanted: Vec<BigInt> = (-(1_i64 << bits)..1 << bits).map(BigInt::from).collect();
            assert_eq!(seen, wanted);
        }
    }
}

#[test]
fn flooding_beyond_the_modulus_is_refused() {
    assert!(FloodBound::from_bits(210).is_ok());
    for bits in [211, 215, 255, u32::MAX] {
        assert_eq!(FloodBound::from_bits(bits), Err(Misuse::FloodBits.into()));
    }
}

#[test]
fn centred_binomial_counts_bits_of_the_stream() {
    for ring in rings(&[8, 1024]) {
        let noise = SmallPoly::centred_binomial(&ring, &mut Prg::from_seed([5; 32]));
        let mut stream = Prg::from_seed([5; 32]);
        for &x in noise.coefficients() {
            let word = stream.next_u64();
            let count = |shift: u32| (0..ETA).filter(|k| word >> (shift + k) & 1 == 1).count() as i8;
            assert_eq!(x, count(0) - count(ETA));
        }
    }
}

#[test]
fn moments() {
    let ring = Ring::new(Params::default()).unwrap();
    let mut prg = Prg::from_seed([6; 32]);
    let (mut sum, mut squares, mut counts) = (0_i64, 0_i64, [0_u32; 3]);
    for _ in 0..16 {
        for &x in SmallPoly::centred_binomial(&ring, &mut prg).coefficients() {
            assert!(x.unsigned_abs() <= ETA as u8);
            sum += i64::from(x);
            squares += i64::from(x).pow(2);
        }
        for &x in SmallPoly::ternary(&ring, &mut prg).coefficients() {
            counts[usize::try_from(x + 1).unwrap()] += 1;
        }
    }
    // 2^17 samples each. Variance 10.5: the sum has deviation 1,173; x^2 has variance 214, so the sum of squares deviates by 5,300.
    assert!(sum.abs() < 7 * 1_173);
    assert!((squares - 1_376_256).abs() < 7 * 5_300);
    // Each value 43,690.7 times, deviation 171.
    assert!(counts.iter().all(|&count| count.abs_diff(43_691) < 7 * 171));
}

#[test]
fn small_polynomials_in_the_ring() {
    for ring in rings(&[256]) {
        let coefficients: Vec<i8> = (-128..=127).collect();
        let small = SmallPoly::from_coefficients(coefficients.clone());
        let wide: Vec<BigUint> = coefficients
            .iter()
            .map(|&x| {
                BigUint::try_from((BigInt::from(x) + BigInt::from(modulus())) % BigInt::from(modulus()))
                    .unwrap()
            })
            .collect();
        assert_eq!(values(&small.to_poly(&ring)), wide);
        let mut sum = from_big(&ring, &wide);
        sum.add_small_assign(&small);
        let signed: Vec<i64> = coefficients.iter().map(|&x| 2 * i64::from(x)).collect();
        assert_eq!(values(&sum), values(&CoeffPoly::from_signed(&ring, &signed).unwrap()));
    }
}

#[test]
fn debug_shows_no_coefficient() {
    let ring = Ring::new(Params::with_degree(8).unwrap()).unwrap();
    let small = SmallPoly::from_coefficients(vec![7; 8]);
    assert_eq!(format!("{small:?}"), "SmallPoly(..)");
    assert_eq!(format!("{:?}", small.to_poly(&ring)), "Poly { n: 8, .. }");
}

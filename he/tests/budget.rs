//! The noise budget, in exact integers, for the shapes that the repository ships.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::networks::{CIFAR10, MNIST, shapes};
use muse_field::MODULUS;
use muse_he::Error;
use muse_he::budget::{Amortised, Budget, OutputMac};
use muse_he::encode::{Layout, LinearShape, NetworkCost};
use muse_he::params::{DROP_BITS, ETA, PRIMES, REPLY_LIMBS, SIGMA_FLOOD};
use num_bigint::BigUint;

const N: usize = 8192;

fn modulus(limbs: usize) -> BigUint {
    PRIMES[..limbs].iter().map(|&q| BigUint::from(q)).product()
}

/// The sums of the documentation, in big integers.
fn flood_in_theory(n: usize, rows: usize, returned: usize, repetitions: usize, growth: &BigUint) -> BigUint {
    let n = BigUint::from(n);
    let responses = &n * (rows + 1) * repetitions;
    let (error, secret) = (4_u32 * &n * (ETA + 1) * &responses, 4_u32 * &n * responses);
    let worst = growth * (&error + 4_u32 * &n) + &n * error + &n * ETA * secret + ETA;
    (worst * returned * n) << SIGMA_FLOOD
}

fn half_plaintext() -> BigUint {
    BigUint::from(MODULUS / 2)
}

#[test]
fn the_largest_flooding_leaves_half_of_the_interval() {
    // F <= q / (4p) for 169 bits, with room for the noise under it (2^-50 of it); not for 170.
    let (q, p) = (modulus(PRIMES.len()), BigUint::from(MODULUS));
    let flood = BigUint::from(1_u32) << 169;
    assert!(4_u32 * &p * (&flood + (&flood >> 20)) <= q);
    assert!(4_u32 * p * (flood << 1) > q);
}

#[test]
fn rounding_stays_within_its_half_at_twenty_deviations() {
    // In units of 2^28: variance at most (1 + 4N) / 12 under a key 2s, half of q' / (2p) on the other side.
    let margin = (modulus(REPLY_LIMBS) / (4 * MODULUS)) >> DROP_BITS;
    assert_eq!(margin, BigUint::from(4096_u32));
    let variance = (1 + 4 * N).div_ceil(12);
    assert!(variance < 53 * 53);
    assert!(BigUint::from(20_usize * 20 * variance) < &margin * &margin);
}

/// Needed bits of modulus, printed by the project's Python noise budget; ours may round up, never down.
#[test]
fn needed_bits_equal_the_reference() {
    let growth = |taps: u128, packed: u128, bits: u32| (taps * packed) << bits;
    let half = u128::from(MODULUS / 2);
    for (rows, returned, taps, packed, bits, value, scalar, product) in [
        (5, 29, 25, 8, 10, 168.7, 211.5, 201.5),
        (5, 29, 400, 3, 11, 172.1, 215.1, 204.1),
        (5, 29, 256, 32, 11, 174.9, 217.9, 206.9),
        (34, 385, 27, 7, 13, 177.8, 220.7, 207.7),
        (34, 385, 576, 1, 11, 177.4, 220.3, 209.3),
        (34, 385, 576, 3, 11, 178.9, 221.9, 210.9),
        (34, 385, 576, 5, 11, 179.7, 222.7, 211.7),
    ] {
        let budget = Budget::new(N, rows, returned);
        let l1 = growth(taps, packed, bits);
        for (growth, reference) in [(l1, value), (l1 * half, scalar), (taps * packed * half, product)] {
            let needed = f64::from(budget.needed_bits(growth).unwrap());
            assert!((reference - 0.05..reference + 1.05).contains(&needed), "{needed} for {reference}");
        }
        let fits = |growth| budget.flood(growth).is_ok();
        assert!(fits(l1) && fits(taps * packed * half));
        match budget.output_mac(l1, taps * packed).unwrap() {
            OutputMac::Scalar(_) => assert!(scalar <= 215.0),
            OutputMac::Product(_) => assert!(scalar > 214.0),
        }
    }
}

/// The real tilings, the public bounds and the real numbers of rows and replies, interactive and Fiat-Shamir: everything that is
/// returned decrypts, and is flooded by at least what the documentation's sums say.
#[test]
fn shipped_networks_fit() {
    for network in [&MNIST[..], &CIFAR10[..]] {
        let cost = NetworkCost::of(N, &shapes(network)).unwrap();
        let (rows, returned) = (cost.inputs + 1, cost.replies);
        for repetitions in [Budget::INTERACTIVE, Budget::FIAT_SHAMIR] {
            let budget = Budget::new(N, rows, returned).with_repetitions(repetitions);
            let check = |growth: BigUint, bits: u32| {
                let theory = flood_in_theory(N, rows, returned, repetitions, &growth);
                let bound = BigUint::from(1_u32) << bits;
                assert!(theory <= bound && bound <= theory << 1);
                assert!(4 * MODULUS * bound <= modulus(PRIMES.len()));
            };
            check(half_plaintext(), budget.scalar_flood().unwrap().bits());
            for (index, (shape, weight_bits, l1)) in network.iter().enumerate() {
                let layout = Layout::best(N, *shape, index + 1 == network.len()).unwrap();
                for bound in [*l1, (shape.taps() as u64) << weight_bits] {
                    let growth = layout.max_l1(bound);
                    check(growth.into(), budget.flood(growth).unwrap().bits());
                    match budget.output_mac(growth, layout.max_taps()).unwrap() {
                        OutputMac::Scalar(flood) => check(half_plaintext() * growth, flood.bits()),
                        OutputMac::Product(flood) => {
                            check(half_plaintext() * layout.max_taps(), flood.bits())
                        }
                    }
                }
            }
        }
    }
}

/// Triples: two slot-encoded plaintexts with coefficients up to p/2, alpha premultiplied; batches of 8 x 3 ciphertexts.
#[test]
fn triples_fit() {
    let growth = 2 * N as u128 * u128::from(MODULUS / 2);
    for (repetitions, reference) in [(Budget::INTERACTIVE, 210.4), (Budget::FIAT_SHAMIR, 211.7)] {
        let budget = Budget::new(N, 24, 40).with_repetitions(repetitions);
        let needed = f64::from(budget.needed_bits(growth).unwrap());
        assert!((reference - 0.05..reference + 1.05).contains(&needed), "{needed}");
        assert!(budget.flood(growth).is_ok());
    }
}

#[test]
fn bounds_that_do_not_decrypt_are_refused() {
    let budget = Budget::new(N, 5, 29);
    assert_eq!(budget.flood(1 << 70), Err(Error::Budget { needed: 221, available: 215 }));
    assert_eq!(budget.flood(u128::MAX), Err(Error::Budget { needed: u32::MAX, available: 215 }));
    assert!(matches!(budget.output_mac(1 << 60, 1 << 40), Err(Error::Budget { .. })));
    assert!(Budget::new(usize::MAX, usize::MAX, usize::MAX).flood(1).is_err());
    // Nonsense, but not a panic.
    assert!(Budget::new(0, 0, 0).flood(0).is_ok());
    // A dense layer whose declared bound is absurd: found out before any ciphertext is made.
    let layout = Layout::best(N, LinearShape::dense(256, 100), false).unwrap();
    assert!(budget.flood(layout.max_l1(u64::MAX)).is_err());
}

/// V is the least number with (2N + 1)^V >= 2^130, in big integers; the pairs of TopGear's table at S = 128.
#[test]
fn numbers_of_the_amortised_proof() {
    for log in 3..=14 {
        let n = 1_usize << log;
        let Amortised { responses, ciphertexts } = Amortised::new(n);
        let challenges = BigUint::from(2 * n + 1);
        let wanted = BigUint::from(1_u32) << 130;
        assert!(challenges.pow(responses as u32) >= wanted && challenges.pow(responses as u32 - 1) < wanted);
        assert_eq!(ciphertexts, 2 * responses);
    }
    let pair = |n| {
        let Amortised { responses, ciphertexts } = Amortised::new(n);
        (responses, ciphertexts)
    };
    assert_eq!([pair(8192), pair(16_384)], [(10, 20), (9, 18)]);
}

/// The sums of the documentation for an amortised proof, in big integers; and 7 replies to each of its ciphertexts decrypt.
#[test]
fn amortised_batches_fit() {
    for log in 3..=13 {
        let n = 1_usize << log;
        let Amortised { responses, ciphertexts } = Amortised::new(n);
        let budget = Budget::amortised(n, 7 * ciphertexts);
        let big = BigUint::from(n);
        let coefficients = 3_u32 * &big * responses;
        let (gamma_s, gamma_k) = (ciphertexts * &coefficients, ciphertexts * ETA as usize * &coefficients);
        let gamma_e = (ciphertexts * ETA as usize + (ciphertexts + 1).div_ceil(2)) * &coefficients;
        assert_eq!(gamma_s, budget.secret_mask().unwrap().into());
        assert_eq!(gamma_e, budget.error_mask().unwrap().into());
        assert_eq!(gamma_k, budget.key_error_mask().unwrap().into());
        let (error, secret) = (4_u32 * &big * gamma_e, 4_u32 * &big * gamma_s);
        let growth = &big * half_plaintext();
        let worst = growth * (&error + 4_u32 * &big) + &big * error + &big * ETA * secret + ETA;
        assert_eq!(worst, budget.worst_noise(n as u128 * u128::from(MODULUS / 2)).unwrap().into());
        let flood = budget.slot_flood(1).unwrap();
        assert!((worst * (7 * ciphertexts) * n) << SIGMA_FLOOD <= BigUint::from(1_u32) << flood.bits());
        assert!(flood.bits() <= 169);
        assert_eq!((budget.rows(), budget.repetitions()), (0, 0), "it is no budget of the other proof");
        assert_eq!(budget.with_repetitions(1), budget);
    }
    // What is left at full size: one bit.
    assert_eq!(Budget::amortised(N, 140).slot_flood(1).unwrap().bits(), 168);
}

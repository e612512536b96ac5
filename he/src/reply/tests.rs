//! The noise of a reply before the modulus switch, which no reply shows.

use super::*;
use crate::budget::Budget;
use crate::encrypt::RowId;
use crate::params::Params;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample;
use num_bigint::BigInt;

const N: usize = 64;

/// The centred integers that a polynomial's residues stand for.
fn integers(poly: &CoeffPoly) -> Vec<BigInt> {
    let q: BigInt = PRIMES.iter().map(|&q| BigInt::from(q)).product();
    let part = |i: usize, j: usize| {
        let (cofactor, prime) = (&q / PRIMES[i], BigInt::from(PRIMES[i]));
        &cofactor * cofactor.modpow(&BigInt::from(PRIMES[i] - 2), &prime) * poly.limb(i)[j]
    };
    let lift = |j: usize| (0..LIMBS).map(|i| part(i, j)).sum::<BigInt>() % &q;
    (0..poly.n()).map(lift).map(|x| if &x + &x > q { x - &q } else { x }).collect()
}

/// Flooding is added to what leaves, uniform up to its bound, and exceeds everything else by 2^50 and more.
#[test]
fn noise_before_the_switch_is_flooding() {
    let mut rng = Prg::from_seed([1; 32]);
    let ring = Ring::new(Params::with_degree(N).unwrap()).unwrap();
    let id = SessionId::from_bytes([2; 32]);
    let row = RowId { run: RunId::new(id, 0), index: 0 };
    let secret = SecretKey::generate(&ring, &mut rng);
    let key = secret.public_key(&ring, id, &mut rng).receive(&ring, id).unwrap().assume_well_formed();
    let mut r = vec![Fp::ZERO; N];
    sample::fill_uniform(&mut r, &mut rng);
    let sent = secret.encrypt(&ring, row, &r, &mut rng).unwrap();
    let ciphertext = sent.receive(&ring, row).unwrap().assume_well_formed();

    let weight = Fp::from_i64(-1_000);
    let (budget, growth) = (Budget::new(N, 2, 1), 1_000);
    let quiet = FloodBound::from_bits(0).unwrap();
    for flood in [quiet, budget.flood(growth).unwrap(), FloodBound::from_bits(169).unwrap()] {
        let mut product = Product::of(&ciphertext);
        product.scale(weight);
        let mut mask = vec![Fp::ZERO; N];
        sample::fill_uniform(&mut mask, &mut rng);
        let (mut phase, second) = product.refreshed(&ring, &key, &mask, flood, &mut rng).unwrap();
        let mut twice = secret.ternary().to_poly(&ring);
        twice.double_assign();
        let mut masked = second.into_ntt(&ring);
        masked.mul_assign(&twice.into_ntt(&ring));
        phase.add_assign(&masked.into_coeff(&ring));
        let plain: Vec<Fp> = r.iter().zip(&mask).map(|(&r, &s)| weight * r - s).collect();
        phase.sub_assign(&lift_plaintext(&ring, &plain).unwrap());
        let largest = integers(&phase).into_iter().map(|x| x.magnitude().clone()).max().unwrap();
        if flood == quiet {
            // An honest client stays far below what the proof would allow it.
            assert!(largest.bits() > 10 && largest < budget.worst_noise(growth).unwrap().into());
        } else {
            // The largest of 64 is in the upper half, but for a chance of 2^-64.
            assert_eq!(u64::from(flood.bits()), largest.bits());
        }
    }
    let worst = budget.worst_noise(growth).unwrap();
    assert!(budget.flood(growth).unwrap().bits() >= 50 + worst.ilog2());
}

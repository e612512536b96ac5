//! Big integers and rings shared by the tests of the ring.

use muse_field::prg::Prg;
use muse_he::params::{PRIMES, Params};
use muse_he::ring::{CoeffPoly, NttPoly, Ring};
use num_bigint::BigUint;
use rand_core::Rng;
use std::sync::OnceLock;

/// q
pub fn modulus() -> BigUint {
    PRIMES.iter().product()
}

/// q'
pub fn reply_modulus() -> BigUint {
    BigUint::from(PRIMES[0]) * PRIMES[1]
}

/// The ring of degree `n` with all kernels of this processor.
pub fn all_rings(n: usize) -> Vec<Ring> {
    Ring::of_every_backend(Params::with_degree(n).expect("valid in tests")).expect("valid in tests")
}

/// As [`all_rings`], for several degrees.
pub fn rings(degrees: &[usize]) -> Vec<Ring> {
    degrees.iter().flat_map(|&n| all_rings(n)).collect()
}

/// A random integer of 256 bits.
pub fn big(prg: &mut Prg) -> BigUint {
    let mut bytes = [0; 32];
    prg.fill_bytes(&mut bytes);
    BigUint::from_bytes_le(&bytes)
}

/// A uniform polynomial.
pub fn random_poly(ring: &Ring, prg: &mut Prg) -> CoeffPoly {
    CoeffPoly::from_limbs_checked(ring, NttPoly::uniform(ring, prg).as_slice().to_vec())
        .expect("valid in tests")
}

/// The integers that are 1 modulo one prime and 0 modulo the others.
fn units() -> &'static [BigUint] {
    static UNITS: OnceLock<Vec<BigUint>> = OnceLock::new();
    let unit = |&prime: &u64| {
        let cofactor = modulus() / prime;
        let inverse = cofactor.modpow(&BigUint::from(prime - 2), &BigUint::from(prime));
        cofactor * inverse
    };
    UNITS.get_or_init(|| PRIMES.iter().map(unit).collect())
}

/// The coefficient of X^j as an integer in [0, q), by the Chinese remainder theorem.
pub fn value(poly: &CoeffPoly, j: usize) -> BigUint {
    units().iter().enumerate().map(|(i, unit)| unit * poly.limb(i)[j]).sum::<BigUint>() % modulus()
}

/// All coefficients as integers.
pub fn values(poly: &CoeffPoly) -> Vec<BigUint> {
    (0..poly.n()).map(|j| value(poly, j)).collect()
}

/// The polynomial with these coefficients.
pub fn from_big(ring: &Ring, coefficients: &[BigUint]) -> CoeffPoly {
    let residue = |x: &BigUint, q: u64| u64::try_from(x % q).expect("valid in tests");
    let residues = PRIMES.iter().flat_map(|&q| coefficients.iter().map(move |x| residue(x, q))).collect();
    CoeffPoly::from_limbs_checked(ring, residues).expect("valid in tests")
}

/// Coefficient `k` of the negacyclic product modulo q, schoolbook over the integers.
pub fn negacyclic(a: &[BigUint], b: &[BigUint], k: usize) -> BigUint {
    let (n, q) = (a.len(), modulus());
    let plus: BigUint = (0..=k).map(|i| &a[i] * &b[k - i]).sum();
    let minus: BigUint = (k + 1..n).map(|i| &a[i] * &b[n + k - i]).sum();
    (plus + &q - minus % &q) % q
}

//! Big integers and rings shared by the tests of the ring.

#![allow(dead_code, reason = "each test file uses a part")]

use muse_field::prg::Prg;
use muse_he::params::{PRIMES, Params};
use muse_he::ring::{CoeffPoly, Context, NttPoly};
use num_bigint::BigUint;
use rand_core::Rng;

/// q
pub fn modulus() -> BigUint {
    PRIMES.iter().product()
}

/// q'
pub fn reply_modulus() -> BigUint {
    BigUint::from(PRIMES[0]) * PRIMES[1]
}

/// The ring of degree `n` with the fastest and with the portable kernels.
pub fn all_contexts(n: usize) -> [Context; 2] {
    let params = Params::with_degree(n).unwrap();
    [Context::new(params).unwrap(), Context::new_portable(params).unwrap()]
}

/// As [`all_contexts`], for several degrees.
pub fn contexts(degrees: &[usize]) -> Vec<Context> {
    degrees.iter().flat_map(|&n| all_contexts(n)).collect()
}

/// A random integer of 256 bits.
pub fn big(prg: &mut Prg) -> BigUint {
    let mut bytes = [0; 32];
    prg.fill_bytes(&mut bytes);
    BigUint::from_bytes_le(&bytes)
}

/// A uniform polynomial.
pub fn random_poly(ctx: &Context, prg: &mut Prg) -> CoeffPoly {
    CoeffPoly::from_limbs_checked(ctx, NttPoly::uniform(ctx, prg).as_slice().to_vec()).unwrap()
}

/// The coefficient of X^j as an integer in [0, q), by the Chinese remainder theorem.
pub fn value(poly: &CoeffPoly, j: usize) -> BigUint {
    let q = modulus();
    let term = |(i, &prime): (usize, &u64)| {
        let cofactor = &q / prime;
        let inverse = cofactor.modpow(&BigUint::from(prime - 2), &BigUint::from(prime));
        cofactor * inverse * poly.limb(i)[j]
    };
    PRIMES.iter().enumerate().map(term).sum::<BigUint>() % q
}

/// The polynomial with these coefficients.
pub fn from_big(ctx: &Context, coefficients: &[BigUint]) -> CoeffPoly {
    let residue = |x: &BigUint, q: u64| u64::try_from(x % q).unwrap();
    let residues = PRIMES.iter().flat_map(|&q| coefficients.iter().map(move |x| residue(x, q))).collect();
    CoeffPoly::from_limbs_checked(ctx, residues).unwrap()
}

/// Coefficient `k` of the negacyclic product modulo q, schoolbook over the integers.
pub fn negacyclic(a: &CoeffPoly, b: &CoeffPoly, k: usize) -> BigUint {
    let (n, q) = (a.n(), modulus());
    let (mut plus, mut minus) = (BigUint::default(), BigUint::default());
    for i in 0..n {
        let product = value(a, i) * value(b, (n + k - i) % n);
        if i <= k { plus += product } else { minus += product }
    }
    (plus + &q - minus % &q) % q
}

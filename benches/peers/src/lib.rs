//! The parameters that every peer is measured at: N = 8192, five primes of 43 bits, plaintexts modulo the 44-bit prime p.

use muse_field::prg::Prg;
use muse_he::params::{PRIMES, Params};
use muse_he::ring::Ring;

/// The ring dimension.
pub const N: usize = 8192;

/// The ring of this project.
///
/// # Panics
/// Never: the default parameters are valid.
#[must_use]
pub fn ring() -> Ring {
    Ring::new(Params::default()).expect("the default parameters")
}

/// Arbitrary residues modulo each prime, prime after prime.
#[must_use]
pub fn residues(seed: u64) -> Vec<u64> {
    let step = |x: &mut u64| {
        *x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *x >> 11
    };
    let mut state = seed;
    PRIMES.iter().flat_map(|&q| (0..N).map(move |_| q)).map(|q| step(&mut state) % q).collect()
}

/// The transform of `tfhe-ntt` for each of our primes.
///
/// # Panics
/// Never: all primes are 1 modulo 2N.
#[must_use]
pub fn tfhe_plans() -> [tfhe_ntt::prime64::Plan; 5] {
    PRIMES.map(|q| tfhe_ntt::prime64::Plan::try_new(N, q).expect("an NTT prime"))
}

/// A generator for this project's functions.
#[must_use]
pub fn prg(seed: u8) -> Prg {
    Prg::from_seed([seed; 32])
}

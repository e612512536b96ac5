//! Polynomials of first messages: how they are made of responses, and their hashes.

use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::transcript::Transcript;
use muse_he::ring::{CoeffPoly, NttPoly, Ring, lift_short};
use zeroize::Zeroizing;

use crate::domain;

/// $z_e + p^{-1} z_\mu$ by its coefficients; without the last term for an empty plaintext. N coefficients each; constant time.
pub(crate) fn lifted(ring: &Ring, error: &[i64], plaintext: &[Fp]) -> CoeffPoly {
    let mut sum = CoeffPoly::from_signed(ring, error).expect("N coefficients");
    if !plaintext.is_empty() {
        let centred: Zeroizing<Vec<i64>> =
            Zeroizing::new(plaintext.iter().map(|mu| mu.to_centred()).collect());
        sum.add_assign(&lift_short(ring, &centred).expect("N coefficients"));
    }
    sum
}

/// Minus a vector of N coefficients, by its evaluations. Constant time.
pub(crate) fn minus(ring: &Ring, vector: &[i64]) -> NttPoly {
    let mut poly = CoeffPoly::from_signed(ring, vector).expect("N coefficients");
    poly.neg_assign();
    poly.into_ntt(ring)
}

/// The hash of a polynomial: its canonical residues, eight little-endian bytes each, limb by limb.
pub(crate) fn digest(poly: &NttPoly) -> [u8; 32] {
    let mut transcript = Transcript::new(domain::POLYNOMIAL);
    let mut bytes = Zeroizing::new(alloc::vec![0; 8 * poly.n()]);
    for limb in poly.as_slice().chunks_exact(poly.n()) {
        bytes.chunks_exact_mut(8).zip(limb).for_each(|(cell, x)| cell.copy_from_slice(&x.to_le_bytes()));
        transcript.append("limb", &bytes);
    }
    transcript.digest("polynomial")
}

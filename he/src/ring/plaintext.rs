//! The plaintext term of a ciphertext (protocol section 4.1).

use super::modulus::{Factor, MODULI, wide};
use super::poly::CoeffPoly;
use super::tables::Ring;
use crate::error::{Error, Misuse};
use crate::params::{LIMBS, PRIMES};
use muse_field::mask::Mask;
use muse_field::{Fp, MODULUS};

/// `p^-1 mu` with `mu = [-q m]_p` centred: equal to `round(q m / p)` modulo q, and linear in a short mu.
///
/// With `floor(q / p) m` instead, each wrap of m modulo p would cost q mod p of noise; here it costs 1. Centred means in
/// [-(p - 1) / 2, (p - 1) / 2]. Constant time.
///
/// # Errors
/// [`Misuse::Length`] unless there are N coefficients.
pub fn lift_plaintext(ring: &Ring, plaintext: &[Fp]) -> Result<CoeffPoly, Error> {
    if plaintext.len() != ring.n() {
        return Err(Misuse::Length.into());
    }
    let mut out = CoeffPoly::zero(ring);
    for (j, &m) in plaintext.iter().enumerate() {
        let mu = short(m);
        let negative = Mask::of_sign(mu);
        for (i, m) in MODULI.iter().enumerate() {
            // |mu| <= (p - 1) / 2 < q_i: one conditional addition makes it a residue.
            let residue = (mu as u64).wrapping_add(negative & m.q());
            out.limb_mut(i)[j] = m.mul_factor(residue, P_INVERSE[i]);
        }
    }
    Ok(out)
}

/// `p^-1 mu` for any integers mu: what the proof of well-formed rows adds for a mask or a response, as [`lift_plaintext`] does for
/// a plaintext. Constant time.
///
/// # Errors
/// [`Misuse::Length`] unless there are N coefficients.
pub fn lift_short(ring: &Ring, mu: &[i64]) -> Result<CoeffPoly, Error> {
    let mut out = CoeffPoly::from_signed(ring, mu)?;
    out.scale_assign(&P_INVERSE.map(|inverse| inverse.value));
    Ok(out)
}

/// `mu = [-q m]_p`, centred: the short representative of a plaintext, linear in it.
#[inline(always)]
pub(crate) fn short(m: Fp) -> i64 {
    (m * MINUS_Q).to_centred()
}

/// -q modulo p.
const MINUS_Q: Fp = {
    let mut product = 1_u128;
    let mut i = 0;
    while i < LIMBS {
        product = product * wide(PRIMES[i]) % wide(MODULUS);
        i += 1;
    }
    Fp::new(MODULUS - product as u64)
};

/// p^-1 modulo each prime.
const P_INVERSE: [Factor; LIMBS] = {
    let mut out = [Factor { value: 0, quotient: 0 }; LIMBS];
    let mut i = 0;
    while i < LIMBS {
        let m = &MODULI[i];
        assert!((MODULUS - 1) / 2 < m.q());
        out[i] = m.factor(m.inv(m.reduce(MODULUS)));
        i += 1;
    }
    out
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Params;
    use alloc::vec::Vec;

    #[test]
    fn both_lifts_agree() {
        let ring = Ring::new(Params::with_degree(8).unwrap()).unwrap();
        let half = MODULUS / 2;
        let plaintext = [0, 1, 2, half - 1, half, half + 1, MODULUS - 2, MODULUS - 1].map(Fp::new);
        let mu: Vec<i64> = plaintext.iter().map(|&m| short(m)).collect();
        let (plain, shorter) = (lift_plaintext(&ring, &plaintext).unwrap(), lift_short(&ring, &mu).unwrap());
        assert_eq!(plain.as_slice(), shorter.as_slice());
        // p^-1 p = 1, and beyond p.
        let ones = lift_short(&ring, &[MODULUS as i64; 8]).unwrap();
        assert!(ones.as_slice().iter().all(|&x| x == 1));
        assert!(lift_short(&ring, &mu[1..]).is_err());
    }
}

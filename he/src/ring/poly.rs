//! [`CoeffPoly`] and [`NttPoly`]: the same residues, read as coefficients or as evaluations.

use super::backend::Backend;
use super::modulus::{MODULI, Modulus};
use super::tables::Ring;
use crate::error::{Error, Misuse};
use crate::params::{LIMBS, PRIMES};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use muse_field::ct;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What the residues of a [`Poly`] are: sealed, [`Coefficients`] or [`Evaluations`].
pub trait Domain: sealed::Sealed {}

/// The residues of limb i are the coefficients modulo q_i, that of X^j at position j.
#[derive(Debug)]
pub enum Coefficients {}

/// The residues of limb i are evaluations modulo q_i, at psi_i^(2 brv(j) + 1) at position j: psi_i = g^((q_i - 1) / 2N)
/// for the smallest quadratic non-residue g, and brv reverses log2 N bits.
#[derive(Debug)]
pub enum Evaluations {}

impl Domain for Coefficients {}
impl Domain for Evaluations {}

/// A polynomial of the ring by its coefficients.
pub type CoeffPoly = Poly<Coefficients>;

/// A polynomial of the ring by its evaluations: products are pointwise.
pub type NttPoly = Poly<Evaluations>;

/// A polynomial of the ring: for each of the [`LIMBS`] primes, N canonical residues.
///
/// It may hold secrets: it is wiped on drop, `Debug` shows only the degree, and there is no `PartialEq` (use
/// [`ConstantTimeEq`]). `Clone` exists because ciphertexts take part in many products. All operations are constant time. Operands
/// come from rings of the same degree; other operands panic.
pub struct Poly<D: Domain> {
    n: usize,
    backend: Backend,
    /// Limb-major: residue j modulo prime i at i N + j.
    residues: Vec<u64>,
    domain: PhantomData<D>,
}

impl<D: Domain> Poly<D> {
    /// The zero polynomial.
    #[must_use]
    pub fn zero(ring: &Ring) -> Self {
        Self::from_canonical(ring, vec![0; LIMBS * ring.n()])
    }

    /// A polynomial from its residues, limb-major: `LIMBS * N` words, the first N of them modulo `PRIMES[0]`. Time depends on
    /// nothing but N; only the verdict leaks.
    ///
    /// # Errors
    /// [`Misuse::Length`] for another number of words; [`Error::Malformed`] if a word is not below its prime.
    pub fn from_limbs_checked(ring: &Ring, residues: Vec<u64>) -> Result<Self, Error> {
        if residues.len() != LIMBS * ring.n() {
            return Err(Misuse::Length.into());
        }
        let poly = Self::from_canonical(ring, residues);
        // The difference of a word below 2^63 and its prime is negative iff it is canonical.
        let excess =
            |(limb, q): (&[u64], u64)| limb.iter().fold(0, |acc, &x| acc | (q - 1).wrapping_sub(x) | x);
        let excess = poly.residues.chunks_exact(poly.n).zip(PRIMES).map(excess).fold(0, |a, b| a | b);
        if excess < 1 << 63 { Ok(poly) } else { Err(Error::Malformed) }
    }

    /// Residues that are canonical by construction.
    pub(crate) fn from_canonical(ring: &Ring, residues: Vec<u64>) -> Self {
        debug_assert_eq!(residues.len(), LIMBS * ring.n());
        Self { n: ring.n(), backend: ring.backend(), residues, domain: PhantomData }
    }

    /// The ring dimension N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The N canonical residues modulo `PRIMES[i]`.
    ///
    /// # Panics
    /// If `i >= LIMBS`.
    #[must_use]
    pub fn limb(&self, i: usize) -> &[u64] {
        &self.residues[i * self.n..][..self.n]
    }

    /// All residues, limb-major.
    #[must_use]
    pub fn as_slice(&self) -> &[u64] {
        &self.residues
    }

    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    pub(crate) fn limb_mut(&mut self, i: usize) -> &mut [u64] {
        &mut self.residues[i * self.n..][..self.n]
    }

    /// `self += other`
    pub fn add_assign(&mut self, other: &Self) {
        self.zip_with(other, |m, x, y| m.add(x, y));
    }

    /// `self -= other`
    pub fn sub_assign(&mut self, other: &Self) {
        self.zip_with(other, |m, x, y| m.sub(x, y));
    }

    /// `self := -self`
    pub fn neg_assign(&mut self) {
        self.map(|m, x| m.neg(x));
    }

    /// `self := 2 self`
    pub fn double_assign(&mut self) {
        self.map(|m, x| m.add(x, x));
    }

    /// `self := k self` for the integer with residues `k[i]` modulo `PRIMES[i]`.
    ///
    /// # Panics
    /// If a residue is not canonical.
    pub fn scale_assign(&mut self, k: &[u64; LIMBS]) {
        for (i, (&k, q)) in k.iter().zip(PRIMES).enumerate() {
            // So is every residue of a scalar, whatever its value.
            assert!(ct::disclosed(k < q), "a canonical residue");
            let backend = self.backend;
            backend.scale_assign(&MODULI[i], self.limb_mut(i), k);
        }
    }

    fn map(&mut self, f: impl Fn(&Modulus, u64) -> u64) {
        for (limb, m) in self.residues.chunks_exact_mut(self.n).zip(&MODULI) {
            self.backend.widen(|| limb.iter_mut().for_each(|x| *x = f(m, *x)));
        }
    }

    fn zip_with(&mut self, other: &Self, f: impl Fn(&Modulus, u64, u64) -> u64) {
        assert_eq!(self.n, other.n, "polynomials of different rings");
        let limbs = self.residues.chunks_exact_mut(self.n).zip(other.residues.chunks_exact(self.n));
        for ((left, right), m) in limbs.zip(&MODULI) {
            self.backend.widen(|| left.iter_mut().zip(right).for_each(|(x, &y)| *x = f(m, *x, y)));
        }
    }

    /// The same storage, read in the other domain.
    fn recast<E: Domain>(mut self) -> Poly<E> {
        let residues = core::mem::take(&mut self.residues);
        Poly { n: self.n, backend: self.backend, residues, domain: PhantomData }
    }
}

impl CoeffPoly {
    /// The polynomial with these signed coefficients, any 64-bit values. Constant time.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless there are N coefficients.
    pub fn from_signed(ring: &Ring, coefficients: &[i64]) -> Result<Self, Error> {
        if coefficients.len() != ring.n() {
            return Err(Misuse::Length.into());
        }
        let mut out = Self::zero(ring);
        (0..LIMBS).for_each(|i| ring.backend().reduce_signed(&MODULI[i], out.limb_mut(i), coefficients));
        Ok(out)
    }

    /// `self += X^exponent other` for an exponent below $2N$, which is public; $X^N = -1$.
    ///
    /// # Panics
    /// If the degrees differ, or the exponent is $2N$ or more.
    pub fn add_rotated_assign(&mut self, exponent: usize, other: &Self) {
        let n = self.n;
        assert!(n == other.n && exponent < 2 * n, "polynomials and an exponent of one ring");
        let (shift, negative) = if exponent < n { (exponent, false) } else { (exponent - n, true) };
        let limbs = self.residues.chunks_exact_mut(n).zip(other.residues.chunks_exact(n));
        for ((left, right), m) in limbs.zip(&MODULI) {
            // The upper end of the polynomial comes in again at the lower one, with the other sign.
            let (stays, wraps) = right.split_at(n - shift);
            let (low, high) = left.split_at_mut(shift);
            let (added, subtracted) =
                if negative { ((low, wraps), (high, stays)) } else { ((high, stays), (low, wraps)) };
            self.backend.widen(|| {
                added.0.iter_mut().zip(added.1).for_each(|(x, &y)| *x = m.add(*x, y));
                subtracted.0.iter_mut().zip(subtracted.1).for_each(|(x, &y)| *x = m.sub(*x, y));
            });
        }
    }

    /// To evaluations, in place: [`LIMBS`] forward transforms.
    #[must_use]
    pub fn into_ntt(mut self, ring: &Ring) -> NttPoly {
        (0..LIMBS).for_each(|i| ring.forward(i, self.limb_mut(i)));
        self.recast()
    }
}

impl NttPoly {
    /// `self *= other`, the negacyclic product.
    ///
    /// # Panics
    /// If the degrees differ.
    pub fn mul_assign(&mut self, other: &Self) {
        assert_eq!(self.n, other.n, "polynomials of different rings");
        let backend = self.backend;
        (0..LIMBS).for_each(|i| backend.mul_assign(&MODULI[i], self.limb_mut(i), other.limb(i)));
    }

    /// `self += a b`, the negacyclic product.
    ///
    /// # Panics
    /// If the degrees differ.
    pub fn mul_add_assign(&mut self, a: &Self, b: &Self) {
        assert!(self.n == a.n && self.n == b.n, "polynomials of different rings");
        let backend = self.backend;
        (0..LIMBS).for_each(|i| backend.mul_add_assign(&MODULI[i], self.limb_mut(i), a.limb(i), b.limb(i)));
    }

    /// To coefficients, in place: [`LIMBS`] inverse transforms.
    #[must_use]
    pub fn into_coeff(mut self, ring: &Ring) -> CoeffPoly {
        (0..LIMBS).for_each(|i| ring.inverse(i, self.limb_mut(i)));
        self.recast()
    }
}

impl<D: Domain> Clone for Poly<D> {
    fn clone(&self) -> Self {
        Self { n: self.n, backend: self.backend, residues: self.residues.clone(), domain: PhantomData }
    }
}

impl<D: Domain> ConstantTimeEq for Poly<D> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.residues.ct_eq(&other.residues)
    }
}

impl<D: Domain> fmt::Debug for Poly<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poly").field("n", &self.n).finish_non_exhaustive()
    }
}

impl<D: Domain> Zeroize for Poly<D> {
    /// To the zero polynomial.
    fn zeroize(&mut self) {
        self.residues.as_mut_slice().zeroize();
    }
}

impl<D: Domain> Drop for Poly<D> {
    fn drop(&mut self) {
        self.residues.zeroize();
    }
}

impl<D: Domain> ZeroizeOnDrop for Poly<D> {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Coefficients {}
    impl Sealed for super::Evaluations {}
}

//! What the server returns hides its weights (protocol, section 4.4).
//!
//! A [`Product`] is a linear combination of the client's own ciphertexts: the client knows every $a$ in it and could divide.
//! It leaves the server only through [`Product::respond`], which masks all N coefficients of the plaintext, adds a fresh encryption
//! of zero to both components, floods the first one beyond the worst case that a proven ciphertext allows, and only THEN switches
//! the modulus and truncates. There is no other way to turn a product into bytes.
//!
//! | step | on | with |
//! |---|---|---|
//! | mask | $c_0$ | $-p^{-1}[-q\,s]_p$, $s$ uniform over all N coefficients |
//! | re-randomise | $c_0, c_1$ | $v\,b_{pk} + f_0$, $v\,a_{pk} + f_1$; $v$ ternary, $f_0, f_1$ centred binomial |
//! | flood | $c_0$ | uniform in $\pm F$, [`FloodBound`] from public numbers only |
//! | switch | $c_0, c_1$ | $q \to q' = q_0 q_1$, the upper 58 of 86 bits |
//! | send | | $c_1$ whole, $c_0$ at the wanted coefficients |
//!
//! [`Product`]: crate::reply::Product
//! [`Product::respond`]: crate::reply::Product::respond
//! [`FloodBound`]: crate::ring::FloodBound

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::mask::Mask;
use muse_field::pack::bits_len;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::encrypt::Ciphertext;
use crate::error::{Error, Misuse};
use crate::keys::{PublicKey, SecretKey};
use crate::params::{KEEP_BITS, LIMBS, PRIMES};
use crate::ring::{
    CoeffPoly, FloodBound, MAX_REPLY_WORD, NttPoly, Ring, SmallPoly, TwoLimbKey, lift_plaintext,
    switch_and_truncate, switch_and_truncate_at,
};

/// A linear combination of ciphertexts with the server's secret coefficients. Not re-randomised: it must not leave the server,
/// and has no encoding. Wiped on drop.
#[derive(Clone)]
pub struct Product {
    b: NttPoly,
    a: NttPoly,
}

impl Product {
    /// The empty sum.
    #[must_use]
    pub fn zero(ring: &Ring) -> Self {
        Self { b: NttPoly::zero(ring), a: NttPoly::zero(ring) }
    }

    /// Adds `multiplier * ciphertext`: two pointwise products.
    pub fn add(&mut self, multiplier: &NttPoly, ciphertext: &Ciphertext) {
        self.b.mul_add_assign(multiplier, &ciphertext.row().b);
        self.a.mul_add_assign(multiplier, &ciphertext.row().a);
    }

    /// A ciphertext itself, as the product with 1.
    #[must_use]
    pub fn of(ciphertext: &Ciphertext) -> Self {
        Self { b: ciphertext.row().b.clone(), a: ciphertext.row().a.clone() }
    }

    /// Multiplies the plaintext by a scalar modulo p, lifted centred. The noise grows by up to $(p - 1) / 2$. Constant time.
    pub fn scale(&mut self, scalar: Fp) {
        let centred = scalar.to_centred();
        let negative = Mask::of_sign(centred);
        // |centred| < q_i: one masked addition makes it a residue.
        let residues: [u64; LIMBS] = PRIMES.map(|q| (centred as u64).wrapping_add(negative & q));
        let residues = Zeroizing::new(residues);
        self.b.scale_assign(&residues);
        self.a.scale_assign(&residues);
    }

    /// The reply whose plaintext is that of the product minus `mask`, at the `wanted` coefficients (public).
    ///
    /// `mask` is uniform and fresh over all N coefficients; those that are wanted are the server's shares. `flood` comes from
    /// [`Budget`](crate::budget::Budget) and covers the product's public growth. Costs five transforms forward and ten back;
    /// constant time.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless `mask` has N elements, [`Misuse::Index`] if a wanted coefficient is N or more.
    pub fn respond(
        self,
        ring: &Ring,
        key: &PublicKey,
        mask: &[Fp],
        wanted: &[usize],
        flood: FloodBound,
        rng: &mut impl CryptoRng,
    ) -> Result<Reply, Error> {
        let (first, second) = self.refreshed(ring, key, mask, flood, rng)?;
        let (mut c0, mut c1) = (vec![0; wanted.len()], vec![0; ring.n()]);
        switch_and_truncate_at(ring, &first, wanted, &mut c0)?;
        switch_and_truncate(ring, &second, &mut c1)?;
        Ok(Reply { c0, c1 })
    }

    /// Everything that hides the product, before the modulus switch: (c0, c1).
    fn refreshed(
        self,
        ring: &Ring,
        key: &PublicKey,
        mask: &[Fp],
        flood: FloodBound,
        rng: &mut impl CryptoRng,
    ) -> Result<(CoeffPoly, CoeffPoly), Error> {
        let Self { mut b, mut a } = self;
        let minus_mask: Zeroizing<Vec<Fp>> = Zeroizing::new(mask.iter().map(|&x| -x).collect());
        let masks = lift_plaintext(ring, &minus_mask)?;
        // Check: replies are re-randomised, value and MAC.
        let v = SmallPoly::ternary(ring, rng).to_poly(ring).into_ntt(ring);
        b.mul_add_assign(&v, &key.row().b);
        a.mul_add_assign(&v, &key.row().a);
        let (mut first, mut second) = (b.into_coeff(ring), a.into_coeff(ring));
        first.add_assign(&masks);
        first.add_small_assign(&SmallPoly::centred_binomial(ring, rng));
        second.add_small_assign(&SmallPoly::centred_binomial(ring, rng));
        first.add_uniform_flood(ring, &flood, rng);
        Ok((first, second))
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Product(..)")
    }
}

/// Public dimensions of a reply: $\lceil 58\,(N + \text{wanted}) / 8 \rceil$ bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplyShape {
    /// The ring dimension N.
    pub n: usize,
    /// Number of wanted coefficients.
    pub wanted: usize,
}

/// A reply as it travels: the 58-bit words of $c_1$, then those of $c_0$ at the wanted coefficients, ascending.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    c0: Vec<u64>,
    c1: Vec<u64>,
}

impl Reply {
    /// The public dimensions.
    #[must_use]
    pub fn shape(&self) -> ReplyShape {
        ReplyShape { n: self.c1.len(), wanted: self.c0.len() }
    }

    /// The words of $c_0$ at the wanted coefficients and those of $c_1$, each standing for itself times $2^{28}$ plus $2^{27}$.
    #[must_use]
    pub fn words(&self) -> (&[u64], &[u64]) {
        (&self.c0, &self.c1)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reply").field(&self.shape()).finish()
    }
}

impl Encode for Reply {
    fn encoded_len(&self) -> usize {
        Self::len_for(self.shape())
    }

    fn encode(&self, out: &mut Writer<'_>) {
        // 58 N bits are whole bytes, so the two parts are one bit string.
        out.bits(KEEP_BITS, &self.c1);
        out.bits(KEEP_BITS, &self.c0);
    }
}

/// Words above `MAX_REPLY_WORD` and set padding bits are refused.
impl Decode for Reply {
    type Shape = ReplyShape;

    fn len_for(shape: ReplyShape) -> usize {
        bits_len(KEEP_BITS, shape.n).saturating_add(bits_len(KEEP_BITS, shape.wanted))
    }

    fn decode(shape: ReplyShape, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let c1 = r.bits(KEEP_BITS, shape.n)?;
        let c0 = r.bits(KEEP_BITS, shape.wanted)?;
        let canonical = c0.iter().chain(&c1).all(|&word| word <= MAX_REPLY_WORD);
        if canonical { Ok(Self { c0, c1 }) } else { Err(DecodeError::NotCanonical) }
    }
}

/// The client's key for replies: $2s$ modulo $q_0$ and $q_1$. Wiped on drop, redacted.
#[derive(Debug)]
pub struct ReplyKey {
    key: TwoLimbKey,
}

impl ReplyKey {
    /// The key that decrypts what was computed on the doubled rows of `secret`.
    ///
    /// # Errors
    /// [`Misuse::Length`] if `secret` belongs to another N.
    pub fn new(ring: &Ring, secret: &SecretKey) -> Result<Self, Error> {
        Self::of(ring, secret.ternary())
    }

    pub(crate) fn of(ring: &Ring, secret: &SmallPoly) -> Result<Self, Error> {
        let doubled = secret.coefficients().iter().map(|&x| 2 * x).collect();
        Ok(Self { key: TwoLimbKey::new(ring, &SmallPoly::from_coefficients(doubled))? })
    }

    /// The plaintext of a reply at the `wanted` coefficients, in their order. Exact if the server kept to the noise budget;
    /// constant time; two transforms forward and two back.
    ///
    /// # Errors
    /// [`Misuse::Length`] if the reply has another shape than N and `wanted`, [`Misuse::Index`] for a wanted coefficient of N or
    /// more.
    pub fn decrypt(&self, ring: &Ring, reply: &Reply, wanted: &[usize]) -> Result<Zeroizing<Vec<Fp>>, Error> {
        if reply.c0.len() != wanted.len() {
            return Err(Misuse::Length.into());
        }
        self.key.decrypt(ring, &reply.c0, &reply.c1, wanted).map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests;

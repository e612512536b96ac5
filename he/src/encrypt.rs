//! The client's ciphertexts: symmetric, seed-compressed RNS-BFV rows (protocol, section 4.1), and what the server makes of them.
//!
//! A row is $(b, a)$ with $b = -a s + e + p^{-1} \mu$. The mask $a$ is expanded by both parties from [`RowId`], so only $b$ travels.
//! $\mu = [-q m]_p$ is short (centred modulo $p$) and linear in $m$, and $p^{-1} \mu = \mathrm{round}(q m / p)$ modulo $q$: a wrap
//! of the plaintext modulo $p$ costs one unit of noise instead of the $q \bmod p$ that $\lfloor q/p \rfloor m$ would.
//!
//! # Three types, three states of knowledge
//!
//! [`FreshCiphertext`] is what travels; [`Received`] has its mask but is neither proven nor doubled; [`Ciphertext`] is what the
//! server computes on. The proof of well-formedness opens only $2b$, so the last step sets $b := 2b$ and keeps $a$: the key becomes
//! $2s$, and since the client encrypts $r/2$ the plaintext becomes $r$. Computing on an undoubled row would let errors of
//! $(q + 1)/2$ pass the proof and reveal parities of the weights; the types make that impossible.
//!
//! [`RowId`]: crate::encrypt::RowId
//! [`FreshCiphertext`]: crate::encrypt::FreshCiphertext
//! [`Received`]: crate::encrypt::Received
//! [`Ciphertext`]: crate::encrypt::Ciphertext

use alloc::vec::Vec;
use core::fmt;

use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_field::{Fp, MODULUS};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::{Error, Misuse};
use crate::keys::SecretKey;
use crate::ring::{NttPoly, Ring, SmallPoly, lift_plaintext, short};

pub(crate) use crate::row::{Row, WireRow, received_row, wire_row};
pub use crate::row::{RowId, Witness};

impl SecretKey {
    /// Encrypts `r / 2`, so that doubling on receipt yields `r`, under the mask of `id`. Constant time.
    ///
    /// No two vectors may be encrypted under one `id`. Costs five transforms.
    ///
    /// # Errors
    /// [`Misuse::Length`] unless `r` has N coefficients, [`Misuse::Index`] if `id` is the public key's.
    pub fn encrypt(
        &self,
        ring: &Ring,
        id: RowId,
        r: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<FreshCiphertext, Error> {
        self.encrypt_with_witness(ring, id, r, rng).map(|(ciphertext, _)| ciphertext)
    }

    /// [`encrypt`](Self::encrypt), and the secrets that its proof needs.
    ///
    /// # Errors
    /// As [`encrypt`](Self::encrypt).
    pub fn encrypt_with_witness(
        &self,
        ring: &Ring,
        id: RowId,
        r: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<(FreshCiphertext, Witness), Error> {
        if id.run.number == RowId::PUBLIC_KEY {
            return Err(Misuse::Index.into());
        }
        let (row, witness) = self.encrypt_under(ring, id.mask(ring), r, rng)?;
        Ok((FreshCiphertext { row }, witness))
    }

    /// The row of a plaintext under a mask that this key uses for nothing else.
    pub(crate) fn encrypt_under(
        &self,
        ring: &Ring,
        mask: NttPoly,
        r: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<(WireRow, Witness), Error> {
        let half: Zeroizing<Vec<Fp>> = Zeroizing::new(r.iter().map(|&x| x * HALF).collect());
        let error = SmallPoly::centred_binomial(ring, rng);
        let mut noisy = lift_plaintext(ring, &half)?;
        noisy.add_small_assign(&error);
        let mut b = noisy.into_ntt(ring);
        b.sub_assign(&self.masked(mask));
        let plaintext = half.iter().map(|&x| short(x)).collect();
        Ok((WireRow::new(&b), Witness { error, plaintext: Some(plaintext) }))
    }

    /// The row without a plaintext, a public key, under a mask that this key uses for nothing else.
    pub(crate) fn encrypt_nothing(
        &self,
        ring: &Ring,
        mask: NttPoly,
        rng: &mut impl CryptoRng,
    ) -> (WireRow, Witness) {
        let error = SmallPoly::centred_binomial(ring, rng);
        let mut b = error.to_poly(ring).into_ntt(ring);
        b.sub_assign(&self.masked(mask));
        (WireRow::new(&b), Witness { error, plaintext: None })
    }

    /// $a s$ for the mask of a row.
    fn masked(&self, mut mask: NttPoly) -> NttPoly {
        mask.mul_assign(self.transformed());
        mask
    }
}

/// A ciphertext as it travels: $b$, every residue in 43 bits; 5 x 43 N bits, 220,160 bytes at N = 8192.
///
/// From a peer it is canonical, and that is all that is known about it.
#[derive(Clone)]
pub struct FreshCiphertext {
    row: WireRow,
}

wire_row!(FreshCiphertext);

impl FreshCiphertext {
    /// The server's first step: the mask is expanded. `id` is what the server expects next, not what the peer says.
    ///
    /// # Errors
    /// [`Misuse::Length`] if the ciphertext was decoded for another N.
    pub fn receive(self, ring: &Ring, id: RowId) -> Result<Received, Error> {
        Ok(Received { row: self.row.expand(ring, id)? })
    }
}

/// A ciphertext with its mask: canonical, not proven, not doubled. Nothing can be computed on it yet.
#[derive(Clone)]
pub struct Received {
    row: Row,
}

received_row!(Received => Ciphertext);

/// A ciphertext of $r$ under the key $2s$, in the transform domain: what the server computes on.
#[derive(Clone)]
pub struct Ciphertext {
    pub(crate) row: Row,
}

/// 1/2 modulo p.
const HALF: Fp = Fp::new(MODULUS.div_ceil(2));

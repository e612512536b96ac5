//! The client's secret key and the public-key row that lets the server re-randomise replies (protocol, section 4.1).
//!
//! A key is a ternary polynomial $s$. The public key is a row like any other, $b = -a s + e$ with $a$ expanded from the session,
//! but without a plaintext. The server doubles it on receipt too: everything it computes is under the key $2s$.

use core::fmt;

use muse_field::id::SessionId;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use rand_core::CryptoRng;
use zeroize::ZeroizeOnDrop;

use crate::error::Error;
use crate::ring::{NttPoly, Ring, SmallPoly};
use crate::row::{Row, RowId, WireRow, Witness, received_row, wire_row};

/// The client's secret: a uniform ternary polynomial. It lives as long as its session.
///
/// Wiped on drop, redacted, neither comparable nor cloneable.
pub struct SecretKey {
    ternary: SmallPoly,
    transformed: NttPoly,
}

impl SecretKey {
    /// Draws a key.
    #[must_use]
    pub fn generate(ring: &Ring, rng: &mut impl CryptoRng) -> Self {
        let ternary = SmallPoly::ternary(ring, rng);
        let transformed = ternary.to_poly(ring).into_ntt(ring);
        Self { ternary, transformed }
    }

    /// The public key of a session, as it travels. One per key and session.
    #[must_use]
    pub fn public_key(&self, ring: &Ring, session: SessionId, rng: &mut impl CryptoRng) -> PublicKeyRow {
        self.public_key_with_witness(ring, session, rng).0
    }

    /// [`public_key`](Self::public_key), and the secrets that its proof needs: it is part of every batch.
    #[must_use]
    pub fn public_key_with_witness(
        &self,
        ring: &Ring,
        session: SessionId,
        rng: &mut impl CryptoRng,
    ) -> (PublicKeyRow, Witness) {
        let (row, witness) = self.encrypt_nothing(ring, RowId::public_key(session).mask(ring), rng);
        (PublicKeyRow { row }, witness)
    }

    /// $s$ by its coefficients, for the proof of well-formedness and the key of replies. Secret.
    #[must_use]
    pub fn ternary(&self) -> &SmallPoly {
        &self.ternary
    }

    /// The key without its transform: what replies are decrypted with. Secret.
    pub(crate) fn into_ternary(self) -> SmallPoly {
        self.ternary
    }

    pub(crate) fn transformed(&self) -> &NttPoly {
        &self.transformed
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// Both parts wipe themselves.
impl ZeroizeOnDrop for SecretKey {}

/// A public key as it travels: $b$, every residue in 43 bits; as long as a ciphertext.
#[derive(Clone)]
pub struct PublicKeyRow {
    row: WireRow,
}

wire_row!(PublicKeyRow);

impl PublicKeyRow {
    /// The server's first step: the mask is expanded.
    ///
    /// # Errors
    /// [`Misuse::Length`](crate::Misuse::Length) if the row was decoded for another N.
    pub fn receive(self, ring: &Ring, session: SessionId) -> Result<ReceivedPublicKey, Error> {
        Ok(ReceivedPublicKey { row: self.row.expand(ring, RowId::public_key(session))? })
    }
}

/// A public key with its mask: canonical, not proven, not doubled. It is part of every batch of the proof.
#[derive(Clone)]
pub struct ReceivedPublicKey {
    row: Row,
}

received_row!(ReceivedPublicKey => PublicKey);

/// An encryption of zero under the key $2s$, with which the server re-randomises what it returns.
#[derive(Clone)]
pub struct PublicKey {
    pub(crate) row: Row,
}

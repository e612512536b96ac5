//! Ciphertexts that bring a key of their own along: what an amortised proof can be about.
//!
//! Rows of one secret with a mask each have no homomorphism in common, so their proof has a response for every row. Here it is the other way round:
//! all ciphertexts of a batch share two masks, a and a', and each has a ternary secret $s_j$ that is used for nothing else:
//! $$ b_j = -a s_j + e_j + p^{-1} \mu_j, \qquad b'_j = -a' s_j + e'_j. $$
//! That is LWE with many secrets and one matrix, as hard as with one secret but for a factor of their number. The map from
//! $(s_j, e_j, e'_j, \mu_j)$ to $(b_j, b'_j)$ is linear and the same for all j, so one response answers for a combination of all of them.
//! $b'_j$ is the public key of $s_j$: replies computed on $b_j$ are re-randomised with it.
//!
//! | type | what is known |
//! |---|---|
//! | [`FreshKeyed`] | bytes: both rows, 2 x 215 N bits |
//! | [`ReceivedKeyed`] | canonical, neither proven nor doubled |
//! | [`Keyed`] | proven and doubled; with the [`Masks`] a [`Ciphertext`] and its [`PublicKey`] |
//!
//! [`FreshKeyed`]: crate::keyed::FreshKeyed
//! [`ReceivedKeyed`]: crate::keyed::ReceivedKeyed
//! [`Keyed`]: crate::keyed::Keyed
//! [`Masks`]: crate::keyed::Masks
//! [`Ciphertext`]: crate::encrypt::Ciphertext
//! [`PublicKey`]: crate::keys::PublicKey

use core::fmt;

use muse_field::Fp;
use muse_field::wire::message;
use rand_core::CryptoRng;

use crate::encrypt::Ciphertext;
use crate::error::Error;
use crate::keys::{PublicKey, SecretKey};
use crate::reply::ReplyKey;
use crate::ring::{NttPoly, Ring, SmallPoly};
use crate::row::{Row, RowId, WireRow, Witness};

/// The masks a and a' that all ciphertexts of a batch share. Public, the same for both parties.
#[derive(Debug)]
pub struct Masks {
    id: RowId,
    row: NttPoly,
    key: NttPoly,
}

message! {
    /// A ciphertext and its public key as they travel: $b$ and $b'$, 440,320 bytes at N = 8192.
    #[derive(Clone)]
    pub struct FreshKeyed(n: usize), redacted {
        row: WireRow = n,
        key: WireRow = n,
    }
}

/// A ciphertext with its key, as received: canonical, not proven, not doubled. Nothing can be computed on it yet.
#[derive(Clone)]
pub struct ReceivedKeyed {
    row: NttPoly,
    key: NttPoly,
}

/// A ciphertext of $r$ under the key $2 s_j$ with its public key: doubled, ready to compute with.
pub struct Keyed {
    row: NttPoly,
    key: NttPoly,
}

/// The secrets behind a ciphertext with its key. Wiped on drop, redacted.
pub struct KeyedWitness {
    secret: SmallPoly,
    row: Witness,
    key: Witness,
}

impl Masks {
    /// The masks of the row `id` and of the one after it. The rows of one batch, and nothing else, may have them.
    ///
    /// # Errors
    /// [`Misuse::Index`](crate::Misuse::Index) if row numbers run out.
    pub fn new(ring: &Ring, id: RowId) -> Result<Self, Error> {
        Ok(Self { id, row: id.mask(ring), key: id.nth(1)?.mask(ring) })
    }

    /// The name that they were made for.
    #[must_use]
    pub const fn id(&self) -> RowId {
        self.id
    }

    /// a, of ciphertexts.
    #[must_use]
    pub const fn row(&self) -> &NttPoly {
        &self.row
    }

    /// a', of their keys.
    #[must_use]
    pub const fn key(&self) -> &NttPoly {
        &self.key
    }
}

impl FreshKeyed {
    /// Encrypts `r / 2` under a fresh secret, so that doubling on receipt yields `r`. Constant time; 15 transforms.
    ///
    /// # Errors
    /// [`Misuse::Length`](crate::Misuse::Length) unless `r` has N coefficients.
    ///
    /// # Panics
    /// If the masks are of another ring.
    pub fn encrypt(
        ring: &Ring,
        masks: &Masks,
        r: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, KeyedWitness), Error> {
        let secret = SecretKey::generate(ring, rng);
        let (row, row_witness) = secret.encrypt_under(ring, masks.row.clone(), r, rng)?;
        let (key, key_witness) = secret.encrypt_nothing(ring, masks.key.clone(), rng);
        let witness = KeyedWitness { secret: secret.into_ternary(), row: row_witness, key: key_witness };
        Ok((Self { row, key }, witness))
    }

    /// The receiver's first step.
    ///
    /// # Errors
    /// [`Misuse::Length`](crate::Misuse::Length) if it was decoded for another N.
    pub fn receive(self, ring: &Ring) -> Result<ReceivedKeyed, Error> {
        Ok(ReceivedKeyed { row: self.row.receive(ring)?, key: self.key.receive(ring)? })
    }
}

impl ReceivedKeyed {
    /// $b$ as it was received, for the proof.
    #[must_use]
    pub const fn row(&self) -> &NttPoly {
        &self.row
    }

    /// $b'$ as it was received, for the proof.
    #[must_use]
    pub const fn key(&self) -> &NttPoly {
        &self.key
    }

    /// Doubles both rows: from here on they are under the key $2 s_j$.
    ///
    /// Called by the verifier of the amortised proof after it accepted the batch. Nobody else has a reason to.
    #[must_use]
    pub fn assume_well_formed(mut self) -> Keyed {
        // Check: keyed rows are doubled.
        self.row.double_assign();
        self.key.double_assign();
        Keyed { row: self.row, key: self.key }
    }
}

impl Keyed {
    /// The ciphertext and the key that re-randomises what is computed on it, with the masks of their batch. Copies the masks.
    #[must_use]
    pub fn under(self, masks: &Masks) -> (Ciphertext, PublicKey) {
        let row = Row { b: self.row, a: masks.row.clone() };
        let key = Row { b: self.key, a: masks.key.clone() };
        (Ciphertext { row }, PublicKey { row: key })
    }
}

impl KeyedWitness {
    /// $s_j$, ternary.
    #[must_use]
    pub fn secret(&self) -> &SmallPoly {
        &self.secret
    }

    /// $e_j$, coefficients of absolute value at most 21.
    #[must_use]
    pub fn error(&self) -> &SmallPoly {
        self.row.error()
    }

    /// $\mu_j$, N integers in $\pm (p - 1)/2$.
    #[must_use]
    pub fn plaintext(&self) -> &[i64] {
        self.row.plaintext().unwrap_or_default()
    }

    /// $e'_j$, coefficients of absolute value at most 21.
    #[must_use]
    pub fn key_error(&self) -> &SmallPoly {
        self.key.error()
    }

    /// What decrypts replies computed on this ciphertext; all else is wiped.
    ///
    /// # Errors
    /// [`Misuse::Length`](crate::Misuse::Length) if the ring has another N.
    pub fn into_reply_key(self, ring: &Ring) -> Result<ReplyKey, Error> {
        ReplyKey::of(ring, &self.secret)
    }
}

macro_rules! redacted {
    ($($Type:ident),+) => {$(
        impl fmt::Debug for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($Type), "(..)"))
            }
        }
    )+};
}

redacted!(ReceivedKeyed, Keyed, KeyedWitness);

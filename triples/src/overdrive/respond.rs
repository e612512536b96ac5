//! One ciphertext of the other party times one plaintext of one's own.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::parallel;
use muse_field::sample::fill_uniform;
use muse_he::encode::lift;
use muse_he::encrypt::Ciphertext;
use muse_he::keys::PublicKey;
use muse_he::reply::{Product, Reply, ReplyKey};
use muse_he::ring::{FloodBound, NttPoly, Ring};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::Column;
use crate::Error;
use crate::replies::whole;

/// A proven ciphertext, the key that re-randomises replies on it, and how far they are flooded.
pub(super) struct Target {
    pub(super) ciphertext: Ciphertext,
    pub(super) key: PublicKey,
    pub(super) flood: FloodBound,
}

impl Target {
    /// The reply whose plaintext is the product less a fresh mask, and the mask, by its coefficients. Constant time.
    pub(super) fn times(
        &self,
        ring: &Ring,
        multiplier: &NttPoly,
        rng: &mut impl CryptoRng,
    ) -> Result<(Reply, Column), Error> {
        let mask = uniform(ring.n(), rng);
        let all: Vec<usize> = (0..ring.n()).collect();
        let mut product = Product::zero(ring);
        product.add(multiplier, &self.ciphertext);
        Ok((product.respond(ring, &self.key, &mask, &all, self.flood, rng)?, mask))
    }

    /// The same for N values side by side as coefficients: for a ciphertext of a constant, which multiplies each of them.
    pub(super) fn times_each(
        &self,
        ring: &Ring,
        values: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<(Reply, Column), Error> {
        self.times(ring, &lift(ring, values)?, rng)
    }
}

/// What replies on one's own ciphertext decrypt to, by their coefficients; on all threads with the feature `parallel`.
pub(super) fn decrypt(
    ring: &Ring,
    replies: Vec<(&ReplyKey, Reply)>,
    read: impl Fn(&[Fp]) -> Result<Column, muse_he::Error> + Sync + Send,
) -> Result<Vec<Column>, Error> {
    let opened = parallel::map(replies, |_, (key, reply)| -> Result<_, Error> {
        if reply.shape() != whole(ring.n()) {
            return Err(Error::Misuse("replies of the ring"));
        }
        let all: Vec<usize> = (0..ring.n()).collect();
        Ok(read(&key.decrypt(ring, &reply, &all)?)?)
    });
    opened.into_iter().collect()
}

pub(super) fn uniform(count: usize, rng: &mut impl CryptoRng) -> Column {
    let mut values = Zeroizing::new(vec![Fp::ZERO; count]);
    fill_uniform(&mut values, rng);
    values
}

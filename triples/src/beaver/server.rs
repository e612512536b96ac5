//! The server's side of a batch.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use muse_field::id::Coin;

use muse_field::parallel;
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::{Fp, vector};
use muse_he::encrypt::Ciphertext;
use muse_he::keys::PublicKey;
use muse_he::reply::{Product, Reply};
use muse_he::ring::FloodBound;
use muse_mac::{Keys, MacKey, ServerShare};
use muse_zk::product::{self, Message};
use muse_zk::wellformed::Proven;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Batch, CIPHERTEXTS, REPLIES, Replies};
use crate::{Error, ServerTriples};

/// Secret values.
type Column = Zeroizing<Vec<Fp>>;

/// The server while it replies.
pub struct Server<'a> {
    batch: Batch<'a>,
    public_key: PublicKey,
    ciphertexts: Vec<Ciphertext>,
    key: MacKey,
    /// Every group has a stream of its own.
    randomness: Prg,
    floods: Floods,
    kept: Kept,
}

/// Flooding of the replies that multiply by a scalar, and by two slot-encoded vectors.
#[derive(Clone, Copy)]
struct Floods {
    scalar: FloodBound,
    slots: FloodBound,
}

/// What the server keeps of the groups that it has replied to, in slots.
struct Kept {
    a: Column,
    b: Column,
    rho: Column,
    /// Keys of a, b, e and of the cross terms.
    keys: [Column; CIPHERTEXTS + 1],
}

/// The server after its seed.
pub struct AwaitProof<'a> {
    batch: Batch<'a>,
    key: MacKey,
    seed: Coin,
    mask: Keys,
    kept: Kept,
}

impl<'a> Server<'a> {
    /// Takes what the verifier of [`Batch::verifier`] gave.
    ///
    /// # Errors
    /// [`Error::Misuse`] for rows that were proven in another batch or under another budget: the noise of the replies would not hide the
    /// server's secrets. [`Error::Misuse`] if its replies would not decrypt.
    pub fn start(
        batch: Batch<'a>,
        proven: Proven,
        key: &MacKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let budget = batch.budget();
        // The budget counts the rows, so these are as many as the batch has.
        let (public_key, ciphertexts) = proven.under(&batch.statement(), &budget)?;
        let floods = Floods { scalar: budget.scalar_flood()?, slots: budget.slot_flood(2)? };
        // With their final capacity: growing would leave copies behind.
        let column = || Zeroizing::new(Vec::with_capacity(batch.triples()));
        let keys = [(); CIPHERTEXTS + 1].map(|()| column());
        let kept = Kept { a: column(), b: column(), rho: column(), keys };
        let (key, randomness) = (key.clone(), Prg::from_rng(rng));
        Ok(Self { batch, public_key, ciphertexts, key, randomness, floods, kept })
    }

    /// Groups that have no replies yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.batch.groups() - self.group()
    }

    fn group(&self) -> usize {
        self.kept.a.len() / self.batch.n()
    }

    /// The replies of the next group, for the client. Four products with ciphertexts, five replies, nine transforms modulo p.
    ///
    /// # Errors
    /// [`Error::Misuse`] if all groups have theirs.
    pub fn replies(&mut self) -> Result<Replies, Error> {
        if self.remaining() == 0 {
            return Err(Error::Misuse("replies for as many groups as there are"));
        }
        let Batch { ring, slots, .. } = self.batch;
        let (group, alpha) = (self.group(), self.key.expose());
        let stream = self.randomness.substream(group as u64);
        let [a, b] = [0, 1].map(|which| uniform(ring.n(), &mut stream.substream(which)));
        let rows = &self.ciphertexts[CIPHERTEXTS * group..CIPHERTEXTS * (group + 1)];

        let made = parallel::map((0..REPLIES).collect(), |index, _| -> Result<_, Error> {
            let (product, flood) = if let Some(row) = rows.get(index) {
                // alpha x: a scalar multiplies every slot.
                let mut product = Product::of(row);
                product.scale(alpha);
                (product, self.floods.scalar)
            } else {
                // a_c b_s + b_c a_s, or alpha times that.
                let factor = if index == CIPHERTEXTS { Fp::ONE } else { alpha };
                let mut product = Product::zero(ring);
                for (row, share) in rows.iter().zip([&b, &a]) {
                    let mut scaled = share.clone();
                    vector::scale_assign(&mut scaled, factor);
                    product.add(&slots.multiplier(ring, &scaled)?, row);
                }
                (product, self.floods.slots)
            };
            let rng = &mut stream.substream(2 + index as u64);
            let mask = uniform(ring.n(), rng);
            let all: Vec<usize> = (0..ring.n()).collect();
            let reply = product.respond(ring, &self.public_key, &mask, &all, flood, rng)?;
            Ok((reply, slots.decode(&mask)?))
        });
        let made: Vec<_> = made.into_iter().collect::<Result<_, _>>()?;
        let (replies, masks): (Vec<Reply>, Vec<Column>) = made.into_iter().unzip();
        self.kept.keep(alpha, &a, &b, &masks);
        Replies::new(replies)
    }

    /// The seed of the product proof, once all replies have been made and sent. `mask` are the keys of the client's.
    ///
    /// # Errors
    /// [`Error::Misuse`] if a group has no replies yet, or the mask is not one value.
    pub fn challenge(self, mask: Keys, rng: &mut impl CryptoRng) -> Result<(AwaitProof<'a>, Coin), Error> {
        if self.remaining() > 0 {
            return Err(Error::Misuse("replies for all groups"));
        }
        if mask.len() != 1 {
            return Err(Error::Misuse("one authenticated mask"));
        }
        let Self { batch, key, kept, .. } = self;
        let seed = Coin::random(rng);
        Ok((AwaitProof { batch, key, seed, mask, kept }, seed))
    }
}

impl Kept {
    /// With m = alpha x - u for the client's x, its key is k = m - alpha x = -u. The cross terms are y = x - rho for the sum x, their
    /// MAC is m = alpha x - t, so k = alpha rho - t.
    fn keep(&mut self, alpha: Fp, a: &[Fp], b: &[Fp], masks: &[Column]) {
        self.a.extend_from_slice(a);
        self.b.extend_from_slice(b);
        for (keys, mask) in self.keys.iter_mut().zip(&masks[..CIPHERTEXTS]) {
            keys.extend(mask.iter().map(|&u| -u));
        }
        let (rho, t) = (&masks[CIPHERTEXTS], &masks[CIPHERTEXTS + 1]);
        self.keys[CIPHERTEXTS].extend(rho.iter().zip(t.iter()).map(|(&rho, &t)| alpha * rho - t));
        self.rho.extend_from_slice(rho);
    }
}

impl AwaitProof<'_> {
    /// The server's halves of the triples, if the client's products are right.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Product`](crate::Check::Product) if not: the session must end.
    pub fn on_proof(self, message: Message) -> Result<ServerTriples, Error> {
        let Self { batch, key, seed, mask, kept } = self;
        let Kept { a, b, rho, keys } = kept;
        let [key_a, key_b, key_e, key_cross] = keys.map(Keys::new);
        // Check: products of triples are right.
        product::verify(&batch.products(), &key, &key_a, &key_b, &key_e, mask, &seed, message)?;
        // c_s = a_s b_s + rho, under the keys of e_c + y.
        let mut c = a.clone();
        vector::mul_assign(&mut c, &b);
        vector::add_assign(&mut c, &rho);
        let mut key_c = key_e;
        key_c.add_assign(&key_cross);
        let (a, b) = (ServerShare::new(a, key_a)?, ServerShare::new(b, key_b)?);
        Ok(ServerTriples::new(a, b, ServerShare::new(c, key_c)?))
    }
}

fn uniform(n: usize, rng: &mut impl CryptoRng) -> Column {
    let mut values = Zeroizing::new(vec![Fp::ZERO; n]);
    fill_uniform(&mut values, rng);
    values
}

impl fmt::Debug for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("remaining", &self.remaining()).finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitProof").field("groups", &self.batch.groups()).finish_non_exhaustive()
    }
}

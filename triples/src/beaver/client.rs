//! The client's side of a batch.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use muse_field::id::Coin;

use muse_field::parallel;
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::{Fp, vector};
use muse_he::encrypt::{FreshCiphertext, Received, Witness};
use muse_he::keys::{ReceivedPublicKey, SecretKey};
use muse_he::reply::ReplyKey;
use muse_mac::Authenticated;
use muse_zk::product::{self, Message};
use muse_zk::wellformed::Prover;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Batch, CIPHERTEXTS, REPLIES, Replies};
use crate::{ClientTriples, Error};

/// Secret values.
type Column = Zeroizing<Vec<Fp>>;

/// The client with ciphertexts that it has not proven yet.
pub struct Client<'a> {
    batch: Batch<'a>,
    rows: Vec<(Received, Witness)>,
    shares: Shares,
}

/// a, b and e = a b, in slots, group by group.
struct Shares([Column; CIPHERTEXTS]);

/// The client while replies arrive.
pub struct AwaitReplies<'a> {
    batch: Batch<'a>,
    shares: Shares,
    /// What the replies hold, of the groups that have arrived: MACs of a, b, e; cross terms; their MACs.
    replies: [Column; REPLIES],
}

impl<'a> Client<'a> {
    /// Round 1: uniform shares and their ciphertexts, group by group in the order a, b, e.
    ///
    /// Three encryptions a group; all ciphertexts and their witnesses are in memory until the proof is done, 1 MB each at N = 8192.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the key is of another ring.
    pub fn start(
        batch: Batch<'a>,
        secret: &SecretKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<FreshCiphertext>), Error> {
        let count = batch.triples();
        let [mut a, mut b] = [(); 2].map(|()| Zeroizing::new(vec![Fp::ZERO; count]));
        fill_uniform(&mut a, rng);
        fill_uniform(&mut b, rng);
        let mut e = a.clone();
        vector::mul_assign(&mut e, &b);
        Self::with_shares(batch, secret, Shares([a, b, e]), rng)
    }

    fn with_shares(
        batch: Batch<'a>,
        secret: &SecretKey,
        shares: Shares,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<FreshCiphertext>), Error> {
        let randomness = Prg::from_rng(rng);
        let n = batch.n();
        let made =
            parallel::map((0..batch.ciphertexts()).collect(), |index, _| -> Result<_, muse_he::Error> {
                let (group, which) = (index / CIPHERTEXTS, index % CIPHERTEXTS);
                let plaintext = batch.slots.encode(&shares.0[which][group * n..(group + 1) * n])?;
                let row = batch.row(index)?;
                let rng = &mut randomness.substream(index as u64);
                let (sent, witness) = secret.encrypt_with_witness(batch.ring, row, &plaintext, rng)?;
                Ok((sent.clone(), (sent.receive(batch.ring, row)?, witness)))
            });
        let made: Vec<_> = made.into_iter().collect::<Result<_, _>>()?;
        let (sent, rows) = made.into_iter().unzip();
        Ok((Self { batch, rows, shares }, sent))
    }

    /// As [`start`](Self::start) with shares that a test chooses: `e` need not be the product.
    #[cfg(any(test, feature = "test-util"))]
    #[doc(hidden)]
    pub fn start_with(
        batch: Batch<'a>,
        secret: &SecretKey,
        shares: [Vec<Fp>; 3],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<FreshCiphertext>), Error> {
        Self::with_shares(batch, secret, Shares(shares.map(Zeroizing::new)), rng)
    }

    /// The prover of the proof that the ciphertexts, and the public key with them, are well formed.
    ///
    /// # Errors
    /// [`Error::Misuse`] if key and ciphertexts are of different rings.
    pub fn prover<'p>(
        &'p self,
        secret: &'p SecretKey,
        public_key: (&'p ReceivedPublicKey, &'p Witness),
    ) -> Result<Prover<'p>, Error> {
        let Batch { ring, .. } = self.batch;
        Ok(Prover::new(ring, &self.batch.budget(), self.batch.statement(), secret, public_key, &self.rows)?)
    }

    /// After the proof: ciphertexts and witnesses are wiped, replies may come.
    #[must_use]
    pub fn proven(self) -> AwaitReplies<'a> {
        let Self { batch, shares, .. } = self;
        // With their final capacity: growing would leave copies behind.
        let replies = [(); REPLIES].map(|()| Zeroizing::new(Vec::with_capacity(batch.triples())));
        AwaitReplies { batch, shares, replies }
    }
}

impl AwaitReplies<'_> {
    /// Groups whose replies have not come.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.batch.groups() - self.replies[0].len() / self.batch.n()
    }

    /// The replies of the next group. Five decryptions and five transforms to slots.
    ///
    /// # Errors
    /// [`Error::Misuse`] if all groups have come, or for replies or a key of another ring.
    pub fn on_replies(mut self, key: &ReplyKey, replies: Replies) -> Result<Self, Error> {
        if self.remaining() == 0 {
            return Err(Error::Misuse("replies for as many groups as there are"));
        }
        let Batch { ring, slots, .. } = self.batch;
        let all: Vec<usize> = (0..ring.n()).collect();
        let opened =
            parallel::map(replies.into(), |_, reply| slots.decode(&key.decrypt(ring, &reply, &all)?));
        for (column, values) in self.replies.iter_mut().zip(opened) {
            column.extend_from_slice(&values?);
        }
        Ok(self)
    }

    /// The client's halves of the triples, and the proof that its products are right. `mask` is one authenticated uniform value that
    /// nothing else uses.
    ///
    /// # Errors
    /// [`Error::Misuse`] if replies are missing; [`Error::Misuse`] if the mask is not one value.
    pub fn on_seed(self, mask: Authenticated, seed: &Coin) -> Result<(ClientTriples, Message), Error> {
        if self.remaining() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        let Self { batch, shares: Shares([a, b, e]), replies: [mac_a, mac_b, mac_e, cross, mac_cross] } =
            self;
        let [a, b] = [(a, mac_a), (b, mac_b)].map(|(values, macs)| Authenticated::new(values, macs));
        let (a, b, mut c) = (a?, b?, Authenticated::new(e, mac_e)?);
        let message = product::prove(&batch.products(), &a, &b, &c, mask, seed)?;
        c.add_assign(&Authenticated::new(cross, mac_cross)?);
        Ok((ClientTriples::new(a, b, c), message))
    }
}

impl fmt::Debug for Client<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("groups", &self.batch.groups()).finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitReplies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitReplies").field("remaining", &self.remaining()).finish_non_exhaustive()
    }
}

//! Inputs, products, openings, results, and the checks between them.
//!
//! ```text
//! either party, to the other                                       message
//! opening          its shares of the values                        Shares
//! check            commit to a seed, reveal it                     Commitment, Revealed
//!                  commit to sigma, reveal it                      Commitment, RevealedSigma
//!                  accept iff the sigmas sum to zero
//! ```

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use muse_field::id::SessionId;
use muse_field::wire::{Decode, Encode};
use muse_field::{Fp, ct, vector};
use muse_mac::check::Checked;
use muse_mac::spdz::{Batch, Commitment, KeyShare, Party, Revealed, RevealedSigma, Shares};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::pool::Preprocessed;
use crate::engine::message;
use crate::engine::steps::Steps;
use crate::linear::Linear;
use crate::program::Mailbox;
use crate::{Error, domain};

/// Opened values that wait for their check, unless one step opens more: 8 MB.
pub const MAX_WAITING: usize = 1 << 20;

/// A party that has not failed.
pub(super) struct Live<'m, R> {
    mailbox: &'m Mailbox,
    party: Party,
    key: KeyShare,
    steps: Steps,
    pool: Preprocessed,
    batch: Batch,
    /// Values in the batch.
    waiting: usize,
    rng: R,
}

impl<'m, R: CryptoRng> Live<'m, R> {
    pub(super) fn new(
        mailbox: &'m Mailbox,
        (session, number): (SessionId, u64),
        (party, key): (Party, &KeyShare),
        pool: Preprocessed,
        rng: R,
    ) -> Self {
        let (key, batch) = (key.clone(), Batch::new(party, key));
        let steps = Steps::new(session, number);
        Self { mailbox, party, key, steps, pool, batch, waiting: 0, rng }
    }

    /// Refuses a step under a key that is dead, or in use elsewhere.
    pub(super) fn require_key(&self) -> Result<(), Error> {
        if self.waiting == 0 { Ok(self.key.free()?) } else { Ok(()) }
    }

    pub(super) const fn pool(&self) -> &Preprocessed {
        &self.pool
    }

    pub(super) const fn pool_mut(&mut self) -> &mut Preprocessed {
        &mut self.pool
    }

    pub(super) fn add_constants(&self, shares: &mut Shares, constants: &[Fp]) {
        shares.add_public_assign(self.party, &self.key, constants);
    }

    /// `x - u` of the owner, with a mask u. There is nothing to check: whatever is sent, `u + (x - u)` is the owner's input.
    pub(super) async fn input(&mut self, owner: Party, count: usize, values: &[Fp]) -> Result<Shares, Error> {
        if owner == self.party && values.len() != count {
            return Err(Error::Misuse("as many values as announced"));
        }
        let mut shares = self.pool.take_masks(owner, count)?;
        let masked = if owner == self.party {
            let mut masked = values.to_vec();
            vector::sub_assign(&mut masked, shares.values());
            let message = message::Shares::new(masked);
            self.mailbox.send(&message);
            message
        } else {
            self.mailbox.receive(count).await?
        };
        self.add_constants(&mut shares, masked.as_slice());
        Ok(shares)
    }

    /// Products, from triples.
    pub(super) async fn multiply(&mut self, x: &Shares, y: &Shares) -> Result<Shares, Error> {
        let count = x.len();
        if count != y.len() {
            return Err(Error::Misuse("factors of one length"));
        }
        let triples = self.pool.take_triples(count)?;
        let masked = Shares::concat(vec![x.minus(triples.a()), y.minus(triples.b())]);
        let opened = self.open_uniform(masked).await?;
        let (d, e) = opened.split_at(count);
        Ok(triples.product(self.party, &self.key, d, e))
    }

    /// Values that the program has masked. Its masks may rest on openings, so these are checked before.
    pub(super) async fn open_masked(&mut self, x: Shares) -> Result<Vec<Fp>, Error> {
        self.check().await?;
        self.open_uniform(x).await
    }

    /// Opens values that are uniform, whatever happened in earlier openings.
    pub(super) async fn open_uniform(&mut self, x: Shares) -> Result<Vec<Fp>, Error> {
        // Check: openings that wait have a limit.
        if self.waiting.saturating_add(x.len()) > MAX_WAITING {
            self.check().await?;
        }
        self.waiting = self.waiting.saturating_add(x.len());
        let (own, pending) = x.reveal();
        let theirs = self.exchange(&message::Shares::new(own), pending.len()).await?;
        let opened = self.batch.receive_masked(pending, theirs.as_slice())?;
        // Both parties have sent their shares.
        ct::public(&opened[..]);
        Ok(opened)
    }

    /// A result for both.
    pub(super) async fn output(&mut self, x: Shares) -> Result<Vec<Fp>, Error> {
        self.check().await?;
        let (own, pending) = x.reveal();
        let theirs = self.exchange(&message::Shares::new(own), pending.len()).await?;
        let locked = self.batch.receive(pending, theirs.as_slice())?;
        // Check: a result is checked before it is given.
        let checked = self.verdict(domain::SPDZ_OUTPUT).await?;
        Ok(locked.release(&checked)?)
    }

    /// A result for one party, under a mask of its own; an empty vector for the other one.
    pub(super) async fn output_to(&mut self, to: Party, mut x: Shares) -> Result<Vec<Fp>, Error> {
        let mask = self.pool.take_masks(to, x.len())?;
        x.add_assign(&mask);
        let mut result = Zeroizing::new(self.output(x).await?);
        if to != self.party {
            return Ok(Vec::new());
        }
        vector::sub_assign(&mut result, mask.values());
        Ok(mem::take(&mut *result))
    }

    /// Checks everything that was opened so far, if anything was.
    async fn check(&mut self) -> Result<(), Error> {
        // Check: openings are checked before anything else leaves.
        if self.waiting > 0 {
            self.verdict(domain::SPDZ_OPENINGS).await?;
        }
        Ok(())
    }

    /// The check of the batch, and a new one.
    async fn verdict(&mut self, step: &'static str) -> Result<Checked, Error> {
        let id = self.steps.next(step)?;
        let batch = mem::replace(&mut self.batch, Batch::new(self.party, &self.key));
        self.waiting = 0;
        let (check, own) = batch.commit(&id, &mut self.rng);
        let theirs: Commitment = self.exchange(&own, ()).await?;
        let (check, own) = check.on_commitment(theirs);
        let theirs: Revealed = self.exchange(&own, ()).await?;
        let (check, own) = check.on_seed(&theirs, &mut self.rng)?;
        let theirs: Commitment = self.exchange(&own, ()).await?;
        let (check, own) = check.on_commitment(theirs);
        let theirs: RevealedSigma = self.exchange(&own, ()).await?;
        Ok(check.on_sigma(&theirs)?)
    }

    /// Sends a message, receives one of the same type.
    async fn exchange<T: Encode + Decode>(&self, own: &T, shape: T::Shape) -> Result<T, Error> {
        self.mailbox.send(own);
        self.mailbox.receive(shape).await
    }
}

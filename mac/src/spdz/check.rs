//! Openings of both parties' shares, and the check of a batch of them. A round is a struct; its message consumes it.

use core::fmt;

use alloc::vec::Vec;

use muse_field::{Fp, ct, vector};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::commitment::{Commitment, Revealed, RevealedSigma};
use super::key::{KeyShare, Life, Party};
use super::shares::Shares;
use super::toss::{self, AwaitToss, AwaitTossCommitment};
use crate::check::{Checked, Lock, TwoSided, Unchecked, combination, expand};
use crate::domain;
use crate::error::{Check, Error};
use crate::linear::Column;
use crate::opening::OpeningId;

/// A vector whose values this party has revealed, waiting for the other party's.
pub struct Pending {
    values: Column,
    macs: Column,
}

/// Openings that wait for their check.
pub struct Batch {
    party: Party,
    key: KeyShare,
    /// Per opening `m_i - a_i x`, this party's part of a sum that is zero for right values.
    differences: Vec<Column>,
    lock: Lock,
    /// Whether the batch has taken the key's life.
    begun: bool,
}

/// Round 1: committed to a seed, waiting for the other party's commitment.
pub struct AwaitSeedCommitment {
    batch: Batch,
    id: OpeningId,
    toss: AwaitTossCommitment,
}

/// Round 2: revealed the seed, waiting for the other party's.
pub struct AwaitSeed {
    batch: Batch,
    id: OpeningId,
    toss: AwaitToss,
}

/// Round 3: committed to sigma, waiting for the other party's commitment.
pub struct AwaitSigmaCommitment {
    party: Party,
    id: OpeningId,
    lock: Lock,
    /// To be given back, if the batch has taken it.
    life: Option<Life>,
    sigma: RevealedSigma,
}

/// Round 4: revealed sigma, waiting for the other party's.
pub struct AwaitSigma {
    party: Party,
    id: OpeningId,
    lock: Lock,
    /// To be given back, if the batch has taken it.
    life: Option<Life>,
    sigma: RevealedSigma,
    commitment: Commitment,
}

impl Pending {
    pub(super) const fn new(values: Column, macs: Column) -> Self {
        Self { values, macs }
    }

    /// Number of values. Public.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Unchecked<Shares, TwoSided> {
    /// [`Shares::reveal`] for shares that depend on unchecked values of the same batch, as in a chain of multiplications.
    ///
    /// **Only for shares under a fresh random mask**, such as `x - a` with `a` from a triple: then a wrong opened value shows in
    /// nothing but masked values. Outputs are revealed after the check.
    #[must_use]
    pub fn reveal_masked(self) -> (Vec<Fp>, Unchecked<Pending, TwoSided>) {
        self.split(Shares::reveal)
    }
}

impl Batch {
    /// Nothing opened yet.
    #[must_use]
    pub fn new(party: Party, key: &KeyShare) -> Self {
        Self { party, key: key.clone(), differences: Vec::new(), lock: Lock::new(), begun: false }
    }

    /// Completes an opening with the other party's shares: the values, locked until the check. Both parties complete their
    /// openings in the same order.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless there are as many shares of either party, and if the key has another batch open or one that failed.
    pub fn receive(
        &mut self,
        pending: Pending,
        theirs: &[Fp],
    ) -> Result<Unchecked<Vec<Fp>, TwoSided>, Error> {
        let Pending { values, macs: mut difference } = pending;
        if values.len() != theirs.len() {
            return Err(Error::Misuse("as many shares of either party"));
        }
        self.begin(values.len())?;
        let mut opened = values.to_vec();
        vector::add_assign(&mut opened, theirs);
        vector::axpy(&mut difference, -self.key.expose(), &opened);
        self.differences.push(difference);
        Ok(self.lock.wrap(opened))
    }

    /// The first opened value takes the key's life.
    fn begin(&mut self, values: usize) -> Result<(), Error> {
        if !self.begun && values > 0 {
            self.key.life().take()?;
            self.begun = true;
        }
        Ok(())
    }

    /// [`receive`](Self::receive) for shares that depend on unchecked values of this batch
    /// ([`Unchecked::reveal_masked`]).
    ///
    /// # Errors
    /// As for `receive`, and [`Error::Misuse`] if they belong to another batch.
    pub fn receive_under(
        &mut self,
        pending: Unchecked<Pending, TwoSided>,
        theirs: &[Fp],
    ) -> Result<Unchecked<Vec<Fp>, TwoSided>, Error> {
        let pending = pending.within(&self.lock)?;
        self.receive(pending, theirs)
    }

    /// [`receive`](Self::receive) for values that may be seen before the check.
    ///
    /// **Only for values under a fresh uniform mask**, such as `x - a` with `a` from a triple: whatever was changed in this batch, they tell
    /// nothing. What is computed with them may be wrong until the check, so it is opened under another such mask, or after the check.
    ///
    /// # Errors
    /// As for `receive`.
    pub fn receive_masked(&mut self, pending: Pending, theirs: &[Fp]) -> Result<Vec<Fp>, Error> {
        self.receive(pending, theirs)?.within(&self.lock)
    }

    /// Puts something under the lock of this batch, to be computed with together with its values.
    #[must_use]
    pub fn wrap<T>(&self, value: T) -> Unchecked<T, TwoSided> {
        self.lock.wrap(value)
    }

    /// Values that are zero if nobody cheated, checked without being opened: their MAC shares must sum to zero. Both parties call it in the same
    /// place among their openings.
    ///
    /// What they are zero *for* has to be fixed before: a combination with coefficients that nobody knew when the values were made. A sum that is not
    /// zero passes with the same chance as a wrong opening.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the key has another batch open or one that failed.
    pub fn assert_zero(&mut self, shares: Shares) -> Result<(), Error> {
        self.begin(shares.len())?;
        // Check: zeros of the two-sided form.
        self.differences.push(shares.into_macs());
        Ok(())
    }

    /// [`assert_zero`](Self::assert_zero) for a combination with unchecked values of this batch.
    ///
    /// # Errors
    /// As for `assert_zero`, and [`Error::Misuse`] if they belong to another batch.
    pub fn assert_zero_under(&mut self, shares: Unchecked<Shares, TwoSided>) -> Result<(), Error> {
        self.assert_zero(shares.within(&self.lock)?)
    }

    /// Number of opened values and zeros.
    #[must_use]
    pub fn len(&self) -> usize {
        self.differences.iter().map(|difference| difference.len()).sum()
    }

    /// Whether nothing was opened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts the check; nothing can be opened in this batch any more. Both parties give the same name.
    #[must_use]
    pub fn commit(self, id: &OpeningId, rng: &mut impl CryptoRng) -> (AwaitSeedCommitment, Commitment) {
        let (toss, commitment) = toss::seeds(self.party, id, "seed", rng);
        (AwaitSeedCommitment { batch: self, id: *id, toss }, commitment)
    }

    /// `sum chi_j (m_ij - a_i x_j)`, with coefficients from both seeds.
    fn sigma(&self, id: &OpeningId, seeds: &[[u8; 32]; 2]) -> Fp {
        let count = self.len();
        let mut transcript = id.transcript(domain::SPDZ_CHECK);
        transcript.append_u64("count", count as u64);
        for seed in seeds {
            transcript.append("seed", seed);
        }
        let chi = expand(&mut transcript.prg("coefficients"), count);
        combination(&chi, self.differences.iter().map(|difference| &difference[..]))
    }
}

impl AwaitSeedCommitment {
    /// Reveals the seed, now that the other party cannot choose its own by it.
    #[must_use]
    pub fn on_commitment(self, theirs: Commitment) -> (AwaitSeed, Revealed) {
        let Self { batch, id, toss } = self;
        let (toss, revealed) = toss.on_commitment(theirs);
        (AwaitSeed { batch, id, toss }, revealed)
    }
}

impl AwaitSeed {
    /// Computes and commits to sigma.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Commitment`] if the seed is not the committed one.
    pub fn on_seed(
        self,
        theirs: &Revealed,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitSigmaCommitment, Commitment), Error> {
        let Self { batch, id, toss } = self;
        let party = batch.party;
        let seeds = toss.seeds(theirs)?;
        let sigma = RevealedSigma::new(batch.sigma(&id, &seeds), rng);
        let commitment = sigma.commitment(&id, party);
        let life = batch.begun.then(|| batch.key.life().clone());
        Ok((AwaitSigmaCommitment { party, id, lock: batch.lock, life, sigma }, commitment))
    }
}

impl AwaitSigmaCommitment {
    /// Reveals sigma, now that the other party cannot choose its own by it.
    #[must_use]
    pub fn on_commitment(self, theirs: Commitment) -> (AwaitSigma, RevealedSigma) {
        let Self { party, id, lock, life, sigma } = self;
        let revealed = sigma.clone();
        (AwaitSigma { party, id, lock, life, sigma, commitment: theirs }, revealed)
    }
}

impl AwaitSigma {
    /// The verdict on all openings of the batch.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Commitment`] if sigma is not the committed one, with [`Check::Batch`] if an opened
    /// value or sigma is wrong; the values stay locked for ever.
    pub fn on_sigma(self, theirs: &RevealedSigma) -> Result<Checked, Error> {
        // Check: seeds and sigma are the committed ones.
        self.commitment.check(&theirs.commitment(&self.id, self.party.other()))?;
        let sum = Zeroizing::new(self.sigma.sigma + theirs.sigma);
        // Check: opened values of the two-sided form fit their MACs.
        if ct::verdict(sum.ct_eq(&Fp::ZERO)) {
            if let Some(life) = &self.life {
                life.give_back();
            }
            Ok(self.lock.unlock())
        } else {
            Err(Error::PeerMisbehaved(Check::Batch))
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({:?}, {} values, redacted)", self.party, self.len())
    }
}

macro_rules! redacted {
    ($($Type:ident),+) => {$(
        impl fmt::Debug for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($Type), "(redacted)"))
            }
        }
    )+};
}

redacted!(Pending, AwaitSeedCommitment, AwaitSeed, AwaitSigmaCommitment, AwaitSigma);

//! Uniform values that one party knows, authenticated under the key of both: what its inputs are masked with.

use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::id::{Coin, RunId};
use muse_field::parallel;
use muse_field::prg::Prg;
use muse_he::reply::Reply;
use muse_mac::spdz::{Commitment, Party, Shares};
use rand_core::CryptoRng;

use super::check::{AwaitCoinCommitment, Material, combination, nothing, sealed};
use super::respond::uniform;
use super::{Context, MAX_GROUPS, Session};
use crate::{Error, InputMasks};

/// The owner of a batch while it sends.
pub struct Sending<'a> {
    context: Context<'a>,
    session: Session,
    run: RunId,
    groups: usize,
    /// Every group has a stream of its own.
    randomness: Prg,
    made: Vec<Shares>,
}

/// The other party while replies arrive.
pub struct Receiving<'a> {
    context: Context<'a>,
    session: Session,
    run: RunId,
    groups: usize,
    received: Vec<Shares>,
}

/// A batch of values of one party. What passes the check are [`Shares`], all but the last value, which the check uses up: the owner's hold the values, the other
/// party's are zero.
#[derive(Debug)]
pub struct Inputs {
    owner: Party,
    values: Shares,
}

impl Inputs {
    /// Values of a batch of `groups` groups.
    #[must_use]
    pub const fn count(n: usize, groups: usize) -> usize {
        (n * groups).saturating_sub(1)
    }

    /// The next batch, of this party's values; the other party [receives](Self::receive) it.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless there are 1 to [`MAX_GROUPS`] groups; [`Error::Exhausted`] if the session has no more batches.
    pub fn send<'a>(
        mut session: Session,
        context: Context<'a>,
        groups: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<Sending<'a>, Error> {
        require(groups)?;
        let run = session.next()?;
        let made = Vec::with_capacity(groups);
        Ok(Sending { context, session, run, groups, randomness: Prg::from_rng(rng), made })
    }

    /// The next batch, of the other party's values.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn receive(
        mut session: Session,
        context: Context<'_>,
        groups: usize,
    ) -> Result<Receiving<'_>, Error> {
        require(groups)?;
        let run = session.next()?;
        Ok(Receiving { context, session, run, groups, received: Vec::with_capacity(groups) })
    }
}

impl Sending<'_> {
    /// Groups that have not been sent.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.groups - self.made.len()
    }

    /// The replies of at most `count` more groups, in order; on all threads with the feature `parallel`. A product with a ciphertext and a reply each.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the ring is not that of the setup.
    pub fn replies(&mut self, count: usize) -> Result<Vec<Reply>, Error> {
        let first = self.made.len();
        let groups = (first..first + count.min(self.remaining())).collect();
        let Self { context, session, randomness, .. } = self;
        let made = parallel::map(groups, |_, group| {
            let rng = &mut randomness.substream(group as u64);
            let values = uniform(context.ring.n(), rng);
            session.authenticate(*context, group, values, rng)
        });
        let mut replies = Vec::with_capacity(made.len());
        for made in made {
            let (reply, shares) = made?;
            replies.push(reply);
            self.made.push(shares);
        }
        Ok(replies)
    }

    /// After the last group: starts the check.
    ///
    /// # Errors
    /// [`Error::Misuse`] if groups remain.
    pub fn check(self, rng: &mut impl CryptoRng) -> Result<(AwaitCoinCommitment<Inputs>, Commitment), Error> {
        if self.remaining() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        let inputs = Inputs { owner: self.session.party, values: Shares::concat(self.made) };
        Ok(AwaitCoinCommitment::start(self.session, self.run, inputs, rng))
    }
}

impl Receiving<'_> {
    /// Groups that have not arrived.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.groups - self.received.len()
    }

    /// The next groups, as many as there are replies; on all threads with the feature `parallel`. One decryption each.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they are more than remain, or were decoded for another ring.
    pub fn on_replies(mut self, replies: Vec<Reply>) -> Result<Self, Error> {
        if replies.len() > self.remaining() {
            return Err(Error::Misuse("replies for as many groups as there are"));
        }
        self.received.extend(self.session.authenticated(self.context, replies)?);
        Ok(self)
    }

    /// After the last group: starts the check.
    ///
    /// # Errors
    /// [`Error::Misuse`] if groups remain.
    pub fn check(self, rng: &mut impl CryptoRng) -> Result<(AwaitCoinCommitment<Inputs>, Commitment), Error> {
        if self.remaining() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        let inputs = Inputs { owner: self.session.party.other(), values: Shares::concat(self.received) };
        Ok(AwaitCoinCommitment::start(self.session, self.run, inputs, rng))
    }
}

impl Material for Inputs {
    type Output = InputMasks;
}

impl sealed::Sealed for Inputs {
    type Rest = (Party, Shares);
    const NAMES: [&'static str; 2] = ["overdrive inputs coin", "overdrive inputs check"];

    fn combine(mut self, coin: &Coin, run: &RunId) -> (Shares, Self::Rest) {
        // Check: inputs of the malicious setting fit their MACs.
        let opened = combination(coin, run, self.owner, &self.values);
        drop(self.values.split_off(self.values.len() - 1));
        (opened, (self.owner, self.values))
    }

    fn zeros(_: &Self::Rest, _: &[Fp]) -> Shares {
        nothing()
    }

    fn finish((owner, values): Self::Rest) -> Result<InputMasks, Error> {
        Ok(InputMasks::new(owner, values))
    }
}

fn require(groups: usize) -> Result<(), Error> {
    if groups == 0 || groups > MAX_GROUPS { Err(Error::Misuse("1 to 32 groups of values")) } else { Ok(()) }
}

impl fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("remaining", &self.remaining()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Receiving<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiving").field("remaining", &self.remaining()).finish_non_exhaustive()
    }
}

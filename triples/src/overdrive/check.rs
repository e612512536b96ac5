//! The end of the setup and of every batch: a coin, an opening, the MAC check. What was made is locked until it has passed.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::id::{Coin, RunId};
use muse_field::sample::fill_uniform;
use muse_field::transcript::Transcript;
use muse_field::wire::message;
use muse_field::{Fp, vector};
use muse_mac::check::{TwoSided, Unchecked};
use muse_mac::spdz::{self, Batch, Commitment, Party, Pending, Revealed, RevealedSigma, Shares, toss};
use muse_mac::{OpeningId, Purpose};
use rand_core::CryptoRng;

use super::Session;
use crate::{Error, domain};

/// What a batch is made of, and how it is checked. Sealed: [`Trial`](super::Trial), [`Sacrifice`](super::Sacrifice) and [`Inputs`](super::Inputs).
pub trait Material: sealed::Sealed + Sized {
    /// What passes the check.
    type Output;
}

pub(super) mod sealed {
    use super::{Coin, Fp, RunId, Shares};

    pub trait Sealed {
        /// What is left when the combination has been opened.
        type Rest;
        /// Names the coin and the check, among those of one run.
        const NAMES: [&'static str; 2];
        /// What is opened, by the coin.
        fn combine(self, coin: &Coin, run: &RunId) -> (Shares, Self::Rest);
        /// What must be zero, from the opened values. It is only computed.
        fn zeros(rest: &Self::Rest, opened: &[Fp]) -> Shares;
        /// What passes the check.
        fn finish(rest: Self::Rest) -> Result<<Self as super::Material>::Output, crate::Error>
        where
            Self: super::Material;
    }
}

message! {
    /// A party's shares of what is opened.
    #[derive(Clone, Debug)]
    pub struct Opened(count: usize) {
        shares: Vec<Fp> = count,
    }
}

/// Committed to a seed of the coin, waiting for the other party's commitment.
pub struct AwaitCoinCommitment<M: Material> {
    state: State<M>,
    toss: spdz::AwaitTossCommitment,
}

/// Revealed the seed of the coin, waiting for the other party's.
pub struct AwaitCoin<M: Material> {
    state: State<M>,
    toss: spdz::AwaitToss,
}

/// Sent its shares, waiting for the other party's.
pub struct AwaitOpened<M: Material> {
    session: Session,
    run: RunId,
    pending: Pending,
    count: usize,
    rest: M::Rest,
}

/// Committed to a seed of the check, waiting for the other party's commitment.
pub struct AwaitSeedCommitment<M: Material> {
    locked: Locked<M>,
    check: spdz::AwaitSeedCommitment,
}

/// Revealed the seed of the check, waiting for the other party's.
pub struct AwaitSeed<M: Material> {
    locked: Locked<M>,
    check: spdz::AwaitSeed,
}

/// Committed to sigma, waiting for the other party's commitment.
pub struct AwaitSigmaCommitment<M: Material> {
    locked: Locked<M>,
    check: spdz::AwaitSigmaCommitment,
}

/// Revealed sigma, waiting for the other party's.
pub struct AwaitSigma<M: Material> {
    locked: Locked<M>,
    check: spdz::AwaitSigma,
}

/// What was made, when nothing about it can change any more.
struct State<M> {
    session: Session,
    run: RunId,
    material: M,
}

/// What was made, under the lock of its check.
struct Locked<M: Material> {
    session: Session,
    rest: Unchecked<M::Rest, TwoSided>,
}

/// No values.
pub(super) fn nothing() -> Shares {
    Shares::concat(Vec::new())
}

/// The combination of authenticated values that a coin leads to: independent coefficients, and 1 for the last value, which masks it.
pub(super) fn combination(coin: &Coin, run: &RunId, owner: Party, values: &Shares) -> Shares {
    let mut transcript = Transcript::new(domain::OVERDRIVE_COMBINATION);
    run.bind(&mut transcript)
        .append_u64("owner", owner.number())
        .append_u64("values", values.len() as u64)
        .append("coin", coin.as_bytes());
    let mut chi = vec![Fp::ONE; values.len()];
    if let Some((_, chi)) = chi.split_last_mut() {
        fill_uniform(chi, &mut transcript.prg("coefficients"));
    }
    values.map(|column| vec![vector::dot(&chi, column)])
}

/// The name of a coin or of a check.
const fn id(name: &'static str, run: RunId) -> OpeningId {
    OpeningId::new(Purpose::Custom(name), run, 0)
}

impl<M: Material> AwaitCoinCommitment<M> {
    /// Starts, when all messages that the coin could be fitted to have arrived.
    pub(super) fn start(
        session: Session,
        run: RunId,
        material: M,
        rng: &mut impl CryptoRng,
    ) -> (Self, Commitment) {
        let (toss, commitment) = toss(session.party, &id(M::NAMES[0], run), rng);
        (Self { state: State { session, run, material }, toss }, commitment)
    }

    /// Reveals the seed of the coin.
    #[must_use]
    pub fn on_commitment(self, theirs: Commitment) -> (AwaitCoin<M>, Revealed) {
        let (toss, revealed) = self.toss.on_commitment(theirs);
        (AwaitCoin { state: self.state, toss }, revealed)
    }
}

impl<M: Material> AwaitCoin<M> {
    /// Combines by the coin, and sends its shares of what is opened.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if the seed is not the committed one.
    pub fn on_seed(self, theirs: &Revealed) -> Result<(AwaitOpened<M>, Opened), Error> {
        let State { session, run, material } = self.state;
        let coin = self.toss.on_seed(theirs)?;
        let (combination, rest) = material.combine(&coin, &run);
        let (shares, pending) = combination.reveal();
        let count = shares.len();
        Ok((AwaitOpened { session, run, pending, count, rest }, Opened { shares }))
    }
}

impl<M: Material> AwaitOpened<M> {
    /// Values that are opened: the shape of the other party's [`Opened`].
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Opens, and starts the check of opened values and zeros.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message was decoded for another number of values.
    pub fn on_opened(
        self,
        theirs: &Opened,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitSeedCommitment<M>, Commitment), Error> {
        let Self { session, run, pending, rest, .. } = self;
        let mut batch = Batch::new(session.party, &session.key);
        let opened = batch.receive(pending, &theirs.shares)?;
        let computed = opened.map(|opened| (M::zeros(&rest, &opened), rest));
        let (zeros, rest) = computed.unzip();
        // Check: sacrificed combinations are zero.
        batch.assert_zero_under(zeros)?;
        let (check, commitment) = batch.commit(&id(M::NAMES[1], run), rng);
        Ok((AwaitSeedCommitment { locked: Locked { session, rest }, check }, commitment))
    }
}

impl<M: Material> AwaitSeedCommitment<M> {
    /// Reveals the seed of the check.
    #[must_use]
    pub fn on_commitment(self, theirs: Commitment) -> (AwaitSeed<M>, Revealed) {
        let (check, revealed) = self.check.on_commitment(theirs);
        (AwaitSeed { locked: self.locked, check }, revealed)
    }
}

impl<M: Material> AwaitSeed<M> {
    /// Commits to sigma.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if the seed is not the committed one.
    pub fn on_seed(
        self,
        theirs: &Revealed,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitSigmaCommitment<M>, Commitment), Error> {
        let (check, commitment) = self.check.on_seed(theirs, rng)?;
        Ok((AwaitSigmaCommitment { locked: self.locked, check }, commitment))
    }
}

impl<M: Material> AwaitSigmaCommitment<M> {
    /// Reveals sigma.
    #[must_use]
    pub fn on_commitment(self, theirs: Commitment) -> (AwaitSigma<M>, RevealedSigma) {
        let (check, revealed) = self.check.on_commitment(theirs);
        (AwaitSigma { locked: self.locked, check }, revealed)
    }
}

impl<M: Material> AwaitSigma<M> {
    /// The session, ready for another batch, and what was made, if all that was opened is right and all that must be zero is.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if sigma is not the committed one, or with [`Check::Deferred`](crate::Check::Deferred) if a value is wrong: the session is
    /// over.
    pub fn on_sigma(self, theirs: &RevealedSigma) -> Result<(Session, M::Output), Error> {
        let checked = self.check.on_sigma(theirs)?;
        let Locked { session, rest } = self.locked;
        Ok((session, M::finish(rest.release(&checked)?)?))
    }
}

macro_rules! redacted {
    ($($Type:ident),+) => {$(
        impl<M: Material> fmt::Debug for $Type<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($Type), "(redacted)"))
            }
        }
    )+};
}

redacted!(
    AwaitCoinCommitment,
    AwaitCoin,
    AwaitOpened,
    AwaitSeedCommitment,
    AwaitSeed,
    AwaitSigmaCommitment,
    AwaitSigma
);

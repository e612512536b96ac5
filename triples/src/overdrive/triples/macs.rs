//! The MACs of c and c^.

use alloc::vec::Vec;
use core::fmt;

use muse_field::id::RunId;
use muse_field::parallel;
use muse_field::prg::Prg;
use muse_mac::spdz::Commitment;
use rand_core::CryptoRng;

use super::columns::{A, B, C, Columns, SECOND_B, SECOND_C};
use super::{MacReplies, Sacrifice};
use crate::Error;
use crate::overdrive::check::AwaitCoinCommitment;
use crate::overdrive::deviate::Step;
use crate::overdrive::respond::decrypt;
use crate::overdrive::{Context, MAC_REPLIES, Session};

/// A party while MACs of both parties' products are on their way.
pub struct Macs<'a> {
    context: Context<'a>,
    session: Session,
    run: RunId,
    randomness: Prg,
    columns: Columns,
    sent: usize,
    received: usize,
}

/// The replies of a group, in their order.
const REPLIES: [(Step, usize); MAC_REPLIES] = [(Step::MacC, C), (Step::MacSecondC, SECOND_C)];

impl<'a> Macs<'a> {
    pub(super) const fn new(
        context: Context<'a>,
        session: Session,
        run: RunId,
        randomness: Prg,
        columns: Columns,
    ) -> Self {
        Self { context, session, run, randomness, columns, sent: 0, received: 0 }
    }

    /// Groups that this party has not replied to.
    #[must_use]
    pub fn to_send(&self) -> usize {
        self.context.groups() - self.sent
    }

    /// Groups whose replies have not arrived.
    #[must_use]
    pub fn to_receive(&self) -> usize {
        self.context.groups() - self.received
    }

    /// The replies for the next group, or `None` after the last. Two products with a ciphertext, two replies, four transforms modulo p.
    ///
    /// # Errors
    /// None in a ring that exists.
    pub fn replies(&mut self) -> Result<Option<MacReplies>, Error> {
        if self.to_send() == 0 {
            return Ok(None);
        }
        let Self { context, session, randomness, columns, sent: group, .. } = self;
        let stream = randomness.substream(*group as u64);
        let (ring, slots) = (context.ring, context.slots);
        let made = parallel::map(REPLIES.into(), |index, (step, column)| -> Result<_, Error> {
            let rng = &mut stream.substream(FIRST_REPLY + index as u64);
            let values = columns.group(column, *group);
            let replaced = session.deviated(step, *group, values);
            let multiplier =
                slots.multiplier(ring, replaced.as_ref().map_or(values, |values| &values[..]))?;
            let (reply, mask) = session.alpha.times(ring, &multiplier, rng)?;
            Ok((reply, slots.decode(&mask)?))
        });
        let mut replies = Vec::with_capacity(MAC_REPLIES);
        for (made, (_, column)) in made.into_iter().zip(REPLIES) {
            let (reply, mask) = made?;
            columns.add_mac(column, *group, &mask);
            replies.push(reply);
        }
        *group += 1;
        MacReplies::new(replies).map(Some)
    }

    /// The other party's replies for the next group. Two decryptions and transforms to slots.
    ///
    /// # Errors
    /// [`Error::Misuse`] if all have arrived, or they were decoded for another ring.
    pub fn on_replies(mut self, theirs: MacReplies) -> Result<Self, Error> {
        if self.to_receive() == 0 {
            return Err(Error::Misuse("replies for as many groups as there are"));
        }
        let keyed = Vec::from(theirs).into_iter().map(|reply| (&self.session.reply_key, reply));
        let slots = self.context.slots;
        let opened = decrypt(self.context.ring, keyed.collect(), |values| slots.decode(values))?;
        for (values, (_, column)) in opened.into_iter().zip(REPLIES) {
            self.columns.add_mac(column, self.received, &values);
        }
        self.received += 1;
        Ok(self)
    }

    /// When all replies of both parties are there: nothing about the triples can change any more, and their check starts.
    ///
    /// # Errors
    /// [`Error::Misuse`] if replies remain.
    pub fn check(
        self,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitCoinCommitment<Sacrifice>, Commitment), Error> {
        if self.to_send() > 0 || self.to_receive() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        let Self { session, run, mut columns, .. } = self;
        columns.add_own_macs(&[A, B, SECOND_B, C, SECOND_C], session.key().expose());
        Ok(AwaitCoinCommitment::start(session, run, Sacrifice::new(columns.into_shares()?), rng))
    }
}

/// The substream of a group's first reply, behind those of the products.
const FIRST_REPLY: u64 = 6;

impl fmt::Debug for Macs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Macs")
            .field("to_send", &self.to_send())
            .field("to_receive", &self.to_receive())
            .finish_non_exhaustive()
    }
}

//! a b and a b^ of both parties, and the MACs of a, b and b^.

use alloc::vec::Vec;
use core::fmt;

use muse_field::id::RunId;
use muse_field::parallel;
use muse_field::prg::Prg;
use muse_he::reply::{Reply, ReplyKey};
use muse_zk::topgear::Rows;

use super::columns::{A, B, C, Columns, SECOND_B, SECOND_C};
use super::{Macs, ProductReplies};
use crate::Error;
use crate::overdrive::deviate::Step;
use crate::overdrive::respond::{Target, decrypt};
use crate::overdrive::{Context, PRODUCT_REPLIES, Session};

/// A party while products of both are on their way.
pub struct Products<'a> {
    context: Context<'a>,
    session: Session,
    run: RunId,
    randomness: Prg,
    columns: Columns,
    /// For replies on its own ciphertexts that have not arrived.
    reply_keys: alloc::vec::IntoIter<ReplyKey>,
    /// The other party's ciphertexts that it has not replied to.
    rows: Rows,
}

/// The replies of a group in their order: the column that the multiplier comes from, the column that the mask belongs to.
const REPLIES: [(Step, usize, Part); PRODUCT_REPLIES] = [
    (Step::Product, B, Part::Product(C)),
    (Step::SecondProduct, SECOND_B, Part::Product(SECOND_C)),
    (Step::MacA, A, Part::Mac(A)),
    (Step::MacB, B, Part::Mac(B)),
    (Step::MacSecondB, SECOND_B, Part::Mac(SECOND_B)),
];

/// What a reply is a share of.
#[derive(Clone, Copy)]
enum Part {
    /// Of the values of a column, on Enc(a).
    Product(usize),
    /// Of the MACs of a column, on Enc(alpha).
    Mac(usize),
}

impl<'a> Products<'a> {
    pub(super) fn new(
        context: Context<'a>,
        session: Session,
        run: RunId,
        randomness: Prg,
        columns: Columns,
        reply_keys: Vec<ReplyKey>,
        rows: Rows,
    ) -> Self {
        Self { context, session, run, randomness, columns, reply_keys: reply_keys.into_iter(), rows }
    }

    /// Groups that this party has not replied to.
    #[must_use]
    pub fn to_send(&self) -> usize {
        self.rows.len()
    }

    /// Groups whose replies have not arrived.
    #[must_use]
    pub fn to_receive(&self) -> usize {
        self.reply_keys.len()
    }

    /// The replies for the next group, or `None` after the last. Five products with ciphertexts, five replies, eight transforms modulo p; on all threads with
    /// the feature `parallel`.
    ///
    /// # Errors
    /// None in a ring that exists.
    pub fn replies(&mut self) -> Result<Option<ProductReplies>, Error> {
        let Self { context, session, randomness, columns, rows, .. } = self;
        let group = context.groups() - rows.len();
        let Some((ciphertext, key)) = rows.next() else { return Ok(None) };
        let product = Target { ciphertext, key, flood: session.flood };
        let stream = randomness.substream(group as u64);
        let (ring, slots) = (context.ring, context.slots);
        // Lifted once, though b and b^ multiply twice.
        let lifted = parallel::map([A, B, SECOND_B].into(), |_, column: usize| {
            slots.multiplier(ring, columns.group(column, group))
        });
        let lifted = lifted.into_iter().collect::<Result<Vec<_>, _>>()?;
        let made = parallel::map(REPLIES.into(), |index, (step, column, part)| -> Result<_, Error> {
            let rng = &mut stream.substream(FIRST_REPLY + index as u64);
            let replaced = session.deviated(step, group, columns.group(column, group));
            let replaced = replaced.map(|values| slots.multiplier(ring, &values)).transpose()?;
            // Columns a, b and b^ are numbers 0 to 2.
            let multiplier = replaced.as_ref().unwrap_or(&lifted[column]);
            let target = match part {
                Part::Product(_) => &product,
                Part::Mac(_) => &session.alpha,
            };
            let (reply, mask) = target.times(ring, multiplier, rng)?;
            Ok((reply, slots.decode(&mask)?))
        });
        let mut replies = Vec::with_capacity(PRODUCT_REPLIES);
        for (made, (_, _, part)) in made.into_iter().zip(REPLIES) {
            let (reply, mask): (Reply, _) = made?;
            match part {
                Part::Product(column) => columns.add(column, group, &mask),
                Part::Mac(column) => columns.add_mac(column, group, &mask),
            }
            replies.push(reply);
        }
        columns.add_product(C, [A, B], group);
        columns.add_product(SECOND_C, [A, SECOND_B], group);
        ProductReplies::new(replies).map(Some)
    }

    /// The other party's replies for the next group. Five decryptions and transforms to slots.
    ///
    /// # Errors
    /// [`Error::Misuse`] if all have arrived, or they were decoded for another ring.
    pub fn on_replies(mut self, theirs: ProductReplies) -> Result<Self, Error> {
        let group = self.context.groups() - self.to_receive();
        let own = self.reply_keys.next().ok_or(Error::Misuse("replies for as many groups as there are"))?;
        let keyed = Vec::from(theirs).into_iter().zip(REPLIES).map(|(reply, (_, _, part))| match part {
            Part::Product(_) => (&own, reply),
            Part::Mac(_) => (&self.session.reply_key, reply),
        });
        let slots = self.context.slots;
        let opened = decrypt(self.context.ring, keyed.collect(), |values| slots.decode(values))?;
        for (values, (_, _, part)) in opened.into_iter().zip(REPLIES) {
            match part {
                Part::Product(column) => self.columns.add(column, group, &values),
                Part::Mac(column) => self.columns.add_mac(column, group, &values),
            }
        }
        Ok(self)
    }

    /// When all replies of both parties are there: the shares of c and c^ are known, and can be authenticated.
    ///
    /// # Errors
    /// [`Error::Misuse`] if replies remain.
    pub fn finish(self) -> Result<Macs<'a>, Error> {
        if self.to_send() > 0 || self.to_receive() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        let Self { context, session, run, randomness, columns, .. } = self;
        Ok(Macs::new(context, session, run, randomness, columns))
    }
}

/// The substream of a group's first reply.
const FIRST_REPLY: u64 = 1;

impl fmt::Debug for Products<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Products")
            .field("to_send", &self.to_send())
            .field("to_receive", &self.to_receive())
            .finish_non_exhaustive()
    }
}

//! The server: keys in, zero labels out, and every verdict.

mod rounds;

use core::fmt;
use muse_field::id::RunId;

use muse_field::prg::Prg;
use muse_field::wire::{Decode, from_slice};
use muse_gc::label::ZeroLabels;
use muse_gc::ot::softspoken::{Answer, CotSender};
use muse_mac::{Digest, Keys, MacKey};
use muse_zk::range::Message;
use rand_core::CryptoRng;

use self::rounds::{Collecting, Deciding, Judging, Telling};
use super::check_count;
use crate::conversation::{self, Conversation};
use crate::disclose::{Disclose, Step};
use crate::error::Error;
use crate::mailbox::{Inbox, Outbox};

/// The server's side of a disclosure from correlated OT. Secret state; see the [module](super).
pub struct Server {
    conversation: Conversation<State>,
}

/// The sender, for the next disclosure of the session, and the zero labels of 44 bits a value. There is none unless all checks
/// have passed.
pub type Output = (CotSender, ZeroLabels);

impl Server {
    /// Starts the disclosure of the values under `keys`, those of all layers of an inference in order.
    ///
    /// The position of `transfer` moves on now. Challenges come from a generator that is seeded from `rng` here.
    ///
    /// # Errors
    /// [`Error::Transfer`] if the session has no OTs left, [`Error::Misuse`] for 2^32 values or more.
    pub fn new(
        id: RunId,
        transfer: CotSender,
        key: &MacKey,
        keys: Keys,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        check_count(keys.len())?;
        let round = Collecting::new(id, transfer, key, keys, Prg::from_rng(rng))?;
        let inbox = Inbox::new(round.chunk());
        Ok(Self { conversation: Conversation::new(State::Columns(inbox, round)) })
    }
}

impl Disclose for Server {
    type Output = Output;

    fn step(&self) -> Step {
        self.conversation.step()
    }

    fn fill(&mut self, out: &mut [u8]) {
        self.conversation.fill(out);
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.conversation.absorb(bytes)
    }

    fn finish(self) -> Result<Self::Output, Error> {
        self.conversation.finish()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?}, redacted)", self.step())
    }
}

/// The message that is on its way, and the round that made it or takes it.
enum State {
    Columns(Inbox, Collecting),
    Challenge(Outbox, Deciding),
    Answer(Inbox, Deciding),
    Tau(Outbox, Telling),
    Seed(Outbox, Judging),
    Proof(Inbox, Judging),
    Done(Output),
}

impl State {
    /// Sending the chunk of tau in the box, or after the last one the seed.
    fn tau(outbox: Outbox, round: Telling) -> Self {
        if outbox.is_empty() && round.chunk() == 0 {
            let (round, seed) = round.end();
            Self::Seed(Outbox::of(&seed), round)
        } else {
            Self::Tau(outbox, round)
        }
    }
}

impl conversation::State for State {
    type Output = Output;

    fn step(&self) -> Step {
        match self {
            Self::Columns(inbox, round) => Step::Receive(round.missing() - inbox.received() as u64),
            Self::Answer(inbox, _) | Self::Proof(inbox, _) => Step::Receive(inbox.remaining() as u64),
            Self::Tau(outbox, round) => Step::Send(round.unmade() + outbox.remaining() as u64),
            Self::Challenge(outbox, _) | Self::Seed(outbox, _) => Step::Send(outbox.remaining() as u64),
            Self::Done(_) => Step::Finished,
        }
    }

    fn fill(self, mut out: &mut [u8]) -> Self {
        match self {
            Self::Challenge(mut outbox, round) => {
                outbox.take(out);
                if outbox.is_empty() {
                    Self::Answer(Inbox::new(Answer::len_for(())), round)
                } else {
                    Self::Challenge(outbox, round)
                }
            }
            Self::Tau(mut outbox, mut round) => {
                while !out.is_empty() {
                    if outbox.is_empty() {
                        outbox.refill(round.chunk(), |out| round.tau(out));
                    }
                    let sent = outbox.take(out);
                    out = &mut out[sent..];
                }
                Self::tau(outbox, round)
            }
            Self::Seed(mut outbox, round) => {
                outbox.take(out);
                if outbox.is_empty() {
                    Self::Proof(Inbox::new(<(Message, Digest)>::len_for(((), ()))), round)
                } else {
                    Self::Seed(outbox, round)
                }
            }
            Self::Columns(..) | Self::Answer(..) | Self::Proof(..) | Self::Done(_) => self,
        }
    }

    fn absorb(self, mut bytes: &[u8]) -> Result<Self, Error> {
        Ok(match self {
            Self::Columns(mut inbox, mut round) => {
                while !bytes.is_empty() {
                    bytes = inbox.put(bytes);
                    if inbox.remaining() == 0 {
                        round.columns(inbox.bytes())?;
                        inbox.reset(round.chunk());
                    }
                }
                if round.missing() > 0 {
                    return Ok(Self::Columns(inbox, round));
                }
                let (round, challenge) = round.end()?;
                Self::Challenge(Outbox::of(&challenge), round)
            }
            Self::Answer(mut inbox, round) => {
                inbox.put(bytes);
                if inbox.remaining() > 0 {
                    return Ok(Self::Answer(inbox, round));
                }
                let round = round.on_answer(&from_slice((), inbox.bytes())?)?;
                Self::tau(Outbox::with_capacity(round.chunk()), round)
            }
            Self::Proof(mut inbox, round) => {
                inbox.put(bytes);
                if inbox.remaining() > 0 {
                    return Ok(Self::Proof(inbox, round));
                }
                let (proof, digest) = from_slice(((), ()), inbox.bytes())?;
                Self::Done(round.on_proof(&proof, &digest)?)
            }
            Self::Challenge(..) | Self::Tau(..) | Self::Seed(..) | Self::Done(_) => self,
        })
    }

    fn output(self) -> Option<Output> {
        if let Self::Done(output) = self { Some(output) } else { None }
    }
}

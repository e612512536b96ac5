//! The client: values in, labels out.

mod rounds;

use core::fmt;
use muse_field::id::{Coin, RunId};

use alloc::vec::Vec;

use muse_field::wire::{Decode, from_slice};
use muse_gc::label::ActiveLabels;
use muse_gc::ot::softspoken::CotReceiver;
use muse_mac::Authenticated;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use self::rounds::{Committing, Recomposing};
use super::check_count;
use crate::conversation::{self, Conversation};
use crate::disclose::{Disclose, Step};
use crate::error::Error;
use crate::mailbox::{Inbox, Outbox};

/// The client's side of a disclosure from correlated OT. Secret state; see the [module](super).
pub struct Client {
    conversation: Conversation<State>,
}

/// The receiver, for the next disclosure of the session, and 44 labels a value.
///
/// They are the client's to use at once; whether the server accepts them shows in whether it goes on.
pub type Output = (CotReceiver, ActiveLabels);

impl Client {
    /// Starts the disclosure of `shares`, the values of all layers of an inference in order.
    ///
    /// The position of `transfer` moves on now.
    ///
    /// # Errors
    /// [`Error::Transfer`] if the session has no OTs left, [`Error::Misuse`] for 2^32 values or more.
    pub fn new(
        id: RunId,
        transfer: CotReceiver,
        shares: Authenticated,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let values: Zeroizing<Vec<u64>> =
            Zeroizing::new(shares.values().iter().map(|v| v.to_u64()).collect());
        Self::new_with_choices(id, transfer, shares, &values, rng)
    }

    /// A client that puts in other 44-bit integers than those it has authenticated. **Only for tests of the server's checks**: it is
    /// refused unless the integers are the values.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and [`Error::Misuse`] unless there is an integer for each value.
    pub fn new_with_choices(
        id: RunId,
        transfer: CotReceiver,
        shares: Authenticated,
        integers: &[u64],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        check_count(shares.len())?;
        if integers.len() != shares.len() {
            return Err(Error::Misuse("an integer for each value"));
        }
        let round = Committing::new(id, transfer, shares, integers, rng)?;
        let outbox = Outbox::with_capacity(round.chunk());
        Ok(Self { conversation: Conversation::new(State::Columns(outbox, round)) })
    }
}

impl Disclose for Client {
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({:?}, redacted)", self.step())
    }
}

/// The message that is on its way, and the round that made it or takes it.
enum State {
    Columns(Outbox, Committing),
    Challenge(Inbox, Committing),
    Answer(Outbox, Recomposing),
    Tau(Inbox, Recomposing),
    Seed(Inbox, Recomposing),
    Proof(Outbox, Output),
    Done(Output),
}

impl State {
    /// Waiting for the next chunk of tau, or after the last one for the seed.
    fn tau(inbox: Inbox, round: Recomposing) -> Self {
        if round.chunk() == 0 {
            Self::Seed(Inbox::new(Coin::len_for(())), round)
        } else {
            Self::Tau(inbox, round)
        }
    }
}

impl conversation::State for State {
    type Output = Output;

    fn step(&self) -> Step {
        match self {
            Self::Columns(outbox, round) => Step::Send(round.unmade() + outbox.remaining() as u64),
            Self::Answer(outbox, _) | Self::Proof(outbox, _) => Step::Send(outbox.remaining() as u64),
            Self::Tau(inbox, round) => Step::Receive(round.missing() - inbox.received() as u64),
            Self::Challenge(inbox, _) | Self::Seed(inbox, _) => Step::Receive(inbox.remaining() as u64),
            Self::Done(_) => Step::Finished,
        }
    }

    fn fill(self, mut out: &mut [u8]) -> Self {
        match self {
            Self::Columns(mut outbox, mut round) => loop {
                let sent = outbox.take(out);
                out = &mut out[sent..];
                if !outbox.is_empty() {
                    return Self::Columns(outbox, round);
                }
                match round.chunk() {
                    0 => return Self::Challenge(Inbox::new(Coin::len_for(())), round),
                    _ if out.is_empty() => return Self::Columns(outbox, round),
                    len => outbox.refill(len, |out| round.columns(out)),
                }
            },
            Self::Answer(mut outbox, round) => {
                outbox.take(out);
                if outbox.is_empty() {
                    return Self::tau(Inbox::new(round.chunk()), round);
                }
                Self::Answer(outbox, round)
            }
            Self::Proof(mut outbox, output) => {
                outbox.take(out);
                if outbox.is_empty() { Self::Done(output) } else { Self::Proof(outbox, output) }
            }
            Self::Challenge(..) | Self::Tau(..) | Self::Seed(..) | Self::Done(_) => self,
        }
    }

    fn absorb(self, bytes: &[u8]) -> Result<Self, Error> {
        Ok(match self {
            Self::Challenge(mut inbox, round) => {
                inbox.put(bytes);
                if inbox.remaining() > 0 {
                    return Ok(Self::Challenge(inbox, round));
                }
                let (round, answer) = round.on_challenge(&from_slice((), inbox.bytes())?)?;
                Self::Answer(Outbox::of(&answer), round)
            }
            Self::Tau(mut inbox, mut round) => {
                let mut bytes = bytes;
                while !bytes.is_empty() {
                    bytes = inbox.put(bytes);
                    if inbox.remaining() == 0 {
                        round.on_tau(inbox.bytes())?;
                        inbox.reset(round.chunk());
                    }
                }
                Self::tau(inbox, round)
            }
            Self::Seed(mut inbox, round) => {
                inbox.put(bytes);
                if inbox.remaining() > 0 {
                    return Ok(Self::Seed(inbox, round));
                }
                let (output, proof) = round.on_seed(&from_slice((), inbox.bytes())?)?;
                Self::Proof(Outbox::of(&proof), output)
            }
            Self::Columns(..) | Self::Answer(..) | Self::Proof(..) | Self::Done(_) => self,
        })
    }

    fn output(self) -> Option<Output> {
        if let Self::Done(output) = self { Some(output) } else { None }
    }
}

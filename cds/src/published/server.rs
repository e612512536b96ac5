//! The server: keys in, zero labels out, and every verdict.

mod rounds;

use core::fmt;
use muse_field::id::RunId;

use muse_gc::label::{Delta, ZeroLabels};
use muse_mac::{Keys, MacKey};
use rand_core::CryptoRng;

use self::rounds::Round;
use super::ServerPool;
use crate::conversation::{self, Conversation};
use crate::disclose::{Disclose, Step};
use crate::error::Error;
use crate::mailbox::{Inbox, Outbox};

/// The server's side of a disclosure from triples. Secret state; see the [module](super).
pub struct Server {
    conversation: Conversation<State>,
}

/// The zero labels of 44 bits a value. There are none unless all checks have passed.
pub type Output = ZeroLabels;

impl Server {
    /// Starts the disclosure of the values under `keys`, which are values `first..` of the inference. Labels are drawn now.
    ///
    /// `pool` has what [`needs`](super::needs) says, and nothing else uses it.
    ///
    /// # Errors
    /// [`Error::Misuse`] if it has not, or an index is 2^32 or more.
    pub fn new(
        id: RunId,
        first: usize,
        pool: ServerPool,
        delta: &Delta,
        key: &MacKey,
        keys: Keys,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let round = Round::new(id, first, pool, delta, key, keys, rng)?;
        Ok(Self { conversation: Conversation::new(State::next(round)) })
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
    Listening(Inbox, Round),
    Speaking(Outbox, Round),
    Done(Output),
}

impl State {
    /// Listens, if there is anything left to hear.
    fn next(round: Round) -> Self {
        match round.awaited() {
            0 => Self::Done(round.end()),
            len => Self::Listening(Inbox::new(len), round),
        }
    }
}

impl conversation::State for State {
    type Output = Output;

    fn step(&self) -> Step {
        match self {
            Self::Listening(inbox, _) => Step::Receive(inbox.remaining() as u64),
            Self::Speaking(outbox, _) => Step::Send(outbox.remaining() as u64),
            Self::Done(_) => Step::Finished,
        }
    }

    fn fill(self, out: &mut [u8]) -> Self {
        match self {
            Self::Speaking(mut outbox, round) => {
                outbox.take(out);
                if outbox.is_empty() { Self::next(round) } else { Self::Speaking(outbox, round) }
            }
            Self::Listening(..) | Self::Done(_) => self,
        }
    }

    fn absorb(self, bytes: &[u8]) -> Result<Self, Error> {
        match self {
            Self::Listening(mut inbox, round) => {
                inbox.put(bytes);
                if inbox.remaining() > 0 {
                    return Ok(Self::Listening(inbox, round));
                }
                let (round, answer) = round.listen(inbox.bytes())?;
                Ok(Self::Speaking(answer, round))
            }
            Self::Speaking(..) | Self::Done(_) => Ok(self),
        }
    }

    fn output(self) -> Option<Output> {
        if let Self::Done(output) = self { Some(output) } else { None }
    }
}

//! The client: values in, labels out.

mod rounds;

use core::fmt;
use muse_field::id::RunId;

use alloc::vec::Vec;

use muse_field::Fp;
use muse_gc::label::ActiveLabels;
use muse_mac::Authenticated;
use zeroize::Zeroizing;

use self::rounds::Round;
use super::{ClientPool, INPUTS, inputs};
use crate::conversation::{self, Conversation};
use crate::disclose::{Disclose, Step};
use crate::error::Error;
use crate::mailbox::{Inbox, Outbox};

/// The client's side of a disclosure from triples. Secret state; see the [module](super).
pub struct Client {
    conversation: Conversation<State>,
}

/// 44 labels a value.
pub type Output = ActiveLabels;

impl Client {
    /// Starts the disclosure of `shares`, which are values `first..` of the inference.
    ///
    /// `pool` has what [`needs`](super::needs) says, and nothing else uses it.
    ///
    /// # Errors
    /// [`Error::Misuse`] if it has not, or an index is 2^32 or more.
    pub fn new(id: RunId, first: usize, pool: ClientPool, shares: Authenticated) -> Result<Self, Error> {
        let integers: Zeroizing<Vec<u64>> =
            Zeroizing::new(shares.values().iter().map(|v| v.to_u64()).collect());
        let inputs = inputs(&integers);
        Self::new_with_inputs(id, first, pool, shares, inputs)
    }

    /// A client that puts in other elements than the [`inputs`] of what it has authenticated. **Only for tests of the server's
    /// checks**: it is refused unless they are 44 bits of the value and a helper that fits.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and [`Error::Misuse`] unless there are [`INPUTS`] elements for each value.
    pub fn new_with_inputs(
        id: RunId,
        first: usize,
        pool: ClientPool,
        shares: Authenticated,
        inputs: Zeroizing<Vec<Fp>>,
    ) -> Result<Self, Error> {
        if inputs.len() != INPUTS * shares.len() {
            return Err(Error::Misuse("45 inputs for each value"));
        }
        let round = Round::new(id, first, pool, shares, &inputs)?;
        Ok(Self { conversation: Conversation::new(State::next(round)?) })
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
    Speaking(Outbox, Round),
    Listening(Inbox, Round),
    Done(Output),
}

impl State {
    /// Speaks, if there is anything left to say.
    fn next(mut round: Round) -> Result<Self, Error> {
        Ok(match round.speak()? {
            Some(message) => Self::Speaking(message, round),
            None => Self::Done(round.end()),
        })
    }
}

impl conversation::State for State {
    type Output = Output;

    fn step(&self) -> Step {
        match self {
            Self::Speaking(outbox, _) => Step::Send(outbox.remaining() as u64),
            Self::Listening(inbox, _) => Step::Receive(inbox.remaining() as u64),
            Self::Done(_) => Step::Finished,
        }
    }

    fn fill(self, out: &mut [u8]) -> Self {
        match self {
            Self::Speaking(mut outbox, round) => {
                outbox.take(out);
                if outbox.is_empty() {
                    Self::Listening(Inbox::new(round.awaited()), round)
                } else {
                    Self::Speaking(outbox, round)
                }
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
                Self::next(round.listen(inbox.bytes())?)
            }
            Self::Speaking(..) | Self::Done(_) => Ok(self),
        }
    }

    fn output(self) -> Option<Output> {
        if let Self::Done(output) = self { Some(output) } else { None }
    }
}

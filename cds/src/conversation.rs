//! [`Conversation`]: the part of [`Disclose`](crate::Disclose) that does not depend on what is said.

use core::mem;

use crate::disclose::Step;
use crate::error::Error;

/// What a party is doing: a round of its protocol, with a message partly sent or received. Every step consumes it.
pub(crate) trait State: Sized {
    /// The result of the last state.
    type Output;

    /// As [`Disclose::step`](crate::Disclose::step).
    fn step(&self) -> Step;

    /// Sends `out.len()` bytes, at most as many as announced.
    fn fill(self, out: &mut [u8]) -> Self;

    /// Receives bytes, at most as many as announced.
    fn absorb(self, bytes: &[u8]) -> Result<Self, Error>;

    /// The result, if this is the last state.
    fn output(self) -> Option<Self::Output>;
}

/// A state, or the error that destroyed it.
pub(crate) struct Conversation<S>(Result<S, Error>);

impl<S: State> Conversation<S> {
    pub(crate) const fn new(state: S) -> Self {
        Self(Ok(state))
    }

    pub(crate) fn step(&self) -> Step {
        self.0.as_ref().map_or(Step::Finished, S::step)
    }

    /// # Panics
    /// If `out` is longer than the rest of the message that is being sent.
    pub(crate) fn fill(&mut self, out: &mut [u8]) {
        let announced = if let Step::Send(n) = self.step() { n } else { 0 };
        assert!(out.len() as u64 <= announced, "no more bytes than are announced to be sent");
        self.0 = mem::replace(&mut self.0, Err(GONE)).map(|state| state.fill(out));
    }

    pub(crate) fn absorb(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let announced = if let Step::Receive(n) = self.step() { n } else { 0 };
        self.0 = mem::replace(&mut self.0, Err(GONE)).and_then(|state| {
            if bytes.len() as u64 > announced {
                return Err(Error::Misuse("no more bytes than are announced to be received"));
            }
            state.absorb(bytes)
        });
        self.0.as_ref().map(|_| ()).map_err(|&error| error)
    }

    pub(crate) fn finish(self) -> Result<S::Output, Error> {
        self.0?.output().ok_or(Error::Misuse("a result after the last step only"))
    }
}

/// What is left of a state whose step panicked.
const GONE: Error = Error::Misuse("a state that a panic has not interrupted");

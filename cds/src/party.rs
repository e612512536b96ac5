//! [`Party`]: the part of [`Disclose`] that does not depend on the messages. Each of the four parties is its [`Rounds`].

use core::{fmt, mem};

use alloc::vec;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::disclose::{Disclose, Step};
use crate::error::Error;

/// What one party sends and receives, in order. Every step consumes the state before it.
pub trait Rounds: Sized {
    /// What [`Debug`](fmt::Debug) calls the party.
    const NAME: &'static str;
    /// The state while a message is sent.
    type Sending;
    /// The state while a message is received.
    type Awaiting;
    /// The result of the last round.
    type Output;

    /// What comes after the bytes that have been sent.
    fn sent(state: Self::Sending) -> Next<Self>;

    /// What comes after these bytes, which have been received.
    fn received(state: Self::Awaiting, bytes: &[u8]) -> Result<Next<Self>, Error>;
}

/// What a party does next, and the state in which it does it.
pub enum Next<R: Rounds> {
    /// It sends a message, or a chunk of one.
    Send(Transfer, R::Sending),
    /// It receives a message, or a chunk of one.
    Receive(Transfer, R::Awaiting),
    /// It has finished.
    Done(R::Output),
}

/// The bytes of a message, or of a chunk of it, of which some have been sent or received. There is at least one.
pub struct Transfer {
    bytes: Zeroizing<Vec<u8>>,
    moved: usize,
    /// Bytes of the message after these.
    later: u64,
}

/// A party of a disclosure: what it is doing, or the error that ended it. Secret state.
///
/// There are four: the [client](crate::correlated::Client) and the [server](crate::correlated::Server) of a disclosure from
/// correlated OT, the [client](crate::published::Client) and the [server](crate::published::Server) of one from triples.
pub struct Party<R: Rounds>(Result<Next<R>, Error>);

impl<R: Rounds> Party<R> {
    pub(crate) const fn begin(first: Next<R>) -> Self {
        Self(Ok(first))
    }
}

impl<R: Rounds> Disclose for Party<R> {
    type Output = R::Output;

    fn step(&self) -> Step {
        match &self.0 {
            Ok(Next::Send(transfer, _)) => Step::Send(transfer.remaining()),
            Ok(Next::Receive(transfer, _)) => Step::Receive(transfer.remaining()),
            Ok(Next::Done(_)) | Err(_) => Step::Finished,
        }
    }

    fn fill(&mut self, out: &mut [u8]) {
        let announced = if let Step::Send(n) = self.step() { n } else { 0 };
        assert!(out.len() as u64 <= announced, "no more bytes than are announced to be sent");
        self.0 = mem::replace(&mut self.0, Err(GONE)).map(|next| next.fill(out));
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let announced = if let Step::Receive(n) = self.step() { n } else { 0 };
        self.0 = mem::replace(&mut self.0, Err(GONE)).and_then(|next| {
            if bytes.len() as u64 > announced {
                return Err(Error::Misuse("no more bytes than are announced to be received"));
            }
            next.absorb(bytes)
        });
        self.0.as_ref().map(|_| ()).map_err(|&error| error)
    }

    fn finish(self) -> Result<R::Output, Error> {
        let Next::Done(output) = self.0? else {
            return Err(Error::Misuse("a result after the last step only"));
        };
        Ok(output)
    }
}

impl<R: Rounds> fmt::Debug for Party<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?}, redacted)", R::NAME, self.step())
    }
}

impl<R: Rounds> Next<R> {
    /// Sends these bytes, after which `later` bytes of the same message follow.
    pub(crate) fn send(bytes: Vec<u8>, later: u64, state: R::Sending) -> Self {
        Self::Send(Transfer::new(bytes, later), state)
    }

    /// Receives so many bytes, after which `later` bytes of the same message follow.
    pub(crate) fn receive(len: usize, later: u64, state: R::Awaiting) -> Self {
        Self::Receive(Transfer::new(vec![0; len], later), state)
    }

    /// Fills `out`, which is no longer than the rest of the message.
    fn fill(mut self, mut out: &mut [u8]) -> Self {
        loop {
            let Self::Send(mut transfer, state) = self else { return self };
            let part = transfer.part(out.len());
            let (now, rest) = out.split_at_mut(part.len());
            now.copy_from_slice(part);
            out = rest;
            if !transfer.is_through() {
                return Self::Send(transfer, state);
            }
            self = R::sent(state);
        }
    }

    /// Takes `bytes`, which are no more than the rest of the message.
    fn absorb(mut self, mut bytes: &[u8]) -> Result<Self, Error> {
        loop {
            let Self::Receive(mut transfer, state) = self else { return Ok(self) };
            let part = transfer.part(bytes.len());
            let (now, rest) = bytes.split_at(part.len());
            part.copy_from_slice(now);
            bytes = rest;
            if !transfer.is_through() {
                return Ok(Self::Receive(transfer, state));
            }
            self = R::received(state, &transfer.bytes)?;
        }
    }
}

impl Transfer {
    fn new(bytes: Vec<u8>, later: u64) -> Self {
        debug_assert!(!bytes.is_empty(), "a message has bytes");
        Self { bytes: Zeroizing::new(bytes), moved: 0, later }
    }

    /// Bytes of the message that are still to be moved.
    fn remaining(&self) -> u64 {
        (self.bytes.len() - self.moved) as u64 + self.later
    }

    fn is_through(&self) -> bool {
        self.moved == self.bytes.len()
    }

    /// The next bytes, at most `most` of them, which count as moved.
    fn part(&mut self, most: usize) -> &mut [u8] {
        let start = self.moved;
        self.moved += most.min(self.bytes.len() - start);
        &mut self.bytes[start..self.moved]
    }
}

/// What is left of a state whose step panicked.
const GONE: Error = Error::Misuse("a state that a panic has not interrupted");

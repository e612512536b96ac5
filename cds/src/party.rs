//! [`Party`]: the part of [`Disclose`] that does not depend on what is said. Each of the four parties is its [`Rounds`].

use core::{fmt, mem};

use alloc::vec;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::disclose::{Disclose, Step};
use crate::error::Error;

/// What one party says and hears, in order. Every step consumes the state before it.
pub trait Rounds: Sized {
    /// What [`Debug`](fmt::Debug) calls the party.
    const NAME: &'static str;
    /// The state while a message is sent.
    type Speaking;
    /// The state while a message is received.
    type Listening;
    /// The result of the last round.
    type Output;

    /// What comes after the bytes that have been sent.
    fn said(state: Self::Speaking) -> Turn<Self>;

    /// What comes after these bytes, which have been received.
    fn heard(state: Self::Listening, bytes: &[u8]) -> Result<Turn<Self>, Error>;
}

/// What a party does next, and the state in which it does it.
pub enum Turn<R: Rounds> {
    /// It sends a message, or a chunk of one.
    Speak(Mail, R::Speaking),
    /// It receives a message, or a chunk of one.
    Listen(Mail, R::Listening),
    /// It has finished.
    Done(R::Output),
}

/// The bytes of a message, or of a chunk of it, of which some have been sent or received. There is at least one.
pub struct Mail {
    bytes: Zeroizing<Vec<u8>>,
    moved: usize,
    /// Bytes of the message after these.
    later: u64,
}

/// A party of a disclosure: what it is doing, or the error that ended it. Secret state.
///
/// There are four: the [client](crate::correlated::Client) and the [server](crate::correlated::Server) of a disclosure from
/// correlated OT, the [client](crate::published::Client) and the [server](crate::published::Server) of one from triples.
pub struct Party<R: Rounds>(Result<Turn<R>, Error>);

impl<R: Rounds> Party<R> {
    pub(crate) const fn begin(first: Turn<R>) -> Self {
        Self(Ok(first))
    }
}

impl<R: Rounds> Disclose for Party<R> {
    type Output = R::Output;

    fn step(&self) -> Step {
        match &self.0 {
            Ok(Turn::Speak(mail, _)) => Step::Send(mail.remaining()),
            Ok(Turn::Listen(mail, _)) => Step::Receive(mail.remaining()),
            Ok(Turn::Done(_)) | Err(_) => Step::Finished,
        }
    }

    fn fill(&mut self, out: &mut [u8]) {
        let announced = if let Step::Send(n) = self.step() { n } else { 0 };
        assert!(out.len() as u64 <= announced, "no more bytes than are announced to be sent");
        self.0 = mem::replace(&mut self.0, Err(GONE)).map(|turn| turn.fill(out));
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let announced = if let Step::Receive(n) = self.step() { n } else { 0 };
        self.0 = mem::replace(&mut self.0, Err(GONE)).and_then(|turn| {
            if bytes.len() as u64 > announced {
                return Err(Error::Misuse("no more bytes than are announced to be received"));
            }
            turn.absorb(bytes)
        });
        self.0.as_ref().map(|_| ()).map_err(|&error| error)
    }

    fn finish(self) -> Result<R::Output, Error> {
        let Turn::Done(output) = self.0? else {
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

impl<R: Rounds> Turn<R> {
    /// Sends these bytes, after which `later` bytes of the same message follow.
    pub(crate) fn speak(bytes: Vec<u8>, later: u64, state: R::Speaking) -> Self {
        Self::Speak(Mail::new(bytes, later), state)
    }

    /// Receives so many bytes, after which `later` bytes of the same message follow.
    pub(crate) fn listen(len: usize, later: u64, state: R::Listening) -> Self {
        Self::Listen(Mail::new(vec![0; len], later), state)
    }

    /// Fills `out`, which is no longer than the rest of the message.
    fn fill(mut self, mut out: &mut [u8]) -> Self {
        loop {
            let Self::Speak(mut mail, state) = self else { return self };
            let part = mail.part(out.len());
            let (now, rest) = out.split_at_mut(part.len());
            now.copy_from_slice(part);
            out = rest;
            if !mail.is_through() {
                return Self::Speak(mail, state);
            }
            self = R::said(state);
        }
    }

    /// Takes `bytes`, which are no more than the rest of the message.
    fn absorb(mut self, mut bytes: &[u8]) -> Result<Self, Error> {
        loop {
            let Self::Listen(mut mail, state) = self else { return Ok(self) };
            let part = mail.part(bytes.len());
            let (now, rest) = bytes.split_at(part.len());
            part.copy_from_slice(now);
            bytes = rest;
            if !mail.is_through() {
                return Ok(Self::Listen(mail, state));
            }
            self = R::heard(state, &mail.bytes)?;
        }
    }
}

impl Mail {
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

//! A program as a state machine: it runs until it waits for a message.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::fmt;
use core::future::{Future, poll_fn};
use core::mem::take;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use muse_field::wire::{Decode, Encode, from_slice, to_vec};

use crate::Error;
use crate::error::ENDED;

/// Where an engine leaves what it sends, and finds what it receives.
#[derive(Default)]
pub struct Mailbox {
    sent: RefCell<Vec<u8>>,
    received: RefCell<Option<Vec<u8>>>,
    wanted: Cell<Option<usize>>,
}

/// A program under way. Dropping it ends the program.
pub struct Machine<'m, T> {
    mailbox: &'m Mailbox,
    /// None when it has ended, in whatever way.
    program: Option<Program<'m, T>>,
}

type Program<'m, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'm>>;

/// Where a program stands.
#[derive(Debug)]
pub enum Progress<T> {
    /// `send` goes to the peer, then the program waits for exactly `expect` bytes.
    Waiting {
        /// May be empty.
        send: Vec<u8>,
        /// At least 1, known before a byte arrives.
        expect: usize,
    },
    /// The program has ended; `send` still goes to the peer.
    Done {
        /// May be empty.
        send: Vec<u8>,
        /// What the program returned.
        result: T,
    },
}

impl Mailbox {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves a message to be sent.
    pub fn send(&self, message: &impl Encode) {
        self.sent.borrow_mut().extend_from_slice(&to_vec(message));
    }

    /// Waits for a message of a shape.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the peer's bytes are not the canonical encoding of one.
    pub async fn receive<T: Decode>(&self, shape: T::Shape) -> Result<T, Error> {
        let expect = T::len_for(shape);
        if expect == 0 {
            return from_slice(shape, &[]).map_err(|_| Error::Malformed);
        }
        let bytes = poll_fn(|_| {
            if let Some(bytes) = self.received.take() {
                self.wanted.set(None);
                return Poll::Ready(bytes);
            }
            self.wanted.set(Some(expect));
            Poll::Pending
        });
        from_slice(shape, &bytes.await).map_err(|_| Error::Malformed)
    }
}

impl<'m, T> Machine<'m, T> {
    /// A program that has not begun; its engine uses the same mailbox.
    #[must_use]
    pub fn new(mailbox: &'m Mailbox, program: impl Future<Output = Result<T, Error>> + 'm) -> Self {
        Self { mailbox, program: Some(Box::pin(program)) }
    }

    /// Runs to the next message that has to be waited for: the first time without one, then with the bytes that were expected.
    ///
    /// # Errors
    /// What ended the program. [`Error::Malformed`] for another number of bytes than expected. [`Error::Misuse`] when the program has
    /// ended before: an error, a wrong number of bytes included, is its end.
    pub fn step(&mut self, incoming: &[u8]) -> Result<Progress<T>, Error> {
        let mut program = self.program.take().ok_or(Error::Misuse(ENDED))?;
        if incoming.len() != self.mailbox.wanted.get().unwrap_or(0) {
            return Err(Error::Malformed);
        }
        if !incoming.is_empty() {
            *self.mailbox.received.borrow_mut() = Some(incoming.to_vec());
        }
        let polled = program.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let send = take(&mut *self.mailbox.sent.borrow_mut());
        match (polled, self.mailbox.wanted.get()) {
            (Poll::Ready(result), _) => Ok(Progress::Done { send, result: result? }),
            (Poll::Pending, Some(expect)) => {
                self.program = Some(program);
                Ok(Progress::Waiting { send, expect })
            }
            (Poll::Pending, None) => Err(Error::Misuse("programs that wait for messages only")),
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Machine<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("mailbox", self.mailbox).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Shares;
    use alloc::vec;
    use muse_field::Fp;

    /// Sends one value, waits for two, returns their sum.
    async fn program(mailbox: &Mailbox) -> Result<Fp, Error> {
        mailbox.send(&Shares::new(vec![Fp::new(5)]));
        let two: Shares = mailbox.receive(2).await?;
        Ok(muse_field::vector::sum(two.as_slice()))
    }

    fn started(mailbox: &Mailbox) -> (Machine<'_, Fp>, usize) {
        let mut machine = Machine::new(mailbox, program(mailbox));
        match machine.step(&[]).unwrap() {
            Progress::Waiting { send, expect } => {
                assert_eq!(send, to_vec(&Shares::new(vec![Fp::new(5)])));
                (machine, expect)
            }
            Progress::Done { .. } => panic!("it waits"),
        }
    }

    #[test]
    fn a_program_waits_for_as_many_bytes_as_it_needs() {
        let mailbox = Mailbox::new();
        let (mut machine, expect) = started(&mailbox);
        let answer = to_vec(&Shares::new(vec![Fp::new(3), Fp::new(4)]));
        assert_eq!(expect, answer.len());
        match machine.step(&answer).unwrap() {
            Progress::Done { send, result } => assert_eq!((send, result), (vec![], Fp::new(7))),
            Progress::Waiting { .. } => panic!("it is done"),
        }
        assert!(matches!(machine.step(&[]), Err(Error::Misuse(_))), "and stays so");
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [vec![0; 10], vec![0; 12], vec![0xff; 11], vec![]] {
            let mailbox = Mailbox::new();
            let (mut machine, _) = started(&mailbox);
            assert_eq!(machine.step(&bytes).unwrap_err(), Error::Malformed, "{bytes:?}");
            let right = to_vec(&Shares::new(vec![Fp::new(3), Fp::new(4)]));
            assert!(matches!(machine.step(&right), Err(Error::Misuse(_))), "there is no second chance");
        }
    }

    #[test]
    fn a_program_that_waits_for_something_else_is_an_error() {
        let mailbox = Mailbox::new();
        let mut machine = Machine::new(&mailbox, core::future::pending::<Result<(), Error>>());
        assert!(matches!(machine.step(&[]), Err(Error::Misuse(_))));
    }
}

//! Frames over a pipe: buffers, time allowances, the end.

use super::{
    FRAME_VERSION, Limits, Pipe, Tag, Transport, TransportError,
    error::is_time_out,
    patience::{Allowance, Pace},
};
use crate::cancel::Cancel;
use core::{fmt, mem, time::Duration};
use std::{io, time::Instant};

/// A [`Transport`] over any [`Pipe`]. Its buffers may hold secrets; `Debug` shows none of them.
pub struct Framed<P> {
    pipe: P,
    limits: Limits,
    outbox: Vec<u8>,
    sending: Allowance,
    /// Bytes still missing in the frame that goes out.
    unfinished: u64,
    inbox: Box<[u8]>,
    /// The range of `inbox` that was received and not read yet.
    unread: core::ops::Range<usize>,
    receiving: Allowance,
    pace: Pace,
    cancel: Cancel,
    end: End,
}

impl<P> fmt::Debug for Framed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framed").field("limits", &self.limits).field("end", &self.end).finish_non_exhaustive()
    }
}

/// Which way bytes go.
#[derive(Clone, Copy)]
enum Direction {
    Out,
    In,
}

/// How far a connection is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// In use.
    Open,
    /// An error happened on this side; the peer can still be told.
    Failed,
    /// Nothing more goes out.
    Over,
}

impl<P: Pipe> Framed<P> {
    /// Frames over `pipe`.
    pub fn new(pipe: P, limits: Limits) -> Self {
        Self {
            pipe,
            limits,
            outbox: Vec::with_capacity(BUFFER),
            sending: Allowance::new(limits.write, limits.min_rate),
            unfinished: 0,
            inbox: vec![0; BUFFER].into_boxed_slice(),
            unread: 0..0,
            receiving: Allowance::new(limits.read, limits.min_rate),
            pace: Pace::new(&limits),
            cancel: Cancel::new(),
            end: End::Open,
        }
    }

    /// The same for a connection of which `received`, no more than fits a buffer, was read before.
    pub(super) fn after(pipe: P, limits: Limits, received: &[u8]) -> Self {
        let mut framed = Self::new(pipe, limits);
        let len = received.len().min(BUFFER);
        framed.inbox[..len].copy_from_slice(&received[..len]);
        framed.unread = 0..len;
        framed
    }

    /// The pipe below.
    pub const fn pipe(&self) -> &P {
        &self.pipe
    }

    /// From here on every call fails with [`TransportError::Cancelled`] once `cancel` says so, also one that waits.
    pub fn cancel_with(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// A phase has ended: the waits of the next one are measured anew ([`Limits::phase`]).
    pub const fn begin_phase(&mut self) {
        self.pace.begin();
    }

    /// Runs `step` unless an earlier one failed; remembers a failure.
    fn guarded<T>(
        &mut self,
        during: &'static str,
        step: impl FnOnce(&mut Self) -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        if self.end != End::Open {
            return Err(TransportError::Closed { during });
        }
        self.not_cancelled().and_then(|()| step(self)).inspect_err(|_| {
            if self.end == End::Open {
                self.end = End::Failed;
            }
        })
    }

    fn not_cancelled(&self) -> Result<(), TransportError> {
        if self.cancel.is_cancelled() { Err(TransportError::Cancelled) } else { Ok(()) }
    }

    /// Writes all of `bytes` to the pipe.
    fn push(&mut self, mut bytes: &[u8]) -> Result<(), TransportError> {
        while !bytes.is_empty() {
            match self.wait(Direction::Out, |pipe, patience| pipe.write(bytes, patience)) {
                Ok(Ok(0)) => return Err(self.write_failed(io::ErrorKind::BrokenPipe.into())),
                Ok(Ok(n)) => {
                    self.pace.sent(n);
                    bytes = &bytes[n..];
                }
                Ok(Err(e)) => return Err(self.write_failed(e)),
                Err(cancelled) => {
                    // Where in a frame the stream stands is not known any more: closing has to do.
                    self.end = End::Over;
                    return Err(cancelled);
                }
            }
        }
        Ok(())
    }

    /// One call of the pipe, for as long as the allowance permits, in slices: between them this side notices that it is to stop.
    fn wait(
        &mut self,
        direction: Direction,
        mut call: impl FnMut(&mut P, Duration) -> io::Result<usize>,
    ) -> Result<io::Result<usize>, TransportError> {
        let allowance = match direction {
            Direction::Out => &self.sending,
            Direction::In => &self.receiving,
        };
        let mut patience = self.pace.patience(allowance);
        while !patience.is_zero() {
            let start = Instant::now();
            let result = call(&mut self.pipe, patience.min(SLICE));
            let spent = start.elapsed();
            self.spend(spent, direction);
            match result {
                Err(e) if is_time_out(&e) => patience = patience.saturating_sub(spent.max(TICK)),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => return Ok(result),
            }
            // What is said after the end is said in any case.
            if self.end == End::Open {
                self.not_cancelled()?;
            }
        }
        Ok(Err(io::ErrorKind::TimedOut.into()))
    }

    fn push_outbox(&mut self) -> Result<(), TransportError> {
        let mut outbox = mem::take(&mut self.outbox);
        let pushed = self.push(&outbox);
        outbox.clear();
        self.outbox = outbox;
        pushed
    }

    /// Nothing goes out any more. When the peer hung up, it may have said why before.
    fn write_failed(&mut self, error: io::Error) -> TransportError {
        self.end = End::Over;
        let error = TransportError::from_io(SENDING, error);
        if matches!(error, TransportError::Closed { .. }) {
            self.receiving = Allowance::new(LAST_WORDS, 1);
            self.pace.last_words();
            if let Err(abort @ TransportError::PeerAborted) = self.head(&[Tag::Abort]) {
                return abort;
            }
        }
        error
    }

    /// Reads at least one byte from the pipe.
    fn pull(&mut self, out: &mut [u8]) -> Result<usize, TransportError> {
        match self.wait(Direction::In, |pipe, patience| pipe.read(out, patience))? {
            Ok(0) => Err(TransportError::Closed { during: RECEIVING }),
            Ok(n) => {
                self.pace.received(n);
                Ok(n)
            }
            Err(e) => Err(TransportError::from_io(RECEIVING, e)),
        }
    }

    /// Fills `out` with the next bytes: what is in the inbox, then straight from the pipe while more than a buffer
    /// is missing.
    fn take(&mut self, out: &mut [u8]) -> Result<(), TransportError> {
        let mut filled = 0;
        while filled < out.len() {
            let rest = &mut out[filled..];
            if self.unread.is_empty() && rest.len() >= BUFFER {
                filled += self.pull(rest)?;
                continue;
            }
            if self.unread.is_empty() {
                let mut inbox = mem::take(&mut self.inbox);
                let pulled = self.pull(&mut inbox);
                self.inbox = inbox;
                self.unread = 0..pulled?;
            }
            let n = rest.len().min(self.unread.len());
            rest[..n].copy_from_slice(&self.inbox[self.unread.start..self.unread.start + n]);
            self.unread.start += n;
            filled += n;
        }
        Ok(())
    }

    /// Reads the head of a frame that carries one of `tags`.
    fn head(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        let mut head = [0; HEAD];
        self.take(&mut head[..1])?;
        if head[0] != FRAME_VERSION {
            return Err(TransportError::Version { theirs: head[0] });
        }
        self.take(&mut head[1..])?;
        let expected = tags.first().copied().unwrap_or(Tag::Abort);
        match Tag::from_byte(head[1]) {
            Some(Tag::Abort) => Err(TransportError::PeerAborted),
            Some(tag) if tags.contains(&tag) => Ok(tag),
            Some(received) => Err(TransportError::Unexpected { expected, received }),
            None => Err(TransportError::UnknownTag { expected, received: head[1] }),
        }
    }

    fn spend(&mut self, time: Duration, direction: Direction) {
        match direction {
            Direction::Out => self.pace.spend(time, &mut self.sending),
            Direction::In => self.pace.spend(time, &mut self.receiving),
        }
    }
}

impl<P: Pipe> Transport for Framed<P> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.guarded(SENDING, |this| {
            debug_assert_eq!(this.unfinished, 0, "a frame begins when the one before it is complete");
            this.sending = Allowance::new(this.limits.write, this.limits.min_rate);
            this.sending.extend(this.outbox.len());
            this.outbox.extend_from_slice(&[FRAME_VERSION, tag as u8]);
            this.unfinished = len;
            Ok(())
        })
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        self.guarded(SENDING, |this| {
            debug_assert!(
                part.len() as u64 <= this.unfinished,
                "no more bytes than the frame was begun with"
            );
            this.sending.extend(part.len());
            if this.outbox.len() + part.len() > BUFFER {
                this.push_outbox()?;
            }
            if part.len() >= BUFFER {
                this.push(part)?;
            } else {
                this.outbox.extend_from_slice(part);
            }
            this.unfinished = this.unfinished.saturating_sub(part.len() as u64);
            Ok(())
        })
    }

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.guarded(RECEIVING, |this| {
            this.push_outbox()?;
            this.receiving = Allowance::new(this.limits.read, this.limits.min_rate);
            let tag = this.head(tags)?;
            // Waiting for the head was the peer's time to compute; the body has its own.
            this.receiving = Allowance::new(this.limits.read, this.limits.min_rate);
            Ok(tag)
        })
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.guarded(RECEIVING, |this| {
            this.push_outbox()?;
            this.receiving = Allowance::new(this.limits.idle, this.limits.min_rate);
            this.pace.rest();
            let tag = this.head(tags)?;
            this.pace.begin();
            this.receiving = Allowance::new(this.limits.read, this.limits.min_rate);
            Ok(tag)
        })
    }

    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
        self.guarded(RECEIVING, |this| {
            this.receiving.extend(part.len());
            this.take(part)?;
            Ok(())
        })
    }

    fn flush(&mut self) -> Result<(), TransportError> {
        self.guarded(SENDING, Self::push_outbox)
    }

    fn abort(&mut self) {
        // In the middle of a body the frame would be read as part of it: then, and after a cancelled write, closing has to do.
        if self.end != End::Over && self.unfinished == 0 {
            self.sending = Allowance::new(LAST_WORDS, self.limits.min_rate);
            self.pace.last_words();
            self.outbox.extend_from_slice(&[FRAME_VERSION, Tag::Abort as u8]);
            // The peer may be gone; nothing depends on its hearing this.
            let _ = self.push_outbox();
        }
        self.end = End::Over;
        self.pipe.close();
    }
}

/// Bytes of a frame before its body.
pub(crate) const HEAD: usize = 2;

/// Bytes of each of the two buffers.
const BUFFER: usize = 64 * 1024;

/// How long one call of the pipe may block: so soon a cancelled run ends.
const SLICE: Duration = Duration::from_millis(200);

/// What a call in vain costs at least, so that a pipe which returns at once cannot keep this side busy for ever.
const TICK: Duration = Duration::from_millis(1);

/// How long an abort may take to leave, or to be looked for after the connection broke.
const LAST_WORDS: Duration = Duration::from_millis(500);

const SENDING: &str = "sending to it";
const RECEIVING: &str = "waiting for its next message";

//! Messages on their way: partly sent, partly received.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::wire::{Encode, to_vec};
use zeroize::Zeroizing;

/// Bytes to send, some of them sent.
#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Zeroizing<Vec<u8>>,
    sent: usize,
}

/// Bytes of a message, or of a chunk of it, some of them received.
pub(crate) struct Inbox {
    bytes: Zeroizing<Vec<u8>>,
    received: usize,
}

impl Outbox {
    pub(crate) fn of(message: &impl Encode) -> Self {
        Self::of_bytes(to_vec(message))
    }

    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes), sent: 0 }
    }

    /// An outbox with nothing in it, whose chunks will have at most `len` bytes.
    pub(crate) fn with_capacity(len: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(len)), sent: 0 }
    }

    /// Replaces what has been sent by the next chunk, of `len` bytes, which `write` makes.
    pub(crate) fn refill(&mut self, len: usize, write: impl FnOnce(&mut [u8])) {
        debug_assert!(self.is_empty(), "a chunk is sent before the next one is made");
        self.bytes.resize(len, 0);
        write(&mut self.bytes);
        self.sent = 0;
    }

    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.sent
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    /// Moves as many bytes as there are and fit to the front of `out`; their number.
    pub(crate) fn take(&mut self, out: &mut [u8]) -> usize {
        let n = self.remaining().min(out.len());
        out[..n].copy_from_slice(&self.bytes[self.sent..self.sent + n]);
        self.sent += n;
        n
    }
}

impl Inbox {
    pub(crate) fn new(len: usize) -> Self {
        Self { bytes: Zeroizing::new(vec![0; len]), received: 0 }
    }

    /// Makes room for the next chunk, of `len` bytes, at most as many as the first one.
    pub(crate) fn reset(&mut self, len: usize) {
        debug_assert!(len <= self.bytes.capacity(), "chunks do not grow");
        self.bytes.resize(len, 0);
        self.received = 0;
    }

    /// Bytes that are still missing.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.received
    }

    /// Bytes that are there.
    pub(crate) const fn received(&self) -> usize {
        self.received
    }

    /// Takes as many bytes as are missing and there; the others.
    pub(crate) fn put<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (now, later) = bytes.split_at(self.remaining().min(bytes.len()));
        self.bytes[self.received..self.received + now.len()].copy_from_slice(now);
        self.received += now.len();
        later
    }

    /// All bytes, once none is missing.
    pub(crate) fn bytes(&self) -> &[u8] {
        debug_assert_eq!(self.remaining(), 0, "a whole message");
        &self.bytes
    }
}

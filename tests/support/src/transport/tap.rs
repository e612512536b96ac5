//! A transport that alters what this side sends: how tests cheat.

use crate::forward;
use muse::channel::Channel;
use muse::transport::{Tag, Transport, TransportError};

/// Wraps a transport; `tamper` sees the body of every outgoing frame in parts and may change them: tag, how many frames
/// with this tag went before, offset of the part in the body, the part.
pub struct Tap<T, F> {
    inner: T,
    tamper: F,
    seen: Vec<Tag>,
    offset: u64,
}

impl<T: Transport, F: FnMut(Tag, usize, u64, &mut [u8])> Tap<T, F> {
    pub fn new(inner: T, tamper: F) -> Self {
        Self { inner, tamper, seen: Vec::new(), offset: 0 }
    }

    /// The tags sent so far, in order.
    #[allow(dead_code, reason = "not every test looks")]
    pub fn sent(&self) -> &[Tag] {
        &self.seen
    }
}

impl<T: Transport, F: FnMut(Tag, usize, u64, &mut [u8])> Transport for Tap<T, F> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.seen.push(tag);
        self.offset = 0;
        self.inner.begin_send(tag, len)
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        let tag = *self.seen.last().expect("a frame was begun");
        let before = self.seen.iter().filter(|&&t| t == tag).count() - 1;
        let mut part = part.to_vec();
        (self.tamper)(tag, before, self.offset, &mut part);
        self.offset += part.len() as u64;
        self.inner.write(&part)
    }

    forward!(recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel, F: FnMut(Tag, usize, u64, &mut [u8])> Channel for Tap<T, F> {
    forward!(begin_phase, cancel_with);
}

//! Framed transport between the two parties: time-outs, no length chosen by the peer.
//!
//! | offset | bytes | field of a frame |
//! |---|---|---|
//! | 0 | 1 | frame version, [`FRAME_VERSION`] |
//! | 1 | 1 | [`Tag`] |
//! | 2 | from the public shape | body |
//!
//! The receiver names the frame it awaits and the exact length of its body, which follows from the network's public
//! architecture: a peer can neither reorder messages nor choose how much this side allocates. The one exception is the server's
//! [card](crate::card). An empty [`Tag::Abort`] frame may arrive in place of any other and is all that a peer is told about a failed
//! check.
//!
//! [`Transport`] is what the protocol drivers are written on; [`Framed`] implements it over any [`Pipe`] of bytes:
//! [`Tcp`] between processes, [`memory::pair`] inside one. [`ShapedTcp`] and [`memory::pair_over`] add the latency and the bandwidth of a
//! [`Link`], to see how a session does over it.

mod error;
mod flow;
mod framed;
mod line;
mod link;
pub mod memory;
mod patience;
mod pipe;
mod shaped;
pub mod tcp;

pub use self::{
    error::TransportError,
    flow::{recv_flow, send_flow},
    framed::Framed,
    link::Link,
    memory::Memory,
    pipe::{Limits, Pipe},
    shaped::{Shaped, ShapedTcp},
    tcp::Tcp,
};
pub(crate) use self::{framed::HEAD, patience::time_of};

pub use crate::message::Tag;

/// First byte of every frame. Another value means another wire format, or a peer that is not this program.
pub const FRAME_VERSION: u8 = 1;

/// A good size in bytes for the buffer of a flow, before rounding it to a multiple of the flow's unit.
pub const FLOW_BUFFER: usize = 256 * 1024;

/// An ordered, reliable stream of tagged frames to the peer: it carries bytes, and knows nothing of what they are for.
///
/// Frames are buffered and leave at the latest when this side starts to wait for one. After an error only
/// [`abort`](Self::abort) is of use: every other call reports [`TransportError::Closed`].
pub trait Transport {
    /// Starts a frame whose body, `len` bytes in all, follows through [`write`](Self::write).
    ///
    /// # Errors
    /// Connection lost or write time-out.
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError>;

    /// The next part of the body of the frame begun last.
    ///
    /// # Errors
    /// Connection lost or write time-out.
    fn write(&mut self, part: &[u8]) -> Result<(), TransportError>;

    /// Waits for the head of a frame that carries one of `tags` and says which; its body is then taken with
    /// [`read`](Self::read). Sends what is still buffered first.
    ///
    /// # Errors
    /// Another tag, version or no frame at all; the peer's abort; connection lost or read time-out.
    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError>;

    /// As [`recv_tag`](Self::recv_tag), for the moment between protocols when the peer may take its time:
    /// waits for [`Limits::idle`] instead of [`Limits::read`]. A phase begins with the request.
    ///
    /// # Errors
    /// As [`recv_tag`](Self::recv_tag).
    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError>;

    /// Fills `part` with the next bytes of the body of the frame received last.
    ///
    /// # Errors
    /// Connection lost, read time-out, or a peer slower than [`Limits::min_rate`] or with waits beyond [`Limits::phase`].
    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError>;

    /// Sends what is buffered. Needed only before a pause in which this side neither waits for a frame nor ends.
    ///
    /// # Errors
    /// Connection lost or write time-out.
    fn flush(&mut self) -> Result<(), TransportError>;

    /// Tells the peer that the session is over, if it can still be told, with an empty [`Tag::Abort`] frame and no
    /// reason, and closes. Never fails and never waits long.
    fn abort(&mut self);

    /// Sends one frame.
    ///
    /// # Errors
    /// Connection lost or write time-out.
    fn send(&mut self, tag: Tag, body: &[u8]) -> Result<(), TransportError> {
        self.begin_send(tag, body.len() as u64)?;
        self.write(body)
    }

    /// Receives the frame `tag` with a body of exactly `len` bytes, which is also what it allocates.
    ///
    /// # Errors
    /// As [`recv_tag`](Self::recv_tag) and [`read`](Self::read).
    fn recv(&mut self, tag: Tag, len: usize) -> Result<Vec<u8>, TransportError> {
        self.recv_tag(&[tag])?;
        let mut body = vec![0; len];
        self.read(&mut body)?;
        Ok(body)
    }

    /// Receives the frame `tag` into a buffer of the body's exact length.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    fn recv_into(&mut self, tag: Tag, body: &mut [u8]) -> Result<(), TransportError> {
        self.recv_tag(&[tag])?;
        self.read(body)
    }
}

/// Forwards the required methods; the provided ones are written on them.
macro_rules! forward {
    () => {
        fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
            (**self).begin_send(tag, len)
        }
        fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
            (**self).write(part)
        }
        fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
            (**self).recv_tag(tags)
        }
        fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
            (**self).recv_request(tags)
        }
        fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
            (**self).read(part)
        }
        fn flush(&mut self) -> Result<(), TransportError> {
            (**self).flush()
        }
        fn abort(&mut self) {
            (**self).abort();
        }
    };
}

impl<T: Transport + ?Sized> Transport for &mut T {
    forward!();
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    forward!();
}

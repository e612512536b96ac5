//! Both parties in one process, for tests and examples.

use super::{Framed, Limits, Link, Pipe, line::Line};
use alloc::sync::Arc;
use core::time::Duration;
use std::io;

/// One end of an in-memory connection.
pub type Memory = Framed<MemoryPipe>;

/// Two connected ends, to be moved to a thread each, with the default [`Limits`].
#[must_use]
pub fn pair() -> (Memory, Memory) {
    pair_with(Limits::default())
}

/// Two connected ends with the same `limits`.
#[must_use]
pub fn pair_with(limits: Limits) -> (Memory, Memory) {
    let (one, other) = pipes();
    (Framed::new(one, limits), Framed::new(other, limits))
}

/// Two connected ends between which bytes are as late as over `link`.
///
/// # Panics
/// For a link without bandwidth or with an invalid latency.
#[must_use]
pub fn pair_over(link: Link, limits: Limits) -> (Memory, Memory) {
    let lines = || Arc::new(Line::new(link).expect("a link has bandwidth, and a latency"));
    let (one, other) = connect(lines(), lines());
    (Framed::new(one, limits), Framed::new(other, limits))
}

/// Two connected pipes without frames: for a test that plays a peer who does not speak the protocol.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "a line of a link that costs nothing is always there")]
pub fn pipes() -> (MemoryPipe, MemoryPipe) {
    let line = || Arc::new(Line::new(Link::default()).expect("a link that costs nothing"));
    connect(line(), line())
}

fn connect(there: Arc<Line>, back: Arc<Line>) -> (MemoryPipe, MemoryPipe) {
    (MemoryPipe { out: there.clone(), incoming: back.clone() }, MemoryPipe { out: back, incoming: there })
}

/// One end of the bytes below [`Memory`]. A line without latency holds at most 1 MiB: the writer waits, as it would on a socket.
#[derive(Debug)]
pub struct MemoryPipe {
    out: Arc<Line>,
    incoming: Arc<Line>,
}

impl Pipe for MemoryPipe {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.incoming.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        self.out.write(bytes, patience)
    }

    fn close(&mut self) {
        self.out.end(None);
        self.incoming.end(None);
    }
}

impl Drop for MemoryPipe {
    fn drop(&mut self) {
        self.close();
    }
}

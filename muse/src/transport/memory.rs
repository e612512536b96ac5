//! Both parties in one process, for tests and examples.

use super::{Framed, Limits, Pipe};
use alloc::{collections::VecDeque, sync::Arc};
use core::time::Duration;
use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

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

/// Two connected pipes without frames: for a test that plays a peer who does not speak the protocol.
#[must_use]
pub fn pipes() -> (MemoryPipe, MemoryPipe) {
    let (there, back) = (Arc::<Lane>::default(), Arc::<Lane>::default());
    (MemoryPipe { out: there.clone(), incoming: back.clone() }, MemoryPipe { out: back, incoming: there })
}

/// One end of the bytes below [`Memory`]. A lane holds at most 1 MiB: the writer waits, as it would on a socket.
#[derive(Debug)]
pub struct MemoryPipe {
    out: Arc<Lane>,
    incoming: Arc<Lane>,
}

impl Pipe for MemoryPipe {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let mut state = self.incoming.wait(patience, |state| !state.bytes.is_empty() || state.closed)?;
        let n = out.len().min(state.bytes.len());
        let (front, back) = state.bytes.as_slices();
        let split = n.min(front.len());
        out[..split].copy_from_slice(&front[..split]);
        out[split..n].copy_from_slice(&back[..n - split]);
        state.bytes.drain(..n);
        drop(state);
        self.incoming.changed.notify_all();
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let mut state = self.out.wait(patience, |state| state.bytes.len() < CAPACITY || state.closed)?;
        if state.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let n = bytes.len().min(CAPACITY - state.bytes.len());
        state.bytes.extend(&bytes[..n]);
        drop(state);
        self.out.changed.notify_all();
        Ok(n)
    }

    fn close(&mut self) {
        self.out.close();
        self.incoming.close();
    }
}

impl Drop for MemoryPipe {
    fn drop(&mut self) {
        self.close();
    }
}

/// The bytes on their way in one direction.
#[derive(Debug, Default)]
struct Lane {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: VecDeque<u8>,
    closed: bool,
}

impl Lane {
    fn wait(&self, patience: Duration, ready: impl Fn(&State) -> bool) -> io::Result<MutexGuard<'_, State>> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        while !ready(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(state)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// A panic elsewhere leaves whole bytes here: there is nothing to repair.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that a lane holds at most.
const CAPACITY: usize = 1 << 20;

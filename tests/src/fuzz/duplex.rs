//! Two connected pipes in memory that notice when both sides wait for each other.
//!
//! A party whose peer fell silent would wait for its time-out. Here nobody waits: once both are waiting and nothing is under way, the
//! party under test is told that its time is over, as the clock would have told it. What happens does not depend on the clock.

use alloc::{collections::VecDeque, sync::Arc};
use core::time::Duration;
use muse::transport::Pipe;
use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// One end.
#[derive(Debug)]
pub(super) struct End {
    shared: Arc<Shared>,
    side: usize,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes on their way to each side.
    lanes: [VecDeque<u8>; 2],
    waiting: [bool; 2],
    closed: [bool; 2],
}

/// The end of the party under test, and that of its hostile peer.
pub(super) fn pair() -> (End, End) {
    let shared = Arc::<Shared>::default();
    (End { shared: shared.clone(), side: TESTED }, End { shared, side: HOSTILE })
}

impl State {
    /// Nobody is going to send anything.
    fn is_stuck(&self) -> bool {
        let idle = |side: usize| self.waiting[side] && self.lanes[side].is_empty();
        idle(TESTED) && idle(HOSTILE)
    }
}

impl End {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends bytes as they are.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        if state.closed[0] || state.closed[1] {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let lane = &mut state.lanes[1 - self.side];
        lane.extend(bytes);
        assert!(lane.len() <= LANE, "a party sends without end");
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }
}

impl Pipe for End {
    fn read(&mut self, out: &mut [u8], _patience: Duration) -> io::Result<usize> {
        let (side, mut state) = (self.side, self.lock());
        loop {
            let lane = &mut state.lanes[side];
            if !lane.is_empty() {
                let n = out.len().min(lane.len());
                out.iter_mut().zip(lane.drain(..n)).for_each(|(to, from)| *to = from);
                return Ok(n);
            }
            if state.closed[0] || state.closed[1] {
                return Ok(0);
            }
            state.waiting[side] = true;
            if state.is_stuck() {
                if side == TESTED {
                    state.waiting[side] = false;
                    return Err(io::ErrorKind::TimedOut.into());
                }
                self.shared.changed.notify_all();
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting[side] = false;
        }
    }

    fn write(&mut self, bytes: &[u8], _patience: Duration) -> io::Result<usize> {
        self.push(bytes).map(|()| bytes.len())
    }

    fn close(&mut self) {
        self.lock().closed[self.side] = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.close();
    }
}

const TESTED: usize = 0;
const HOSTILE: usize = 1;

/// Bytes on their way: far more than a tiny network's preprocessing.
const LANE: usize = 64 << 20;

//! The numbers of steps.

use muse_field::id::{RunId, SessionId};
use muse_mac::{OpeningId, Purpose};

use crate::Error;
use crate::error::POOL;

/// Names for the hashes of a program's steps, each given out once.
#[derive(Debug)]
pub(crate) struct Steps {
    session: SessionId,
    batch: u64,
    next: u32,
}

impl Steps {
    pub(crate) const fn new(session: SessionId, batch: u64) -> Self {
        Self { session, batch, next: 0 }
    }

    /// The name of proofs, each of which has a seed of its own.
    pub(crate) const fn proof(&self) -> RunId {
        RunId::new(self.session, self.batch)
    }

    /// A name that no other step has.
    pub(crate) fn next(&mut self, step: &'static str) -> Result<OpeningId, Error> {
        let layer = self.next;
        self.next = layer.checked_add(1).ok_or(Error::Exhausted(POOL))?;
        Ok(OpeningId::new(Purpose::Custom(step), RunId::new(self.session, self.batch), layer))
    }
}

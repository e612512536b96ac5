//! What a party keeps between batches.

use core::fmt;

use muse_field::id::{RunId, SessionId};
use muse_field::transcript::Transcript;
use muse_he::reply::ReplyKey;
use muse_he::ring::FloodBound;
use muse_mac::spdz::{KeyShare, Party};
use muse_zk::topgear::Name;

use super::respond::Target;
use crate::Error;
use crate::domain;
use crate::error::POOL;

/// A party whose keys, and whose peer's, have been checked. Starting a batch consumes it, and the end of the batch gives it back: after a failure, or
/// without the end, there is nobody left who could make another guess.
pub struct Session {
    pub(super) id: SessionId,
    pub(super) party: Party,
    /// A digest of both parties' keys.
    pub(super) setup: [u8; 32],
    /// This party's share of alpha.
    pub(super) key: KeyShare,
    /// Decrypts replies on Enc of that share.
    pub(super) reply_key: ReplyKey,
    /// Enc of the other party's share.
    pub(super) alpha: Target,
    /// Of replies on the other party's batches.
    pub(super) flood: FloodBound,
    /// The next run; number 0 is the setup.
    pub(super) next: u64,
    #[cfg(any(test, feature = "test-util"))]
    pub(super) deviation: Option<super::deviate::Deviation>,
}

impl Session {
    /// Which of the two parties this is.
    #[must_use]
    pub const fn party(&self) -> Party {
        self.party
    }

    /// This party's share of the key of all MACs.
    #[must_use]
    pub const fn key(&self) -> &KeyShare {
        &self.key
    }

    /// Batches that can still be made.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        RunId::MAX_RUNS.saturating_sub(self.next)
    }

    /// The name of the next batch. Counts it.
    pub(super) fn next(&mut self) -> Result<RunId, Error> {
        // Check: batches of a session are counted.
        if self.next >= RunId::MAX_RUNS {
            return Err(Error::Exhausted(POOL));
        }
        // A program under the same key may have failed.
        self.key.free()?;
        let run = RunId::new(self.id, self.next);
        self.next += 1;
        Ok(run)
    }

    /// The name of the ciphertexts that `party` sends in a batch.
    pub(super) const fn name(&self, run: RunId, party: Party) -> Name {
        Name { run, party, setup: self.setup }
    }
}

/// The session under which the keys of a party are named: their masks are nobody else's.
pub(super) fn rows(session: SessionId, party: Party) -> SessionId {
    let mut transcript = Transcript::new(domain::OVERDRIVE_ROWS);
    transcript.append("session", session.as_bytes()).append_u64("party", party.number());
    SessionId::from_bytes(transcript.digest("session"))
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("party", &self.party)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

//! [`Server`].

use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::id::SessionId;
use muse_mac::check::Batch;
use muse_mac::{MacKey, ServerShare};
use zeroize::Zeroizing;

use super::pool::ServerPreprocessed;
use super::steps::Steps;
use crate::linear::of_server;

/// The server's side of a program.
///
/// Steps that check something consume it and give it back when the check has passed; an error is the end of the program.
/// That holds for [`Error::Exhausted`](crate::Error::Exhausted) too: ask [`preprocessed`](Self::preprocessed) before.
#[derive(Debug)]
pub struct Server {
    pub(super) steps: Steps,
    pub(super) pool: ServerPreprocessed,
    pub(super) key: MacKey,
    pub(super) batch: Batch,
}

impl Server {
    /// Starts a program under the session's key. `batch` names it within the session and is used once.
    ///
    /// **One program at a time under a key.** A failed check ends this value, and cannot reach another program of the session: with k of them
    /// side by side a client has k guesses of the key, and shares would leave after the first has failed. Start the next one when the last has
    /// ended without an error, and none after an error. A message that does not decode never reaches a state: it counts as a failed check, drop the
    /// server then.
    #[must_use]
    pub fn new(session: SessionId, batch: u64, key: &MacKey, preprocessed: ServerPreprocessed) -> Self {
        Self {
            steps: Steps::new(session, batch),
            pool: preprocessed,
            key: key.clone(),
            batch: Batch::new(key),
        }
    }

    /// What is left of the preprocessing.
    #[must_use]
    pub const fn preprocessed(&self) -> &ServerPreprocessed {
        &self.pool
    }

    /// Puts values of the server in: they are its share, the client's is [zero](super::Client::server_input). No message.
    #[must_use]
    pub fn input(values: impl Into<Zeroizing<Vec<Fp>>>) -> ServerShare {
        of_server(values)
    }
}

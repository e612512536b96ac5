//! [`Client`].

use muse_field::id::SessionId;
use muse_mac::Authenticated;
use muse_mac::check::Opener;

use super::pool::ClientPreprocessed;
use super::steps::Steps;
use crate::linear::Linear;

/// The client's side of a program.
///
/// It does what the program says and takes the server's word for the server's shares (semi-honest server).
#[derive(Debug)]
pub struct Client {
    pub(super) steps: Steps,
    pub(super) pool: ClientPreprocessed,
    pub(super) opener: Opener,
}

impl Client {
    /// Starts a program. `batch` names it within the session and is used once; the server says the same.
    #[must_use]
    pub const fn new(session: SessionId, batch: u64, preprocessed: ClientPreprocessed) -> Self {
        Self { steps: Steps::new(session, batch), pool: preprocessed, opener: Opener::new() }
    }

    /// What is left of the preprocessing.
    #[must_use]
    pub const fn preprocessed(&self) -> &ClientPreprocessed {
        &self.pool
    }

    /// The client's half of `count` values that the server [puts in](super::Server::input): zeros.
    #[must_use]
    pub fn server_input(count: usize) -> Authenticated {
        Authenticated::zeros(count)
    }
}

//! What the user of a client configures.

use crate::{
    Error,
    handshake::Protocol,
    progress::{Cancel, Observer, Silent},
    spool::Spool,
    transport::Limits,
};
use alloc::sync::Arc;
use std::path::PathBuf;

/// How a client behaves. `ClientConfig::default()` is what most want.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The server's protocol. By default [`Protocol::ClientMalicious`].
    pub protocol: Protocol,
    /// Time-outs. By default those of [`Limits::default`], without a limit of the waits of a phase.
    pub limits: Limits,
    /// Bytes a ticket may take, in memory and in [`spool`](Self::spool), with what its preprocessing takes besides: a server whose network
    /// needs more is refused before anything is allocated. By default 4 GiB.
    pub max_ticket_bytes: u64,
    /// Whether inputs are sent that the network may not be exact for: larger ones than pixels give, and than its card promises. The default,
    /// `false`, refuses them, as a value that leaves the signed range makes the answer meaningless.
    pub allow_wrapping: bool,
    /// A directory for the garbled tables of tickets, about four fifths of their bytes, which stay in memory otherwise.
    ///
    /// They are read back while the input is evaluated. A ticket has a file of its own there, without a name, which is gone with the
    /// ticket, or with the process. What is in it is sealed: without the key, which the server reveals online and which stays
    /// in memory, it tells nothing. By default none.
    pub spool: Option<PathBuf>,
    /// Receives progress. By default progress is ignored.
    pub observer: Arc<dyn Observer>,
    /// Ends the session from outside. Clones of a configuration share it: what is cancelled once starts no session any more. By default a
    /// new token, which nothing else can trigger.
    pub cancel: Cancel,
}

impl ClientConfig {
    /// A place for a ticket whose sealed bytes are `needed`.
    pub(super) fn new_spool(&self, needed: u64) -> Result<Spool, Error> {
        Spool::new(self.spool.as_deref(), needed)
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            protocol: Protocol::default(),
            limits: Limits::default().of_client(),
            max_ticket_bytes: 4 << 30,
            allow_wrapping: false,
            spool: None,
            observer: Arc::new(Silent),
            cancel: Cancel::new(),
        }
    }
}

impl core::fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ClientConfig")
            .field("protocol", &self.protocol)
            .field("limits", &self.limits)
            .field("max_ticket_bytes", &self.max_ticket_bytes)
            .field("allow_wrapping", &self.allow_wrapping)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}

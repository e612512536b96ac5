//! Ends protocol runs from outside.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};

/// Ends protocol runs from outside: from a signal handler, a button, another thread. Clones share one state.
///
/// A run looks at it whenever it sends or receives, and five times a second while it waits; between messages it computes to the end of
/// the step, a second at most for the shipped networks. It returns [`Error::Cancelled`](crate::Error::Cancelled) then. Like every error
/// that ends the session and destroys its tickets. The peer hears "aborted", or where that cannot be said without breaking a
/// message, the end of the connection.
///
/// ```
/// use muse::{ClientConfig, progress::Cancel};
///
/// let cancel = Cancel::new();
/// let mut config = ClientConfig::default();
/// config.cancel = cancel.clone();
/// // Later, from anywhere:
/// cancel.cancel();
/// assert!(config.cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    parent: Option<Arc<Self>>,
}

impl Cancel {
    /// Not cancelled yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that is cancelled with this one, and can be by itself.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { flag: Arc::default(), parent: Some(Arc::new(self.clone())) }
    }

    /// Ends what runs, and whatever is started with it later. Cannot be taken back.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::SeqCst);
    }

    /// Whether somebody cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::SeqCst) || self.parent.as_ref().is_some_and(|parent| parent.is_cancelled())
    }
}

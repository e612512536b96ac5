//! [`Proven`]: what a proof was about.

use core::fmt;
use muse_field::id::RunId;

use alloc::vec::Vec;

use muse_he::budget::Budget;
use muse_he::encrypt::Ciphertext;
use muse_he::keys::PublicKey;

use crate::error::Error;

/// A public key and rows, doubled, that were proven well formed together: in which batch, and under which budget.
///
/// How long errors may be, and so how much noise hides what is computed on them, depends on the budget. Replies that are flooded for
/// another one may tell of the server's secrets. So there is no way to the rows but by naming the budget that the replies keep.
pub struct Proven {
    id: RunId,
    budget: Budget,
    public_key: PublicKey,
    rows: Vec<Ciphertext>,
}

impl Proven {
    pub(super) const fn new(id: RunId, budget: Budget, public_key: PublicKey, rows: Vec<Ciphertext>) -> Self {
        Self { id, budget, public_key, rows }
    }

    /// The budget that the proof was made for.
    #[must_use]
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The public key and the rows, for replies that belong to this batch and are flooded for this budget.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they were proven in another batch or under another budget.
    pub fn under(self, id: &RunId, budget: &Budget) -> Result<(PublicKey, Vec<Ciphertext>), Error> {
        if self.id != *id {
            return Err(Error::Misuse("rows that were proven in this batch"));
        }
        if self.budget != *budget {
            return Err(Error::Misuse("rows that were proven under this budget"));
        }
        Ok((self.public_key, self.rows))
    }
}

impl fmt::Debug for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proven").field("id", &self.id).field("budget", &self.budget).finish_non_exhaustive()
    }
}

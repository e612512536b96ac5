//! [`Proven`]: what a proof was about.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use muse_he::budget::Budget;
use muse_he::encrypt::Ciphertext;
use muse_he::keyed::{Keyed, Masks};
use muse_he::keys::PublicKey;

use super::Name;
use crate::error::Error;

/// Ciphertexts with their keys, doubled, that were proven well formed together: in which batch, and under which budget.
///
/// There is no way to them but by naming the batch that they are of and the budget that the replies keep, as in
/// [`wellformed::Proven`](crate::wellformed::Proven).
pub struct Proven {
    name: Name,
    budget: Budget,
    masks: Masks,
    rows: Vec<Keyed>,
}

/// The ciphertexts of a batch, to be taken in order: their masks are copied one at a time.
pub struct Rows {
    masks: Masks,
    rows: VecDeque<Keyed>,
}

impl Proven {
    pub(super) const fn new(name: Name, budget: Budget, masks: Masks, rows: Vec<Keyed>) -> Self {
        Self { name, budget, masks, rows }
    }

    /// The ciphertexts, for replies that belong to this batch and are flooded for this budget.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they were proven in another batch or under another budget.
    pub fn under(self, name: &Name, budget: &Budget) -> Result<Rows, Error> {
        if self.name != *name {
            return Err(Error::Misuse("rows that were proven in this batch"));
        }
        if self.budget != *budget {
            return Err(Error::Misuse("rows that were proven under this budget"));
        }
        Ok(Rows { masks: self.masks, rows: self.rows.into() })
    }
}

impl Rows {
    /// Ciphertexts that are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// One after the other, with the key that re-randomises what is computed on it.
impl Iterator for Rows {
    type Item = (Ciphertext, PublicKey);

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.rows.pop_front()?.under(&self.masks))
    }
}

impl fmt::Debug for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proven")
            .field("name", &self.name)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("left", &self.len()).finish_non_exhaustive()
    }
}

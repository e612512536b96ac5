//! The public numbers of a proof: they decide the masks, the bounds, the widths on the wire and the lengths.

use muse_he::budget::{Amortised, Budget};
use muse_he::params::{ETA, MAX_DEGREE, MIN_DEGREE};

use crate::error::Error;
use crate::short::Range;

/// The public dimensions of one proof, the same on both sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProofShape {
    pub(super) n: usize,
    /// V.
    pub(super) responses: usize,
    /// U.
    pub(super) ciphertexts: usize,
    pub(super) secret: Range,
    pub(super) error: Range,
    pub(super) key: Range,
}

impl ProofShape {
    /// The dimensions of the proof that `budget` accounts for.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a budget that is not [`Budget::amortised`], or of no ring.
    pub fn new(budget: &Budget) -> Result<Self, Error> {
        let n = budget.n();
        if !n.is_power_of_two() || !(MIN_DEGREE..=MAX_DEGREE).contains(&n) {
            return Err(Error::Misuse("the budget of a ring that exists"));
        }
        let amortised = budget.as_amortised().ok_or(Error::Misuse("the budget of an amortised proof"))?;
        let Amortised { responses, ciphertexts } = amortised;
        let combined = ciphertexts as u32;
        Ok(Self {
            n,
            responses,
            ciphertexts,
            secret: Range::new(budget.secret_mask()?, combined)?,
            error: Range::new(budget.error_mask()?, ETA * combined + (combined + 1).div_ceil(2))?,
            key: Range::new(budget.key_error_mask()?, ETA * combined)?,
        })
    }

    /// Ciphertexts of the batch, U.
    #[must_use]
    pub const fn ciphertexts(&self) -> usize {
        self.ciphertexts
    }
}

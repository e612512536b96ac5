//! The public numbers of a proof: they decide the masks, the bounds, the widths on the wire and the lengths.

use muse_he::budget::Budget;
use muse_he::params::{ETA, MAX_DEGREE, MIN_DEGREE};

use crate::error::Error;
use crate::short::Range;

/// The public dimensions of one proof, the same on both sides; the shape of all its messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProofShape {
    pub(super) n: usize,
    /// Rows, the public key's included.
    pub(super) rows: usize,
    pub(super) repetitions: usize,
    pub(super) secret: Range,
    pub(super) error: Range,
}

impl ProofShape {
    /// The dimensions of the proof that `budget` accounts for.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a budget of no ring, or of so many rows that masks do not fit a word.
    pub fn new(budget: &Budget) -> Result<Self, Error> {
        let n = budget.n();
        if !n.is_power_of_two() || !(MIN_DEGREE..=MAX_DEGREE).contains(&n) {
            return Err(Error::Misuse("the budget of a ring that exists"));
        }
        if budget.rows() == 0 || budget.repetitions() == 0 {
            return Err(Error::Misuse("a budget with the public-key row and a repetition"));
        }
        Ok(Self {
            n,
            rows: budget.rows(),
            repetitions: budget.repetitions(),
            secret: Range::new(budget.secret_mask()?, SECRET_BOUND)?,
            error: Range::new(budget.error_mask()?, ERROR_BOUND)?,
        })
    }

    /// The ring dimension N.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.n
    }

    /// Coefficients of all responses for the secret, the errors and the plaintexts.
    pub(super) const fn lengths(&self) -> [usize; 3] {
        let polynomials = self.repetitions * self.n;
        [polynomials, polynomials * self.rows, polynomials * (self.rows - 1)]
    }
}

/// $B_s$: the secret is ternary.
pub(crate) const SECRET_BOUND: u32 = 1;
/// $B_e + 1$: an error, and the wrap of a plaintext response modulo p.
pub(crate) const ERROR_BOUND: u32 = ETA + 1;

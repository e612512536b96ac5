//! The public numbers of a proof: they decide the masks, the bounds, the widths on the wire and the lengths.

use muse_field::mask::sign_unguarded;
use muse_he::budget::Budget;
use muse_he::params::{ETA, MAX_DEGREE, MIN_DEGREE};

use crate::error::Error;

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

/// Masks and responses of one kind of witness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    /// $\gamma$: masks are uniform in $\pm\gamma$.
    pub(super) mask: u64,
    /// $\gamma - B$: responses beyond are rejected by both sides.
    pub(super) bound: i64,
}

impl Range {
    fn new(mask: u128, witness: u32) -> Result<Self, Error> {
        let mask = u64::try_from(mask).ok().filter(|&mask| mask < MAX_MASK);
        let mask = mask.ok_or(Error::Misuse("masks of the proof have at most 48 bits"))?;
        Ok(Self { mask, bound: mask as i64 - i64::from(witness) })
    }

    /// Bits of a response on the wire: it is sent as itself plus $2^{\text{width} - 1}$.
    pub(super) const fn width(&self) -> u32 {
        u64::BITS - self.bound.unsigned_abs().leading_zeros() + 1
    }

    /// 1 if `value` exceeds the bound, 0 if not. Constant time.
    pub(super) const fn excess(&self, value: i64) -> u64 {
        // A distance from one of the ends of the interval is negative.
        sign_unguarded(((self.bound - value) | (self.bound + value)) as u64) & 1
    }
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
/// Sums of a mask and a witness stay far inside a word.
pub(crate) const MAX_MASK: u64 = 1 << 48;

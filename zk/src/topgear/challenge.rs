//! The matrix of challenges and what it combines.

use alloc::vec::Vec;

use muse_field::transcript::Transcript;
use muse_he::ring::{CoeffPoly, Ring};

use super::ProofShape;
use super::statement::Commitment;
use crate::domain;
use crate::monomial;

/// V rows of U challenges, each 0 or $\pm X^k$. Public.
pub(super) struct Matrix {
    n: usize,
    columns: usize,
    challenges: Vec<u16>,
}

impl Matrix {
    /// The challenges that a commitment, which binds the whole statement, leads to: uniform and independent.
    pub(super) fn of(shape: &ProofShape, commitment: &Commitment) -> Self {
        let mut transcript = Transcript::new(domain::TOPGEAR_CHALLENGE);
        transcript.append("commitment", &commitment.0);
        let count = shape.responses * shape.ciphertexts;
        let challenges = monomial::draw(shape.n, count, &mut transcript.prg("challenges"));
        Self { n: shape.n, columns: shape.ciphertexts, challenges }
    }

    /// The challenges of a response, one for each ciphertext.
    pub(super) fn row(&self, response: usize) -> &[u16] {
        &self.challenges[self.columns * response..][..self.columns]
    }

    /// `sum -= sum_j W_vj rows_j`.
    pub(super) fn subtract(&self, response: usize, sum: &mut CoeffPoly, rows: &[CoeffPoly]) {
        for (&challenge, row) in self.row(response).iter().zip(rows) {
            let exponent = usize::from(challenge);
            if exponent < 2 * self.n {
                // -X^k = X^(k + N).
                sum.add_rotated_assign((exponent + self.n) & (2 * self.n - 1), row);
            }
        }
    }
}

/// Rows by their coefficients: challenges rotate them.
pub(super) fn coefficients<'r>(
    ring: &Ring,
    rows: impl Iterator<Item = &'r muse_he::ring::NttPoly>,
) -> Vec<CoeffPoly> {
    muse_field::parallel::map(rows.collect(), |_, row| row.clone().into_coeff(ring))
}

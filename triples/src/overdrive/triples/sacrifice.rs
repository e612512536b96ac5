//! b^ and c^ are given up to check a, b and c.

use muse_field::id::{Coin, RunId};
use muse_field::sample::uniform;
use muse_field::transcript::Transcript;
use muse_field::{Fp, vector};
use muse_mac::spdz::Shares;

use super::columns::COLUMNS;
use crate::overdrive::check::{Material, sealed};
use crate::{Error, SharedTriples, domain};

/// Authenticated shares of a, b, b^, c and c^, of which nothing is known. What passes the check are [`SharedTriples`].
#[derive(Debug)]
pub struct Sacrifice {
    shares: [Shares; COLUMNS],
}

/// What waits for the opened rho.
#[derive(Debug)]
pub struct Rest {
    r: Fp,
    a: Shares,
    b: Shares,
    c: Shares,
    second_c: Shares,
}

impl Sacrifice {
    pub(super) const fn new(shares: [Shares; COLUMNS]) -> Self {
        Self { shares }
    }
}

impl Material for Sacrifice {
    type Output = SharedTriples;
}

impl sealed::Sealed for Sacrifice {
    type Rest = Rest;
    const NAMES: [&'static str; 2] = ["overdrive triples coin", "overdrive triples check"];

    /// $\rho = r b - \hat b$.
    fn combine(self, coin: &Coin, run: &RunId) -> (Shares, Rest) {
        let [a, b, mut second_b, c, second_c] = self.shares;
        let mut transcript = Transcript::new(domain::OVERDRIVE_SACRIFICE);
        run.bind(&mut transcript).append("coin", coin.as_bytes());
        let r = uniform(&mut transcript.prg("r"));
        second_b.neg_assign();
        second_b.axpy(r, &b);
        (second_b, Rest { r, a, b, c, second_c })
    }

    /// $r c - \hat c - \rho a$.
    fn zeros(rest: &Rest, rho: &[Fp]) -> Shares {
        // A linear map of every column by public factors.
        let mut zeros = rest.a.map(|a| {
            let mut product = a.to_vec();
            vector::mul_assign(&mut product, rho);
            product
        });
        zeros.neg_assign();
        zeros.axpy(rest.r, &rest.c);
        zeros.sub_assign(&rest.second_c);
        zeros
    }

    fn finish(rest: Rest) -> Result<SharedTriples, Error> {
        let Rest { a, b, c, .. } = rest;
        Ok(SharedTriples::new(a, b, c))
    }
}

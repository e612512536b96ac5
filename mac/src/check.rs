//! Deferred checks: many openings, one random combination of their MACs.
//!
//! Where values are opened in many small steps, the digest of every step can be left out and all of them checked at once, with
//! one element. Until then the opened values are [`Unchecked`]: they can be computed with and not taken out, so nothing that
//! depends on them can be sent.
//!
//! ```text
//! client                              opened values, any number of times          server
//! Opener::open                     --------------------------------------->      Batch::receive -> Unchecked
//!                                          Coin, 32 bytes
//! Opener::answer                   <---------------------------------------      Batch::challenge
//!                                          Response, 6 bytes
//!                                  --------------------------------------->      AwaitResponse::on_response -> Checked
//! ```
//!
//! The challenge is expanded to **independent** coefficients chi, one for each value; with powers of one element the error would
//! be n/p. The server draws it after all values have arrived. Changes e_j of the values pass iff
//! `alpha * sum chi_j e_j` is the change of the response: 1/p for the sum being zero, 1/(p-1) for guessing alpha otherwise, together
//! about 2^-43, once a session, as the first failure ends it. Openings with a [digest](crate::opening) have half of that
//! and no round; prefer them where values are opened in bulk.

mod server;
mod unchecked;

use core::fmt;
use muse_field::id::Coin;

use alloc::vec;
use alloc::vec::Vec;

use muse_field::sample::fill_uniform;
use muse_field::wire::message;
use muse_field::{Fp, vector};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use server::{AwaitResponse, Batch};
pub(crate) use unchecked::Lock;
pub use unchecked::{Checked, OneSided, TwoSided, Unchecked};

use crate::authenticated::Authenticated;
use crate::domain;
use crate::opening::OpeningId;

/// Client: the MACs of what it has opened and not answered for.
#[derive(Default)]
pub struct Opener {
    macs: Vec<Zeroizing<Vec<Fp>>>,
}

message! {
    /// The client's answer, `sum chi_j m_j`. 6 bytes: one element, packed.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Response(pub(crate) Fp);
}

impl Opener {
    /// Nothing opened yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { macs: Vec::new() }
    }

    /// Opens a vector: its values, to be sent.
    #[must_use]
    pub fn open(&mut self, shares: Authenticated) -> Vec<Fp> {
        let (values, macs) = shares.into_parts();
        self.macs.push(macs);
        values.to_vec()
    }

    /// Answers for everything opened, in the order it was opened in.
    ///
    /// Cost: a pseudorandom element and a product a value.
    #[must_use]
    pub fn answer(self, id: &OpeningId, coin: &Coin) -> Response {
        let count = self.macs.iter().map(|macs| macs.len()).sum();
        let chi = coefficients(id, coin, count);
        Response(combination(&chi, self.macs.iter().map(|macs| &macs[..])))
    }
}

/// Independent coefficients, bound to the name and number of what they combine. Public.
pub(crate) fn coefficients(id: &OpeningId, coin: &Coin, count: usize) -> Vec<Fp> {
    let mut transcript = id.transcript(domain::BATCH);
    transcript.append_u64("count", count as u64).append("seed", coin.as_bytes());
    expand(&mut transcript.prg("coefficients"), count)
}

/// Uniform elements from a generator.
pub(crate) fn expand(rng: &mut impl CryptoRng, count: usize) -> Vec<Fp> {
    let mut chi = vec![Fp::ZERO; count];
    fill_uniform(&mut chi, rng);
    chi
}

/// `sum chi_j x_j` over the concatenation of columns, which are together as long as `chi`.
pub(crate) fn combination<'a>(chi: &[Fp], columns: impl Iterator<Item = &'a [Fp]>) -> Fp {
    let mut rest = chi;
    let mut sum = Fp::ZERO;
    for column in columns {
        let (now, later) = rest.split_at(column.len());
        sum += vector::dot(now, column);
        rest = later;
    }
    debug_assert!(rest.is_empty(), "a coefficient for each value");
    sum
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({} openings, redacted)", self.macs.len())
    }
}

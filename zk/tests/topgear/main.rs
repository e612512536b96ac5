//! The amortised proof: honest runs, cheaters, what an extractor gets.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

mod cheaters;
mod extraction;
mod honest;
mod parity;

use muse_zk::Error;
use muse_zk::error::Check;
use muse_zk::topgear::Proven;

const N: usize = 64;

const NOT_WELL_FORMED: Option<Error> = Some(Error::PeerMisbehaved(Check::WellFormed));
const OUT_OF_BOUNDS: Option<Error> = Some(Error::PeerMisbehaved(Check::ResponseBound));

fn refusal(verdict: Result<Proven, Error>) -> Option<Error> {
    verdict.err()
}

//! Disclosure from correlated OT (protocol section 4.5 b; in place of the triples of MUSE, section 5.2).
//!
//! The labels `L_ji = K_ji xor b_ji * Delta` that correlated OT gives for the bits `b_ji` of the client's values ARE free-XOR
//! labels. What is left is to bind them to the MACs, and to the canonical representative.
//!
//! ```text
//! client: [y], COT receiver                                              server: keys k, alpha, COT sender
//! Client::new                      COT columns, 48 n + 1152 rows         Server::new
//!                             --------------------------------------->
//!                                  COT challenge, 32 bytes
//!                             <---------------------------------------
//!                                  COT answer, 48 bytes
//!                             --------------------------------------->   verdict: CorrelatedOt
//!                                  tau, 242 n bytes; range seed, 32      tau_ji = H_p(K_ji) - H_p(K_ji xor Delta) + alpha 2^i
//!                             <---------------------------------------   k'_j = sum_i H_p(K_ji)
//! m'_j = sum_i (H_p(L_ji) + b_ji tau_ji)
//!                                  range proof, 160; digest, 32
//!                             --------------------------------------->   verdict: Range, Value or both
//! ```
//!
//! - **Recomposition.** `m'_j = k'_j + alpha * sum_i 2^i b_ji`: the client has MACs of what its bits recompose to mod p. It proves
//!   that this minus `y_j` is zero, for all values with one hash (`muse_mac`, purpose
//!   [`Disclosure`](muse_mac::Purpose::Disclosure)).
//!   The bit it did not choose is behind a hash that it cannot compute, so a wrong value is a guess of alpha: 1/(p-1).
//! - **Range.** [`muse_zk::range`] proves over the same OTs that the 44 bits are below p, error 2^-123; four helper bits a value and
//!   1152 mask bits come with the 44 bits of each value.
//! - **Order.** No tau before the OT's verdict: tau under an inconsistent block would show bits of Delta, and then alpha. The range
//!   seed is drawn after all choices are fixed. Garbled tables only after the last verdict.
//! - **One verdict** on the range proof and the digest: both are always checked.
//!
//! Hashes: [`Domain::Cds`], layer 0, instance `j` counted over all layers of the inference, index `i`.
//!
//! # Memory
//!
//! Per value 768 bytes of labels (while they are made, another 704), 8 for the sum, and on the client 14 for its choices; tau
//! goes by in chunks of 512 values.

pub mod client;
pub mod server;
mod tau;

use muse_field::id::RunId;
use muse_field::pack::packed_len;
use muse_gc::hash::{Domain, Tweaks};
use muse_mac::{Digest, OpeningId, Purpose};
use muse_zk::range;

use crate::error::Error;

pub use client::Client;
pub use server::Server;

/// Bits, and so labels, of a value.
pub const BITS: usize = range::BITS;

/// Bytes of tau for one value: 44 packed elements.
pub const TAU_BYTES: usize = packed_len(BITS);

/// Values of a chunk of tau. Has no influence on any byte.
const CHUNK: usize = 512;

/// Block size of the OT extension.
pub(crate) const COT_K: usize = muse_gc::ot::softspoken::DEFAULT_K;

/// All bytes that a disclosure of `values` values moves: (client to server, server to client).
///
/// Per value 192 and 242 bytes; fixed, 5,360 to 5,808 and 64.
#[must_use]
pub const fn bytes(values: usize) -> (u64, u64) {
    let columns = muse_gc::ot::softspoken::column_bytes(COT_K, range::count(values));
    let up = columns + 48 + (range::Message::BYTES + Digest::BYTES) as u64;
    (up, 32 + tau_bytes(values) + SEED_BYTES as u64)
}

pub(crate) const SEED_BYTES: usize = 32;

const fn tau_bytes(values: usize) -> u64 {
    values as u64 * TAU_BYTES as u64
}

/// Tweaks of the disclosure of a run.
fn tweaks(id: &RunId) -> Tweaks {
    Tweaks::new(Domain::Cds, id, 0)
}

/// The opening in the disclosure of a run.
const fn opening(id: RunId) -> OpeningId {
    OpeningId::new(Purpose::Disclosure, id, 0)
}

/// Bytes of the next chunk, at most `most`, of a message with `left` bytes left; bytes after it.
fn chunk(left: u64, most: usize) -> (usize, u64) {
    let now = left.min(most as u64);
    (usize::try_from(now).expect("a chunk fits in memory"), left - now)
}

/// Numbers of values are instances of a hash.
fn check_count(values: usize) -> Result<(), Error> {
    if values as u64 >= Tweaks::LIMIT { Err(Error::Misuse("fewer than 2^32 values")) } else { Ok(()) }
}

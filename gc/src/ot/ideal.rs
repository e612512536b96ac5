//! Correlated OT from a trusted dealer: what the [extension](crate::ot::softspoken) realises, without its messages.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use crate::label::{ActiveLabels, Block, Delta, ZeroLabels};

/// Uniform keys `K` for the sender and `L = K xor b*Delta` for the receiver, one per choice.
///
/// Bit `i` of `choices` (little-endian within bytes) is choice `i` of `count`.
///
/// # Panics
/// If `choices` has fewer than `count` bits.
#[must_use]
pub fn correlated_ot(
    delta: &Delta,
    choices: &[u8],
    count: usize,
    rng: &mut impl CryptoRng,
) -> (ZeroLabels, ActiveLabels) {
    assert!(count <= 8 * choices.len(), "a choice bit per OT");
    let zero = ZeroLabels::random(count, rng);
    let label = |(i, &key): (usize, &Block)| key ^ delta.block().masked(choices[i / 8] >> (i % 8));
    let active: Vec<Block> = zero.as_slice().iter().enumerate().map(label).collect();
    (zero, ActiveLabels::new(active))
}

//! tau, the elements that turn labels into MACs: making them, and using them up.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::pack::{pack, unpack};
#[allow(unused_imports, reason = "empty without the feature parallel")]
use muse_field::parallel::prelude::*;
use muse_field::parallel::{chunks, chunks_mut};
use muse_field::{DecodeError, Fp, vector};
use muse_gc::hash::Tweaks;
use muse_gc::label::{Block, Delta};
use muse_mac::MacKey;
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use super::{BITS, TAU_BYTES};

/// Values that a core works on at a time.
const SHARD: usize = 32;

/// The server's side: what every tau is made of.
pub(super) struct Maker {
    tweaks: Tweaks,
    delta: Delta,
    /// `alpha * 2^i`.
    weights: Zeroizing<Vec<Fp>>,
}

impl Maker {
    pub(super) fn new(tweaks: Tweaks, delta: Delta, key: &MacKey) -> Self {
        let mut weights = Zeroizing::new(vec![key.expose(); BITS]);
        for i in 1..BITS {
            weights[i] = weights[i - 1].double();
        }
        Self { tweaks, delta, weights }
    }

    /// `tau_ji = H_p(K_ji) - H_p(K_ji xor Delta) + alpha 2^i` of values `first..`, packed, and their keys `k'_j = sum_i H_p(K_ji)`.
    ///
    /// `zeros`: 44 labels a value; `out`: 242 bytes a value; `keys`: an element a value.
    pub(super) fn make(&self, first: u64, zeros: &[Block], out: &mut [u8], keys: &mut [Fp]) {
        chunks(zeros, SHARD * BITS)
            .zip(chunks_mut(out, SHARD * TAU_BYTES))
            .zip(chunks_mut(keys, SHARD))
            .enumerate()
            .for_each(|(shard, ((zeros, out), keys))| {
                let first = first + (shard * SHARD) as u64;
                let [mut tau, mut ones] = [(); 2].map(|()| Zeroizing::new(vec![Fp::ZERO; zeros.len()]));
                self.tweaks.hash_pairs_to_field_batch(
                    first,
                    0,
                    BITS,
                    zeros,
                    &self.delta,
                    &mut tau,
                    &mut ones,
                );
                for (tau, key) in tau.chunks_exact_mut(BITS).zip(keys) {
                    *key = vector::sum(tau);
                    vector::add_assign(tau, &self.weights);
                }
                vector::sub_assign(&mut tau, &ones);
                for (tau, out) in tau.chunks_exact(BITS).zip(out.chunks_exact_mut(TAU_BYTES)) {
                    pack(tau, out);
                }
            });
    }
}

/// The client's side: MACs `m'_j = sum_i (H_p(L_ji) + b_ji tau_ji)` of values `first..`, from their labels and the server's bytes.
///
/// `bits`: the choice bits of a value, of which they are the lowest 44; the other shapes as for [`Maker::make`].
///
/// # Errors
/// If an element is not canonical; `macs` are without meaning then.
pub(super) fn recompose(
    tweaks: &Tweaks,
    first: u64,
    labels: &[Block],
    bits: &[u64],
    tau: &[u8],
    macs: &mut [Fp],
) -> Result<(), DecodeError> {
    chunks(labels, SHARD * BITS)
        .zip(chunks(tau, SHARD * TAU_BYTES))
        .zip(chunks(bits, SHARD).zip(chunks_mut(macs, SHARD)))
        .enumerate()
        .try_for_each(|(shard, ((labels, tau), (bits, macs)))| {
            let first = first + (shard * SHARD) as u64;
            let mut hashes = Zeroizing::new(vec![Fp::ZERO; labels.len()]);
            tweaks.hash_to_field_batch(first, 0, BITS, labels, &mut hashes);
            let mut row = Zeroizing::new([Fp::ZERO; BITS]);
            let values = tau.chunks_exact(TAU_BYTES).zip(hashes.chunks_exact(BITS));
            for ((tau, hashes), (&bits, mac)) in values.zip(bits.iter().zip(macs)) {
                // Check: tau is canonical; lengths.
                unpack(tau, &mut row[..])?;
                for (i, tau) in row.iter_mut().enumerate() {
                    let chosen = Choice::from(((bits >> i) & 1) as u8);
                    *tau = Fp::conditional_select(&Fp::ZERO, tau, chosen);
                }
                *mac = vector::sum(hashes) + vector::sum(&row[..]);
            }
            Ok(())
        })
}

#[cfg(test)]
mod tests;

//! Hashing many labels, eight instances side by side.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::Fp;
use zeroize::Zeroizing;

use super::{Tweaks, check_range};
use crate::backend::aes::{Job, Kernel, LANES, Rows};
use crate::label::{Block, Delta};

/// Instances whose hashes are in flight before they are reduced modulo p: a few tens of kilobytes.
const CHUNK: usize = 32;

impl Tweaks {
    /// H of `per_instance` labels of every instance, instance-major: `labels[j*per_instance + i]` is hashed under
    /// (`first_instance + j`, `first_index + i`).
    ///
    /// # Panics
    /// If the lengths differ or are no multiple of `per_instance`, or the tweaks pass 2^32.
    pub fn hash_batch(
        &self,
        first_instance: u64,
        first_index: u32,
        per_instance: usize,
        labels: &[Block],
        out: &mut [Block],
    ) {
        assert_eq!(labels.len(), out.len(), "one hash per label");
        if let Some(batch) = Batch::new(self, first_instance, first_index, per_instance, labels) {
            self.engine.run(One { batch, out });
        }
    }

    /// H of both labels of every wire: of `zeros[..]` to `out0` and of `zeros[..] xor Delta` to `out1`, in the order of
    /// [`hash_batch`](Self::hash_batch). Half the key schedules of two calls.
    ///
    /// # Panics
    /// As for [`hash_batch`](Self::hash_batch).
    #[expect(clippy::too_many_arguments, reason = "a range of tweaks, two inputs, two outputs")]
    pub fn hash_pairs_batch(
        &self,
        first_instance: u64,
        first_index: u32,
        per_instance: usize,
        zeros: &[Block],
        delta: &Delta,
        out0: &mut [Block],
        out1: &mut [Block],
    ) {
        assert!(zeros.len() == out0.len() && zeros.len() == out1.len(), "two hashes per label");
        if let Some(batch) = Batch::new(self, first_instance, first_index, per_instance, zeros) {
            self.engine.run(Both { batch, delta, out0, out1 });
        }
    }

    /// H_p of `per_instance` labels of every instance, in the order of [`hash_batch`](Self::hash_batch).
    ///
    /// # Panics
    /// As for [`hash_batch`](Self::hash_batch).
    pub fn hash_to_field_batch(
        &self,
        first_instance: u64,
        first_index: u32,
        per_instance: usize,
        labels: &[Block],
        out: &mut [Fp],
    ) {
        assert_eq!(labels.len(), out.len(), "one hash per label");
        let chunk = CHUNK * per_instance.max(1);
        let mut hashes = scratch(chunk.min(labels.len()));
        let instances = (first_instance..).step_by(CHUNK);
        for ((instance, labels), out) in instances.zip(labels.chunks(chunk)).zip(out.chunks_mut(chunk)) {
            let hashes = &mut hashes[..labels.len()];
            self.hash_batch(instance, first_index, per_instance, labels, hashes);
            reduce(hashes, out);
        }
    }

    /// H_p of both labels of every wire, in the order of [`hash_pairs_batch`](Self::hash_pairs_batch).
    ///
    /// # Panics
    /// As for [`hash_batch`](Self::hash_batch).
    #[expect(clippy::too_many_arguments, reason = "a range of tweaks, two inputs, two outputs")]
    pub fn hash_pairs_to_field_batch(
        &self,
        first_instance: u64,
        first_index: u32,
        per_instance: usize,
        zeros: &[Block],
        delta: &Delta,
        out0: &mut [Fp],
        out1: &mut [Fp],
    ) {
        assert!(zeros.len() == out0.len() && zeros.len() == out1.len(), "two hashes per label");
        let chunk = CHUNK * per_instance.max(1);
        let mut hashes = [(); 2].map(|()| scratch(chunk.min(zeros.len())));
        let instances = (first_instance..).step_by(CHUNK);
        let outs = out0.chunks_mut(chunk).zip(out1.chunks_mut(chunk));
        for ((instance, zeros), (out0, out1)) in instances.zip(zeros.chunks(chunk)).zip(outs) {
            let [hashes0, hashes1] = hashes.each_mut().map(|hashes| &mut hashes[..zeros.len()]);
            self.hash_pairs_batch(instance, first_index, per_instance, zeros, delta, hashes0, hashes1);
            reduce(hashes0, out0);
            reduce(hashes1, out1);
        }
    }
}

fn scratch(len: usize) -> Zeroizing<Vec<Block>> {
    Zeroizing::new(vec![Block::ZERO; len])
}

/// H_p from H: 128 bits modulo p.
fn reduce(hashes: &[Block], out: &mut [Fp]) {
    for (out, hash) in out.iter_mut().zip(hashes) {
        *out = Fp::from_u128(hash.0);
    }
}

/// Labels and the range of tweaks they are hashed under.
struct Batch<'a> {
    start: u128,
    tweak: u64,
    per_instance: usize,
    labels: &'a [Block],
}

impl<'a> Batch<'a> {
    /// `None` if there is nothing to hash.
    fn new(
        tweaks: &Tweaks,
        first_instance: u64,
        first_index: u32,
        per_instance: usize,
        labels: &'a [Block],
    ) -> Option<Self> {
        if labels.is_empty() {
            return None;
        }
        assert!(per_instance > 0 && labels.len().is_multiple_of(per_instance), "whole instances");
        check_range(first_instance, labels.len() / per_instance, first_index, per_instance);
        let tweak = first_instance << 32 | u64::from(first_index);
        Some(Self { start: tweaks.start, tweak, per_instance, labels })
    }

    /// Hashes `N` blocks made of every label (`expand`), and hands them over (`store`) with their column and the rows and
    /// first instance of their group.
    #[inline(always)]
    fn each<K: Kernel, const N: usize>(
        &self,
        kernel: K,
        expand: impl Fn(K::Lanes) -> [K::Lanes; N],
        mut store: impl FnMut([K::Lanes; N], usize, usize, &Rows),
    ) {
        let instances = self.labels.len() / self.per_instance;
        for first in (0..instances).step_by(LANES) {
            let rows = Rows::blocks(LANES.min(instances - first), self.per_instance);
            let labels = &self.labels[first * self.per_instance..];
            for at in (0..self.per_instance).step_by(2) {
                // A call of the kernel takes two tweaks: an odd last label goes twice, and one hash is dropped.
                let other = (at + 1).min(self.per_instance - 1);
                // Written out: closures in `array::map` would not be compiled for the kernel's instructions.
                let x = [
                    expand(kernel.sigma(kernel.gather_blocks(labels, at, &rows))),
                    expand(kernel.sigma(kernel.gather_blocks(labels, other, &rows))),
                ];
                let tweak = self.tweak + ((first as u64) << 32) + at as u64;
                let [hash, next] = kernel.pi(self.start, tweak, x);
                store(hash, at, first, &rows);
                if other > at {
                    store(next, other, first, &rows);
                }
            }
        }
    }
}

struct One<'a> {
    batch: Batch<'a>,
    out: &'a mut [Block],
}

impl Job for One<'_> {
    type Output = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self { batch, out } = self;
        batch.each(
            kernel,
            |x| [x],
            #[inline(always)]
            |[hash], at, first, rows| {
                kernel.scatter_blocks(hash, &mut out[first * batch.per_instance..], at, rows);
            },
        );
    }
}

struct Both<'a> {
    batch: Batch<'a>,
    delta: &'a Delta,
    out0: &'a mut [Block],
    out1: &'a mut [Block],
}

impl Job for Both<'_> {
    type Output = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self { batch, delta, out0, out1 } = self;
        // sigma is linear, so sigma(K xor Delta) costs an XOR.
        let delta = kernel.sigma(kernel.splat(delta.block()));
        batch.each(
            kernel,
            #[inline(always)]
            |x| [x, kernel.xor(x, delta)],
            #[inline(always)]
            |[hash0, hash1], at, first, rows| {
                kernel.scatter_blocks(hash0, &mut out0[first * batch.per_instance..], at, rows);
                kernel.scatter_blocks(hash1, &mut out1[first * batch.per_instance..], at, rows);
            },
        );
    }
}

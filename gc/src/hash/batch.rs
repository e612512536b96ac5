//! Hashing many labels, eight instances side by side.

use muse_field::Fp;

use super::{Tweaks, check_range};
use crate::backend::aes::{Job, Kernel, LANES, Rows, run};
use crate::label::{Block, Delta};

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
        self.batch(first_instance, first_index, per_instance, labels, Single { out });
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
        self.batch(first_instance, first_index, per_instance, labels, SingleField { out });
    }

    /// H_p of both labels of every wire, `zeros[..] xor 0` to `out0` and `zeros[..] xor Delta` to `out1`, in the order of
    /// [`hash_batch`](Self::hash_batch). Half the key schedules of two calls.
    ///
    /// # Panics
    /// As for [`hash_batch`](Self::hash_batch).
    #[expect(clippy::too_many_arguments, reason = "a range of tweaks, one input, two outputs")]
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
        self.batch(
            first_instance,
            first_index,
            per_instance,
            zeros,
            PairField { delta: delta.block(), out0, out1 },
        );
    }

    fn batch<S: Sink>(
        &self,
        first_instance: u64,
        first_index: u32,
        per_instance: usize,
        labels: &[Block],
        sink: S,
    ) {
        if labels.is_empty() {
            return;
        }
        assert!(per_instance > 0 && labels.len().is_multiple_of(per_instance), "whole instances");
        check_range(first_instance, labels.len() / per_instance, first_index, per_instance);
        let tweak = first_instance << 32 | u64::from(first_index);
        run(self.engine, Batch { start: self.start, tweak, per_instance, labels, sink });
    }
}

/// What happens to the hashes: how many blocks are hashed under a key, and where they go.
trait Sink {
    /// Hashes label `at` and `at + 1` of eight instances (`x[0]`, `x[1]`) under the keys of `tweak` and `tweak + 1`, and
    /// stores them, the second only if `two`.
    fn hash<K: Kernel>(
        &mut self,
        kernel: K,
        start: u128,
        tweak: u64,
        x: [K::Lanes; 2],
        at: usize,
        rows: &Row,
    );
}

/// Place of a group of instances in the output.
struct Row {
    first: usize,
    live: usize,
    stride: usize,
    /// Whether the second label of the pair exists.
    two: bool,
}

impl Row {
    /// Calls `store(position in the output, lane)` for the label at `at` of every live instance.
    #[inline(always)]
    fn each(&self, at: usize, mut store: impl FnMut(usize, usize)) {
        for lane in 0..self.live {
            store((self.first + lane) * self.stride + at, lane);
        }
    }
}

struct Batch<'a, S> {
    start: u128,
    tweak: u64,
    per_instance: usize,
    labels: &'a [Block],
    sink: S,
}

impl<S: Sink> Job for Batch<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) {
        let instances = self.labels.len() / self.per_instance;
        for first in (0..instances).step_by(LANES) {
            let live = LANES.min(instances - first);
            let labels = &self.labels[first * self.per_instance..];
            let rows = Rows::blocks(live, self.per_instance);
            for at in (0..self.per_instance).step_by(2) {
                let two = at + 1 < self.per_instance;
                // A key covers an index, a call two of them: an odd last label goes twice, and one hash is dropped.
                let other = if two { at + 1 } else { at };
                let x = [at, other].map(|at| kernel.sigma(kernel.gather_blocks(labels, at, &rows)));
                let tweak = self.tweak + ((first as u64) << 32) + at as u64;
                let row = Row { first, live, stride: self.per_instance, two };
                self.sink.hash(kernel, self.start, tweak, x, at, &row);
            }
        }
    }
}

struct Single<'a> {
    out: &'a mut [Block],
}

impl Sink for Single<'_> {
    #[inline(always)]
    fn hash<K: Kernel>(
        &mut self,
        kernel: K,
        start: u128,
        tweak: u64,
        x: [K::Lanes; 2],
        at: usize,
        row: &Row,
    ) {
        let hashes = kernel.pi(start, tweak, [[x[0]], [x[1]]]);
        let rows = Rows::blocks(row.live, row.stride);
        let out = &mut self.out[row.first * row.stride..];
        for (half, [hash]) in hashes.into_iter().enumerate().take(1 + usize::from(row.two)) {
            kernel.scatter_blocks(hash, out, at + half, &rows);
        }
    }
}

struct SingleField<'a> {
    out: &'a mut [Fp],
}

impl Sink for SingleField<'_> {
    #[inline(always)]
    fn hash<K: Kernel>(
        &mut self,
        kernel: K,
        start: u128,
        tweak: u64,
        x: [K::Lanes; 2],
        at: usize,
        row: &Row,
    ) {
        let hashes = kernel.pi(start, tweak, [[x[0]], [x[1]]]);
        for (half, [hash]) in hashes.into_iter().enumerate().take(1 + usize::from(row.two)) {
            let hash = to_field(kernel, hash);
            row.each(at + half, |to, lane| self.out[to] = hash[lane]);
        }
    }
}

struct PairField<'a> {
    delta: Block,
    out0: &'a mut [Fp],
    out1: &'a mut [Fp],
}

impl Sink for PairField<'_> {
    #[inline(always)]
    fn hash<K: Kernel>(
        &mut self,
        kernel: K,
        start: u128,
        tweak: u64,
        x: [K::Lanes; 2],
        at: usize,
        row: &Row,
    ) {
        let delta = kernel.sigma(kernel.splat(self.delta));
        let hashes = kernel.pi(start, tweak, x.map(|x| [x, kernel.xor(x, delta)]));
        for (half, [hash0, hash1]) in hashes.into_iter().enumerate().take(1 + usize::from(row.two)) {
            let (hash0, hash1) = (to_field(kernel, hash0), to_field(kernel, hash1));
            row.each(at + half, |to, lane| {
                self.out0[to] = hash0[lane];
                self.out1[to] = hash1[lane];
            });
        }
    }
}

/// H_p from H: 128 bits modulo p.
#[inline(always)]
pub(crate) fn to_field<K: Kernel>(kernel: K, hash: K::Lanes) -> [Fp; LANES] {
    let mut blocks = [Block::ZERO; LANES];
    kernel.store(hash, &mut blocks);
    blocks.map(|block| Fp::from_u128(block.0))
}

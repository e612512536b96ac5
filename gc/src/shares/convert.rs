//! The arithmetic of both conversions, in chunks of instances.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::pack::{pack, packed_len, unpack};
#[allow(unused_imports, reason = "empty without the feature parallel")]
use muse_field::parallel::prelude::*;
use muse_field::parallel::{chunks, chunks_mut};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::hash::{Engine, Tweaks};
use crate::label::{Block, Delta};

/// Instances per chunk, which is also the unit of work for a core.
const CHUNK: usize = 32;

/// Weights and tweaks; `second` is there iff shares are authenticated.
#[derive(Clone, Debug)]
pub(super) struct Converter {
    weights: Vec<Fp>,
    first: Tweaks,
    second: Option<Tweaks>,
}

/// A bit's two hashes, by the colour of the hashed label.
struct ByColour {
    colour0: Fp,
    colour1: Fp,
}

impl Converter {
    pub(super) fn new(weights: Vec<Fp>, first: Tweaks, second: Option<Tweaks>) -> Self {
        assert!(!weights.is_empty(), "a weight for each output bit");
        Self { weights, first, second }
    }

    pub(super) fn with_engine(self, engine: Engine) -> Self {
        let second = self.second.map(|tweaks| tweaks.with_engine(engine));
        Self { weights: self.weights, first: self.first.with_engine(engine), second }
    }

    pub(super) const fn outputs(&self) -> usize {
        self.weights.len()
    }

    /// Panics unless the lengths are those of `instances` instances, with `elements` row elements per bit.
    fn check(&self, instances: usize, labels: usize, rows: usize, elements: usize) {
        let is = |len: usize, stride: usize| instances.checked_mul(stride) == Some(len);
        let row_len = packed_len(elements * self.outputs());
        assert!(
            is(labels, self.outputs()) && is(rows, row_len),
            "labels, rows and shares of the same instances"
        );
    }

    pub(super) fn garble(&self, first: u64, zeros: &[Block], delta: &Delta, rows: &mut [u8], rho: &mut [Fp]) {
        self.check(rho.len(), zeros.len(), rows.len(), 1);
        let row_len = packed_len(self.outputs());
        chunks(zeros, CHUNK * self.outputs())
            .zip(chunks_mut(rows, CHUNK * row_len))
            .zip(chunks_mut(rho, CHUNK))
            .enumerate()
            .for_each(|(i, ((zeros, rows), rho))| {
                let hashes = self.hash_pairs(&self.first, first + (i * CHUNK) as u64, zeros, delta);
                let mut row = Zeroizing::new(vec![Fp::ZERO; self.outputs()]);
                for (j, (rows, rho)) in rows.chunks_mut(row_len).zip(rho).enumerate() {
                    *rho = Fp::ZERO;
                    for (i, (row, &weight)) in row.iter_mut().zip(&self.weights).enumerate() {
                        let at = j * self.outputs() + i;
                        let (b0, s) = by_colour(zeros[at], hashes[0][at], hashes[1][at]);
                        let (share0, share1) = shares(weight, b0, &s);
                        *row = share1 - s.colour1;
                        *rho += share0;
                    }
                    pack(&row, rows);
                }
            });
    }

    #[expect(clippy::too_many_arguments, reason = "three secrets in, rows and two shares out")]
    pub(super) fn garble_authenticated(
        &self,
        first: u64,
        zeros: &[Block],
        delta: &Delta,
        alpha: Fp,
        rows: &mut [u8],
        rho: &mut [Fp],
        kappa: &mut [Fp],
    ) {
        self.check(rho.len(), zeros.len(), rows.len(), 2);
        assert_eq!(rho.len(), kappa.len(), "a share and a MAC share per instance");
        let row_len = packed_len(2 * self.outputs());
        let second = self.second.as_ref().expect("an authenticated conversion has both tweaks");
        chunks(zeros, CHUNK * self.outputs())
            .zip(chunks_mut(rows, CHUNK * row_len))
            .zip(chunks_mut(rho, CHUNK).zip(chunks_mut(kappa, CHUNK)))
            .enumerate()
            .for_each(|(i, ((zeros, rows), (rho, kappa)))| {
                let [s, t] = [&self.first, second]
                    .map(|tweaks| self.hash_pairs(tweaks, first + (i * CHUNK) as u64, zeros, delta));
                let mut row = Zeroizing::new(vec![Fp::ZERO; 2 * self.outputs()]);
                for (j, (rows, (rho, kappa))) in
                    rows.chunks_mut(row_len).zip(rho.iter_mut().zip(kappa)).enumerate()
                {
                    (*rho, *kappa) = (Fp::ZERO, Fp::ZERO);
                    for (i, (row, &weight)) in row.chunks_exact_mut(2).zip(&self.weights).enumerate() {
                        let at = j * self.outputs() + i;
                        let (b0, s) = by_colour(zeros[at], s[0][at], s[1][at]);
                        let (_, t) = by_colour(zeros[at], t[0][at], t[1][at]);
                        let (share0, share1) = shares(weight, b0, &s);
                        // kappa_i = t0 - alpha * s0; the MAC of either share is kappa_i + alpha * share.
                        let mac_key = t.colour0 - alpha * s.colour0;
                        row[0] = share1 - s.colour1;
                        row[1] = mac_key + alpha * share1 - t.colour1;
                        *rho += share0;
                        *kappa += mac_key;
                    }
                    pack(&row, rows);
                }
            });
    }

    pub(super) fn evaluate(
        &self,
        first: u64,
        active: &[Block],
        rows: &[u8],
        w: &mut [Fp],
    ) -> Result<(), Error> {
        self.check(w.len(), active.len(), rows.len(), 1);
        let row_len = packed_len(self.outputs());
        chunks(active, CHUNK * self.outputs())
            .zip(chunks(rows, CHUNK * row_len))
            .zip(chunks_mut(w, CHUNK))
            .enumerate()
            .try_for_each(|(i, ((active, rows), w))| {
                let hashes = self.hash(&self.first, first + (i * CHUNK) as u64, active);
                let mut row = vec![Fp::ZERO; self.outputs()];
                let per_instance = active.chunks(self.outputs()).zip(hashes.chunks(self.outputs()));
                for ((rows, w), (active, hashes)) in rows.chunks(row_len).zip(w).zip(per_instance) {
                    unpack(rows, &mut row)?;
                    *w = active
                        .iter()
                        .zip(hashes)
                        .zip(&row)
                        .map(|((label, &hash), row)| open(*label, hash, *row))
                        .sum();
                }
                Ok(())
            })
    }

    pub(super) fn evaluate_authenticated(
        &self,
        first: u64,
        active: &[Block],
        rows: &[u8],
        w: &mut [Fp],
        m: &mut [Fp],
    ) -> Result<(), Error> {
        self.check(w.len(), active.len(), rows.len(), 2);
        assert_eq!(w.len(), m.len(), "a share and a MAC per instance");
        let row_len = packed_len(2 * self.outputs());
        let second = self.second.as_ref().expect("an authenticated conversion has both tweaks");
        chunks(active, CHUNK * self.outputs())
            .zip(chunks(rows, CHUNK * row_len))
            .zip(chunks_mut(w, CHUNK).zip(chunks_mut(m, CHUNK)))
            .enumerate()
            .try_for_each(|(i, ((active, rows), (w, m)))| {
                let [s, t] =
                    [&self.first, second].map(|tweaks| self.hash(tweaks, first + (i * CHUNK) as u64, active));
                let mut row = vec![Fp::ZERO; 2 * self.outputs()];
                for (j, (rows, (w, m))) in rows.chunks(row_len).zip(w.iter_mut().zip(m)).enumerate() {
                    unpack(rows, &mut row)?;
                    (*w, *m) = (Fp::ZERO, Fp::ZERO);
                    for (i, row) in row.chunks_exact(2).enumerate() {
                        let at = j * self.outputs() + i;
                        *w += open(active[at], s[at], row[0]);
                        *m += open(active[at], t[at], row[1]);
                    }
                }
                Ok(())
            })
    }

    fn hash(&self, tweaks: &Tweaks, first: u64, active: &[Block]) -> Zeroizing<Vec<Fp>> {
        let mut out = Zeroizing::new(vec![Fp::ZERO; active.len()]);
        // Check: conversion pads are hashes of labels.
        tweaks.hash_to_field_batch(first, 0, self.outputs(), active, &mut out);
        out
    }

    /// Hashes of the labels of 0, then of the labels of 1.
    fn hash_pairs(
        &self,
        tweaks: &Tweaks,
        first: u64,
        zeros: &[Block],
        delta: &Delta,
    ) -> [Zeroizing<Vec<Fp>>; 2] {
        let mut out = [(); 2].map(|()| Zeroizing::new(vec![Fp::ZERO; zeros.len()]));
        let [out0, out1] = &mut out;
        tweaks.hash_pairs_to_field_batch(first, 0, self.outputs(), zeros, delta, out0, out1);
        out
    }
}

/// b0, the bit whose label has colour 0, and the hashes by colour. As lsb(Delta) = 1, b0 is the colour of the zero label.
fn by_colour(zero: Block, hash0: Fp, hash1: Fp) -> (Choice, ByColour) {
    let b0 = Choice::from(zero.colour());
    let (mut colour0, mut colour1) = (hash0, hash1);
    Fp::conditional_swap(&mut colour0, &mut colour1, b0);
    (b0, ByColour { colour0, colour1 })
}

/// The garbler's share rho_i = b0*c - s0, and the evaluator's for a label of colour 1, (1 - b0)*c - rho_i.
fn shares(weight: Fp, b0: Choice, s: &ByColour) -> (Fp, Fp) {
    let rho = Fp::conditional_select(&Fp::ZERO, &weight, b0) - s.colour0;
    (rho, Fp::conditional_select(&weight, &Fp::ZERO, b0) - rho)
}

/// The evaluator's share of a label: its hash, plus the row if the colour is 1.
fn open(label: Block, hash: Fp, row: Fp) -> Fp {
    hash + Fp::conditional_select(&Fp::ZERO, &row, Choice::from(label.colour()))
}

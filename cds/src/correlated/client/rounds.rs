//! The client's rounds. Each awaited message consumes the round.

use alloc::vec;
use alloc::vec::Vec;
use muse_field::id::{Coin, RunId};

use muse_field::wire::Outflow;
use muse_field::{DecodeError, Fp};
use muse_gc::hash::Tweaks;
use muse_gc::label::ActiveLabels;
use muse_gc::ot::softspoken::{Answer, CHUNK_PIECES, CotReceiver, Extending};
use muse_mac::{Authenticated, Digest};
use muse_zk::range::{self, Choices, Message};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::Output;
use crate::correlated::tau::recompose;
use crate::correlated::{BITS, CHUNK, COT_K, TAU_BYTES, chunk, opening, tau_bytes, tweaks};
use crate::error::Error;

/// What the client has put in.
struct Inputs {
    id: RunId,
    shares: Authenticated,
    /// The integers whose bits are the choices: the values, but for cheaters.
    integers: Zeroizing<Vec<u64>>,
    choices: Choices,
}

/// Round 1: the choices go out as columns, which fixes them.
pub struct Committing {
    inputs: Inputs,
    extending: Extending,
}

/// Round 2: tau arrives and becomes MACs of the recomposed bits.
pub struct Recomposing {
    inputs: Inputs,
    transfer: CotReceiver,
    labels: ActiveLabels,
    tweaks: Tweaks,
    /// One per value, of which `done` are made.
    macs: Zeroizing<Vec<Fp>>,
    done: usize,
}

impl Committing {
    pub(super) fn new(
        id: RunId,
        transfer: CotReceiver,
        shares: Authenticated,
        integers: &[u64],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let choices = Choices::new(integers, rng);
        let extending = transfer.extend(choices.as_bytes(), range::count(integers.len()), rng)?;
        let integers = Zeroizing::new(integers.to_vec());
        Ok(Self { inputs: Inputs { id, shares, integers, choices }, extending })
    }

    /// Bytes of columns that are not made yet.
    pub(super) fn unmade(&self) -> u64 {
        self.extending.remaining()
    }

    /// Makes the next chunk of columns; nothing after the last one.
    pub(super) fn columns(&mut self) -> Vec<u8> {
        let (len, _) = chunk(self.unmade(), COLUMN_CHUNK * Extending::<COT_K>::UNIT);
        let mut out = vec![0; len];
        let made = self.extending.fill(&mut out);
        debug_assert_eq!(made, len, "whole pieces that remain");
        out
    }

    pub(super) fn on_challenge(self, challenge: &Coin) -> Result<(Recomposing, Answer), Error> {
        let Self { inputs, extending } = self;
        let (transfer, answer, labels) = extending.answer(challenge)?;
        let tweaks = tweaks(&inputs.id);
        let macs = Zeroizing::new(vec![Fp::ZERO; inputs.integers.len()]);
        Ok((Recomposing { inputs, transfer, labels, tweaks, macs, done: 0 }, answer))
    }
}

impl Recomposing {
    /// Bytes of the next chunk of tau, 0 after the last one; bytes after it.
    pub(super) fn chunk(&self) -> (usize, u64) {
        chunk(tau_bytes(self.macs.len() - self.done), CHUNK * TAU_BYTES)
    }

    /// `m'_j = sum_i (H_p(L_ji) + b_ji tau_ji)` for the values of the next chunk.
    pub(super) fn on_tau(&mut self, tau: &[u8]) -> Result<(), DecodeError> {
        let values = self.done..self.done + tau.len() / TAU_BYTES;
        recompose(
            &self.tweaks,
            values.start as u64,
            &self.labels.as_slice()[BITS * values.start..BITS * values.end],
            &self.inputs.integers[values.clone()],
            tau,
            &mut self.macs[values.clone()],
        )?;
        self.done = values.end;
        Ok(())
    }

    /// Proves that the bits are below p and that what they recompose to minus the shares is zero.
    pub(super) fn on_seed(self, seed: &Coin) -> Result<(Output, (Message, Digest)), Error> {
        let Self { inputs: Inputs { id, shares, integers, choices }, transfer, mut labels, macs, .. } = self;
        let proof = range::prove(&id, &choices, labels.as_slice(), seed)?;
        let residues: Vec<Fp> = integers.iter().map(|&integer| Fp::new(integer)).collect();
        let mut difference = Authenticated::new(residues, macs)?;
        difference.sub_assign(&shares);
        let digest = difference.prove_zero(&opening(id));
        // Helper bits and masks have served; their labels are no inputs of a circuit.
        labels.truncate(BITS * integers.len());
        Ok(((transfer, labels), (proof, digest)))
    }
}

/// Pieces of columns in a chunk. Has no influence on any byte.
const COLUMN_CHUNK: usize = 8 * CHUNK_PIECES;

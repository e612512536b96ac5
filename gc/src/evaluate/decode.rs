//! Decoding of output labels, for circuits whose result one party is to learn.
//!
//! The ReLU layers of the protocol decode nothing ([`crate::shares`]); this is for other circuits. Three ways:
//!
//! | who learns | function | a forged label |
//! |---|---|---|
//! | garbler, from labels the evaluator sends back | [`open`] | is refused |
//! | evaluator, from hashes the garbler sends | [`OutputHashes`] | is refused |
//! | evaluator, from colours the garbler sends | [`colours`], [`decode_colours`] | **decodes to a wrong bit** |

use alloc::vec;
use alloc::vec::Vec;

use muse_field::ct;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::error::{Check, Error};
use crate::hash::Tweaks;
use crate::label::{Block, Delta};

/// The colours of the zero labels, 0 or 1 each: what an honest evaluator needs to read its outputs. Decoding with them checks
/// nothing, so the result says nothing about an evaluator that is to convince somebody else.
#[must_use]
pub fn colours(zeros: &[Block]) -> Vec<u8> {
    zeros.iter().map(|zero| zero.colour()).collect()
}

/// The bits of active labels, from the zero labels' colours. Without any check.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub fn decode_colours(active: &[Block], colours: &[u8]) -> Vec<bool> {
    assert_eq!(active.len(), colours.len(), "a colour for each label");
    active.iter().zip(colours).map(|(label, colour)| (label.colour() ^ colour) & 1 == 1).collect()
}

/// The garbler reads the bits of labels that the evaluator sent back.
///
/// Authentic: an evaluator with one label of a wire finds the other with probability 2^-127. Constant time in the labels.
///
/// # Errors
/// [`Error::PeerMisbehaved`] if a label is none of the two of its wire; which one stays unsaid. [`Error::Malformed`] if the
/// number of labels is wrong.
pub fn open(zeros: &[Block], delta: &Delta, active: &[Block]) -> Result<Vec<bool>, Error> {
    if active.len() != zeros.len() {
        return Err(Error::Malformed);
    }
    let mut valid = Choice::from(1);
    let mut bits = Vec::with_capacity(zeros.len());
    for (zero, active) in zeros.iter().zip(active) {
        let difference = *zero ^ *active;
        let one = difference.ct_eq(&delta.block());
        valid &= one | difference.ct_eq(&Block::ZERO);
        bits.push(one.into());
    }
    accept(valid, bits)
}

/// What lets an evaluator read its outputs and know that they are right: the hashes of both labels of every output wire.
///
/// 32 bytes per output on the wire, instance-major: hash of the label of 0, hash of the label of 1. Whoever has this and
/// the active label of a wire learns the bit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputHashes(Vec<[Block; 2]>);

impl OutputHashes {
    /// Garbler: hashes of the labels of `per_instance` outputs of instances `first_instance..`, with tweaks of
    /// [`Domain::Output`](crate::hash::Domain::Output).
    ///
    /// # Panics
    /// If `zeros` is not a whole number of instances, or an instance reaches 2^32.
    #[must_use]
    pub fn new(
        tweaks: &Tweaks,
        first_instance: u64,
        per_instance: usize,
        zeros: &[Block],
        delta: &Delta,
    ) -> Self {
        let mut hashes = [(); 2].map(|()| vec![Block::ZERO; zeros.len()]);
        let [hashes0, hashes1] = &mut hashes;
        tweaks.hash_pairs_batch(first_instance, 0, per_instance, zeros, delta, hashes0, hashes1);
        Self(hashes0.iter().zip(hashes1).map(|(&hash0, &mut hash1)| [hash0, hash1]).collect())
    }

    /// Evaluator: the bits of active labels, or an error if the garbled material was not what these hashes belong to.
    ///
    /// Constant time in the labels.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if a label is none of the two of its wire; which one stays unsaid. [`Error::Misuse`] if the
    /// number of labels is wrong.
    ///
    /// # Panics
    /// If `active` is not a whole number of instances, or an instance reaches 2^32.
    pub fn decode(
        &self,
        tweaks: &Tweaks,
        first_instance: u64,
        per_instance: usize,
        active: &[Block],
    ) -> Result<Vec<bool>, Error> {
        if active.len() != self.0.len() {
            return Err(Error::Misuse("a pair of output hashes for each label"));
        }
        let mut hashes = Zeroizing::new(vec![Block::ZERO; active.len()]);
        tweaks.hash_batch(first_instance, 0, per_instance, active, &mut hashes);
        let mut valid = Choice::from(1);
        let mut bits = Vec::with_capacity(active.len());
        for ([hash0, hash1], hash) in self.0.iter().zip(hashes.iter()) {
            let one = hash.ct_eq(hash1);
            valid &= one ^ hash.ct_eq(hash0);
            bits.push(one.into());
        }
        accept(valid, bits)
    }
}

fn accept(valid: Choice, bits: Vec<bool>) -> Result<Vec<bool>, Error> {
    if ct::verdict(valid) { Ok(bits) } else { Err(Error::PeerMisbehaved(Check::OutputLabel)) }
}

impl Encode for OutputHashes {
    fn encoded_len(&self) -> usize {
        2 * Block::BYTES * self.0.len()
    }

    fn encode(&self, out: &mut Writer<'_>) {
        for hash in self.0.as_flattened() {
            hash.encode(out);
        }
    }
}

/// The shape is the number of output labels.
impl Decode for OutputHashes {
    type Shape = usize;

    fn len_for(count: usize) -> usize {
        (2 * Block::BYTES).saturating_mul(count)
    }

    fn decode(count: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (pairs, _) = r.take(Self::len_for(count))?.as_chunks::<{ Block::BYTES }>().0.as_chunks::<2>();
        Ok(Self(pairs.iter().map(|pair| pair.map(Block::from_bytes)).collect()))
    }
}

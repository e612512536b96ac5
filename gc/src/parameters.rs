//! The constants of this crate that both parties must share.

use crate::circuit::relu;
use crate::domain;
use crate::garble;
use crate::hash::{Domain, Tweaks};
use crate::label::Block;
use crate::ot::{self, softspoken};
use muse_field::parameters::Parameters;

/// All of them.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-gc",
    numbers: &[
        ("base OTs", ot::base::COUNT as u64),
        ("OT block", softspoken::DEFAULT_K as u64),
        ("pieces of a chunk of columns", softspoken::CHUNK_PIECES as u64),
        ("most pieces of a stream", softspoken::MAX_PIECES),
        ("bytes of a label", Block::BYTES as u64),
        ("bytes of a gate", garble::GATE_BYTES as u64),
        ("bits of a value", relu::WIDTH as u64),
        ("greatest shift", relu::MAX_SHIFT as u64),
        ("offset of a value", relu::OFFSET),
        ("instances of a use of the hash", Tweaks::LIMIT),
        ("hash: gates", Domain::Gate.number()),
        ("hash: disclosure", Domain::Cds.number()),
        ("hash: shares", Domain::ShareFirst.number()),
        ("hash: MACs of shares", Domain::ShareSecond.number()),
        ("hash: outputs", Domain::Output.number()),
    ],
    names: domain::ALL,
};

//! The constants of this crate that both parties must share.

use crate::beaver::{self, Batch};
use crate::domain;
use crate::engine::known;
use crate::{overdrive, random, spdz};
use muse_field::id::RunId;
use muse_field::parameters::Parameters;

/// All of them.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-triples",
    numbers: &[
        ("triples: groups of a batch", Batch::MAX_GROUPS as u64),
        ("triples: batches of a session", RunId::MAX_RUNS),
        ("triples: ciphertexts of a group", beaver::CIPHERTEXTS as u64),
        ("triples: replies of a group", beaver::REPLIES as u64),
        ("random values: groups of a batch", random::MAX_GROUPS as u64),
        ("random values: batches of a session", RunId::MAX_RUNS),
        ("overdrive: rows of a proof of keys", overdrive::KEY_ROWS as u64),
        ("overdrive: replies of a group, products", overdrive::PRODUCT_REPLIES as u64),
        ("overdrive: replies of a group, MACs", overdrive::MAC_REPLIES as u64),
        ("overdrive: groups of a batch of inputs", overdrive::MAX_GROUPS as u64),
        ("overdrive: runs of a session", RunId::MAX_RUNS),
        ("engine: bits", muse_field::Fp::BITS as u64),
        ("engine: inputs", known::INPUTS as u64),
        ("engine: top bits", known::TOP as u64),
        ("two-sided engine: openings that wait for a check", spdz::MAX_WAITING as u64),
        ("two-sided engine: rounds of random bits", spdz::MAX_ROUNDS as u64),
    ],
    names: domain::ALL,
};

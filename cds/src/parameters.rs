//! The constants of this crate that both parties must share.

use crate::correlated;
use crate::published::{self, limbs, statement};
use muse_field::parameters::Parameters;

/// All of them.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-cds",
    numbers: &[
        ("correlated: bits", correlated::BITS as u64),
        ("correlated: OT block", correlated::COT_K as u64),
        ("correlated: bytes of tau", correlated::TAU_BYTES as u64),
        ("correlated: bytes of a seed", correlated::SEED_BYTES as u64),
        ("published: bits", published::BITS as u64),
        ("published: values of a group", published::GROUP as u64),
        ("published: inputs of a value", published::INPUTS as u64),
        ("published: proven products", published::PROVEN as u64),
        ("published: products with labels", published::LABELLED as u64),
        ("published: limbs", limbs::LIMBS as u64),
        ("published: bits of a limb", limbs::WIDTH as u64),
        ("published: first high bit", statement::HIGH.start as u64),
        ("published: first middle bit", statement::MIDDLE.start as u64),
        ("published: deciding bit", statement::DECIDING as u64),
    ],
    names: &[
        "disclosure: correlated OT, tau over F, 128 bits reduced mod p",
        "published disclosure: bits and range by products",
    ],
};

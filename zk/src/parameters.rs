//! The constants of this crate that both parties must share.

use crate::domain;
use crate::product;
use crate::range::{self, batch, statements};
use crate::short;
use crate::wellformed::{Tries, shape};
use muse_field::parameters::Parameters;

/// All of them.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-zk",
    numbers: &[
        ("tries of a proof", Tries::PER_PROOF as u64),
        ("tries of a session", Tries::PER_SESSION as u64),
        ("bound of a secret", shape::SECRET_BOUND as u64),
        ("bound of an error", shape::ERROR_BOUND as u64),
        ("largest mask", short::MAX_MASK),
        ("range: bits", range::BITS as u64),
        ("range: helpers", range::HELPERS as u64),
        ("range: degree", range::DEGREE as u64),
        ("range: masks", range::MASKS as u64),
        ("range: statements", range::STATEMENTS as u64),
        ("range: degree of statement 0", statements::DEGREES[0] as u64),
        ("range: degree of statement 1", statements::DEGREES[1] as u64),
        ("range: degree of statement 2", statements::DEGREES[2] as u64),
        ("range: degree of statement 3", statements::DEGREES[3] as u64),
        ("range: degree of statement 4", statements::DEGREES[4] as u64),
        ("range: values of a generator", batch::CHUNK as u64),
        ("products: rows of a generator", product::CHUNK as u64),
        ("products: bytes of a proof", product::Message::BYTES as u64),
    ],
    names: domain::ALL,
};

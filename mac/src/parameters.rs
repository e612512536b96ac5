//! The constants of this crate that both parties must share.

use crate::domain;
use muse_field::parameters::Parameters;

/// All of them.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-mac",
    numbers: &[("bytes of a digest", crate::Digest::BYTES as u64)],
    names: domain::ALL,
};

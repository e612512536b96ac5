//! The constants of this crate that both parties must share.

use crate::budget::{self, Amortised, Budget};
use crate::domain;
use crate::encode::{slots, tiling};
use crate::encrypt::RowId;
use crate::params;
use muse_field::parameters::Parameters;

/// All of them.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-he",
    numbers: &[
        ("prime 0", params::PRIMES[0]),
        ("prime 1", params::PRIMES[1]),
        ("prime 2", params::PRIMES[2]),
        ("prime 3", params::PRIMES[3]),
        ("prime 4", params::PRIMES[4]),
        ("primes", params::LIMBS as u64),
        ("primes of a reply", params::REPLY_LIMBS as u64),
        ("ring dimension", params::MAX_DEGREE as u64),
        ("bits of a residue", params::RESIDUE_BITS as u64),
        ("bits kept of a reply", params::KEEP_BITS as u64),
        ("bits dropped of a reply", params::DROP_BITS as u64),
        ("noise", params::ETA as u64),
        ("flooding bits", params::SIGMA_FLOOD as u64),
        ("repetitions, interactive", Budget::INTERACTIVE as u64),
        ("repetitions, Fiat-Shamir", Budget::FIAT_SHAMIR as u64),
        ("bits of soundness, amortised", Amortised::SOUNDNESS as u64),
        ("responses, amortised", Amortised::new(params::MAX_DEGREE).responses as u64),
        ("ciphertexts, amortised", Amortised::new(params::MAX_DEGREE).ciphertexts as u64),
        ("bound of a secret", budget::SECRET_BOUND as u64),
        ("bound of an error", budget::ERROR_BOUND as u64),
        ("most bits of flooding", budget::MAX_FLOOD_BITS as u64),
        ("id of a public key", RowId::PUBLIC_KEY),
        ("tiling: cost of an input", tiling::INPUT_BITS as u64),
        ("tiling: cost of a reply", tiling::REPLY_BITS as u64),
        ("root of the slots", slots::ROOT),
    ],
    names: domain::ALL,
};

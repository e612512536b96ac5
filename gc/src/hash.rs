//! The hash of labels, and where its tweaks come from.
//!
//! H(tweak, L) = AES_k(sigma(L)) xor sigma(L) with k = start + tweak and sigma(hi || lo) = (hi xor lo) || hi: the
//! tweakable circular-correlation-robust hash of Guo, Katz, Wang, Weng, Yu, *Better concrete security for half-gates
//! garbling (in the multi-instance setting)*, CRYPTO 2020, with a key of its own for every tweak. sigma is the linear
//! orthomorphism of Guo, Katz, Wang, Yu (S&P 2020); without it the hash would not be circular-correlation robust.
//!
//! The key is fresh per (instance, half gate), **not** shared among the instances of a batch, although sharing would save
//! key schedules. The evaluator's labels come from correlated OT, and a malicious receiver of those chooses its own
//! labels: it could arrange equal active labels for the same wire of two instances with opposite bits. Under one key
//! the two instances' rows would then be related by Delta in the clear. A key per instance also keeps the full 128-bit
//! security over any number of gates, where fixed-key AES loses the logarithm of that number.

use muse_field::Fp;
use muse_field::id::RunId;
use muse_field::transcript::Transcript;

use crate::domain;
use crate::label::Block;

mod batch;

pub use crate::backend::aes::Engine;

/// What a hash is used for. Uses never share a tweak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Domain {
    /// Half gates: index 2g and 2g + 1 for the two halves of AND gate g.
    Gate,
    /// Conditional disclosure: correlated-OT labels to field elements.
    Cds,
    /// Labels to shares, the share itself.
    ShareFirst,
    /// Labels to shares, its MAC.
    ShareSecond,
    /// Hashes that let a party check decoded output labels.
    Output,
}

impl Domain {
    /// The number in the transcript: part of the protocol, never changes.
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Gate => 1,
            Self::Cds => 2,
            Self::ShareFirst => 3,
            Self::ShareSecond => 4,
            Self::Output => 5,
        }
    }
}

/// The keys of one use of the hash: one for every (instance, index).
///
/// The key of (instance, index) is `start + (instance << 32 | index)` modulo 2^128, for 32-bit instances and indices, where
/// `start` is the hash of (domain, session, inference, layer). Within one `Tweaks` keys never repeat; between the
/// `Tweaks` of a session they coincide with probability below 2^-70 (2^16 of them, together below 2^32 instances of 2^9 indices), which
/// nobody can steer once the session id is fixed. All of it is public.
#[derive(Clone, Debug)]
pub struct Tweaks {
    start: u128,
    engine: Engine,
}

impl Tweaks {
    /// Instances and indices are below this.
    pub const LIMIT: u64 = 1 << 32;

    /// The tweaks of one use in one layer of one run.
    #[must_use]
    pub fn new(domain: Domain, run: &RunId, layer: u32) -> Self {
        let mut transcript = Transcript::new(domain::TWEAKS);
        transcript.append_u64("domain", domain.number());
        // Check: gates of one circuit, two circuits and two instances never share a tweak.
        run.bind(&mut transcript).append_u64("layer", u64::from(layer));
        let digest = transcript.digest("start");
        let mut start = [0; 16];
        start.copy_from_slice(&digest[..16]);
        Self { start: u128::from_le_bytes(start), engine: Engine::detect() }
    }

    /// The same tweaks on another engine: same bytes, other speed. For tests and measurements.
    #[must_use]
    pub const fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// The engine the hashes run on, if this CPU has it.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    pub(crate) const fn start(&self) -> u128 {
        self.start
    }

    /// H of one label.
    ///
    /// # Panics
    /// If `instance` is 2^32 or more.
    #[must_use]
    pub fn hash(&self, instance: u64, index: u32, label: Block) -> Block {
        let mut out = [Block::ZERO];
        self.hash_batch(instance, index, 1, &[label], &mut out);
        out[0]
    }

    /// H_p of one label: H modulo p, within 2^-84 of uniform.
    ///
    /// # Panics
    /// If `instance` is 2^32 or more.
    #[must_use]
    pub fn hash_to_field(&self, instance: u64, index: u32, label: Block) -> Fp {
        Fp::from_u128(self.hash(instance, index, label).0)
    }
}

/// Panics unless `first..first + count` are instances and `first_index..first_index + per_instance` indices.
pub(crate) fn check_range(first_instance: u64, count: usize, first_index: u32, per_instance: usize) {
    let fits = |first: u64, count: usize| {
        u64::try_from(count)
            .ok()
            .and_then(|count| first.checked_add(count))
            .is_some_and(|end| end <= Tweaks::LIMIT)
    };
    assert!(fits(first_instance, count), "instances below 2^32");
    assert!(fits(u64::from(first_index), per_instance), "indices below 2^32");
}

//! Randomness of both parties: either commits to a seed, then reveals it. Neither chooses the outcome, and what was fixed before the first
//! seed was revealed does not depend on it.

use core::fmt;

use muse_field::id::Coin;
use rand_core::CryptoRng;

use super::commitment::{Commitment, Revealed};
use super::key::Party;
use crate::domain;
use crate::error::Error;
use crate::opening::OpeningId;

/// Round 1: committed to a seed, waiting for the other party's commitment.
pub struct AwaitTossCommitment {
    party: Party,
    id: OpeningId,
    step: &'static str,
    seed: Revealed,
}

/// Round 2: revealed the seed, waiting for the other party's.
pub struct AwaitToss {
    own: AwaitTossCommitment,
    commitment: Commitment,
}

/// Starts a toss, when all that may not depend on it has been received. Both parties give the same name, which no other toss has.
#[must_use]
pub fn toss(party: Party, id: &OpeningId, rng: &mut impl CryptoRng) -> (AwaitTossCommitment, Commitment) {
    seeds(party, id, "coin", rng)
}

/// Two seeds of a step, for a use that is not a coin.
pub(super) fn seeds(
    party: Party,
    id: &OpeningId,
    step: &'static str,
    rng: &mut impl CryptoRng,
) -> (AwaitTossCommitment, Commitment) {
    let seed = Revealed::random(rng);
    let commitment = seed.commitment(id, party, step);
    (AwaitTossCommitment { party, id: *id, step, seed }, commitment)
}

impl AwaitTossCommitment {
    /// Reveals the seed, now that the other party cannot choose its own by it.
    #[must_use]
    pub fn on_commitment(self, theirs: Commitment) -> (AwaitToss, Revealed) {
        let revealed = self.seed.clone();
        (AwaitToss { own: self, commitment: theirs }, revealed)
    }
}

impl AwaitToss {
    /// The coin, the same for both parties.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Commitment`](crate::Check::Commitment) if the seed is not the committed one.
    pub fn on_seed(self, theirs: &Revealed) -> Result<Coin, Error> {
        let mut transcript = self.own.id.transcript(domain::SPDZ_COIN);
        for seed in self.seeds(theirs)? {
            transcript.append("seed", &seed);
        }
        Ok(Coin::from_bytes(transcript.digest("coin")))
    }

    /// The first party's seed and the second's.
    pub(super) fn seeds(&self, theirs: &Revealed) -> Result<[[u8; 32]; 2], Error> {
        let AwaitTossCommitment { party, id, step, seed } = &self.own;
        // Check: seeds and sigma are the committed ones.
        self.commitment.check(&theirs.commitment(id, party.other(), step))?;
        Ok(match party {
            Party::First => [seed.seed, theirs.seed],
            Party::Second => [theirs.seed, seed.seed],
        })
    }
}

impl fmt::Debug for AwaitTossCommitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwaitTossCommitment(redacted)")
    }
}

impl fmt::Debug for AwaitToss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwaitToss(redacted)")
    }
}

//! Commitments: the hash of a value and a nonce.

use muse_field::wire::message;
use muse_field::{Fp, ct};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::key::Party;
use crate::domain;
use crate::error::{Check, Error};
use crate::opening::OpeningId;

message! {
    /// The hash of a value of one party at one step. 32 bytes.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Commitment([u8; 32]);
}

message! {
    /// A committed seed and its nonce. 64 bytes. Secret until it is sent.
    #[derive(Clone, Zeroize, ZeroizeOnDrop)]
    pub struct Revealed(()), redacted {
        pub(super) seed: [u8; 32] = (),
        nonce: [u8; 32] = (),
    }
}

message! {
    /// A committed sigma and its nonce. 38 bytes: the element, packed, and 32 bytes. Secret until it is sent.
    #[derive(Clone, Zeroize, ZeroizeOnDrop)]
    pub struct RevealedSigma(()), redacted {
        pub(super) sigma: Fp = (),
        nonce: [u8; 32] = (),
    }
}

/// The commitment of a party to a value at a step; 32 uniform bytes of nonce hide the value.
fn hash(id: &OpeningId, party: Party, step: &'static str, nonce: &[u8; 32], value: &[u8]) -> Commitment {
    let mut transcript = id.transcript(domain::COMMITMENT);
    transcript.append_u64("party", party.number()).append("step", step.as_bytes());
    transcript.append("nonce", nonce).append("value", value);
    Commitment(transcript.digest("commitment"))
}

fn random(rng: &mut impl CryptoRng) -> [u8; 32] {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    bytes
}

impl Commitment {
    /// Whether the party revealed what it had committed to.
    pub(super) fn check(&self, revealed: &Self) -> Result<(), Error> {
        if ct::verdict(self.0[..].ct_eq(&revealed.0[..])) {
            Ok(())
        } else {
            Err(Error::PeerMisbehaved(Check::Commitment))
        }
    }
}

impl Revealed {
    pub(super) fn random(rng: &mut impl CryptoRng) -> Self {
        Self { seed: random(rng), nonce: random(rng) }
    }

    pub(super) fn commitment(&self, id: &OpeningId, party: Party, step: &'static str) -> Commitment {
        hash(id, party, step, &self.nonce, &self.seed)
    }
}

impl RevealedSigma {
    pub(super) fn new(sigma: Fp, rng: &mut impl CryptoRng) -> Self {
        Self { sigma, nonce: random(rng) }
    }

    pub(super) fn commitment(&self, id: &OpeningId, party: Party) -> Commitment {
        hash(id, party, "sigma", &self.nonce, &self.sigma.to_u64().to_le_bytes())
    }
}

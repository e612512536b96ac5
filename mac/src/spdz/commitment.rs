//! Commitments: the hash of a value and a nonce.

use core::fmt;

use muse_field::pack::packed_len;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_field::{Fp, ct};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::key::Party;
use crate::domain;
use crate::error::{Check, Error};
use crate::opening::OpeningId;

/// The hash of a value of one party at one step. 32 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commitment([u8; 32]);

/// A committed seed and its nonce. 64 bytes. Secret until it is sent.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Revealed {
    pub(super) seed: [u8; 32],
    nonce: [u8; 32],
}

/// A committed sigma and its nonce. 38 bytes: the element, packed, and 32 bytes. Secret until it is sent.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RevealedSigma {
    pub(super) sigma: Fp,
    nonce: [u8; 32],
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

    pub(super) fn commitment(&self, id: &OpeningId, party: Party) -> Commitment {
        hash(id, party, "seed", &self.nonce, &self.seed)
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

impl Encode for Commitment {
    fn encoded_len(&self) -> usize {
        32
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.put(&self.0);
    }
}

impl Decode for Commitment {
    type Shape = ();

    fn len_for((): ()) -> usize {
        32
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.array().map(Self)
    }
}

impl Encode for Revealed {
    fn encoded_len(&self) -> usize {
        64
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.put(&self.seed);
        out.put(&self.nonce);
    }
}

impl Decode for Revealed {
    type Shape = ();

    fn len_for((): ()) -> usize {
        64
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { seed: r.array()?, nonce: r.array()? })
    }
}

impl Encode for RevealedSigma {
    fn encoded_len(&self) -> usize {
        packed_len(1) + 32
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.elements(&[self.sigma]);
        out.put(&self.nonce);
    }
}

impl Decode for RevealedSigma {
    type Shape = ();

    fn len_for((): ()) -> usize {
        packed_len(1) + 32
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut sigma = [Fp::ZERO];
        r.elements_into(&mut sigma)?;
        Ok(Self { sigma: sigma[0], nonce: r.array()? })
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revealed(redacted)")
    }
}

impl fmt::Debug for RevealedSigma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevealedSigma(redacted)")
    }
}

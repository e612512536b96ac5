//! Masks and responses, and how a proof travels.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::pack::{bits_len, packed_len};
use muse_field::prg::Prg;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer, message};
use muse_field::{Fp, parallel, sample};
use muse_he::keyed::KeyedWitness;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::ProofShape;
use super::statement::Commitment;
use crate::error::{Check, Error};
use crate::monomial::accumulate;
use crate::short::{excess, fill, put, reduce, take};

/// One of the V vectors. First masks, then, in place, responses. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Vectors {
    pub(super) secret: Vec<i64>,
    pub(super) error: Vec<i64>,
    pub(super) key: Vec<i64>,
    /// Centred representatives are what counts.
    pub(super) plaintext: Vec<Fp>,
}

impl Vectors {
    /// Fresh masks of all responses: uniform in $\pm\gamma_s$, $\pm\gamma_e$, $\pm\gamma_{e'}$, and modulo p.
    ///
    /// Every response has its own stream of randomness, so threads do not change a mask.
    pub(super) fn random(shape: &ProofShape, rng: &mut impl CryptoRng) -> Vec<Self> {
        let randomness = Prg::from_rng(rng);
        parallel::map((0..shape.responses).collect(), |_, response: usize| {
            let rng = &mut randomness.substream(response as u64);
            let mut masks = Self {
                secret: vec![0; shape.n],
                error: vec![0; shape.n],
                key: vec![0; shape.n],
                plaintext: vec![Fp::ZERO; shape.n],
            };
            fill(&mut masks.secret, &shape.secret, rng);
            fill(&mut masks.error, &shape.error, rng);
            fill(&mut masks.key, &shape.key, rng);
            sample::fill_uniform(&mut masks.plaintext, rng);
            masks
        })
    }

    /// From masks to responses: adds the combination of the witnesses that the challenges of this response make. Constant time over masks and witnesses.
    pub(super) fn answer<'w>(
        &mut self,
        challenges: &[u16],
        witnesses: impl Iterator<Item = &'w KeyedWitness>,
    ) {
        // U plaintexts and a mask are below 2^49.
        let mut plaintext: Zeroizing<Vec<i64>> =
            Zeroizing::new(self.plaintext.iter().map(|y| y.to_centred()).collect());
        for (&challenge, witness) in challenges.iter().zip(witnesses) {
            accumulate(&mut self.secret, challenge, witness.secret().coefficients());
            accumulate(&mut self.error, challenge, witness.error().coefficients());
            accumulate(&mut self.key, challenge, witness.key_error().coefficients());
            accumulate(&mut plaintext, challenge, witness.plaintext());
        }
        for ((z, error), &sum) in self.plaintext.iter_mut().zip(&mut self.error).zip(plaintext.iter()) {
            let (reduced, wraps) = reduce(sum);
            *z = reduced;
            *error += wraps;
        }
    }

    /// Not 0 if a response exceeds its bound. Looks at all of them, in constant time.
    fn excess(&self, shape: &ProofShape) -> u64 {
        excess(&self.secret, &shape.secret)
            | excess(&self.error, &shape.error)
            | excess(&self.key, &shape.key)
    }
}

/// Responses of a whole proof, in which no secret is left.
pub(super) struct Responses {
    pub(super) shape: ProofShape,
    pub(super) vectors: Vec<Vectors>,
}

impl Responses {
    /// Whether all responses keep their bounds.
    pub(super) fn within(&self) -> bool {
        self.vectors.iter().fold(0, |any, vectors| any | vectors.excess(&self.shape)) == 0
    }

    /// The verifier's first check.
    pub(super) fn bounded(&self) -> Result<(), Error> {
        if self.within() { Ok(()) } else { Err(Error::PeerMisbehaved(Check::ResponseBound)) }
    }
}

message! {
    /// A whole proof: the commitment, then V responses, each for the secret, the error, the key's error and the plaintext: N
    /// integers with an offset of half of their range three times (24, 28 and 28 bits at N = 8192), N elements.
    pub struct Proof(shape: ProofShape), redacted {
        pub(super) commitment: Commitment = (),
        pub(super) responses: Responses = shape,
    }
}

impl Encode for Responses {
    fn encoded_len(&self) -> usize {
        Self::len_for(self.shape)
    }

    fn encode(&self, out: &mut Writer<'_>) {
        let ProofShape { n, secret, error, key, .. } = &self.shape;
        for vectors in &self.vectors {
            put(out, *n, secret, &vectors.secret);
            put(out, *n, error, &vectors.error);
            put(out, *n, key, &vectors.key);
            out.elements(&vectors.plaintext);
        }
    }
}

/// Elements of p and more are refused; a response out of bounds is not, it is a check of its own.
impl Decode for Responses {
    type Shape = ProofShape;

    fn len_for(shape: ProofShape) -> usize {
        let integers = |bits| bits_len(bits, shape.n);
        let one = integers(shape.secret.width())
            .saturating_add(integers(shape.error.width()))
            .saturating_add(integers(shape.key.width()))
            .saturating_add(packed_len(shape.n));
        one.saturating_mul(shape.responses)
    }

    fn decode(shape: ProofShape, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut vectors = Vec::with_capacity(shape.responses);
        for _ in 0..shape.responses {
            vectors.push(Vectors {
                secret: take(r, &shape.secret, shape.n)?,
                error: take(r, &shape.error, shape.n)?,
                key: take(r, &shape.key, shape.n)?,
                plaintext: r.elements(shape.n)?,
            });
        }
        Ok(Self { shape, vectors })
    }
}

impl fmt::Debug for Responses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Responses").field(&self.shape).finish()
    }
}

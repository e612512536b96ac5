//! Both parties of the proof of well-formed rows, in memory and in bytes.

pub mod naive;
pub mod seen;
pub mod topgear;

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, sample};
use muse_he::budget::Budget;
use muse_he::encrypt::{FreshCiphertext, Received, RowId, Witness};
use muse_he::keys::{PublicKeyRow, ReceivedPublicKey, SecretKey};
use muse_he::params::Params;
use muse_he::ring::Ring;
use muse_zk::Error;
use muse_zk::wellformed::{
    Attempt, Challenge, Commitment, ProofShape, Proven, Prover, Responses, Tries, Verifier,
};

pub fn prg(seed: u64) -> Prg {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Prg::from_seed(bytes)
}

pub fn ring(n: usize) -> Ring {
    Ring::new(Params::with_degree(n).unwrap()).unwrap()
}

pub const ID: RunId = RunId::new(SessionId::from_bytes([9; 32]), 5);

pub fn row_id(index: u32) -> RowId {
    RowId { run: ID, index }
}

/// A value after its way over the wire.
pub fn wire<T: Encode + Decode>(shape: T::Shape, value: &T) -> T {
    from_slice(shape, &to_vec(value)).unwrap()
}

/// An honest client with a public key and some rows of uniform plaintexts.
pub struct Client {
    pub ring: Ring,
    pub secret: SecretKey,
    pub public_key: PublicKeyRow,
    pub key_witness: Witness,
    pub plaintexts: Vec<Vec<Fp>>,
    pub sent: Vec<FreshCiphertext>,
    pub rows: Vec<(Received, Witness)>,
    pub rng: Prg,
}

impl Client {
    pub fn new(n: usize, rows: u32, seed: u64) -> Self {
        Self::with_ring(ring(n), rows, seed)
    }

    pub fn with_ring(ring: Ring, rows: u32, seed: u64) -> Self {
        let mut rng = prg(seed);
        let secret = SecretKey::generate(&ring, &mut rng);
        let (public_key, key_witness) = secret.public_key_with_witness(&ring, ID.session, &mut rng);
        let (mut plaintexts, mut sent, mut made) = (vec![], vec![], vec![]);
        for index in 0..rows {
            let mut r = vec![Fp::ZERO; ring.n()];
            sample::fill_uniform(&mut r, &mut rng);
            let (row, witness) = secret.encrypt_with_witness(&ring, row_id(index), &r, &mut rng).unwrap();
            made.push((row.clone().receive(&ring, row_id(index)).unwrap(), witness));
            plaintexts.push(r);
            sent.push(row);
        }
        Self { ring, secret, public_key, key_witness, plaintexts, sent, rows: made, rng }
    }

    pub fn budget(&self) -> Budget {
        Budget::new(self.ring.n(), self.rows.len() + 1, 1)
    }

    pub fn shape(&self) -> ProofShape {
        ProofShape::new(&self.budget()).unwrap()
    }

    pub fn received_key(&self) -> ReceivedPublicKey {
        wire(self.ring.n(), &self.public_key).receive(&self.ring, ID.session).unwrap()
    }

    /// The rows as the server has them.
    pub fn received(&self) -> Vec<Received> {
        let receive = |(index, row): (usize, &FreshCiphertext)| {
            wire(self.ring.n(), row).receive(&self.ring, row_id(index as u32)).unwrap()
        };
        self.sent.iter().enumerate().map(receive).collect()
    }

    pub fn prover<'a>(&'a self, key: &'a ReceivedPublicKey) -> Prover<'a> {
        self.prover_for(ID, key)
    }

    pub fn prover_for<'a>(&'a self, id: RunId, key: &'a ReceivedPublicKey) -> Prover<'a> {
        Prover::new(&self.ring, &self.budget(), id, &self.secret, (key, &self.key_witness), &self.rows)
            .unwrap()
    }

    pub fn verifier<'a>(&'a self, key: &'a ReceivedPublicKey) -> Verifier<'a> {
        self.verifier_of(key, self.received())
    }

    pub fn verifier_of<'a>(&'a self, key: &'a ReceivedPublicKey, rows: Vec<Received>) -> Verifier<'a> {
        let budget = Budget::new(self.ring.n(), rows.len() + 1, 1);
        Verifier::new(&self.ring, &budget, ID, key, rows).unwrap()
    }
}

/// What the server ends up with, and the number of tries.
pub type Outcome = (Result<Proven, Error>, u32);

/// All rounds of the proof, every message in bytes; `tamper` sees the bytes of the commitment, the challenge and the responses.
pub fn run(
    shape: ProofShape,
    mut prover: Prover<'_>,
    mut verifier: Verifier<'_>,
    rng: &mut Prg,
    mut tamper: impl FnMut(&str, &mut Vec<u8>),
) -> Outcome {
    let mut tries = Tries::new();
    let mut change = |name: &str, mut bytes: Vec<u8>| {
        tamper(name, &mut bytes);
        bytes
    };
    for count in 1.. {
        let (awaiting, commitment) = prover.commit(rng);
        let commitment: Commitment = from_slice((), &change("commitment", to_vec(&commitment))).unwrap();
        let (expecting, challenge) = match verifier.challenge(&commitment, &mut tries, rng) {
            Ok(next) => next,
            Err(error) => return (Err(error), count),
        };
        let challenge: Challenge = from_slice(shape, &change("challenge", to_vec(&challenge))).unwrap();
        match awaiting.respond(&challenge) {
            Attempt::Accepted(responses) => {
                let bytes = change("responses", to_vec(&responses));
                let verdict = match from_slice::<Responses>(shape, &bytes) {
                    Ok(responses) => expecting.verify(responses),
                    Err(error) => Err(error.into()),
                };
                return (verdict, count);
            }
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    }
    unreachable!("tries are limited")
}

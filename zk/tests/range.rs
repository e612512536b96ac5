//! The range proof over ideal correlated OTs: honest batches, and cheaters.

use muse_field::MODULUS;
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{DecodeError, from_slice, to_vec};
use muse_gc::label::{ActiveLabels, Delta, ZeroLabels};
use muse_gc::ot::ideal::correlated_ot;
use muse_zk::range::{BatchId, Choices, Message, Seed, count, prove, verify};
use muse_zk::{Check, Error};
use proptest::prelude::*;
use rand_core::Rng;

const REFUSED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::Range));

/// Bits 43..=27 all one; p - 1 is this plus 2^23.
const TOP: u64 = (1 << 44) - (1 << 27);

/// Canonical values at the edges of the statements.
const EDGES: [u64; 17] = [
    0,
    1,
    MODULUS - 1,
    MODULUS - 2,
    TOP - 1,
    TOP,
    TOP + 1,
    TOP + (1 << 23) - 1,
    (1 << 44) - (1 << 28),
    1 << 43,
    (1 << 43) - 1,
    (1 << 27) - 1,
    1 << 27,
    1 << 23,
    (1 << 23) - 1,
    0x555_5555_5555,
    0xaaa_aaaa_aaaa,
];

/// Second representations.
const BAD: [u64; 8] = [
    MODULUS,
    MODULUS + 1,
    MODULUS + (1 << 26),
    TOP + (1 << 24),
    TOP + (1 << 25),
    TOP + (1 << 26),
    (1 << 44) - 2,
    (1 << 44) - 1,
];

fn id() -> BatchId {
    BatchId { session: SessionId::from_bytes([7; 32]), inference: 3 }
}

fn prg(seed: u64) -> Prg {
    Prg::from_seed([1; 32]).substream(seed)
}

fn canonical(rng: &mut Prg) -> u64 {
    muse_field::sample::uniform(rng).to_u64()
}

/// Both parties after the OTs.
struct Pair {
    choices: Choices,
    labels: ActiveLabels,
    keys: ZeroLabels,
    delta: Delta,
    seed: Seed,
}

impl Pair {
    fn new(choices: Choices, rng: &mut Prg) -> Self {
        let delta = Delta::random(rng);
        let (keys, labels) = correlated_ot(&delta, choices.as_bytes(), count(choices.values()), rng);
        Self { choices, labels, keys, delta, seed: Seed::random(rng) }
    }

    fn prove(&self) -> Message {
        prove(&id(), &self.choices, self.labels.as_slice(), &self.seed).expect("a label for each choice")
    }

    fn verify(&self, message: &Message) -> Result<(), Error> {
        verify(&id(), &self.delta, self.keys.as_slice(), &self.seed, message)
    }

    fn run(&self) -> Result<(), Error> {
        self.verify(&self.prove())
    }
}

/// Outcome for these values, with the helper bits of an honest client, or others.
fn run(values: &[u64], helpers: Option<&[u8]>, rng: &mut Prg) -> Result<(), Error> {
    let choices = match helpers {
        None => Choices::new(values, rng),
        Some(helpers) => Choices::with_helpers(values, helpers, rng),
    };
    Pair::new(choices, rng).run()
}

#[test]
fn canonical_values_are_accepted() {
    let mut rng = prg(1);
    for n in [0, 1, 2, 7, 8, 9, 511, 512, 513, 1030] {
        let values: Vec<u64> = (0..n).map(|_| canonical(&mut rng)).collect();
        assert_eq!(run(&values, None, &mut rng), Ok(()), "{n} values");
    }
    for y in EDGES {
        assert_eq!(run(&[y], None, &mut rng), Ok(()), "{y:x}");
    }
    assert_eq!(run(&EDGES, None, &mut rng), Ok(()));
}

#[test]
fn second_representations_are_refused() {
    let mut rng = prg(2);
    for y in BAD {
        assert_eq!(run(&[y], None, &mut rng), REFUSED, "{y:x}");
        for helpers in 0..16 {
            assert_eq!(run(&[y], Some(&[helpers]), &mut rng), REFUSED, "{y:x} with helpers {helpers:x}");
        }
    }
}

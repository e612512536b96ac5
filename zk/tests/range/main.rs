//! The range proof over correlated OTs: honest batches, and cheaters.

mod masks;
mod messages;
mod softspoken;
mod values;

use muse_field::MODULUS;
use muse_field::id::{Coin, RunId, SessionId};
use muse_field::prg::Prg;
use muse_gc::label::{ActiveLabels, Delta, ZeroLabels};
use muse_gc::ot::ideal::correlated_ot;
use muse_zk::range::{Choices, Message, count, prove, verify};
use muse_zk::{Check, Error};

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

fn id() -> RunId {
    RunId::new(SessionId::from_bytes([7; 32]), 3)
}

fn prg(seed: u64) -> Prg {
    Prg::from_seed([1; 32]).substream(seed)
}

fn canonical(n: usize, rng: &mut Prg) -> Vec<u64> {
    (0..n).map(|_| muse_field::sample::uniform(rng).to_u64()).collect()
}

/// Both parties after the OTs.
struct Pair {
    choices: Choices,
    labels: ActiveLabels,
    keys: ZeroLabels,
    delta: Delta,
    seed: Coin,
}

impl Pair {
    fn new(choices: Choices, rng: &mut Prg) -> Self {
        let delta = Delta::random(rng);
        let (keys, labels) = correlated_ot(&delta, choices.as_bytes(), count(choices.values()), rng);
        Self { choices, labels, keys, delta, seed: Coin::random(rng) }
    }

    fn honest(n: usize, rng: &mut Prg) -> Self {
        Self::new(Choices::new(&canonical(n, rng), rng), rng)
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

/// Outcome for these values, with the helper bits of an honest client.
fn run(values: &[u64], rng: &mut Prg) -> Result<(), Error> {
    Pair::new(Choices::new(values, rng), rng).run()
}

/// Outcome for one value with these helper bits.
fn run_with(y: u64, helpers: u8, rng: &mut Prg) -> Result<(), Error> {
    Pair::new(Choices::with_helpers(&[y], &[helpers], rng), rng).run()
}

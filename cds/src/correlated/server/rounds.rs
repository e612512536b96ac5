//! The server's rounds. Each awaited message consumes the round, and a failed check everything.

use alloc::vec;
use alloc::vec::Vec;
use muse_field::id::{Coin, RunId};

use muse_field::Fp;
use muse_field::prg::Prg;
use muse_field::wire::Inflow;
use muse_gc::label::ZeroLabels;
use muse_gc::ot::softspoken::{Answer, AwaitAnswer, CHUNK_PIECES, CotSender, Receiving};
use muse_mac::{Digest, Keys, MacKey};
use muse_zk::range::{self, Message};
use zeroize::Zeroizing;

use super::Output;
use crate::correlated::tau::Maker;
use crate::correlated::{BITS, CHUNK, COT_K, TAU_BYTES, chunk, opening, tau_bytes, tweaks};
use crate::error::{Check, Error};

/// What the server has put in.
struct Inputs {
    id: RunId,
    key: MacKey,
    keys: Keys,
    rng: Prg,
}

/// Round 1: columns arrive, which fixes the client's choices.
pub struct Collecting {
    inputs: Inputs,
    receiving: Receiving,
}

/// Round 2: the challenge is out, the verdict on the OTs is to come. Nothing that depends on labels has been sent.
pub struct Deciding {
    inputs: Inputs,
    wait: AwaitAnswer,
}

/// Round 3: the OTs are consistent, tau goes out.
pub struct Telling {
    inputs: Inputs,
    transfer: CotSender,
    labels: ZeroLabels,
    maker: Maker,
    /// Keys of the recomposed bits, of which `done` are made.
    recomposed: Zeroizing<Vec<Fp>>,
    done: usize,
}

/// Round 4: the last verdict is to come.
pub struct Judging {
    id: RunId,
    transfer: CotSender,
    labels: ZeroLabels,
    /// Keys of the recomposed bits minus the shares, which must be zero.
    difference: Keys,
    seed: Coin,
}

impl Collecting {
    pub(super) fn new(
        id: RunId,
        transfer: CotSender,
        key: &MacKey,
        keys: Keys,
        rng: Prg,
    ) -> Result<Self, Error> {
        let receiving = transfer.receive(range::count(keys.len()))?;
        Ok(Self { inputs: Inputs { id, key: key.clone(), keys, rng }, receiving })
    }

    /// Bytes of the next chunk of columns, 0 after the last one; bytes after it.
    pub(super) fn chunk(&self) -> (usize, u64) {
        chunk(self.receiving.remaining(), COLUMN_CHUNK * Receiving::<COT_K>::UNIT)
    }

    /// Takes up the next chunk.
    pub(super) fn columns(&mut self, rows: &[u8]) -> Result<(), Error> {
        Ok(self.receiving.absorb(rows)?)
    }

    pub(super) fn end(self) -> Result<(Deciding, Coin), Error> {
        let Self { mut inputs, receiving } = self;
        let (wait, challenge) = receiving.challenge(&mut inputs.rng)?;
        Ok((Deciding { inputs, wait }, challenge))
    }
}

impl Deciding {
    /// The verdict on the OTs.
    pub(super) fn on_answer(self, answer: &Answer) -> Result<Telling, Error> {
        let Self { inputs, wait } = self;
        let (transfer, labels) = wait.on_answer(answer)?;
        let maker = Maker::new(tweaks(&inputs.id), transfer.delta().clone(), &inputs.key);
        let recomposed = Zeroizing::new(vec![Fp::ZERO; inputs.keys.len()]);
        Ok(Telling { inputs, transfer, labels, maker, recomposed, done: 0 })
    }
}

impl Telling {
    /// Bytes of tau that are not made yet.
    pub(super) fn unmade(&self) -> u64 {
        tau_bytes(self.recomposed.len() - self.done)
    }

    /// Makes the next chunk of tau; nothing after the last one.
    pub(super) fn tau(&mut self) -> Vec<u8> {
        let (len, _) = chunk(self.unmade(), CHUNK * TAU_BYTES);
        let mut out = vec![0; len];
        let values = self.done..self.done + len / TAU_BYTES;
        let zeros = &self.labels.as_slice()[BITS * values.start..BITS * values.end];
        self.maker.make(values.start as u64, zeros, &mut out, &mut self.recomposed[values.clone()]);
        self.done = values.end;
        out
    }

    /// Draws the challenge of the range proof: choices, helpers and masks are fixed since round 2.
    pub(super) fn end(self) -> (Judging, Coin) {
        let Self { inputs: Inputs { id, keys, mut rng, .. }, transfer, labels, recomposed, .. } = self;
        let mut difference = Keys::new(recomposed);
        difference.sub_assign(&keys);
        let seed = Coin::random(&mut rng);
        (Judging { id, transfer, labels, difference, seed }, seed)
    }
}

impl Judging {
    /// One verdict on both checks: both are made whatever the first one says.
    pub(super) fn on_proof(self, proof: &Message, digest: &Digest) -> Result<Output, Error> {
        let Self { id, transfer, mut labels, difference, seed } = self;
        let values = difference.len();
        // Check: bits are canonical.
        let canonical = range::verify(&id, transfer.delta(), labels.as_slice(), &seed, proof);
        // Check: bits are those of the authenticated share.
        let equal = difference.verify_zero(&opening(id), digest);
        match (canonical, equal) {
            (Ok(()), Ok(())) => {}
            (Err(error), Ok(())) => return Err(error.into()),
            (Ok(()), Err(error)) => return Err(error.into()),
            (Err(_), Err(_)) => return Err(Error::PeerMisbehaved(Check::RangeAndValue)),
        }
        // Helper bits and masks have served; their labels are no inputs of a circuit.
        labels.truncate(BITS * values);
        Ok((transfer, labels))
    }
}

/// Pieces of columns in a chunk. Has no influence on any byte.
const COLUMN_CHUNK: usize = 8 * CHUNK_PIECES;

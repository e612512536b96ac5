//! The server: keys in, zero labels out, and every verdict.

#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
mod rounds;

use muse_field::id::RunId;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, from_slice, to_vec};
use muse_gc::label::ZeroLabels;
use muse_gc::ot::softspoken::{Answer, CotSender};
use muse_mac::{Digest, Keys, MacKey};
use muse_zk::range::Message;
use rand_core::CryptoRng;

use self::rounds::{Collecting, Deciding, Judging, Telling};
use super::check_count;
use crate::error::Error;
use crate::party::{self, Next, Party};

/// The server's side of a disclosure from correlated OT. Secret state; see the [module](super).
pub type Server = Party<Rounds>;

/// The sender, for the next disclosure of the session, and the zero labels of 44 bits a value. There is none unless all checks
/// have passed.
pub type Output = (CotSender, ZeroLabels);

impl Server {
    /// Starts the disclosure of the values under `keys`, those of all layers of an inference in order.
    ///
    /// The position of `transfer` moves on now. Challenges come from a generator that is seeded from `rng` here.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if the session has no OTs left, [`Error::Misuse`] for 2^32 values or more.
    pub fn new(
        id: RunId,
        transfer: CotSender,
        key: &MacKey,
        keys: Keys,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        check_count(keys.len())?;
        let round = Collecting::new(id, transfer, key, keys, Prg::from_rng(rng))?;
        Ok(Self::begin(Rounds::columns(round)?))
    }
}

/// The server's rounds, in the order of the [figure](super).
#[derive(Debug)]
pub enum Rounds {}

/// What is on its way to the client.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
pub enum Sending {
    /// The challenge of the OTs.
    Challenge(Deciding),
    /// tau.
    Tau(Telling),
    /// The seed of the range proof.
    Seed(Judging),
}

/// What is awaited from the client.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
pub enum Awaiting {
    /// The columns.
    Columns(Collecting),
    /// The answer to the challenge.
    Answer(Deciding),
    /// The range proof and the digest.
    Proof(Judging),
}

impl party::Rounds for Rounds {
    const NAME: &'static str = "Server";
    type Sending = Sending;
    type Awaiting = Awaiting;
    type Output = Output;

    fn sent(state: Sending) -> Next<Self> {
        match state {
            Sending::Challenge(round) => Next::receive(Answer::len_for(()), 0, Awaiting::Answer(round)),
            Sending::Tau(round) => Self::tau(round),
            Sending::Seed(round) => {
                Next::receive(<(Message, Digest)>::len_for(((), ())), 0, Awaiting::Proof(round))
            }
        }
    }

    fn received(state: Awaiting, bytes: &[u8]) -> Result<Next<Self>, Error> {
        match state {
            Awaiting::Columns(mut round) => {
                round.columns(bytes)?;
                Self::columns(round)
            }
            Awaiting::Answer(round) => Ok(Self::tau(round.on_answer(&from_slice((), bytes)?)?)),
            Awaiting::Proof(round) => {
                let (proof, digest) = from_slice(((), ()), bytes)?;
                Ok(Next::Done(round.on_proof(&proof, &digest)?))
            }
        }
    }
}

impl Rounds {
    /// Awaits the next chunk of columns, or after the last one sends the challenge.
    fn columns(round: Collecting) -> Result<Next<Self>, Error> {
        let (len, later) = round.chunk();
        if len > 0 {
            return Ok(Next::receive(len, later, Awaiting::Columns(round)));
        }
        let (round, challenge) = round.end()?;
        Ok(Next::send(to_vec(&challenge), 0, Sending::Challenge(round)))
    }

    /// Sends the next chunk of tau, or after the last one the seed.
    fn tau(mut round: Telling) -> Next<Self> {
        let tau = round.tau();
        if !tau.is_empty() {
            return Next::send(tau, round.unmade(), Sending::Tau(round));
        }
        let (round, seed) = round.end();
        Next::send(to_vec(&seed), 0, Sending::Seed(round))
    }
}

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
use crate::party::{self, Party, Turn};

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
pub enum Speaking {
    /// The challenge of the OTs.
    Challenge(Deciding),
    /// tau.
    Tau(Telling),
    /// The seed of the range proof.
    Seed(Judging),
}

/// What is awaited from the client.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
pub enum Listening {
    /// The columns.
    Columns(Collecting),
    /// The answer to the challenge.
    Answer(Deciding),
    /// The range proof and the digest.
    Proof(Judging),
}

impl party::Rounds for Rounds {
    const NAME: &'static str = "Server";
    type Speaking = Speaking;
    type Listening = Listening;
    type Output = Output;

    fn said(state: Speaking) -> Turn<Self> {
        match state {
            Speaking::Challenge(round) => Turn::listen(Answer::len_for(()), 0, Listening::Answer(round)),
            Speaking::Tau(round) => Self::tau(round),
            Speaking::Seed(round) => {
                Turn::listen(<(Message, Digest)>::len_for(((), ())), 0, Listening::Proof(round))
            }
        }
    }

    fn heard(state: Listening, bytes: &[u8]) -> Result<Turn<Self>, Error> {
        match state {
            Listening::Columns(mut round) => {
                round.columns(bytes)?;
                Self::columns(round)
            }
            Listening::Answer(round) => Ok(Self::tau(round.on_answer(&from_slice((), bytes)?)?)),
            Listening::Proof(round) => {
                let (proof, digest) = from_slice(((), ()), bytes)?;
                Ok(Turn::Done(round.on_proof(&proof, &digest)?))
            }
        }
    }
}

impl Rounds {
    /// Awaits the next chunk of columns, or after the last one sends the challenge.
    fn columns(round: Collecting) -> Result<Turn<Self>, Error> {
        let (len, later) = round.chunk();
        if len > 0 {
            return Ok(Turn::listen(len, later, Listening::Columns(round)));
        }
        let (round, challenge) = round.end()?;
        Ok(Turn::speak(to_vec(&challenge), 0, Speaking::Challenge(round)))
    }

    /// Sends the next chunk of tau, or after the last one the seed.
    fn tau(mut round: Telling) -> Turn<Self> {
        let tau = round.tau();
        if !tau.is_empty() {
            return Turn::speak(tau, round.unmade(), Speaking::Tau(round));
        }
        let (round, seed) = round.end();
        Turn::speak(to_vec(&seed), 0, Speaking::Seed(round))
    }
}

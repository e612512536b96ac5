//! The client: values in, labels out.

#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
mod rounds;

use alloc::vec::Vec;

use muse_field::id::{Coin, RunId};
use muse_field::wire::{Decode, from_slice, to_vec};
use muse_gc::label::ActiveLabels;
use muse_gc::ot::softspoken::CotReceiver;
use muse_mac::Authenticated;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use self::rounds::{Committing, Recomposing};
use super::check_count;
use crate::error::Error;
use crate::party::{self, Party, Turn};

/// The client's side of a disclosure from correlated OT. Secret state; see the [module](super).
pub type Client = Party<Rounds>;

/// The receiver, for the next disclosure of the session, and 44 labels a value.
///
/// They are the client's to use at once; whether the server accepts them shows in whether it goes on.
pub type Output = (CotReceiver, ActiveLabels);

impl Client {
    /// Starts the disclosure of `shares`, the values of all layers of an inference in order.
    ///
    /// The position of `transfer` moves on now.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if the session has no OTs left, [`Error::Misuse`] for 2^32 values or more.
    pub fn new(
        id: RunId,
        transfer: CotReceiver,
        shares: Authenticated,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let values: Zeroizing<Vec<u64>> =
            Zeroizing::new(shares.values().iter().map(|v| v.to_u64()).collect());
        Self::new_with_choices(id, transfer, shares, &values, rng)
    }

    /// A client that puts in other 44-bit integers than those it has authenticated. **Only for tests of the server's checks**: it is
    /// refused unless the integers are the values.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and [`Error::Misuse`] unless there is an integer for each value.
    pub fn new_with_choices(
        id: RunId,
        transfer: CotReceiver,
        shares: Authenticated,
        integers: &[u64],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        check_count(shares.len())?;
        if integers.len() != shares.len() {
            return Err(Error::Misuse("an integer for each value"));
        }
        let round = Committing::new(id, transfer, shares, integers, rng)?;
        Ok(Self::begin(Rounds::columns(round)))
    }
}

/// The client's rounds, in the order of the [figure](super).
#[derive(Debug)]
pub enum Rounds {}

/// What is on its way to the server.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
pub enum Speaking {
    /// The columns.
    Columns(Committing),
    /// The answer to the challenge.
    Answer(Recomposing),
    /// The range proof and the digest.
    Proof(Output),
}

/// What is awaited from the server.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
pub enum Listening {
    /// The challenge of the OTs.
    Challenge(Committing),
    /// tau.
    Tau(Recomposing),
    /// The seed of the range proof.
    Seed(Recomposing),
}

impl party::Rounds for Rounds {
    const NAME: &'static str = "Client";
    type Speaking = Speaking;
    type Listening = Listening;
    type Output = Output;

    fn said(state: Speaking) -> Turn<Self> {
        match state {
            Speaking::Columns(round) => Self::columns(round),
            Speaking::Answer(round) => Self::tau(round),
            Speaking::Proof(output) => Turn::Done(output),
        }
    }

    fn heard(state: Listening, bytes: &[u8]) -> Result<Turn<Self>, Error> {
        Ok(match state {
            Listening::Challenge(round) => {
                let (round, answer) = round.on_challenge(&from_slice((), bytes)?)?;
                Turn::speak(to_vec(&answer), 0, Speaking::Answer(round))
            }
            Listening::Tau(mut round) => {
                round.on_tau(bytes)?;
                Self::tau(round)
            }
            Listening::Seed(round) => {
                let (output, proof) = round.on_seed(&from_slice((), bytes)?)?;
                Turn::speak(to_vec(&proof), 0, Speaking::Proof(output))
            }
        })
    }
}

impl Rounds {
    /// Sends the next chunk of columns, or after the last one awaits the challenge.
    fn columns(mut round: Committing) -> Turn<Self> {
        let columns = round.columns();
        if columns.is_empty() {
            return Turn::listen(Coin::len_for(()), 0, Listening::Challenge(round));
        }
        Turn::speak(columns, round.unmade(), Speaking::Columns(round))
    }

    /// Awaits the next chunk of tau, or after the last one the seed.
    fn tau(round: Recomposing) -> Turn<Self> {
        match round.chunk() {
            (0, _) => Turn::listen(Coin::len_for(()), 0, Listening::Seed(round)),
            (len, later) => Turn::listen(len, later, Listening::Tau(round)),
        }
    }
}

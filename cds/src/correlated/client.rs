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
use crate::party::{self, Next, Party};

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
pub enum Sending {
    /// The columns.
    Columns(Committing),
    /// The answer to the challenge.
    Answer(Recomposing),
    /// The range proof and the digest.
    Proof(Output),
}

/// What is awaited from the server.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
pub enum Awaiting {
    /// The challenge of the OTs.
    Challenge(Committing),
    /// tau.
    Tau(Recomposing),
    /// The seed of the range proof.
    Seed(Recomposing),
}

impl party::Rounds for Rounds {
    const NAME: &'static str = "Client";
    type Sending = Sending;
    type Awaiting = Awaiting;
    type Output = Output;

    fn sent(state: Sending) -> Next<Self> {
        match state {
            Sending::Columns(round) => Self::columns(round),
            Sending::Answer(round) => Self::tau(round),
            Sending::Proof(output) => Next::Done(output),
        }
    }

    fn received(state: Awaiting, bytes: &[u8]) -> Result<Next<Self>, Error> {
        Ok(match state {
            Awaiting::Challenge(round) => {
                let (round, answer) = round.on_challenge(&from_slice((), bytes)?)?;
                Next::send(to_vec(&answer), 0, Sending::Answer(round))
            }
            Awaiting::Tau(mut round) => {
                round.on_tau(bytes)?;
                Self::tau(round)
            }
            Awaiting::Seed(round) => {
                let (output, proof) = round.on_seed(&from_slice((), bytes)?)?;
                Next::send(to_vec(&proof), 0, Sending::Proof(output))
            }
        })
    }
}

impl Rounds {
    /// Sends the next chunk of columns, or after the last one awaits the challenge.
    fn columns(mut round: Committing) -> Next<Self> {
        let columns = round.columns();
        if columns.is_empty() {
            return Next::receive(Coin::len_for(()), 0, Awaiting::Challenge(round));
        }
        Next::send(columns, round.unmade(), Sending::Columns(round))
    }

    /// Awaits the next chunk of tau, or after the last one the seed.
    fn tau(round: Recomposing) -> Next<Self> {
        match round.chunk() {
            (0, _) => Next::receive(Coin::len_for(()), 0, Awaiting::Seed(round)),
            (len, later) => Next::receive(len, later, Awaiting::Tau(round)),
        }
    }
}

//! The client: values in, labels out.

#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
mod rounds;

use alloc::vec::Vec;

use muse_field::Fp;
use muse_field::id::RunId;
use muse_gc::label::ActiveLabels;
use muse_mac::Authenticated;
use zeroize::Zeroizing;

use self::rounds::Round;
use super::{ClientPool, INPUTS, inputs};
use crate::error::Error;
use crate::party::{self, Next, Party};

/// The client's side of a disclosure from triples. Secret state; see the [module](super).
pub type Client = Party<Rounds>;

/// 44 labels a value.
pub type Output = ActiveLabels;

impl Client {
    /// Starts the disclosure of `shares`, which are values `first..` of the inference.
    ///
    /// `pool` has what [`needs`](super::needs) says, and nothing else uses it.
    ///
    /// # Errors
    /// [`Error::Misuse`] if it has not, or an index is 2^32 or more.
    pub fn new(id: RunId, first: usize, pool: ClientPool, shares: Authenticated) -> Result<Self, Error> {
        let integers: Zeroizing<Vec<u64>> =
            Zeroizing::new(shares.values().iter().map(|v| v.to_u64()).collect());
        let inputs = inputs(&integers);
        Self::new_with_inputs(id, first, pool, shares, inputs)
    }

    /// A client that puts in other elements than the [`inputs`] of what it has authenticated. **Only for tests of the server's
    /// checks**: it is refused unless they are 44 bits of the value and a helper that fits.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and [`Error::Misuse`] unless there are [`INPUTS`] elements for each value.
    pub fn new_with_inputs(
        id: RunId,
        first: usize,
        pool: ClientPool,
        shares: Authenticated,
        inputs: Zeroizing<Vec<Fp>>,
    ) -> Result<Self, Error> {
        if inputs.len() != INPUTS * shares.len() {
            return Err(Error::Misuse("45 inputs for each value"));
        }
        let round = Round::new(id, first, pool, shares, &inputs)?;
        Ok(Self::begin(Rounds::next(round)?))
    }
}

/// The client's rounds, group after group.
#[derive(Debug)]
pub enum Rounds {}

impl party::Rounds for Rounds {
    const NAME: &'static str = "Client";
    type Sending = Round;
    type Awaiting = Round;
    type Output = Output;

    fn sent(round: Round) -> Next<Self> {
        Next::receive(round.awaited(), 0, round)
    }

    fn received(round: Round, bytes: &[u8]) -> Result<Next<Self>, Error> {
        Self::next(round.listen(bytes)?)
    }
}

impl Rounds {
    /// Speaks, if there is anything left to say.
    fn next(mut round: Round) -> Result<Next<Self>, Error> {
        let message = round.speak()?;
        Ok(if message.is_empty() { Next::Done(round.end()) } else { Next::send(message, 0, round) })
    }
}

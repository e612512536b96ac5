//! The server: keys in, zero labels out, and every verdict.

#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
mod rounds;

use muse_field::id::RunId;
use muse_gc::label::{Delta, ZeroLabels};
use muse_mac::{Keys, MacKey};
use rand_core::CryptoRng;

use self::rounds::Round;
use super::ServerPool;
use crate::error::Error;
use crate::party::{self, Next, Party, Rounds as _};

/// The server's side of a disclosure from triples. Secret state; see the [module](super).
pub type Server = Party<Rounds>;

/// The zero labels of 44 bits a value. There are none unless all checks have passed.
pub type Output = ZeroLabels;

impl Server {
    /// Starts the disclosure of the values under `keys`, which are values `first..` of the inference. Labels are drawn now.
    ///
    /// `pool` has what [`needs`](super::needs) says, and nothing else uses it.
    ///
    /// # Errors
    /// [`Error::Misuse`] if it has not, or an index is 2^32 or more.
    pub fn new(
        id: RunId,
        first: usize,
        pool: ServerPool,
        delta: &Delta,
        key: &MacKey,
        keys: Keys,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        Ok(Self::begin(Rounds::sent(Round::new(id, first, pool, delta, key, keys, rng)?)))
    }
}

/// The server's rounds, group after group.
#[derive(Debug)]
pub enum Rounds {}

impl party::Rounds for Rounds {
    const NAME: &'static str = "Server";
    type Sending = Round;
    type Awaiting = Round;
    type Output = Output;

    /// Listens, if there is anything left to hear.
    fn sent(round: Round) -> Next<Self> {
        match round.awaited() {
            0 => Next::Done(round.end()),
            len => Next::receive(len, 0, round),
        }
    }

    fn received(round: Round, bytes: &[u8]) -> Result<Next<Self>, Error> {
        let (round, answer) = round.listen(bytes)?;
        Ok(Next::send(answer, 0, round))
    }
}

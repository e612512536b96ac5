//! What is made before inputs are known, used up from the end.

use muse_mac::{Authenticated, Keys};

use crate::error::POOL;
use crate::{ClientTriples, Error, ServerTriples};

/// The client's half of what a program uses up: triples, and uniform values that the client knows, authenticated.
#[derive(Debug)]
pub struct ClientPreprocessed {
    triples: ClientTriples,
    randoms: Authenticated,
}

/// The server's half of what a program uses up: triples, and the keys of the client's values.
#[derive(Debug)]
pub struct ServerPreprocessed {
    triples: ServerTriples,
    randoms: Keys,
}

/// What both halves have.
macro_rules! pool {
    ($Type:ident, $Triples:ident, $Randoms:ident) => {
        impl $Type {
            /// Triples and random values, which nothing else uses.
            #[must_use]
            pub const fn new(triples: $Triples, randoms: $Randoms) -> Self {
                Self { triples, randoms }
            }

            /// Number of triples left. Public.
            #[must_use]
            pub fn triples(&self) -> usize {
                self.triples.len()
            }

            /// Number of random values left. Public.
            #[must_use]
            pub fn randoms(&self) -> usize {
                self.randoms.len()
            }

            /// Refuses a step of several rounds before its first.
            pub(super) fn require(&self, triples: usize, randoms: usize) -> Result<(), Error> {
                let enough = triples <= self.triples() && randoms <= self.randoms();
                if enough { Ok(()) } else { Err(Error::Exhausted(POOL)) }
            }

            /// Takes the last triples out.
            pub(super) fn take_triples(&mut self, count: usize) -> Result<$Triples, Error> {
                self.triples.take(count).ok_or(Error::Exhausted(POOL))
            }

            /// Takes the last random values out.
            pub(super) fn take_randoms(&mut self, count: usize) -> Result<$Randoms, Error> {
                let rest = self.randoms.len().checked_sub(count).ok_or(Error::Exhausted(POOL))?;
                Ok(self.randoms.split_off(rest))
            }
        }
    };
}

pool!(ClientPreprocessed, ClientTriples, Authenticated);
pool!(ServerPreprocessed, ServerTriples, Keys);

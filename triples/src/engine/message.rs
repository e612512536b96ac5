//! Messages that carry no hash of their own, and those made of several parts.

use alloc::vec::Vec;
use core::fmt;
use muse_field::id::Coin;

use muse_field::wire::message;
use muse_field::{Fp, vector};
use muse_mac::{Claimed, Opening};

use crate::Error;

message! {
    /// One party's shares of opened values, packed, or a client's masked inputs. The shape is their number.
    #[derive(Clone)]
    pub struct Shares(Vec<Fp>);
}

message! {
    /// The client's first message of a step with bits: masked inputs, then masked factors.
    #[derive(Debug)]
    pub sent struct Request {
        pub(super) inputs: Shares,
        pub(super) factors: Opening,
    }
}

message! {
    /// A [`Request`] that the server has received and not checked. The shape is the number of inputs and of masked factors.
    #[derive(Debug)]
    pub received struct ClaimedRequest((inputs, factors): (usize, usize)) {
        pub(super) inputs: Shares = inputs,
        pub(super) factors: Claimed = factors,
    }
}

message! {
    /// The server's reply to a [`Request`]: the seed of the product proof (32 bytes), then its shares of the masked factors.
    ///
    /// The shape is the number of shares.
    #[derive(Debug)]
    pub struct Reply(count: usize) {
        pub(super) seed: Coin = (),
        pub(super) shares: Shares = count,
    }
}

impl Shares {
    pub(crate) const fn new(values: Vec<Fp>) -> Self {
        Self(values)
    }

    pub(super) fn into_inner(self) -> Vec<Fp> {
        self.0
    }

    pub(crate) const fn as_slice(&self) -> &[Fp] {
        self.0.as_slice()
    }

    /// The elements, if there are as many as the step has.
    pub(super) fn expect(self, count: usize) -> Result<Vec<Fp>, Error> {
        if self.0.len() == count { Ok(self.0) } else { Err(Error::Misuse("a message of this step's shape")) }
    }

    /// Both parties' shares added.
    pub(super) fn open(self, own: &[Fp]) -> Result<Vec<Fp>, Error> {
        let mut values = self.expect(own.len())?;
        vector::add_assign(&mut values, own);
        Ok(values)
    }
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shares({} redacted)", self.0.len())
    }
}

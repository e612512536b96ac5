//! Messages that carry no hash of their own, and those made of several parts.

use alloc::vec::Vec;
use core::fmt;
use muse_field::id::Coin;

use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_field::{Fp, vector};
use muse_mac::{Claimed, Opening};

use crate::Error;

/// One party's shares of opened values, packed, or a client's masked inputs. The shape is their number.
#[derive(Clone)]
pub struct Shares(Vec<Fp>);

/// The client's first message of a step with bits: masked inputs, then masked factors.
#[derive(Debug)]
pub struct Request {
    pub(super) inputs: Shares,
    pub(super) factors: Opening,
}

/// A [`Request`] that the server has received and not checked. The shape is the number of inputs and of masked factors.
#[derive(Debug)]
pub struct ClaimedRequest {
    pub(super) inputs: Shares,
    pub(super) factors: Claimed,
}

/// The server's reply to a [`Request`]: the seed of the product proof (32 bytes), then its shares of the masked factors.
///
/// The shape is the number of shares.
#[derive(Debug)]
pub struct Reply {
    pub(super) seed: Coin,
    pub(super) shares: Shares,
}

impl Shares {
    pub(super) const fn new(values: Vec<Fp>) -> Self {
        Self(values)
    }

    pub(super) fn into_inner(self) -> Vec<Fp> {
        self.0
    }

    pub(super) const fn as_slice(&self) -> &[Fp] {
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

impl Encode for Shares {
    fn encoded_len(&self) -> usize {
        self.0.encoded_len()
    }

    fn encode(&self, out: &mut Writer<'_>) {
        self.0.encode(out);
    }
}

impl Decode for Shares {
    type Shape = usize;

    fn len_for(count: usize) -> usize {
        Vec::<Fp>::len_for(count)
    }

    fn decode(count: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Vec::decode(count, r).map(Self)
    }
}

impl Encode for Request {
    fn encoded_len(&self) -> usize {
        self.inputs.encoded_len() + self.factors.encoded_len()
    }

    fn encode(&self, out: &mut Writer<'_>) {
        self.inputs.encode(out);
        self.factors.encode(out);
    }
}

impl Decode for ClaimedRequest {
    type Shape = (usize, usize);

    fn len_for((inputs, factors): Self::Shape) -> usize {
        Shares::len_for(inputs).saturating_add(Claimed::len_for(factors))
    }

    fn decode((inputs, factors): Self::Shape, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { inputs: Shares::decode(inputs, r)?, factors: Claimed::decode(factors, r)? })
    }
}

impl Encode for Reply {
    fn encoded_len(&self) -> usize {
        self.seed.encoded_len() + self.shares.encoded_len()
    }

    fn encode(&self, out: &mut Writer<'_>) {
        self.seed.encode(out);
        self.shares.encode(out);
    }
}

impl Decode for Reply {
    type Shape = usize;

    fn len_for(count: usize) -> usize {
        Coin::len_for(()).saturating_add(Shares::len_for(count))
    }

    fn decode(count: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { seed: Coin::decode((), r)?, shares: Shares::decode(count, r)? })
    }
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shares({} redacted)", self.0.len())
    }
}

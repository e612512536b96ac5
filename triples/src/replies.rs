//! The replies for one group of N values, as they travel together.

use alloc::vec::Vec;
use core::fmt;

use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_he::reply::{Reply, ReplyShape};

use crate::Error;

/// K replies with all N coefficients.
///
/// | bytes | content |
/// |---|---|
/// | K times 14.5 N | [`Reply`], all N coefficients wanted |
pub struct Replies<const K: usize>([Reply; K]);

impl<const K: usize> Replies<K> {
    /// From as many replies.
    pub(crate) fn new(replies: Vec<Reply>) -> Result<Self, Error> {
        Ok(Self(replies.try_into().map_err(|_| Error::Misuse("as many replies as a group has"))?))
    }
}

impl<const K: usize> From<Replies<K>> for Vec<Reply> {
    fn from(replies: Replies<K>) -> Self {
        replies.0.into()
    }
}

impl<const K: usize> Encode for Replies<K> {
    fn encoded_len(&self) -> usize {
        self.0.iter().map(Reply::encoded_len).sum()
    }

    fn encode(&self, out: &mut Writer<'_>) {
        self.0.iter().for_each(|reply| reply.encode(out));
    }
}

/// The shape is N.
impl<const K: usize> Decode for Replies<K> {
    type Shape = usize;

    fn len_for(n: usize) -> usize {
        Reply::len_for(whole(n)).saturating_mul(K)
    }

    fn decode(n: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut replies = Vec::with_capacity(K);
        for _ in 0..K {
            replies.push(Reply::decode(whole(n), r)?);
        }
        Ok(Self(replies.try_into().map_err(|_| DecodeError::Length)?))
    }
}

impl<const K: usize> fmt::Debug for Replies<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Replies").field(&self.0.first().map(Reply::shape)).finish()
    }
}

/// A reply of all N coefficients.
pub(crate) const fn whole(n: usize) -> ReplyShape {
    ReplyShape { n, wanted: n }
}

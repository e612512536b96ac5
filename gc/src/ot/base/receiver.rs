//! The side with the choice bits.

use core::fmt;

use alloc::vec::Vec;

use curve25519_dalek::{RistrettoPoint, Scalar};
use muse_field::id::SessionId;
use rand_core::CryptoRng;
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::messages::Element;
use super::{COUNT, Reply, Request, hash_to_group, pad, transcript_digest};
use crate::label::Block;

/// The receiver of base OTs before its first message: a namespace for [`Receiver::request`].
#[derive(Debug)]
pub enum Receiver {}

/// The receiver waiting for the sender's [`Reply`]. Never leaves this process.
pub struct AwaitReply {
    session: SessionId,
    request: Request,
    choices: u128,
    exponents: Vec<Scalar>,
}

impl Receiver {
    /// Round 1: makes the request for 128 choices, bit `i` of `choices` being that of OT `i`.
    ///
    /// Cost: 128 fixed-base multiplications and 256 maps to the group, some 6 ms.
    #[must_use]
    pub fn request(session: &SessionId, choices: u128, rng: &mut impl CryptoRng) -> (AwaitReply, Request) {
        let mut exponents = Vec::with_capacity(COUNT);
        let mut elements = Vec::with_capacity(COUNT);
        for i in 0..COUNT {
            let c = (choices >> i) as u8 & 1;
            let exponent = Scalar::random(rng);
            let other = Element::new(RistrettoPoint::random(rng));
            // The slot of the choice holds what makes M = exponent*G there.
            let mut known = RistrettoPoint::mul_base(&exponent);
            let ours = Element::new(known - hash_to_group(session, i, c, other.bytes()));
            known.zeroize();
            elements.push(Element::ordered(&ours, &other, Choice::from(c)));
            exponents.push(exponent);
        }
        let request = Request::new(elements);
        (AwaitReply { session: *session, request: request.clone(), choices, exponents }, request)
    }
}

impl AwaitReply {
    /// Round 2: the pads of the choices, in order.
    ///
    /// Cost: 128 variable-base multiplications, some 6 ms.
    #[must_use]
    pub fn on_reply(self, reply: &Reply) -> Zeroizing<[Block; COUNT]> {
        let transcript = transcript_digest(&self.session, &self.request, reply);
        let mut pads = Zeroizing::new([Block::ZERO; COUNT]);
        for (i, (to, exponent)) in pads.iter_mut().zip(&self.exponents).enumerate() {
            let c = (self.choices >> i) as u8 & 1;
            let mut shared = reply.element().point() * exponent;
            *to = pad(&self.session, &transcript, i, c, &shared);
            shared.zeroize();
        }
        pads
    }
}

impl Element {
    /// `[ours, other]`, or the other way round if `swap`, without a branch.
    fn ordered(ours: &Self, other: &Self, swap: Choice) -> [Self; 2] {
        [(ours, other), (other, ours)].map(|(a, b)| {
            let point = RistrettoPoint::conditional_select(a.point(), b.point(), swap);
            let bytes = core::array::from_fn(|i| u8::conditional_select(&a.bytes()[i], &b.bytes()[i], swap));
            Self::from_parts(point, bytes)
        })
    }
}

impl Drop for AwaitReply {
    fn drop(&mut self) {
        self.choices.zeroize();
        self.exponents.zeroize();
    }
}

impl ZeroizeOnDrop for AwaitReply {}

impl fmt::Debug for AwaitReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwaitReply(redacted)")
    }
}

//! The side that gets both pads of every OT.

use core::fmt;

use alloc::boxed::Box;
use alloc::vec;

use curve25519_dalek::{RistrettoPoint, Scalar};
use muse_field::id::SessionId;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::messages::Element;
use super::{COUNT, Reply, Request, hash_to_group, pad, transcript_digest};
use crate::label::Block;

/// The sender of base OTs: a namespace for [`Sender::reply`].
#[derive(Debug)]
pub enum Sender {}

/// Both pads of every OT; the receiver knows one of each pair. Secret.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pads(Box<[[Block; 2]]>);

impl Pads {
    /// [`COUNT`] pairs: `pads[i][z]` is what the receiver holds iff its choice `i` is `z`.
    #[must_use]
    pub fn as_slice(&self) -> &[[Block; 2]] {
        &self.0
    }
}

impl fmt::Debug for Pads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pads(redacted)")
    }
}

impl Sender {
    /// The only round: both pads of every OT, and the reply that gives the receiver its own.
    ///
    /// Cost: 256 variable-base multiplications and maps to the group, some 15 ms.
    #[must_use]
    pub fn reply(session: &SessionId, request: &Request, rng: &mut impl CryptoRng) -> (Pads, Reply) {
        let mut exponent = Scalar::random(rng);
        let reply = Reply::new(Element::new(RistrettoPoint::mul_base(&exponent)));
        let transcript = transcript_digest(session, request, &reply);
        let mut pads = vec![[Block::ZERO; 2]; COUNT].into_boxed_slice();
        for (i, (to, r)) in pads.iter_mut().zip(request.elements()).enumerate() {
            for (z, to) in (0..).zip(to) {
                let [own, other] = [usize::from(z), usize::from(1 - z)].map(|slot| &r[slot]);
                let mut shared = (own.point() + hash_to_group(session, i, z, other.bytes())) * exponent;
                *to = pad(session, &transcript, i, z, &shared);
                shared.zeroize();
            }
        }
        exponent.zeroize();
        (Pads(pads), reply)
    }
}

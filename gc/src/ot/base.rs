//! Base OT: 128 random OTs over ristretto255, secure against a malicious party on either side.
//!
//! The endemic OT of Masny and Rindal ("Endemic Oblivious Transfer", CCS 2019, the one from Diffie-Hellman), 128 at once
//! with one sender message for all, as McQuoid, Rosulek and Roy treat it ("Batching Base Oblivious Transfers",
//! ASIACRYPT 2021): whatever one message serves, every hash must name its instance.
//!
//! ```text
//! receiver, choice c_i                                     sender
//! a_i <- Z_l, other_i <- G
//! r_(i,1-c) = other_i
//! r_(i,c) = a_i*G - H(i, c, other_i)      r_(i,0), r_(i,1)
//!                                     ------------------>  b <- Z_l, B = b*G
//!                                             B            M_(i,z) = r_(i,z) + H(i, z, r_(i,1-z))
//!                                     <------------------
//! pad = P(i, c, a_i*B)                                     pad_(i,z) = P(i, z, b*M_(i,z))
//! ```
//!
//! `H` hashes to the group (SHA-512, then the one-way map of ristretto255), `P` is 128 bits of SHA-512 over the digest of
//! the **whole transcript** (session, all 256 elements, `B`), `i`, `z` and the shared element; both are under names of
//! their own and the session.
//!
//! **Receiver's privacy** is unconditional: `a_i*G` and `other_i` are independent and uniform, so `(r_(i,0), r_(i,1))` is
//! uniform in G^2 whatever the choice is. A simulator that programs `H` knows the discrete logarithms of both `M`'s, hence
//! extracts both pads of a malicious sender from `B`; no abort of the receiver depends on a choice.
//!
//! **Sender's privacy**, against a malicious receiver, in the random-oracle model under gap Diffie-Hellman. Both hashes
//! of an instance must be asked (else its `M` is uniform and unknown), and the later question fixes `r_(i,0)` and
//! `r_(i,1)`, so its answer can be programmed such that the corresponding `M` is a challenge element; the receiver knows
//! that pad only if it asks `P` for the Diffie-Hellman element of the challenge and `B`, which the reduction recognises by
//! the gap oracle. That oracle also keeps `P` consistent for the other pads, whose exponent `b` the reduction does not
//! know: this is what makes one `B` for all instances sound. The reduction guesses the instance and the pair of
//! questions, a loss of 128 times the square of the number of questions. Because `i`, `z` and the transcript are hashed,
//! equal or related elements in two instances or sessions give unrelated pads; leaving the index out is the mistake
//! that the batching paper found in many libraries.
//!
//! *Endemic* means that a malicious party may bias its own pads. The caller here sends chosen messages under the pads, for
//! which that is enough.
//!
//! **Points.** A non-canonical encoding and the identity are refused by the decoders. **Constant time**: the choices
//! enter as selection masks and as hashed data only.

mod messages;
mod receiver;
mod sender;
#[cfg(test)]
mod tests;

use curve25519_dalek::RistrettoPoint;
use muse_field::id::SessionId;
use muse_field::transcript::Transcript;
use zeroize::Zeroize;

use super::hash::Hash;
use crate::domain;
use crate::label::Block;

pub use messages::{Reply, Request};
pub use receiver::{AwaitReply, Receiver};
pub use sender::{Pads, Sender};

/// How many OTs one execution gives.
pub const COUNT: usize = 128;

/// `H(i, z, element)`: a group element of unknown discrete logarithm.
///
/// The slot `z` may be secret: it is data of the hash, and the map to the group is constant time.
fn hash_to_group(session: &SessionId, i: usize, z: u8, element: &[u8; 32]) -> RistrettoPoint {
    let hash = Hash::new(domain::BASE_OT_GROUP, session).number(i as u64).number(u64::from(z));
    RistrettoPoint::from_uniform_bytes(hash.bytes(element).finish().bytes())
}

/// The digest of everything sent: what every pad is bound to.
fn transcript_digest(session: &SessionId, request: &Request, reply: &Reply) -> [u8; 32] {
    let mut transcript = Transcript::new(domain::BASE_OT_TRANSCRIPT);
    transcript.append("session", session.as_bytes());
    for pair in request.elements() {
        transcript.append("r0", pair[0].bytes()).append("r1", pair[1].bytes());
    }
    transcript.append("b", reply.element().bytes());
    transcript.digest("pads")
}

/// `P(i, z, shared)`.
fn pad(session: &SessionId, transcript: &[u8; 32], i: usize, z: u8, shared: &RistrettoPoint) -> Block {
    let mut bytes = shared.compress().to_bytes();
    let hash = Hash::new(domain::BASE_OT_PAD, session).number(i as u64).number(u64::from(z));
    let pad = hash.bytes(transcript).bytes(&bytes).finish().block(0);
    bytes.zeroize();
    pad
}

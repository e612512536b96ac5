//! Which of shared values are negative: exact, for every value.
//!
//! In the signed reading of F (protocol section 2) `x` is negative iff `x >= (p-1)/2`. Let `q = 2 x + 1 mod p`. For
//! `x < (p-1)/2` nothing wraps and `q` is odd; from there on one `p` is taken off `2 x + 1`, and `q` is even. So `x` is negative iff
//! `q` is even (after Nishide and Ohta, PKC 2007, whose `2 x` would misread (p-1)/2).
//!
//! No mask is opened, for `x` is masked already: the client knows `y = 2 x_c mod p` and the server `s = 2 x_s + 1 mod p`, with
//! `q = y + s - p [y + s >= p]`, hence
//!
//! `q mod 2 = y_0 xor s_0 xor [y > t]`, where `t = p - 1 - s`, and `t_0 = s_0` as p - 1 is even.
//!
//! The client puts in the bits of `y`, and proves without a triple that they are those of the representative in [0, p): of the two
//! 44-bit numbers that some residues have, the wrong one would turn the answer. The bits of `t` are the server's input. One
//! triple per bit gives `y_i t_i`, hence "greater" and "equal" in every place, and `y_0 xor t_0` for nothing; a tree of
//! multiplications gives `[y > t]`, one more the exclusive or.
//!
//! ```text
//! client                                                               server
//! is_negative                   Request: bits of y - u; masked leaves
//!                             ------------------------------------->   AwaitRequest::on_request: check
//! AwaitReply::on_reply          Reply: seed; masked leaves
//!                             <-------------------------------------
//!                               Proven: proof; masked factors
//!                             ------------------------------------->   AwaitProven::on_proven: check both
//! AwaitShares::on_shares        masked factors
//!                             <-------------------------------------
//!                               6 more such exchanges                  AwaitFactors::on_factors: check
//! ```
//!
//! The reply to the request holds the bits of `t` under fresh masks, and a random seed: nothing that the client sent. Whatever
//! follows comes after the verdict on the bits. No step is statistical but for the proof (3/p) and the hashes (1/p).
//!
//! `x < y` is "x - y is negative", right whenever the difference of the signed values is in the range of F: always if both
//! are at most (p-3)/4, about 2^42, in size. For any two values take the signs of `x`, `y` and `y - x - 1` in one batch: if
//! those of `x` and `y` differ, the first one is the answer, else the opposite of the third.

mod circuit;
mod party;

pub use party::{
    AwaitFactors, AwaitProven, AwaitReply, AwaitRequest, AwaitShares, ClientStep, Proven, ProvenClaim,
    ServerStep, randoms, triples,
};

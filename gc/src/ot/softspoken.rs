//! Correlated OT by SoftSpoken extension, secure against a malicious receiver.
//!
//! The sender holds a global offset `Delta`; for every choice bit `b` of the receiver the sender gets a uniform key `K` and
//! the receiver `L = K xor b*Delta`. As labels of free XOR, `K` is a zero label and `L` the active one; as a MAC over
//! [`Gf128`](crate::gf128::Gf128), `L` authenticates `b` under `(K, Delta)`.
//!
//! Roy, "SoftSpokenOT: Quieter OT Extension from Small-Field Silent VOLE in the Minicrypt Model" (CRYPTO 2022), with the
//! repetition code: `128/K` blocks of `K` bits of `Delta`, hence `128/K` bits sent per OT for 2^K / K times the hashing of
//! the classical extension. `K` is 1, 2, 4 (the default) or 8, fixed by the type.
//!
//! ```text
//! sender (server), Delta                                                  receiver (client)
//!                                base OT request, choices Delta
//! Setup::start             --------------------------------------->  Setup::reply
//!                            base OT reply, trees, tree proofs
//! AwaitTrees::on_trees     <---------------------------------------
//! CotSender                                                          CotReceiver
//!                                                                        per extension, choice bits b:
//! CotSender::receive                C_j = u_j xor b                  CotReceiver::extend
//!   Receiving (Inflow)     <---------------------------------------    Extending (Outflow)
//!                                    random seed
//! Receiving::challenge     --------------------------------------->  Extending::answer
//!                          h = hash of b, one hash of all hashes of V    -> labels L
//! AwaitAnswer::on_answer   <---------------------------------------
//!   -> zero labels K
//! ```
//!
//! # Conventions
//!
//! - Block `j` is bits `K*j .. K*j + K` of `Delta`, bit `t` of a block being bit `K*j + t`: its *column*. Column `c` is bit `c`
//!   of every label. Base OT `c` has bit `c` of `Delta` as choice.
//! - Block `j` has one GGM tree with 2^K leaves, whose maker is the receiver; the sender's hole is leaf `Delta_j`.
//! - Leaf `x` of block `j` has a stream `r_x`. The receiver's `u_j` is the xor of all of them, its column `v_(j,t)` the xor of
//!   those with bit `t` of `x` set. The sender's column is the same xor over bit `t` of `x xor Delta_j`, in which its hole does not
//!   occur, xor `C_j` if bit `t` of `Delta_j` is set. That is `v_(j,t) xor b*Delta_(j,t)`.
//! - Rows come in *pieces* of 128. An extension of `n` OTs has `ceil(n / 128) + 1` pieces: the receiver fills the last one with
//!   random choices, which hide what the check reveals, and its labels are thrown away, as are those after row `n`.
//! - On the wire the columns go piece by piece; a piece is `C_0 .. C_(128/K - 1)`, 16 bytes each, row `i` of the piece in bit
//!   `i`. Any cut into chunks of whole pieces gives the same bytes. Chunks of a multiple of
//!   [`CHUNK_PIECES`] pieces are fastest.
//!
//! # Checks
//!
//! - *Trees*: the receiver proves each tree well formed with 64 bytes, so that altering a base-OT message costs a guess of
//!   one bit of `Delta`.
//! - *Consistency*: all blocks must carry the same `b`. After the last column the sender draws a 32-byte seed, expanded to a
//!   coefficient of GF(2^128) per piece; the GF(2)-linear universal hash of a column is the sum of coefficient times piece,
//!   plus the last piece. The receiver answers with the hash `h` of `b` (16 bytes) and one 32-byte hash of the 128 hashes of
//!   its columns; the sender's hash of column `c` must be that xor `h*Delta_c`.
//!
//! **One verdict.** The outcome of the tree check is kept secret until the first extension's verdict and enters it: the
//! receiver hears one bit, and any failure is [`Check::CorrelatedOt`](crate::error::Check::CorrelatedOt), after which the
//! sender's state is gone. This is necessary, not severe: a receiver that alters a message or a block passes iff it guessed
//! the bits of `Delta` involved, so a sender that continued after a failure would give `Delta` away bit by bit.
//!
//! **Bound.** Two blocks with different choice vectors collide under the hash with probability 2^-128 per pair, 496 pairs
//! at `K = 4`: about 2^-119. Without a collision, each block that strays from the majority costs the cheater a guess of its
//! `K` bits, each altered base-OT message a guess of one: it passes with probability 2^-g for `g` bits guessed, and then knows
//! those bits and nothing else of `Delta`. What uses the labels must tolerate that leak: free-XOR garbling and
//! the proofs of this project do, as guessing all of `Delta` this way has probability 2^-127. Everything else is computational:
//! AES-128 as a PRG, SHA-512 and BLAKE3 as random oracles, and [`base`](super::base).
//!
//! A malicious receiver makes the trees, so it may bias its own labels, as in every endemic OT: uses must not rely on
//! their being uniform to it. The sender's keys stay hidden behind the unguessed bits of `Delta`.
//!
//! # One use
//!
//! A stream never restarts under one base OT: the piece counter moves on in both parties before anything is sent, states
//! are consumed by value, an error destroys them, and none can be cloned or stored. Every PRG and hash is bound to the
//! session id, and those of an extension to its number, position and size. **One setup per session id**: a second one
//! needs an id of its own.

mod extension;
mod messages;
pub mod receiver;
pub mod sender;
mod streams;
#[cfg(test)]
mod tests;

pub use messages::{Answer, Trees};
pub use receiver::{CotReceiver, Extending};
pub use sender::{AwaitAnswer, AwaitTrees, CotSender, Receiving};

/// Bits of the global offset per block, unless a type says otherwise.
pub const DEFAULT_K: usize = 4;

/// Pieces (of 128 rows) that are expanded together; transfers of a multiple of this many are fastest.
pub const CHUNK_PIECES: usize = streams::GROUP;

/// Most pieces a session can use: beyond it the counter-mode streams would lose security.
pub const MAX_PIECES: u64 = 1 << 40;

/// Bytes of a piece of columns on the wire: 16 per block.
///
/// # Panics
/// Unless `k` is 1, 2, 4 or 8; in types with another `K` this is an error of compilation.
#[must_use]
pub const fn piece_bytes(k: usize) -> usize {
    assert!(matches!(k, 1 | 2 | 4 | 8), "K is 1, 2, 4 or 8");
    2048 / k
}

/// Bytes of all columns of an extension of `count` OTs.
///
/// # Panics
/// Unless `k` is 1, 2, 4 or 8.
#[must_use]
pub const fn column_bytes(k: usize, count: usize) -> u64 {
    (count.div_ceil(128) as u64 + 1) * piece_bytes(k) as u64
}

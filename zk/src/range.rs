//! Canonical range: every value that a client put into correlated OTs bit by bit is below p (protocol section 4.5).
//!
//! 2^44 - p = 125,829,119 residues have two 44-bit representations, and the MACs of F cannot tell them apart. The correlated
//! OTs can: with `L = K xor b*Delta` the label `L` is an information-theoretic MAC on the bit `b` over GF(2^128), under a key
//! `(K, Delta)` that only the server has. A bit is the polynomial `L + b*X` to the client, and its key `K` is the value of that
//! polynomial at `X = Delta`. A formula of degree d over bits becomes a polynomial of degree d whose coefficient of X^d is the
//! formula's value and whose value at `Delta` the server computes from keys. So a true statement "formula = 0" is a
//! polynomial of degree below d, and a false one is of degree d, which a client that does not know `Delta` cannot repair
//! (QuickSilver: Yang et al., CCS 2021, section 5, for polynomials of any degree).
//!
//! # Statements
//!
//! y >= p iff bits 27..=43 are all one and one of bits 24, 25, 26 is, or bit 23 with any of bits 0..=22. To keep degrees low
//! the client inputs four more bits a value, by the same OTs:
//!
//! | statement (each is 0) | degree |
//! |---|---|
//! | h0 + product of bits 27..=35 | 9 |
//! | h1 + h0 * product of bits 36..=43 | 9 |
//! | g0 + product of the complements of bits 0..=9 | 10 |
//! | g1 + g0 * product of the complements of bits 10..=18 | 10 |
//! | h1 * (1 if bit 24, 25 or 26 is one, or bit 23 and not (g1 * complements of bits 19..=22)) | 10 |
//!
//! # Protocol
//!
//! ```text
//! client (prover), values y                                            server (verifier), Delta
//! Choices::new                       correlated OT, its checks
//!   -> count(n) choice bits     <-------------------------------->      count(n) zero labels
//!                                         Coin, 32 bytes
//!                               <---------------------------------      Coin::random, after the OT's verdict
//! prove                                Message, 160 bytes
//!                               --------------------------------->      verify
//! ```
//!
//! The seed gives five coefficients of 128 bits for each value. All statements, raised to degree 10 by powers of X, are added
//! with these coefficients, and `X^i * (a_i + u_i*X)` for i in 0..=8 are added to the sum, where `u_i` is made of 128 of the
//! last 1152 choice bits, and `a_i` of their labels. The message is the coefficients of X^0 to X^9.
//!
//! - **Soundness**: choice bits are fixed when the OTs are, before the seed. A sum with a false statement has a nonzero
//!   coefficient of X^10 but for 2^-128, and then agrees with a message of degree 9 at no more than 10 points: the client
//!   passes with probability at most 10/2^127 + 2^-128, that is 2^-123. A client that guessed g bits of `Delta` in the OTs was
//!   caught there but for 2^-g; here the guess is worth 2^g, so both together gain nothing.
//! - **Zero knowledge**: nine masks, one for each degree of freedom of the ten coefficients given the server's value at
//!   `Delta`. Given the keys, each message fits any canonical values under exactly one choice of the masks. Fewer masks
//!   show bits of y; so would two proofs under the same masks: **one proof for each extension**.
//! - **Challenge**: the server draws the seed, after the OT's verdict. Hashing messages instead would let a client try many.
//!
//! What is proven is that the 44 bits of the OTs are below p, not that they are those of an authenticated value: the hash of
//! section 4.5 says that.
//!
//! Everything is constant time in bits, labels and keys; the number of values is public. The field is
//! [`Gf128`](muse_gc::gf128). Formulas and sums are wiped; copies of single labels and bits on the stack are not.

pub(crate) mod batch;
mod challenge;
mod choices;
mod hidden;
mod key;
mod message;
mod prover;
pub(crate) mod statements;
#[cfg(test)]
mod tests;
mod verifier;

use muse_field::Fp;

pub use choices::Choices;
pub use message::Message;
pub use prover::prove;
pub use verifier::verify;

/// Bits of a value.
pub const BITS: usize = Fp::BITS;

/// Bits the client adds to each value, so that no statement has a degree above ten.
pub const HELPERS: usize = 4;

/// Random bits at the end of a batch: nine masks of 128.
pub const MASK_BITS: usize = MASKS * 128;

/// The common degree of the statements, and the number of coefficients in a message.
pub(crate) const DEGREE: usize = 10;

/// Masks of a batch: one fewer than coefficients in the message.
pub(crate) const MASKS: usize = DEGREE - 1;

/// Statements about each value.
pub(crate) const STATEMENTS: usize = 5;

/// Correlated OTs that a batch of `values` takes, in this order: 44 bits of each value, least significant first, value by
/// value; four helper bits of each value, value by value; 1152 random bits.
///
/// ```
/// assert_eq!(muse_zk::range::count(1000), 44 * 1000 + 4 * 1000 + 1152);
/// ```
#[must_use]
pub const fn count(values: usize) -> usize {
    (BITS + HELPERS) * values + MASK_BITS
}

//! Ready-made circuits: AES-128, the SHA-256 compression function, and small integer functions.
//!
//! | circuit | inputs | outputs | AND |
//! |---|---|---|---|
//! | [`aes128()`] | key 128, block 128 | 128 | 6,400 |
//! | [`sha256_compress`] | state 256, block 512 | 256 | 22,573 |
//! | [`adder`]`(n)` | n, n | n, carry 1 | n |
//! | [`equality`]`(n)` | n, n | 1 | n - 1 |
//! | [`comparison`]`(n)` | n, n | 1 | n |
//! | [`multiplier`]`(n)` | n, n | 2n | 2n^2 - n |
//! | [`argmax`]`(m, n)` | m of n, signed | index | see there |

mod aes128;
mod integer;
mod sha256;

pub use aes128::aes128;
pub use integer::{adder, argmax, comparison, equality, multiplier};
pub use sha256::sha256_compress;

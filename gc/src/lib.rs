#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

// Every module's own documentation says more.

// SIMD kernels behind safe functions: AES, carry-less products, bit transposition. The crate's only `unsafe`.
#[allow(unsafe_code)]
mod backend;

// Boolean circuits: builder, Bristol fashion, the ReLU of protocol section 4.6, AES-128 and SHA-256.
pub mod circuit;
// Domains of hashes.
mod domain;
// What can go wrong, sorted by who is to blame.
pub mod error;
// The evaluator's half of half-gates (Zahur, Rosulek, Evans 2015), and decoding of outputs.
pub mod evaluate;
// The garbler's half of half-gates (Zahur, Rosulek, Evans 2015) with free XOR.
pub mod garble;
// GF(2^128) modulo x^128 + x^7 + x^2 + x + 1, for OT checks and statements about COT-authenticated bits.
pub mod gf128;
// The tweakable circular-correlation-robust hash of Guo, Katz, Wang, Weng, Yu (CRYPTO 2020), re-keyed per use.
pub mod hash;
// Labels, the global offset, zero labels and active labels.
pub mod label;
// Oblivious transfer: malicious-secure base OT and SoftSpoken correlated OT.
pub mod ot;
// What both parties must share.
pub mod parameters;
// Sealing of garbled material until the labels are sent (Bellare, Hoang, Rogaway 2012).
pub mod seal;
// Layout and sharding of instance-major slices.
mod shard;
// Labels to additive shares modulo p, and to authenticated shares (protocol section 4.6, step 4).
pub mod shares;

pub use error::{Check, Error};

#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

/// Noise budget: how much flooding a layer needs and whether the modulus has room for it (protocol section 4.4).
pub mod budget;
/// Coefficient encoding of convolutions and dense layers, and the search for tilings (protocol section 4.1).
pub mod encode;
/// Symmetric, seed-compressed encryption by the client and what the server makes of it (protocol section 4.1).
pub mod encrypt;
/// What can go wrong, sorted by who is to blame.
pub mod error;
/// The client's secret key and its public key row (protocol section 4.1).
pub mod keys;
/// A whole linear layer on encrypted vectors: the value part of protocol section 4.2.
pub mod linear;
/// Primes, ring dimension and the widths of what is sent.
pub mod params;
/// Replies that hide the weights: masked, re-randomised, flooded, switched, truncated (protocol section 4.4).
pub mod reply;
/// The ring `Z_q[X] / (X^N + 1)` in residue-number form: transforms, sampling, modulus switching.
pub mod ring;

pub use error::{Error, Misuse};

#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

/// The arkworks traits, so that `ark-poly` and its friends work over [`Fp`].
pub mod ark;
/// Which instructions this processor has.
pub mod cpu;
/// [`Fp`]: one element of the field, constant time.
pub mod element;
/// Names of sessions.
pub mod id;
/// 44-bit packing of elements and general packing of fixed-width fields.
pub mod pack;
/// A seedable generator with independent substreams.
pub mod prg;
/// Uniform sampling of elements by rejection.
pub mod sample;
/// Domain-separated hashing of what both parties saw.
pub mod transcript;
/// Kernels on slices of elements.
pub mod vector;
/// The codec every message is written with, and the traits of bulk flows.
pub mod wire;

#[allow(unsafe_code)]
mod backend;

pub use element::{Fp, MODULUS};
pub use wire::DecodeError;

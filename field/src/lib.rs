#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

// One element of the field, and the arkworks traits for it.
pub mod ark;
pub mod element;

// Many elements: kernels on slices, uniform sampling, packing.
pub mod pack;
pub mod sample;
pub mod vector;

// Masks of secret bits, and what measures that no jump depends on them.
pub mod ct;
pub mod mask;

// Why bytes were refused.
pub mod error;

// What protocols are made of: generators, transcripts, the codec of messages, names of sessions.
pub mod id;
pub mod parallel;
pub mod parameters;
pub mod prg;
pub mod transcript;
pub mod wire;

// Which instructions the processor has, and the kernels that depend on it.
#[allow(unsafe_code)]
mod backend;
pub use backend::cpu;

pub use element::{Fp, MODULUS};
pub use error::DecodeError;

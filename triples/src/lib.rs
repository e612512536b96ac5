#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

// Beaver triples as the parties hold them, used once.
pub mod triple;

// Replies to a group of ciphertexts.
pub mod replies;

// Where triples come from: one ciphertext product deep, proven (protocol section 6).
pub mod beaver;
// Triples and inputs between two parties of which either may be malicious: Overdrive's LowGear (protocol section 6).
pub mod overdrive;
// Values that the client knows, authenticated (protocol section 6).
pub mod random;

// Inputs, multiplications, openings, bits and comparisons over triples (protocol section 6).
pub mod engine;

// The same programs in every setting: what an engine can do, and coroutines without IO.
mod linear;
pub mod program;
// The engine of two malicious parties (protocol section 6), and that of a malicious client.
pub mod onesided;
pub mod spdz;

// A trusted dealer, for tests of what is built on top.
#[cfg(any(test, feature = "test-util"))]
pub mod ideal;

// What both parties must share.
mod domain;
pub mod parameters;

// What can go wrong, sorted by who is to blame.
pub mod error;

pub use error::{Check, Error};
pub use triple::{ClientTriples, InputMasks, ServerTriples, SharedTriples};

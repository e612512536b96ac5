#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

// The linear operations that every authenticated vector has, written once.
mod linear;

// The client's and the server's half of an authenticated vector, and the server's key (protocol section 2).
pub mod authenticated;
pub mod key;
pub mod keys;
// The server's half of an additively shared vector (protocol section 2).
pub mod shared;
// Opening with one hash of all MACs (protocol section 2).
pub mod opening;
// Many openings and one check, values locked until then (protocol section 2, "random combination").
pub mod check;
// Shares and MACs on both sides (protocol section 6).
pub mod spdz;

// A trusted dealer, for tests of what is built on top.
#[cfg(any(test, feature = "test-util"))]
pub mod ideal;

// What both parties must share.
mod domain;
pub mod parameters;

// What can go wrong, sorted by who is to blame.
pub mod error;

pub use authenticated::Authenticated;
pub use error::{Check, Error};
pub use key::MacKey;
pub use keys::Keys;
pub use opening::{Claimed, Digest, Opening, OpeningId, Purpose, zero_digest};
pub use shared::ServerShare;

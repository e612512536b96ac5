#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

// What every implementation promises, and how its bytes are moved.
pub mod disclose;
// The machine that moves them, for both parties of both implementations.
#[expect(missing_debug_implementations, reason = "secret; a party shows its step")]
mod party;
// From correlated OT (protocol section 4.5 b).
pub mod correlated;
// From Beaver triples, as MUSE publishes it (section 5; protocol section 4.5 a).
pub mod published;

// What both parties must share.
pub mod parameters;

// What can go wrong, sorted by who is to blame.
pub mod error;

pub use disclose::{Disclose, Step};
pub use error::{Check, Error};
pub use party::Party;

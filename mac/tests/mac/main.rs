//! The crate through its public interface.
#![allow(clippy::unwrap_used, reason = "helpers of tests unwrap as tests do")]

mod check;
mod linear;
mod opening;
mod shared;
mod spdz;
mod support;

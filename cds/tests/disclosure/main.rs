//! Disclosure from correlated OT through its public interface.
#![allow(clippy::unwrap_used, reason = "helpers of tests unwrap as tests do")]

mod cheaters;
mod honest;
mod hostile;
mod support;

//! Conditional disclosure of secrets through its public interface.
#![allow(clippy::unwrap_used, reason = "helpers of tests unwrap as tests do")]

// What every implementation must do.
mod suite;
// What one of them says and checks.
mod correlated;
mod published;

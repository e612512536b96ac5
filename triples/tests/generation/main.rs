//! Triples and random values as two parties make them, over bytes.
#![allow(clippy::unwrap_used, reason = "helpers of tests unwrap as tests do")]

mod beaver;
mod overdrive;
mod random;
mod whole;

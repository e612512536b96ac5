//! The engine: both parties in memory, every message through its encoding.
#![allow(clippy::unwrap_used, reason = "tests")]

mod cheaters;
mod comparisons;
mod messages;
mod programs;
mod randomness;

//! Tests across crates live in `tests/tests`; this library holds what more than one of them needs, the bodies of the fuzz targets,
//! and compiles the code of the repository's README.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "code of tests: it panics where a property fails"
)]

extern crate alloc;

#[allow(missing_docs, missing_debug_implementations, clippy::must_use_candidate, reason = "for tests only")]
pub mod common;
pub mod fuzz;
pub mod network;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

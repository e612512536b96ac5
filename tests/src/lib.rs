//! Tests across crates live in `tests/tests`; this library only compiles the code of the repository's README.
#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

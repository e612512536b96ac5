//! Kernels on slices, one module per instruction set, and the probe that chooses between them.
//!
//! The only place of the crate with `unsafe` code. The portable kernels are always compiled; every other backend
//! must produce the same canonical elements, which the tests check.

pub(crate) mod cpu;
pub(crate) mod portable;

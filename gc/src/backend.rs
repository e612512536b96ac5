//! SIMD kernels behind safe functions, the only unsafe code of this crate.
//!
//! Every kernel has a portable twin that is always compiled, is what runs under `--cfg muse_backend="portable"` or on
//! a CPU without the instructions, and is the oracle of the fast one in tests. Which one runs never changes a byte.
//!
//! Functions with `#[target_feature]` are reached only through the types of [`muse_field::kernels!`].

pub(crate) mod aes;
pub(crate) mod clmul;
pub(crate) mod transpose;

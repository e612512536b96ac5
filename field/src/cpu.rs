//! Which instructions the processor and the operating system offer, without `std`.
//!
//! The probe is our own (CPUID and XGETBV): the standard library's needs `std`, and a widely used probe crate
//! misses the vector AES instructions on some processors that have them. The first call probes, later calls read
//! one atomic word.

pub use crate::backend::cpu::Features;

/// The features of this process; cheap after the first call.
#[must_use]
pub fn features() -> Features {
    crate::backend::cpu::features()
}

//! Which instructions the processor and the operating system offer, without `std`.
//!
//! The probe is our own (CPUID and XGETBV): the standard library's needs `std`, and a widely used probe crate
//! misses the vector AES instructions on some processors that have them. The first call probes, later calls read
//! one atomic word.

/// The instruction sets of this process. A field is true iff the processor has the instructions and the
/// operating system saves the registers they use.
///
/// Under `--cfg muse_backend="portable"` and on processors other than x86-64 every field is false.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// 256-bit integer vectors.
    pub avx2: bool,
    /// Fused multiply-add on vectors of doubles.
    pub fma: bool,
    /// SSSE3 byte shuffles.
    pub ssse3: bool,
    /// SSE4.1.
    pub sse41: bool,
    /// BMI2 (flagless shifts, `mulx`, `pdep`).
    pub bmi2: bool,
    /// AES rounds on 128-bit registers.
    pub aes: bool,
    /// Carry-less multiplication on 128-bit registers.
    pub pclmul: bool,
    /// AES rounds on 256-bit registers (with AVX; on 512-bit ones if `avx512` holds too).
    pub vaes: bool,
    /// Carry-less multiplication on 256-bit registers (on 512-bit ones if `avx512` holds too).
    pub vpclmul: bool,
    /// GF(2^8) affine transformations.
    pub gfni: bool,
    /// AVX-512 F, BW, DQ and VL together.
    pub avx512: bool,
    /// AVX-512 52-bit integer multiply-add.
    pub avx512ifma: bool,
}

/// The features of this process; cheap after the first call.
#[must_use]
pub fn features() -> Features {
    crate::backend::cpu::features()
}

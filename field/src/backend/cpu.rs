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
    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    return cached();
    #[cfg(not(all(target_arch = "x86_64", not(muse_backend = "portable"))))]
    return Features::default();
}

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
fn cached() -> Features {
    use core::sync::atomic::{AtomicU32, Ordering};
    /// Bit 31 says that the probe has run. Racing first calls store the same word, so relaxed order suffices.
    static CACHE: AtomicU32 = AtomicU32::new(0);
    const PROBED: u32 = 1 << 31;
    let mut word = CACHE.load(Ordering::Relaxed);
    if word == 0 {
        word = to_word(x86::probe()) | PROBED;
        CACHE.store(word, Ordering::Relaxed);
    }
    from_word(word)
}

/// Packs and unpacks `Features` field by field, in one fixed order.
macro_rules! words {
    ($($bit:literal => $field:ident),+ $(,)?) => {
        #[cfg_attr(any(not(target_arch = "x86_64"), muse_backend = "portable"), expect(dead_code))]
        fn to_word(f: Features) -> u32 {
            0 $(| (u32::from(f.$field) << $bit))+
        }
        #[cfg_attr(any(not(target_arch = "x86_64"), muse_backend = "portable"), expect(dead_code))]
        fn from_word(word: u32) -> Features {
            Features { $($field: (word >> $bit) & 1 == 1,)+ }
        }
    };
}

words! {
    0 => avx2, 1 => fma, 2 => ssse3, 3 => sse41, 4 => bmi2, 5 => aes, 6 => pclmul, 7 => vaes, 8 => vpclmul,
    9 => gfni, 10 => avx512, 11 => avx512ifma,
}

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod x86 {
    use super::Features;
    use core::arch::x86_64::{__cpuid_count, _xgetbv, CpuidResult};

    /// Asks the processor. Intel SDM volume 2A, CPUID leaves 1 and 7, and volume 1, 14.3 and 15.2 (detection).
    pub(super) fn probe() -> Features {
        let bit = |word: u32, n: u32| (word >> n) & 1 == 1;
        if cpuid(0).eax < 7 {
            return Features::default();
        }
        let (one, seven) = (cpuid(1), cpuid(7));
        // Without OSXSAVE there is no XCR0 to read and no AVX state to rely on.
        let xcr0 = if bit(one.ecx, 27) { read_xcr0() } else { 0 };
        // Bits 1 and 2: SSE and AVX state; bits 5, 6 and 7: AVX-512 masks and upper registers.
        let ymm = xcr0 & 0x06 == 0x06 && bit(one.ecx, 28);
        let zmm = ymm && xcr0 & 0xe0 == 0xe0;
        // F (16), DQ (17), BW (30), VL (31).
        let avx512 = zmm && [16, 17, 30, 31].iter().all(|n| bit(seven.ebx, *n));
        Features {
            avx2: ymm && bit(seven.ebx, 5),
            fma: ymm && bit(one.ecx, 12),
            ssse3: bit(one.ecx, 9),
            sse41: bit(one.ecx, 19),
            bmi2: bit(seven.ebx, 8),
            aes: bit(one.ecx, 25),
            pclmul: bit(one.ecx, 1),
            vaes: ymm && bit(seven.ecx, 9),
            vpclmul: ymm && bit(seven.ecx, 10),
            gfni: bit(seven.ecx, 8),
            avx512,
            avx512ifma: avx512 && bit(seven.ebx, 21),
        }
    }

    /// Subleaf 0 of a leaf.
    fn cpuid(leaf: u32) -> CpuidResult {
        #[allow(unused_unsafe, reason = "a safe function in newer compilers than the oldest supported one")]
        // SAFETY: every x86-64 processor has the instruction.
        unsafe {
            __cpuid_count(leaf, 0)
        }
    }

    /// The extended control register 0: which register states the operating system saves.
    fn read_xcr0() -> u64 {
        #[target_feature(enable = "xsave")]
        fn read() -> u64 {
            // SAFETY: register 0 always exists where XGETBV does.
            unsafe { _xgetbv(0) }
        }
        // SAFETY: the caller checked OSXSAVE, so XGETBV is enabled.
        unsafe { read() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_answer_is_stable() {
        assert_eq!(features(), features());
    }

    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    #[test]
    fn agrees_with_the_standard_library() {
        use std::is_x86_feature_detected as detected;
        let f = features();
        assert_eq!(f, from_word(to_word(f)));
        assert_eq!(f.avx2, detected!("avx2"));
        assert_eq!(f.fma, detected!("fma"));
        assert_eq!(f.ssse3, detected!("ssse3"));
        assert_eq!(f.sse41, detected!("sse4.1"));
        assert_eq!(f.bmi2, detected!("bmi2"));
        assert_eq!(f.aes, detected!("aes"));
        assert_eq!(f.pclmul, detected!("pclmulqdq"));
        assert_eq!(f.gfni, detected!("gfni"));
        assert_eq!(f.avx512ifma, detected!("avx512ifma") && f.avx512);
    }

    #[cfg(muse_backend = "portable")]
    #[test]
    fn portable_build_has_no_features() {
        assert_eq!(features(), Features::default());
    }
}

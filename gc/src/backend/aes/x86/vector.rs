//! What the kernels need of a vector register, for three widths. Every operation works on 128-bit lanes separately.
//!
//! The methods are safe for this module tree only because an entry point of [`super`] constructs a kernel for a width on no CPU that lacks
//! its instructions, and nothing outside a kernel calls them.

use core::arch::x86_64::*;

use crate::label::Block;

pub(in crate::backend::aes) trait Vector: Copy {
    /// Blocks in a vector.
    const WIDTH: usize;

    fn splat128(bytes: [u8; 16]) -> Self;
    fn splat64(low: u64, high: u64) -> Self;
    fn splat32(word: u32) -> Self;
    /// Lane `i` from `words[2*i]` (low) and `words[2*i + 1]`.
    fn from_words(words: [u64; 8]) -> Self;
    fn load(blocks: &[Block]) -> Self;
    fn store(self, out: &mut [Block]);
    /// Lane `i` from the 16 bytes at `base + offsets[i]`.
    ///
    /// # Safety
    /// Those bytes are readable for every lane.
    unsafe fn gather(base: *const u8, offsets: &[usize]) -> Self;

    /// The inverse of [`gather`](Self::gather).
    ///
    /// # Safety
    /// The bytes are writable for every lane.
    unsafe fn scatter(self, base: *mut u8, offsets: &[usize]);

    fn xor(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn add64(self, other: Self) -> Self;
    fn swap64(self) -> Self;
    /// Bit 0 of a lane to all its bits.
    fn spread_bit0(self) -> Self;
    fn shuffle_bytes(self, mask: Self) -> Self;
    fn unpack_low32(self, other: Self) -> Self;
    fn unpack_high32(self, other: Self) -> Self;
    fn unpack_low64(self, other: Self) -> Self;
    fn unpack_high64(self, other: Self) -> Self;
    fn aes_enc(self, key: Self) -> Self;
    fn aes_enc_last(self, key: Self) -> Self;
}

/// One unsafe call: the instruction exists because the kernel does (see the module's comment).
macro_rules! instruction {
    ($call:expr) => {
        // SAFETY: no memory is touched, and a kernel of this width exists only on a CPU with its instructions.
        unsafe {
            $call
        }
    };
}

macro_rules! vector {
    (
        $vector:ty, $width:literal, [$($lane:literal)*],
        load $load:ident, store $store:ident, set1_32 $set1_32:ident,
        splat $splat:expr, gather $gather:expr, scatter $scatter:expr,
        xor $xor:ident, and $and:ident, add64 $add64:ident, shuffle32 $shuffle32:ident, left32 $left:ident, right32 $right:ident,
        shuffle8 $shuffle8:ident, unpack $low32:ident $high32:ident $low64:ident $high64:ident,
        aes $aes:ident $aes_last:ident
    ) => {
        // The narrow instructions are in the architecture's baseline, where the compiler needs no promise.
        #[allow(unused_unsafe)]
        impl Vector for $vector {
            const WIDTH: usize = $width;

            #[inline(always)]
            fn splat128(bytes: [u8; 16]) -> Self {
                // SAFETY: the array is 16 readable bytes; the load has no alignment requirement.
                unsafe { $splat(_mm_loadu_si128(bytes.as_ptr().cast())) }
            }

            #[inline(always)]
            fn splat64(low: u64, high: u64) -> Self {
                let lane = instruction!(_mm_set_epi64x(high as i64, low as i64));
                instruction!($splat(lane))
            }

            #[inline(always)]
            fn splat32(word: u32) -> Self {
                instruction!($set1_32(word as i32))
            }

            #[inline(always)]
            fn from_words(words: [u64; 8]) -> Self {
                // SAFETY: the array holds at least the bytes of one vector; the load has no alignment requirement.
                unsafe { $load(words.as_ptr().cast()) }
            }

            #[inline(always)]
            fn load(blocks: &[Block]) -> Self {
                assert!(blocks.len() == Self::WIDTH);
                // SAFETY: by the assertion the slice holds the bytes of one vector; no alignment requirement.
                unsafe { $load(blocks.as_ptr().cast()) }
            }

            #[inline(always)]
            fn store(self, out: &mut [Block]) {
                assert!(out.len() == Self::WIDTH);
                // SAFETY: by the assertion the slice holds the bytes of one vector; no alignment requirement.
                unsafe { $store(out.as_mut_ptr().cast(), self) }
            }

            #[inline(always)]
            unsafe fn gather(base: *const u8, offsets: &[usize]) -> Self {
                // SAFETY: by this method's precondition; the loads have no alignment requirement.
                unsafe { $gather([$(_mm_loadu_si128(base.add(offsets[$lane]).cast())),*]) }
            }

            #[inline(always)]
            unsafe fn scatter(self, base: *mut u8, offsets: &[usize]) {
                // SAFETY: by this method's precondition; the stores have no alignment requirement.
                unsafe {
                    let lanes = $scatter(self);
                    $(_mm_storeu_si128(base.add(offsets[$lane]).cast(), lanes[$lane]);)*
                }
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                instruction!($xor(self, other))
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                instruction!($and(self, other))
            }

            #[inline(always)]
            fn add64(self, other: Self) -> Self {
                instruction!($add64(self, other))
            }

            #[inline(always)]
            fn swap64(self) -> Self {
                instruction!($shuffle32::<0b01_00_11_10>(self))
            }

            #[inline(always)]
            fn spread_bit0(self) -> Self {
                // The lowest word everywhere, its lowest bit to the top, then sign extension.
                instruction!($right::<31>($left::<31>($shuffle32::<0>(self))))
            }

            #[inline(always)]
            fn shuffle_bytes(self, mask: Self) -> Self {
                instruction!($shuffle8(self, mask))
            }

            #[inline(always)]
            fn unpack_low32(self, other: Self) -> Self {
                instruction!($low32(self, other))
            }

            #[inline(always)]
            fn unpack_high32(self, other: Self) -> Self {
                instruction!($high32(self, other))
            }

            #[inline(always)]
            fn unpack_low64(self, other: Self) -> Self {
                instruction!($low64(self, other))
            }

            #[inline(always)]
            fn unpack_high64(self, other: Self) -> Self {
                instruction!($high64(self, other))
            }

            #[inline(always)]
            fn aes_enc(self, key: Self) -> Self {
                instruction!($aes(self, key))
            }

            #[inline(always)]
            fn aes_enc_last(self, key: Self) -> Self {
                instruction!($aes_last(self, key))
            }
        }
    };
}

vector! {
    __m128i, 1, [0],
    load _mm_loadu_si128, store _mm_storeu_si128, set1_32 _mm_set1_epi32,
    splat core::convert::identity, gather one, scatter split128,
    xor _mm_xor_si128, and _mm_and_si128, add64 _mm_add_epi64, shuffle32 _mm_shuffle_epi32, left32 _mm_slli_epi32, right32 _mm_srai_epi32,
    shuffle8 _mm_shuffle_epi8, unpack _mm_unpacklo_epi32 _mm_unpackhi_epi32 _mm_unpacklo_epi64 _mm_unpackhi_epi64,
    aes _mm_aesenc_si128 _mm_aesenclast_si128
}

vector! {
    __m256i, 2, [0 1],
    load _mm256_loadu_si256, store _mm256_storeu_si256, set1_32 _mm256_set1_epi32,
    splat _mm256_broadcastsi128_si256, gather join256, scatter split256,
    xor _mm256_xor_si256, and _mm256_and_si256, add64 _mm256_add_epi64, shuffle32 _mm256_shuffle_epi32, left32 _mm256_slli_epi32, right32 _mm256_srai_epi32,
    shuffle8 _mm256_shuffle_epi8, unpack _mm256_unpacklo_epi32 _mm256_unpackhi_epi32 _mm256_unpacklo_epi64 _mm256_unpackhi_epi64,
    aes _mm256_aesenc_epi128 _mm256_aesenclast_epi128
}

vector! {
    __m512i, 4, [0 1 2 3],
    load _mm512_loadu_si512, store _mm512_storeu_si512, set1_32 _mm512_set1_epi32,
    splat _mm512_broadcast_i32x4, gather join512, scatter split512,
    xor _mm512_xor_si512, and _mm512_and_si512, add64 _mm512_add_epi64, shuffle32 _mm512_shuffle_epi32, left32 _mm512_slli_epi32, right32 _mm512_srai_epi32,
    shuffle8 _mm512_shuffle_epi8, unpack _mm512_unpacklo_epi32 _mm512_unpackhi_epi32 _mm512_unpacklo_epi64 _mm512_unpackhi_epi64,
    aes _mm512_aesenc_epi128 _mm512_aesenclast_epi128
}

#[inline(always)]
fn one(lanes: [__m128i; 1]) -> __m128i {
    lanes[0]
}

#[inline(always)]
fn split128(v: __m128i) -> [__m128i; 1] {
    [v]
}

#[inline(always)]
unsafe fn join256(lanes: [__m128i; 2]) -> __m256i {
    // SAFETY: called by the kernel of this width only.
    unsafe { _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(lanes[0]), lanes[1]) }
}

#[inline(always)]
unsafe fn join512(lanes: [__m128i; 4]) -> __m512i {
    // SAFETY: called by the kernel of this width only.
    unsafe {
        let v = _mm512_castsi128_si512(lanes[0]);
        let v = _mm512_inserti32x4::<1>(v, lanes[1]);
        let v = _mm512_inserti32x4::<2>(v, lanes[2]);
        _mm512_inserti32x4::<3>(v, lanes[3])
    }
}

#[inline(always)]
unsafe fn split256(v: __m256i) -> [__m128i; 2] {
    // SAFETY: called by the kernel of this width only.
    unsafe { [_mm256_castsi256_si128(v), _mm256_extracti128_si256::<1>(v)] }
}

#[inline(always)]
unsafe fn split512(v: __m512i) -> [__m128i; 4] {
    // SAFETY: called by the kernel of this width only.
    unsafe {
        [
            _mm512_castsi512_si128(v),
            _mm512_extracti32x4_epi32::<1>(v),
            _mm512_extracti32x4_epi32::<2>(v),
            _mm512_extracti32x4_epi32::<3>(v),
        ]
    }
}

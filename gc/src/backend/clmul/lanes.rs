//! Reduced products in GF(2^128), several side by side, and of polynomials over the field by linear ones.
//!
//! Three implementations: words of 128 bits by integer products, one product in a register (`PCLMULQDQ`), and two
//! (`VPCLMULQDQ`). The loops are written once.

use crate::label::Block;

muse_field::kernels! {
    /// Kernels for any number of lanes.
    struct Single(SingleChoice) {
        Pclmul = pclmul("pclmulqdq") if pclmul;
    }
    #[inline]
    fn mul_each[const N: usize](elements: &mut [Block; N], factors: &[Block; N]);
    #[inline]
    fn mul_linear[const N: usize](
        low: &mut [[Block; N]], lead: &mut [Block; N], constant: &[Block; N], bit: &[Block; N]
    );
}

muse_field::kernels! {
    /// Kernels for an even number of lanes.
    struct Pairs(PairsChoice) {
        Vpclmul = vpclmul("vpclmulqdq") if vpclmul && avx2;
        Pclmul = pclmul("pclmulqdq") if pclmul;
    }
    #[inline]
    fn mul_each[const N: usize](elements: &mut [Block; N], factors: &[Block; N]);
    #[inline]
    fn mul_linear[const N: usize](
        low: &mut [[Block; N]], lead: &mut [Block; N], constant: &[Block; N], bit: &[Block; N]
    );
}

/// `elements[i] *= factors[i]`.
pub(crate) fn mul_each<const N: usize>(elements: &mut [Block; N], factors: &[Block; N]) {
    if N.is_multiple_of(2) {
        Pairs::detect().mul_each(elements, factors);
    } else {
        Single::detect().mul_each(elements, factors);
    }
}

/// The polynomials with coefficients `low` and then `lead`, a mask, times `constant + bit*X`, a mask as well:
/// [`Gf128::mul_linear`](crate::gf128::Gf128::mul_linear).
pub(crate) fn mul_linear<const N: usize>(
    low: &mut [[Block; N]],
    lead: &mut [Block; N],
    constant: &[Block; N],
    bit: &[Block; N],
) {
    if N.is_multiple_of(2) {
        Pairs::detect().mul_linear(low, lead, constant, bit);
    } else {
        Single::detect().mul_linear(low, lead, constant, bit);
    }
}

/// The loops of an implementation that takes `$width` lanes at a time, a divisor of `N`. The module has `load`, `store`,
/// `product`, `xor` and `and` of as many elements.
macro_rules! loops {
    ($width:literal $(, $features:literal)?) => {
        use crate::label::Block;

        $(#[target_feature(enable = $features)])?
        pub(super) fn mul_each<const N: usize>(elements: &mut [Block; N], factors: &[Block; N]) {
            for (elements, factors) in elements.as_chunks_mut::<$width>().0.iter_mut().zip(chunks(factors)) {
                store(elements, product(load(elements), load(factors)));
            }
        }

        $(#[target_feature(enable = $features)])?
        pub(super) fn mul_linear<const N: usize>(
            low: &mut [[Block; N]],
            lead: &mut [Block; N],
            constant: &[Block; N],
            bit: &[Block; N],
        ) {
            let (last, low) = low.split_last_mut().expect("a row for the new coefficient");
            for lane in 0..N / $width {
                let (constant, bit) = (load(&chunks(constant)[lane]), load(&chunks(bit)[lane]));
                // What the row below held, times X: nothing below the first.
                let mut carried = load(&[Block::ZERO; $width]);
                for row in low.iter_mut() {
                    let row = &mut row.as_chunks_mut().0[lane];
                    let old = load(row);
                    store(row, xor(product(old, constant), carried));
                    carried = and(old, bit);
                }
                let lead = &mut lead.as_chunks_mut().0[lane];
                let old = load(lead);
                store(&mut last.as_chunks_mut().0[lane], xor(and(old, constant), carried));
                store(lead, and(old, bit));
            }
        }

        fn chunks(elements: &[Block]) -> &[[Block; $width]] {
            elements.as_chunks().0
        }
    };
}

mod portable {
    use super::super::{portable::mul, reduce};

    loops!(1);

    #[inline]
    const fn load([element]: &[Block; 1]) -> u128 {
        element.0
    }

    #[inline]
    const fn store(to: &mut [Block; 1], element: u128) {
        *to = [Block(element)];
    }

    #[inline]
    fn product(a: u128, b: u128) -> u128 {
        reduce(mul(a, b))
    }

    #[inline]
    const fn xor(a: u128, b: u128) -> u128 {
        a ^ b
    }

    #[inline]
    const fn and(a: u128, b: u128) -> u128 {
        a & b
    }
}

/// The low coefficients of x^128 modulo the polynomial: x^7 + x^2 + x + 1.
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
const FOLD: i64 = 0x87;

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod pclmul {
    use core::arch::x86_64::{
        __m128i, _mm_and_si128, _mm_clmulepi64_si128, _mm_loadu_si128, _mm_set_epi64x, _mm_slli_si128,
        _mm_srli_si128, _mm_storeu_si128, _mm_xor_si128,
    };

    use super::FOLD;

    loops!(1, "pclmulqdq,sse2");

    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(element: &[Block; 1]) -> __m128i {
        // SAFETY: a block is 16 readable bytes, and x86 is little endian; the load needs no alignment.
        unsafe { _mm_loadu_si128(element.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn store(to: &mut [Block; 1], element: __m128i) {
        // SAFETY: a block is 16 writable bytes, and x86 is little endian; the store needs no alignment.
        unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), element) };
    }

    /// The 256 bits of the product are words 0 to 3. Word 3 folds into words 1 and 2, where the cross products are; then
    /// word 2 folds into words 0 and 1. A folded word has 71 bits.
    #[inline]
    #[target_feature(enable = "pclmulqdq,sse2")]
    fn product(a: __m128i, b: __m128i) -> __m128i {
        let fold = _mm_set_epi64x(0, FOLD);
        let low = _mm_clmulepi64_si128::<0x00>(a, b);
        let high = _mm_clmulepi64_si128::<0x11>(a, b);
        let cross = xor(_mm_clmulepi64_si128::<0x01>(a, b), _mm_clmulepi64_si128::<0x10>(a, b));
        let middle = xor(cross, _mm_clmulepi64_si128::<0x01>(high, fold));
        let low = xor(low, _mm_slli_si128::<8>(middle));
        let high = xor(high, _mm_srli_si128::<8>(middle));
        xor(low, _mm_clmulepi64_si128::<0x00>(high, fold))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn xor(a: __m128i, b: __m128i) -> __m128i {
        _mm_xor_si128(a, b)
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn and(a: __m128i, b: __m128i) -> __m128i {
        _mm_and_si128(a, b)
    }
}

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod vpclmul {
    use core::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_clmulepi64_epi128, _mm256_loadu_si256, _mm256_set_epi64x,
        _mm256_slli_si256, _mm256_srli_si256, _mm256_storeu_si256, _mm256_xor_si256,
    };

    use super::FOLD;

    loops!(2, "vpclmulqdq,avx2");

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(pair: &[Block; 2]) -> __m256i {
        // SAFETY: two blocks are 32 readable bytes, and x86 is little endian; the load needs no alignment.
        unsafe { _mm256_loadu_si256(pair.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(to: &mut [Block; 2], pair: __m256i) {
        // SAFETY: two blocks are 32 writable bytes, and x86 is little endian; the store needs no alignment.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), pair) };
    }

    /// As with one product in a register, in each half.
    #[inline]
    #[target_feature(enable = "vpclmulqdq,avx2")]
    fn product(a: __m256i, b: __m256i) -> __m256i {
        let fold = _mm256_set_epi64x(0, FOLD, 0, FOLD);
        let low = _mm256_clmulepi64_epi128::<0x00>(a, b);
        let high = _mm256_clmulepi64_epi128::<0x11>(a, b);
        let cross = xor(_mm256_clmulepi64_epi128::<0x01>(a, b), _mm256_clmulepi64_epi128::<0x10>(a, b));
        let middle = xor(cross, _mm256_clmulepi64_epi128::<0x01>(high, fold));
        let low = xor(low, _mm256_slli_si256::<8>(middle));
        let high = xor(high, _mm256_srli_si256::<8>(middle));
        xor(low, _mm256_clmulepi64_epi128::<0x00>(high, fold))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor(a: __m256i, b: __m256i) -> __m256i {
        _mm256_xor_si256(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn and(a: __m256i, b: __m256i) -> __m256i {
        _mm256_and_si256(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gf128::Gf128;
    use proptest::prelude::*;

    /// By doubling, from the definition.
    fn slow(a: u128, b: u128) -> u128 {
        (0..128)
            .rev()
            .fold(Gf128::ZERO, |sum, i| sum.mul_x() + Gf128::new(a & (b >> i & 1).wrapping_neg()))
            .to_bits()
    }

    fn check_each<const N: usize>(elements: [u128; N], factors: [u128; N]) {
        let expected: [Block; N] = core::array::from_fn(|i| Block(slow(elements[i], factors[i])));
        let check = |multiply: &dyn Fn(&mut [Block; N], &[Block; N])| {
            let mut elements = elements.map(Block);
            multiply(&mut elements, &factors.map(Block));
            assert_eq!(elements, expected);
        };
        check(&mul_each);
        for single in Single::available() {
            check(&|elements, factors| single.mul_each(elements, factors));
        }
        for pairs in Pairs::available().filter(|_| N.is_multiple_of(2)) {
            check(&|elements, factors| pairs.mul_each(elements, factors));
        }
    }

    type MulLinear<'a, const N: usize> =
        &'a dyn Fn(&mut [[Block; N]], &mut [Block; N], &[Block; N], &[Block; N]);

    /// Lane by lane: `(sum of low[r] X^r + lead X^d) * (constant + bit X)`.
    fn check_linear<const N: usize, const ROWS: usize>(
        low: [[u128; N]; ROWS],
        constant: [u128; N],
        bits: [[bool; 2]; N],
    ) {
        let mask = |bit: bool| Block(u128::from(bit).wrapping_neg());
        let check = |multiply: MulLinear<'_, N>| {
            let mut product = low.map(|row| row.map(Block));
            let mut lead = bits.map(|[lead, _]| mask(lead));
            multiply(&mut product, &mut lead, &constant.map(Block), &bits.map(|[_, bit]| mask(bit)));
            for (i, [lead_bit, bit]) in bits.into_iter().enumerate() {
                let coefficient = |r: usize| if r + 1 < ROWS { low[r][i] } else { u128::from(lead_bit) };
                for (r, row) in product.iter().enumerate() {
                    let shifted = if r > 0 && bit { coefficient(r - 1) } else { 0 };
                    assert_eq!(row[i].0, slow(coefficient(r), constant[i]) ^ shifted, "row {r}");
                }
                assert_eq!(lead[i], mask(lead_bit && bit));
            }
        };
        check(&mul_linear);
        for single in Single::available() {
            check(&|low, lead, constant, bit| single.mul_linear(low, lead, constant, bit));
        }
        for pairs in Pairs::available().filter(|_| N.is_multiple_of(2)) {
            check(&|low, lead, constant, bit| pairs.mul_linear(low, lead, constant, bit));
        }
    }

    #[test]
    fn extremes() {
        let words = [0, 1, 2, 0x87, 1 << 63, 1 << 64, 1 << 127, u128::MAX, u128::MAX << 64, 3 << 126];
        for factor in words {
            check_each(words, [factor; 10]);
        }
        check_each([], []);
        check_linear::<0, 1>([[]], [], []);
    }

    proptest! {
        #[test]
        fn products_agree_with_the_definition(even: [[u128; 4]; 2], odd: [[u128; 3]; 2]) {
            check_each(even[0], even[1]);
            check_each(odd[0], odd[1]);
        }

        #[test]
        fn polynomials_agree_with_the_definition(
            low: [[u128; 4]; 4], constant: [u128; 4], bits: [[bool; 2]; 4], odd: [[u128; 3]; 1], ends: [[bool; 2]; 3]
        ) {
            check_linear(low, constant, bits);
            check_linear([low[0], low[1]], constant, bits);
            check_linear(odd, odd[0], ends);
        }
    }
}

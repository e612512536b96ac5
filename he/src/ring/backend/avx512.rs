//! AVX-512 with products of 52 bits: lanes of eight words, exact arithmetic modulo primes below 2^43, and the pointwise loops.
//!
//! # Exactness
//!
//! The two instructions take the low 52 bits of their factors and add the low or the high 52 bits of a product to a word. Everything
//! is computed modulo 2^52: words may carry anything above that until [`Prime::canonical`] cuts it off. Where a bound on a lane is
//! stated, it is one on its low 52 bits.
//!
//! * [`Prime::mul`]: with w' = floor(2^52 w / q) and c = floor(x w' / 2^52), x w - c q lies in [0, 2q) for every x < 2^52
//!   (Shoup; Harvey, "Faster arithmetic for number-theoretic transforms", 2014), so that its low 52 bits are it.
//! * [`Prime::mul_add_residues`]: with h = floor(a b / 2^43), which is below 2^43, m = floor(2^95 / q) = 2^52 + k, where k < 2^31, and
//!   c = h + floor(h k / 2^52) = floor(h m / 2^52): rounding h loses less than 2^43 / q, rounding m less than 2^-9, the last floor less
//!   than 1, so that a b - c q lies in [0, (2 + 2^-8) q).
//! * Conditional subtraction of u q is a minimum: x - u q is far above x if it wraps.
//!
//! Constant time: products, additions, minima and shuffles, which take a fixed time.

use super::super::flood::{CHUNK, Combination};
use super::super::modulus::{Factor, Modulus};
use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_min_epu64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_slli_epi64,
    _mm512_srli_epi64, _mm512_storeu_si512, _mm512_sub_epi64, _mm512_xor_si512,
};

pub(crate) mod ntt;

/// Residues per vector.
pub(crate) const LANES: usize = 8;

/// Eight residues.
pub(crate) type Oct = [u64; LANES];

/// The bits of a lane that count.
const BITS: u32 = 52;

/// A prime in every lane.
#[derive(Clone, Copy)]
pub(crate) struct Prime {
    q: __m512i,
    /// 2^i q, as far as the inverse transform needs it.
    times: [__m512i; 7],
    /// 2^52 - q.
    negative: __m512i,
    /// floor(2^52 / q), which makes 1 a [`Multiplicand`].
    word: __m512i,
    /// floor(2^95 / q) - 2^52.
    product: __m512i,
}

/// A multiplicand in every lane: w < q and floor(2^52 w / q).
#[derive(Clone, Copy)]
pub(crate) struct Multiplicand {
    value: __m512i,
    quotient: __m512i,
}

/// floor(2^52 w / q)
pub(crate) const fn quotient(w: &Factor) -> u64 {
    w.quotient >> (64 - BITS)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(words: &Oct) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes; the load needs no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(words: &mut Oct, value: __m512i) {
    // SAFETY: the reference is to 64 writable bytes; the store needs no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), value) }
}

impl Prime {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(m: &Modulus) -> Self {
        let q = m.q();
        let one = m.factor(1);
        Self {
            q: splat(q),
            times: [q, q << 1, q << 2, q << 3, q << 4, q << 5, q << 6].map(|q| splat(q)),
            negative: splat((1 << BITS) - q),
            word: splat(quotient(&one)),
            product: splat(m.excess()),
        }
    }

    /// `acc + x w` modulo q, more than `acc` by less than 2q.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn mul_add(&self, acc: __m512i, x: __m512i, w: Multiplicand) -> __m512i {
        let c = _mm512_madd52hi_epu64(_mm512_setzero_si512(), x, w.quotient);
        _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(acc, x, w.value), c, self.negative)
    }

    /// `x w` modulo q, in [0, 2q).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn mul(&self, x: __m512i, w: Multiplicand) -> __m512i {
        self.mul_add(_mm512_setzero_si512(), x, w)
    }

    /// `acc + a b` modulo q for residues in [0, q), in [0, (3 + 2^-8) q).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn mul_add_residues(&self, acc: __m512i, a: __m512i, b: __m512i) -> __m512i {
        let h = _mm512_madd52hi_epu64(_mm512_setzero_si512(), a, _mm512_slli_epi64::<9>(b));
        let c = _mm512_madd52hi_epu64(h, h, self.product);
        _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(acc, a, b), c, self.negative)
    }

    /// `x` modulo q, in [0, 2q).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn reduce(&self, x: __m512i) -> __m512i {
        let c = _mm512_madd52hi_epu64(_mm512_setzero_si512(), x, self.word);
        _mm512_madd52lo_epu64(x, c, self.negative)
    }

    /// [0, 4q) to [0, q), and what a lane carries above 52 bits to nothing.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn canonical(&self, x: __m512i) -> __m512i {
        let x = _mm512_and_si512(x, splat((1 << BITS) - 1));
        let x = _mm512_min_epu64(x, _mm512_sub_epi64(x, self.times[1]));
        _mm512_min_epu64(x, _mm512_sub_epi64(x, self.q))
    }
}

impl Multiplicand {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn splat(w: &Factor) -> Self {
        Self { value: splat(w.value), quotient: splat(quotient(w)) }
    }
}

/// Runs `f` compiled with AVX-512.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512ifma")]
pub(crate) fn widen<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// `a_j := a_j b_j`, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn mul_assign(m: &Modulus, a: &mut [u64], b: &[u64]) {
    let prime = Prime::new(m);
    for (a, b) in a.as_chunks_mut::<LANES>().0.iter_mut().zip(b.as_chunks::<LANES>().0) {
        let product = prime.mul_add_residues(_mm512_setzero_si512(), load(a), load(b));
        store(a, prime.canonical(product));
    }
}

/// `acc_j := acc_j + a_j b_j`, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn mul_add_assign(m: &Modulus, acc: &mut [u64], a: &[u64], b: &[u64]) {
    let prime = Prime::new(m);
    let operands = a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0);
    for (acc, (a, b)) in acc.as_chunks_mut::<LANES>().0.iter_mut().zip(operands) {
        let sum = prime.mul_add_residues(load(acc), load(a), load(b));
        store(acc, prime.canonical(sum));
    }
}

/// `a_j := a_j k` for canonical k, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn scale_assign(m: &Modulus, a: &mut [u64], k: u64) {
    let prime = Prime::new(m);
    let k = splat(k);
    for a in a.as_chunks_mut::<LANES>().0 {
        store(a, prime.canonical(prime.mul_add_residues(_mm512_setzero_si512(), load(a), k)));
    }
}

/// Residues of signed words, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn reduce_signed(m: &Modulus, out: &mut [u64], words: &[i64]) {
    let prime = Prime::new(m);
    let carry = Multiplicand::splat(&m.factor(m.reduce(1 << 32)));
    let low_half = splat(0xffff_ffff);
    // As numbers from 0 on words are larger by 2^63: this is what makes up for it.
    let offset = splat(m.neg(m.reduce(1 << 63)));
    let sign = splat(1 << 63);
    for (out, words) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(words.as_chunks::<LANES>().0) {
        let word = _mm512_xor_si512(load(&words.map(i64::cast_unsigned)), sign);
        let low = _mm512_add_epi64(_mm512_and_si512(word, low_half), offset);
        // Below 2^32 + q + 2q.
        store(out, prime.canonical(prime.mul_add(low, _mm512_srli_epi64::<32>(word), carry)));
    }
}

/// [`Combination::apply`]. The length of `values` is a multiple of [`LANES`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn combine(m: &Modulus, values: &mut [u64], combination: &Combination, pieces: &[[u64; CHUNK]]) {
    let prime = Prime::new(m);
    let factors = combination.factors.map(|w| Multiplicand::splat(&w));
    let constant = splat(combination.constant);
    for (j, x) in values.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        // Two residues and at most five products: below 12 q.
        let mut sum = _mm512_add_epi64(load(x), constant);
        for (piece, w) in pieces.iter().zip(&factors) {
            sum = prime.mul_add(sum, load(&piece.as_chunks::<LANES>().0[j]), *w);
        }
        store(x, prime.canonical(prime.reduce(sum)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::modulus::MODULI;
    use super::super::Backend;
    use super::*;

    const MASK: u64 = (1 << BITS) - 1;

    /// The bounds of the module documentation at their ends, against integers.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn check(m: &Modulus, x: u64, w: u64) {
        let (prime, q) = (Prime::new(m), m.q());
        let read = |v: __m512i| {
            let mut lanes = [0; LANES];
            store(&mut lanes, v);
            lanes[5] & MASK
        };
        let expected = |x: u64, y: u64| (u128::from(x) * u128::from(y) % u128::from(q)) as u64;
        // What is above 52 bits does not matter.
        for above in [0, !MASK] {
            let lane = splat(x | above);
            let product = read(prime.mul(lane, Multiplicand::splat(&m.factor(w))));
            assert_eq!(product % q, expected(x, w));
            assert!(product < 2 * q);
            let reduced = read(prime.reduce(lane));
            assert_eq!(reduced % q, x % q);
            assert!(reduced < 2 * q);
            assert_eq!(read(prime.canonical(splat((x % (4 * q)) | above))), x % q);
        }
        let a = x % q;
        for acc in [0, q - 1] {
            let sum = read(prime.mul_add_residues(splat(acc), splat(a), splat(w)));
            assert_eq!(sum % q, (expected(a, w) + acc) % q);
            assert!(sum < 4 * q);
        }
    }

    #[test]
    fn exact_at_the_bounds() {
        if !Backend::available().any(|backend| backend.name() == "avx512ifma") {
            return;
        }
        for m in MODULI {
            let q = m.q();
            let mut state = 1_u64;
            let mut any = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                state >> 12
            };
            let random: [u64; 200] = core::array::from_fn(|_| any());
            let fixed =
                [0, 1, q - 1, q, q + 1, q / 2, 2 * q - 1, 2 * q, 4 * q - 1, 128 * q, 1 << 51, MASK - 1, MASK];
            for x in random.into_iter().chain(fixed) {
                for w in [0, 1, 2, q / 2, q / 2 + 1, q - 2, q - 1, any() % q] {
                    // SAFETY: the processor has the instructions, as was just found.
                    unsafe { check(&m, x, w) }
                }
            }
        }
    }
}

//! Uniform masks.

use muse_field::ct;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::Range;

/// Overwrites `out` with independent integers, exactly uniform in $\pm\gamma$.
///
/// A candidate is the low bits of as many bytes as $2\gamma$ takes; one above $2\gamma$ is skipped. Which are skipped is visible
/// in time, and is independent of those that are kept.
pub(crate) fn fill(out: &mut [i64], range: &Range, rng: &mut impl CryptoRng) {
    let most = 2 * range.mask;
    let bits = u64::BITS - most.leading_zeros();
    let (stride, low) = (bits.div_ceil(8) as usize, u64::MAX >> (64 - bits));
    // Candidates are read as words: a few bytes more than are drawn.
    let mut bytes = Zeroizing::new([0_u8; BATCH * 8 + 8]);
    let mut filled = 0;
    while filled < out.len() {
        rng.fill_bytes(&mut bytes[..BATCH * stride]);
        for start in (0..BATCH * stride).step_by(stride) {
            let word = bytes[start..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word)) & low;
            if filled < out.len() {
                // Written first and kept if it is in range: the branch is on places alone.
                out[filled] = word as i64 - range.mask as i64;
                filled += usize::from(ct::disclosed(word <= most));
            }
        }
    }
}

/// Candidates in one request to the generator.
const BATCH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use muse_field::prg::Prg;

    /// Exactly the integers of the range, both ends included, and each about equally often.
    #[test]
    fn masks_are_uniform() {
        for mask in [1, 2, 3, 127, 128] {
            let range = Range { mask, bound: 0 };
            let mut out = vec![0; 400 * (2 * mask as usize + 1)];
            fill(&mut out, &range, &mut Prg::from_seed([mask as u8; 32]));
            let mut counts = vec![0_i32; 2 * mask as usize + 1];
            out.iter().for_each(|&y| counts[(y + mask as i64) as usize] += 1);
            assert!(counts.iter().all(|count| (count - 400).abs() < 100), "{mask}: {counts:?}");
        }
        let range = Range { mask: (1 << 48) - 1, bound: 0 };
        let mut out = vec![0; 1000];
        fill(&mut out, &range, &mut Prg::from_seed([1; 32]));
        assert!(out.iter().all(|y| y.unsigned_abs() < 1 << 48));
        assert!(out.iter().any(|&y| y > 1 << 46) && out.iter().any(|&y| y < -(1 << 46)));
    }
}

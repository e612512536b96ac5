//! Transposition of 128 x 128 bit matrices in place.
//!
//! A tile holds 128 words of 128 bits; entry (r, c) is bit c of word r. Both implementations swap, for each power of two
//! j from 64 down to 1, the off-diagonal j x j squares of every 2j x 2j square (Eklundh 1972): seven passes of the same
//! operations whatever the bits are.

use crate::label::Block;

/// A 128 x 128 bit matrix: entry (r, c) is bit c of `tile[r]`.
pub(crate) type Tile = [Block; 128];

muse_field::kernels! {
    /// Kernels on tiles.
    struct Kernels(Choice) {
        Avx2 = avx2("avx2") if avx2;
    }

    /// Replaces the tile by its transpose.
    #[inline]
    fn transpose(tile: &mut Tile);
}

/// Replaces each tile by its transpose.
pub(crate) fn transpose(tiles: &mut [Tile]) {
    let kernels = Kernels::detect();
    tiles.iter_mut().for_each(|tile| kernels.transpose(tile));
}

/// Bits of a word whose position has bit log2(j) clear, for j = 2^log.
const fn low_squares(log: u32) -> u128 {
    u128::MAX / ((1 << (1 << log)) + 1)
}

pub(crate) mod portable {
    use super::{Tile, low_squares};

    pub(crate) fn transpose(tile: &mut Tile) {
        for log in (0..7).rev() {
            let (j, mask) = (1 << log, low_squares(log));
            for first in (0..128).step_by(2 * j) {
                for r in first..first + j {
                    let (a, b) = (tile[r].0, tile[r + j].0);
                    let swap = ((a >> j) ^ b) & mask;
                    tile[r].0 = a ^ (swap << j);
                    tile[r + j].0 = b ^ swap;
                }
            }
        }
    }
}

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx2 {
    use core::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_loadu_si256, _mm256_permute2x128_si256, _mm256_set1_epi64x,
        _mm256_slli_epi64, _mm256_srli_epi64, _mm256_storeu_si256, _mm256_unpackhi_epi64,
        _mm256_unpacklo_epi64, _mm256_xor_si256,
    };

    use super::{Tile, low_squares};

    /// Registers hold two adjacent rows. Two sweeps over the tile, eight registers at a time: j = 64, 32, 16 among rows
    /// 16 apart, then j = 8, 4, 2, 1 among 16 adjacent rows.
    #[target_feature(enable = "avx2")]
    pub(super) fn transpose(tile: &mut Tile) {
        for first in (0..16).step_by(2) {
            let mut rows = [0, 1, 2, 3, 4, 5, 6, 7].map(|i| load(tile, first + 16 * i));
            for i in 0..4 {
                let (a, b) = (rows[i], rows[i + 4]);
                rows[i] = _mm256_unpacklo_epi64(a, b);
                rows[i + 4] = _mm256_unpackhi_epi64(a, b);
            }
            exchange::<32>(&mut rows, 2);
            exchange::<16>(&mut rows, 1);
            for (i, &row) in rows.iter().enumerate() {
                store(tile, first + 16 * i, row);
            }
        }
        for first in (0..128).step_by(16) {
            let mut rows = [0, 1, 2, 3, 4, 5, 6, 7].map(|i| load(tile, first + 2 * i));
            exchange::<8>(&mut rows, 4);
            exchange::<4>(&mut rows, 2);
            exchange::<2>(&mut rows, 1);
            // Rows 2i, 2i+1 sit in one register: bring even and odd rows into registers of their own and back.
            for i in [0, 2, 4, 6] {
                let mut pair = [
                    _mm256_permute2x128_si256::<0x20>(rows[i], rows[i + 1]),
                    _mm256_permute2x128_si256::<0x31>(rows[i], rows[i + 1]),
                ];
                exchange::<1>(&mut pair, 1);
                store(tile, first + 2 * i, _mm256_permute2x128_si256::<0x20>(pair[0], pair[1]));
                store(tile, first + 2 * i + 2, _mm256_permute2x128_si256::<0x31>(pair[0], pair[1]));
            }
        }
    }

    /// One pass among `rows`, for partners `distance` registers apart. `J` < 64, so 64-bit shifts suffice: what they drop
    /// or fail to bring over a lane's edge is masked anyway.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn exchange<const J: i32>(rows: &mut [__m256i], distance: usize) {
        let mask = _mm256_set1_epi64x(low_squares(J.trailing_zeros()) as i64);
        for first in (0..rows.len()).step_by(2 * distance) {
            for i in first..first + distance {
                let (a, b) = (rows[i], rows[i + distance]);
                let swap = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64::<J>(a), b), mask);
                rows[i] = _mm256_xor_si256(a, _mm256_slli_epi64::<J>(swap));
                rows[i + distance] = _mm256_xor_si256(b, swap);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(tile: &Tile, row: usize) -> __m256i {
        let two = &tile[row..row + 2];
        // SAFETY: `two` is 32 readable bytes; the load needs no alignment.
        unsafe { _mm256_loadu_si256(two.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(tile: &mut Tile, row: usize, register: __m256i) {
        let two = &mut tile[row..row + 2];
        // SAFETY: `two` is 32 writable bytes; the store needs no alignment.
        unsafe { _mm256_storeu_si256(two.as_mut_ptr().cast(), register) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pseudorandom(seed: u128) -> Tile {
        let mut state = seed | 1;
        core::array::from_fn(|_| {
            state = state.wrapping_mul(0xda94_2042_e4dd_58b5_94d0_49bb_1331_11eb).rotate_left(47) ^ seed;
            Block(state)
        })
    }

    fn check(tile: &Tile) {
        let (mut ours, mut twin) = (*tile, *tile);
        transpose(core::slice::from_mut(&mut ours));
        portable::transpose(&mut twin);
        assert!(ours == twin, "{} differs from the portable twin", Kernels::detect().name());
        for (r, row) in tile.iter().enumerate() {
            for (c, column) in ours.iter().enumerate() {
                assert_eq!(row.0 >> c & 1, column.0 >> r & 1, "entry ({r}, {c})");
            }
        }
    }

    #[test]
    fn every_single_bit_moves_to_its_place() {
        for r in 0..128 {
            for c in [0, 1, 31, 32, 63, 64, 65, 127, r] {
                let mut tile = [Block::ZERO; 128];
                tile[r].0 = 1 << c;
                transpose(core::slice::from_mut(&mut tile));
                let mut want = [Block::ZERO; 128];
                want[c].0 = 1 << r;
                assert!(tile == want);
            }
        }
        check(&[Block(u128::MAX); 128]);
    }

    proptest! {
        #[test]
        fn transposes(seed: u128) {
            check(&pseudorandom(seed));
        }
    }
}

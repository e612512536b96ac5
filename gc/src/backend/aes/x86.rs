//! AES-NI and VAES kernels, generic in the vector width.
//!
//! The eight blocks of [`Kernel::Lanes`] are `C` vectors of 8/C blocks (C = 8: AES-NI, 4: VAES on 256 bits, 2: VAES on 512
//! bits), instance by instance. Four key vectors form a group; within a group the schedule keeps word w of every key
//! in vector w ("sliced"), and a transposition of 4x4 words turns them into round keys.

mod schedule;
mod vector;

use self::schedule::{encrypt_group, next_round_key, transpose};
use self::vector::Vector;
use super::{Job, Kernel, LANES, Rows};
use crate::label::Block;

/// Eight instances as `C` vectors `V`. Constructed only in the entry points, hence only on a CPU with the instructions of `V`.
#[derive(Clone, Copy)]
pub(super) struct Wide<V, const C: usize>(core::marker::PhantomData<V>);

/// A module with the entry point of an instruction set.
macro_rules! entry {
    ($name:ident: $features:literal, $Vector:ty, $count:literal) => {
        pub(super) mod $name {
            #[target_feature(enable = $features)]
            pub(in crate::backend::aes) fn run<J: super::Job>(job: J) -> J::Output {
                job.run(super::Wide::<$Vector, $count>(core::marker::PhantomData))
            }
        }
    };
}

entry!(aesni: "aes,avx2", core::arch::x86_64::__m128i, 8);
entry!(vaes256: "vaes,avx2", core::arch::x86_64::__m256i, 4);
entry!(vaes512: "vaes,avx2,avx512f,avx512bw", core::arch::x86_64::__m512i, 2);

/// Blocks as their bytes, which on this little-endian architecture are the bytes of the wire.
#[inline(always)]
fn as_bytes(blocks: &[Block]) -> &[u8] {
    // SAFETY: `Block` is a transparent `u128`, so the memory is that many initialised bytes without padding.
    unsafe { core::slice::from_raw_parts(blocks.as_ptr().cast(), size_of_val(blocks)) }
}

/// [`as_bytes`], mutable.
#[inline(always)]
fn as_bytes_mut(blocks: &mut [Block]) -> &mut [u8] {
    // SAFETY: as above, and every bit pattern is a `Block`.
    unsafe { core::slice::from_raw_parts_mut(blocks.as_mut_ptr().cast(), size_of_val(blocks)) }
}

impl<V: Vector, const C: usize> Wide<V, C> {
    /// Blocks in a vector.
    const WIDTH: usize = LANES / C;

    /// `base + (offset(i))` for the eight instances: `offset` is `i << shift`.
    #[inline(always)]
    fn progression(base: u128, shift: u32) -> [V; C] {
        let mut out = [V::splat128([0; 16]); C];
        let (low, high) = (base as u64, (base >> 64) as u64);
        if low.checked_add(7 << shift).is_some() {
            // No carry into the upper half. The branch is on public data.
            let first = V::splat64(low, high);
            for (c, out) in out.iter_mut().enumerate() {
                let mut offsets = [0_u64; 8];
                for (i, pair) in offsets.chunks_exact_mut(2).enumerate().take(Self::WIDTH) {
                    pair[0] = ((c * Self::WIDTH + i) as u64) << shift;
                }
                *out = V::add64(first, V::from_words(offsets));
            }
        } else {
            let mut blocks = [Block::ZERO; LANES];
            for (i, block) in (0_u128..).zip(&mut blocks) {
                *block = Block(base.wrapping_add(i << shift));
            }
            out = Self::load_lanes(&blocks);
        }
        out
    }

    #[inline(always)]
    fn load_lanes(blocks: &[Block; LANES]) -> [V; C] {
        let mut out = [V::splat128([0; 16]); C];
        for (out, blocks) in out.iter_mut().zip(blocks.chunks_exact(Self::WIDTH)) {
            *out = V::load(blocks);
        }
        out
    }
}

impl<V: Vector, const C: usize> Kernel for Wide<V, C> {
    type Lanes = [V; C];
    type Cipher = [V; 11];

    #[inline(always)]
    fn splat(self, block: Block) -> [V; C] {
        [V::splat128(block.to_bytes()); C]
    }

    #[inline(always)]
    fn store(self, lanes: [V; C], out: &mut [Block; LANES]) {
        for (lanes, out) in lanes.iter().zip(out.chunks_exact_mut(Self::WIDTH)) {
            V::store(*lanes, out);
        }
    }

    #[inline(always)]
    fn gather(self, bytes: &[u8], at: usize, rows: &Rows) -> [V; C] {
        rows.check(at, bytes.len());
        let mut out = [V::splat128([0; 16]); C];
        for (c, out) in out.iter_mut().enumerate() {
            // SAFETY: by the check, 16 bytes at `at` plus any of the offsets lie within `bytes`.
            *out = unsafe { V::gather(bytes.as_ptr().add(at), &rows.offsets[c * Self::WIDTH..]) };
        }
        out
    }

    #[inline(always)]
    fn gather_blocks(self, blocks: &[Block], at: usize, rows: &Rows) -> [V; C] {
        self.gather(as_bytes(blocks), at * Block::BYTES, rows)
    }

    #[inline(always)]
    fn scatter(self, lanes: [V; C], bytes: &mut [u8], at: usize, rows: &Rows) {
        rows.check(at, bytes.len());
        let mut rest = [Block::ZERO; LANES];
        let (base, offsets) = if rows.live == LANES {
            (bytes.as_mut_ptr().wrapping_add(at), rows.offsets)
        } else {
            // Through a buffer, so that lanes which are not live write nothing.
            (rest.as_mut_ptr().cast(), core::array::from_fn(|i| i * Block::BYTES))
        };
        for (c, lanes) in lanes.into_iter().enumerate() {
            // SAFETY: by the check, 16 bytes at `at` plus any of the offsets lie within `bytes`; those of the buffer
            // lie within it.
            unsafe { lanes.scatter(base, &offsets[c * Self::WIDTH..]) };
        }
        // Nothing to do for eight live rows.
        for (i, offset) in rows.offsets.into_iter().enumerate().take(rows.live % LANES) {
            bytes[at + offset..][..Block::BYTES].copy_from_slice(&rest[i].to_bytes());
        }
    }

    #[inline(always)]
    fn scatter_blocks(self, lanes: [V; C], blocks: &mut [Block], at: usize, rows: &Rows) {
        self.scatter(lanes, as_bytes_mut(blocks), at * Block::BYTES, rows);
    }

    #[inline(always)]
    fn xor(self, mut a: [V; C], b: [V; C]) -> [V; C] {
        for (a, b) in a.iter_mut().zip(b) {
            *a = V::xor(*a, b);
        }
        a
    }

    #[inline(always)]
    fn and(self, mut a: [V; C], b: [V; C]) -> [V; C] {
        for (a, b) in a.iter_mut().zip(b) {
            *a = V::and(*a, b);
        }
        a
    }

    #[inline(always)]
    fn sigma(self, mut x: [V; C]) -> [V; C] {
        let high = V::splat64(0, u64::MAX);
        for x in &mut x {
            *x = V::xor(V::swap64(*x), V::and(*x, high));
        }
        x
    }

    #[inline(always)]
    fn colour_mask(self, mut x: [V; C]) -> [V; C] {
        for x in &mut x {
            *x = V::spread_bit0(*x);
        }
        x
    }

    #[inline(always)]
    fn pi<const N: usize>(self, start: u128, tweak: u64, x: [[[V; C]; N]; 2]) -> [[[V; C]; N]; 2] {
        let base = start.wrapping_add(u128::from(tweak));
        let keys = [Self::progression(base, 32), Self::progression(base.wrapping_add(1), 32)];
        let mut out = x;
        // 2*C key vectors in groups of four; vector v belongs to half v / C.
        for group in 0..C / 2 {
            let place = |g: usize| ((4 * group + g) / C, (4 * group + g) % C);
            let zero = V::splat128([0; 16]);
            let mut group_keys = [zero; 4];
            let mut group_x = [[zero; N]; 4];
            for (g, (key, group_x)) in group_keys.iter_mut().zip(&mut group_x).enumerate() {
                let (half, c) = place(g);
                *key = keys[half][c];
                for (group_x, x) in group_x.iter_mut().zip(&x[half]) {
                    *group_x = x[c];
                }
            }
            encrypt_group(group_keys, &mut group_x);
            for (g, group_x) in group_x.iter().enumerate() {
                let (half, c) = place(g);
                for (out, group_x) in out[half].iter_mut().zip(group_x) {
                    out[c] = V::xor(out[c], *group_x);
                }
            }
        }
        out
    }

    #[inline(always)]
    fn cipher(self, key: Block) -> [V; 11] {
        let key = V::splat128(key.to_bytes());
        let mut words = transpose([key; 4]);
        let mut keys = [key; 11];
        for round in 0..10 {
            next_round_key(&mut words, round);
            keys[round + 1] = transpose(words)[0];
        }
        keys
    }

    #[inline(always)]
    fn counters(self, base: u128) -> [V; C] {
        Self::progression(base, 0)
    }

    #[inline(always)]
    fn encrypt<const N: usize>(self, cipher: &[V; 11], mut x: [[V; C]; N]) -> [[V; C]; N] {
        for (round, key) in cipher.iter().enumerate() {
            for x in x.as_flattened_mut() {
                *x = match round {
                    0 => V::xor(*x, *key),
                    10 => V::aes_enc_last(*x, *key),
                    _ => V::aes_enc(*x, *key),
                };
            }
        }
        x
    }
}

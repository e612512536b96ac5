//! AES-128 under many keys side by side: eight instances, one gate, two keys each.
//!
//! The hash of this crate takes a fresh AES key per (instance, half gate), so a gate costs two key schedules per instance
//! beside its two or four block encryptions. The kernels here therefore run eight instances at once: sixteen key
//! schedules whose words lie side by side in vectors, so that one AESENCLAST substitutes the words of several keys and no
//! AESKEYGENASSIST latency chain remains.
//!
//! A computation over eight instances is a [`Job`], generic in the [`Kernel`]; [`Engine::run`] compiles it once per instruction
//! set and picks one. A kernel is a token that exists only on a CPU with its instructions, so its methods are safe.

mod portable;
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod x86;
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
use x86::{aesni, vaes256, vaes512};

use crate::label::Block;

/// Instances side by side.
pub(crate) const LANES: usize = 8;

/// Eight instances' operations on one instruction set. All implementations give the same bytes.
pub(crate) trait Kernel: Copy {
    /// One block for each of the eight instances.
    type Lanes: Copy;
    /// An expanded AES-128 key.
    type Cipher;

    /// The same block for all instances.
    fn splat(self, block: Block) -> Self::Lanes;

    /// Instance `i` to block `i`.
    fn store(self, lanes: Self::Lanes, out: &mut [Block; LANES]);

    /// The 16 little-endian bytes at `at` in every instance's row. Panics if `bytes` is too short.
    fn gather(self, bytes: &[u8], at: usize, rows: &Rows) -> Self::Lanes;

    /// The block at `at` in every instance's row. Panics if `blocks` is too short.
    fn gather_blocks(self, blocks: &[Block], at: usize, rows: &Rows) -> Self::Lanes;

    /// The inverse of [`gather`](Self::gather); writes the rows of live instances only.
    fn scatter(self, lanes: Self::Lanes, bytes: &mut [u8], at: usize, rows: &Rows);

    /// The inverse of [`gather_blocks`](Self::gather_blocks); writes the rows of live instances only.
    fn scatter_blocks(self, lanes: Self::Lanes, blocks: &mut [Block], at: usize, rows: &Rows);

    fn xor(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;

    fn and(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;

    /// sigma(x) = (hi xor lo) || hi, a linear orthomorphism (Guo, Katz, Wang, Yu, S&P 2020).
    fn sigma(self, x: Self::Lanes) -> Self::Lanes;

    /// All ones where the lowest bit is 1, else zero.
    fn colour_mask(self, x: Self::Lanes) -> Self::Lanes;

    /// The core of the hash: pi(k, x) = AES_k(x) xor x for two keys per instance and `N` blocks per key.
    ///
    /// Key `h` of instance `i` is `start + tweak + h + (i << 32)` modulo 2^128. `start` and `tweak` are public.
    fn pi<const N: usize>(self, start: u128, tweak: u64, x: [[Self::Lanes; N]; 2]) -> [[Self::Lanes; N]; 2];

    /// Expands one key.
    fn cipher(self, key: Block) -> Self::Cipher;

    /// `base, base + 1, .., base + 7` modulo 2^128.
    fn counters(self, base: u128) -> Self::Lanes;

    /// Encrypts 8 * `N` blocks under one key.
    fn encrypt<const N: usize>(self, cipher: &Self::Cipher, x: [Self::Lanes; N]) -> [Self::Lanes; N];
}

/// Where the rows of up to eight consecutive instances lie in instance-major bytes or blocks.
///
/// With fewer than eight live instances the other lanes read the last live one's row again, and write nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// Byte offsets, ascending, so that the last is the largest.
    offsets: [usize; LANES],
    live: usize,
}

impl Rows {
    /// Rows of `stride` bytes, for [`Kernel::gather`] and [`Kernel::scatter`].
    pub(crate) fn bytes(live: usize, stride: usize) -> Self {
        assert!((1..=LANES).contains(&live), "one to eight live instances");
        let mut offsets = [0; LANES];
        for (i, offset) in offsets.iter_mut().enumerate() {
            *offset = i.min(live - 1).checked_mul(stride).expect("rows fit the address space");
        }
        Self { offsets, live }
    }

    /// Rows of `stride` blocks, for [`Kernel::gather_blocks`] and [`Kernel::scatter_blocks`].
    pub(crate) fn blocks(live: usize, stride: usize) -> Self {
        Self::bytes(live, stride.checked_mul(Block::BYTES).expect("rows fit the address space"))
    }

    /// Panics unless 16 bytes at `at` in every row end within `len` bytes.
    #[inline(always)]
    #[cfg_attr(any(not(target_arch = "x86_64"), muse_backend = "portable"), allow(dead_code))]
    fn check(&self, at: usize, len: usize) {
        let room = len.checked_sub(self.offsets[LANES - 1] + Block::BYTES);
        assert!(room.is_some_and(|room| at <= room), "rows within the buffer");
    }
}

/// A computation that can run on any kernel.
pub(crate) trait Job {
    type Output;

    /// Implementations are `#[inline(always)]`, as are the generic functions they call in their inner loops: only what is
    /// inlined into the entry point of an instruction set is compiled for it.
    fn run<K: Kernel>(self, kernel: K) -> Self::Output;
}

muse_field::kernels! {
    /// An implementation of the hash. All give the same bytes; a [`Tweaks`](crate::hash::Tweaks) picks the fastest by itself.
    pub struct Engine(Choice) {
        Vaes512 = vaes512("vaes512") if vaes && avx2 && avx512;
        Vaes256 = vaes256("vaes256") if vaes && avx2;
        AesNi = aesni("aesni") if aes && avx2;
    }

    /// Runs the job.
    fn run[J: Job](job: J) -> J::Output;
}

#[cfg(test)]
mod tests;

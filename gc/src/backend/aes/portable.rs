//! The portable kernel: the `aes` crate, one key after another. Always compiled; the oracle of the others.

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use super::{Job, Kernel, LANES, Rows};
use crate::label::Block;

#[derive(Clone, Copy)]
pub(super) struct Portable;

pub(super) fn run<J: Job>(job: J) -> J::Output {
    job.run(Portable)
}

fn expand(key: Block) -> Aes128Enc {
    Aes128Enc::new(&Array::from(key.to_bytes()))
}

fn encrypt(cipher: &Aes128Enc, x: Block) -> Block {
    let mut block = Array::from(x.to_bytes());
    cipher.encrypt_block(&mut block);
    Block::from_bytes(block.into())
}

impl Kernel for Portable {
    type Lanes = [Block; LANES];
    type Cipher = Aes128Enc;

    #[inline(always)]
    fn splat(self, block: Block) -> Self::Lanes {
        [block; LANES]
    }

    #[inline(always)]
    fn store(self, lanes: Self::Lanes, out: &mut [Block; LANES]) {
        *out = lanes;
    }

    fn gather(self, bytes: &[u8], at: usize, rows: &Rows) -> Self::Lanes {
        rows.offsets.map(|offset| {
            let bytes = &bytes[offset + at..][..Block::BYTES];
            Block::from_bytes(bytes.try_into().expect("16 bytes"))
        })
    }

    fn gather_blocks(self, blocks: &[Block], at: usize, rows: &Rows) -> Self::Lanes {
        rows.offsets.map(|offset| blocks[offset / Block::BYTES + at])
    }

    fn scatter(self, lanes: Self::Lanes, bytes: &mut [u8], at: usize, rows: &Rows) {
        for (block, offset) in lanes.iter().zip(rows.offsets).take(rows.live) {
            bytes[offset + at..][..Block::BYTES].copy_from_slice(&block.to_bytes());
        }
    }

    fn scatter_blocks(self, lanes: Self::Lanes, blocks: &mut [Block], at: usize, rows: &Rows) {
        for (block, offset) in lanes.iter().zip(rows.offsets).take(rows.live) {
            blocks[offset / Block::BYTES + at] = *block;
        }
    }

    #[inline(always)]
    fn xor(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        core::array::from_fn(|i| a[i] ^ b[i])
    }

    #[inline(always)]
    fn and(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes {
        core::array::from_fn(|i| a[i] & b[i])
    }

    #[inline(always)]
    fn sigma(self, x: Self::Lanes) -> Self::Lanes {
        x.map(|x| {
            let (high, low) = (x.0 >> 64, x.0 & u128::from(u64::MAX));
            Block((high ^ low) << 64 | high)
        })
    }

    #[inline(always)]
    fn colour_mask(self, x: Self::Lanes) -> Self::Lanes {
        x.map(Block::colour_mask)
    }

    fn pi<const N: usize>(
        self,
        start: u128,
        tweak: u64,
        mut x: [[Self::Lanes; N]; 2],
    ) -> [[Self::Lanes; N]; 2] {
        for (half, row) in (0_u128..).zip(&mut x) {
            for i in 0..LANES {
                let offset = u128::from(tweak) + half + ((i as u128) << 32);
                let cipher = expand(Block(start.wrapping_add(offset)));
                for lanes in row.iter_mut() {
                    lanes[i] ^= encrypt(&cipher, lanes[i]);
                }
            }
        }
        x
    }

    fn cipher(self, key: Block) -> Aes128Enc {
        expand(key)
    }

    fn counters(self, base: u128) -> Self::Lanes {
        core::array::from_fn(|i| Block(base.wrapping_add(i as u128)))
    }

    fn encrypt<const N: usize>(self, cipher: &Aes128Enc, x: [Self::Lanes; N]) -> [Self::Lanes; N] {
        x.map(|lanes| lanes.map(|block| encrypt(cipher, block)))
    }
}

use alloc::vec;
use alloc::vec::Vec;

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use proptest::prelude::*;

use super::{Engine, Job, Kernel, LANES, Rows};
use crate::label::Block;

fn engines() -> impl Iterator<Item = Engine> {
    Engine::available()
}

fn aes(key: Block, x: Block) -> Block {
    let mut block = Array::from(x.to_bytes());
    Aes128Enc::new(&Array::from(key.to_bytes())).encrypt_block(&mut block);
    Block::from_bytes(block.into())
}

fn load<K: Kernel>(kernel: K, blocks: &[Block; LANES]) -> K::Lanes {
    kernel.gather_blocks(blocks, 0, &Rows::blocks(LANES, 1))
}

fn store<K: Kernel>(kernel: K, lanes: K::Lanes) -> [Block; LANES] {
    let mut out = [Block::ZERO; LANES];
    kernel.store(lanes, &mut out);
    out
}

/// AES under one key.
struct Encrypt {
    key: Block,
    x: [[Block; LANES]; 4],
}

impl Job for Encrypt {
    type Output = [[Block; LANES]; 4];

    fn run<K: Kernel>(self, kernel: K) -> Self::Output {
        let cipher = kernel.cipher(self.key);
        kernel.encrypt(&cipher, self.x.map(|x| load(kernel, &x))).map(|lanes| store(kernel, lanes))
    }
}

#[test]
fn fips_197_appendix_c1() {
    let key = Block::from_bytes(core::array::from_fn(|i| i as u8));
    let plain = Block::from_bytes(core::array::from_fn(|i| 0x11 * i as u8));
    let expected = Block::from_bytes([
        0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a,
    ]);
    for engine in engines() {
        let out = engine.run(Encrypt { key, x: [[plain; LANES]; 4] });
        assert_eq!(out, [[expected; LANES]; 4], "{engine:?}");
    }
}

/// The core of the hash, with `N` blocks a key.
struct Pi<const N: usize> {
    start: u128,
    tweak: u64,
    x: [[[Block; LANES]; N]; 2],
}

impl<const N: usize> Job for Pi<N> {
    type Output = [[[Block; LANES]; N]; 2];

    fn run<K: Kernel>(self, kernel: K) -> Self::Output {
        let x = self.x.map(|x| x.map(|x| load(kernel, &x)));
        kernel.pi(self.start, self.tweak, x).map(|x| x.map(|lanes| store(kernel, lanes)))
    }
}

fn blocks<const N: usize>(seed: u128) -> [[[Block; LANES]; N]; 2] {
    core::array::from_fn(|h| {
        core::array::from_fn(|n| {
            core::array::from_fn(|i| aes(Block(seed), Block((h * 1000 + n * 100 + i) as u128)))
        })
    })
}

fn pi_oracle<const N: usize>(
    start: u128,
    tweak: u64,
    x: [[[Block; LANES]; N]; 2],
) -> [[[Block; LANES]; N]; 2] {
    core::array::from_fn(|h| {
        core::array::from_fn(|n| {
            core::array::from_fn(|i| {
                let key = start.wrapping_add(u128::from(tweak) + h as u128 + ((i as u128) << 32));
                aes(Block(key), x[h][n][i]) ^ x[h][n][i]
            })
        })
    })
}

#[test]
fn keys_carry_into_the_upper_half_and_around() {
    let starts =
        [0, 1, u128::MAX, u128::from(u64::MAX), u128::from(u64::MAX) << 64 | 5, u128::MAX - (5 << 32)];
    let tweaks = [
        0,
        1,
        (1 << 32) - 2,
        u64::MAX - 1,
        (u64::MAX << 35) - 2,
        u64::MAX - (7 << 32),
        u64::MAX - (7 << 32) - 1,
    ];
    for start in starts {
        for tweak in tweaks {
            let x = blocks::<2>(start ^ u128::from(tweak));
            for engine in engines() {
                assert_eq!(engine.run(Pi { start, tweak, x }), pi_oracle(start, tweak, x), "{engine:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn every_engine_computes_pi(start: u128, tweak in 0..u64::MAX, seed: u128) {
        for engine in engines() {
            let x = blocks::<1>(seed);
            prop_assert_eq!(engine.run(Pi { start, tweak, x }), pi_oracle(start, tweak, x));
            let x = blocks::<2>(seed);
            prop_assert_eq!(engine.run(Pi { start, tweak, x }), pi_oracle(start, tweak, x));
        }
    }

    #[test]
    fn every_engine_encrypts(key: u128, seed: u128) {
        for engine in engines() {
            let [[x0, x1], [x2, x3]] = blocks::<2>(seed);
            let x = [x0, x1, x2, x3];
            let out = engine.run(Encrypt { key: Block(key), x });
            prop_assert_eq!(out, x.map(|x| x.map(|x| aes(Block(key), x))));
        }
    }

    #[test]
    fn every_engine_does_the_small_operations(seed: u128, base: u128) {
        let [[x], [y]] = blocks::<1>(seed);
        for engine in engines() {
            let out = engine.run(Small { x, y, base });
            for i in 0..LANES {
                let (high, low) = (x[i].0 >> 64, x[i].0 & u128::from(u64::MAX));
                prop_assert_eq!(out[0][i], x[i] ^ y[i]);
                prop_assert_eq!(out[1][i], Block(x[i].0 & y[i].0));
                prop_assert_eq!(out[2][i], Block((high ^ low) << 64 | high));
                prop_assert_eq!(out[3][i], Block(if x[i].0 & 1 == 1 { u128::MAX } else { 0 }));
                prop_assert_eq!(out[4][i], Block(base.wrapping_add(i as u128)));
                prop_assert_eq!(out[5][i], x[0]);
            }
        }
    }
}

/// XOR, AND, sigma, colour mask, counters and splat.
struct Small {
    x: [Block; LANES],
    y: [Block; LANES],
    base: u128,
}

impl Job for Small {
    type Output = [[Block; LANES]; 6];

    fn run<K: Kernel>(self, kernel: K) -> Self::Output {
        let (x, y) = (load(kernel, &self.x), load(kernel, &self.y));
        [
            kernel.xor(x, y),
            kernel.and(x, y),
            kernel.sigma(x),
            kernel.colour_mask(x),
            kernel.counters(self.base),
            kernel.splat(self.x[0]),
        ]
        .map(|lanes| store(kernel, lanes))
    }
}

#[test]
fn counters_carry() {
    for base in [u128::from(u64::MAX) - 3, u128::from(u64::MAX), u128::MAX - 2] {
        for engine in engines() {
            let out = engine.run(Small { x: [Block::ZERO; LANES], y: [Block::ZERO; LANES], base });
            assert_eq!(out[4], core::array::from_fn(|i| Block(base.wrapping_add(i as u128))), "{engine:?}");
        }
    }
}

/// Reads a column of rows and writes it to another column.
struct Copy<'a> {
    from: &'a [u8],
    to: &'a mut [u8],
    at: [usize; 2],
    rows: Rows,
}

impl Job for Copy<'_> {
    type Output = [Block; LANES];

    fn run<K: Kernel>(self, kernel: K) -> Self::Output {
        let lanes = kernel.gather(self.from, self.at[0], &self.rows);
        kernel.scatter(lanes, self.to, self.at[1], &self.rows);
        store(kernel, lanes)
    }
}

#[test]
fn rows_are_gathered_and_scattered() {
    const STRIDE: usize = 37;
    let from: Vec<u8> = (0..8 * STRIDE).map(|i| (i * 7 % 251) as u8).collect();
    for engine in engines() {
        for live in 1..=LANES {
            for at in [[0, 0], [3, 21], [21, 20], [21, 21]] {
                let mut to = vec![0xee; live * STRIDE];
                let mut expected = to.clone();
                let from = &from[..live * STRIDE];
                let rows = Rows::bytes(live, STRIDE);
                let lanes = engine.run(Copy { from, to: &mut to, at, rows });
                for i in 0..LANES {
                    let row = &from[i.min(live - 1) * STRIDE + at[0]..][..16];
                    assert_eq!(lanes[i].to_bytes(), row, "{engine:?}");
                    if i < live {
                        expected[i * STRIDE + at[1]..][..16].copy_from_slice(row);
                    }
                }
                assert_eq!(to, expected, "{engine:?}");
            }
        }
    }
}

#[test]
fn rows_beyond_the_buffer_panic() {
    for engine in engines() {
        for (len, at) in [(7 * 37 + 15, 0), (8 * 37, 22), (0, 0), (8 * 37, usize::MAX - 8)] {
            let from = vec![0; len];
            let outcome = std::panic::catch_unwind(|| {
                let rows = Rows::bytes(8, 37);
                engine.run(Copy { from: &from, to: &mut [0; 8 * 37], at: [at, 0], rows })
            });
            assert!(outcome.is_err(), "{engine:?}: {len} bytes, column {at}");
        }
    }
}

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
#[test]
fn the_fast_path_is_taken_where_it_exists() {
    if muse_field::cpu::features().vaes {
        assert!(Engine::detect().name().starts_with("vaes"));
    }
    if muse_field::cpu::features().aes {
        assert_ne!(Engine::detect(), Engine::PORTABLE);
    }
}

#[cfg(muse_backend = "portable")]
#[test]
fn the_portable_build_has_no_other_engine() {
    assert_eq!(engines().collect::<Vec<_>>(), [Engine::PORTABLE]);
}

//! The SHA-256 compression function (FIPS 180-4, section 6.2.2).

use alloc::vec::Vec;

use crate::circuit::{Builder, Bundle, Circuit};

/// One application of the SHA-256 compression function: 22,573 AND.
///
/// Inputs: `state`, 8 words, then `block`, 16 words; output: the next state, 8 words. Word `i` is bits `32i..32i + 32`,
/// least significant first; words of a message are its bytes read big-endian. Hashing, that is padding and the initial
/// state, is up to the caller, who may fix any of it as constants.
#[must_use]
pub fn sha256_compress() -> Circuit {
    let mut b = Builder::new();
    let state = b.input("state", 256);
    let state: [Bundle; 8] = core::array::from_fn(|i| word(&state, i));
    let block = b.input("block", 512);
    let mut schedule: Vec<Bundle> = (0..16).map(|i| word(&block, i)).collect();
    let mut working = state.clone();
    for (t, constant) in ROUND_CONSTANTS.into_iter().enumerate() {
        // Each word just before its round, so that few wires are alive at a time.
        if t >= 16 {
            let next = schedule_word(&mut b, &schedule[t - 16..]);
            schedule.push(next);
        }
        working = round(&mut b, working, &schedule[t], constant);
    }

    let next: Vec<Bundle> = state.iter().zip(&working).map(|(x, y)| b.add(x, y).0).collect();
    b.output("state", &next.iter().flat_map(Bundle::iter).collect());
    b.finish()
}

fn word(bits: &Bundle, index: usize) -> Bundle {
    bits.slice(32 * index..32 * index + 32)
}

/// `W_t = sigma1(W_(t-2)) + W_(t-7) + sigma0(W_(t-15)) + W_(t-16)`, from the sixteen words before it.
fn schedule_word(b: &mut Builder, before: &[Bundle]) -> Bundle {
    let (s0, s1) = (&before[1], &before[14]);
    let s0 = xor3(b, &s0.rotate_right(7), &s0.rotate_right(18), &s0.shift_right(3));
    let s1 = xor3(b, &s1.rotate_right(17), &s1.rotate_right(19), &s1.shift_right(10));
    sum(b, &[&s1, &before[9], &s0, &before[0]])
}

/// One round on the working variables.
fn round(
    builder: &mut Builder,
    [a, b, c, d, e, f, g, h]: [Bundle; 8],
    word: &Bundle,
    constant: u32,
) -> [Bundle; 8] {
    let s1 = xor3(builder, &e.rotate_right(6), &e.rotate_right(11), &e.rotate_right(25));
    let choice: Bundle = (0..32).map(|i| builder.mux(e[i], g[i], f[i])).collect();
    let constant = builder.constant(u128::from(constant), 32);
    let t1 = sum(builder, &[&h, &s1, &choice, word, &constant]);

    let s0 = xor3(builder, &a.rotate_right(2), &a.rotate_right(13), &a.rotate_right(22));
    let majority: Bundle = (0..32).map(|i| builder.full_adder(a[i], b[i], c[i]).1).collect();
    let t2 = sum(builder, &[&s0, &majority]);

    [sum(builder, &[&t1, &t2]), a, b, c, sum(builder, &[&d, &t1]), e, f, g]
}

fn xor3(b: &mut Builder, x: &Bundle, y: &Bundle, z: &Bundle) -> Bundle {
    let xy = b.xor_bundles(x, y);
    b.xor_bundles(&xy, z)
}

/// The sum modulo 2^32: 31 AND for each addition, fewer where an operand is a constant.
fn sum(b: &mut Builder, terms: &[&Bundle]) -> Bundle {
    let zero = b.constant(0, 32);
    terms.iter().fold(zero, |sum, term| b.add(&sum, term).0)
}

/// K of FIPS 180-4, section 4.2.2: fractional bits of the cube roots of the first 64 primes.
#[rustfmt::skip]
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

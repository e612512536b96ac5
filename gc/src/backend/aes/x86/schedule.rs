//! Sixteen key schedules side by side ("sliced"): vector w holds word w of every key.
//!
//! A step of AES's key schedule substitutes one word per key and is otherwise XOR. With the same word of four keys in a
//! 128-bit lane, one AESENCLAST substitutes all four; a transposition of 4x4 words gives round keys in the usual order.

use super::vector::Vector;

/// Round constants of the AES key schedule.
const RCON: [u32; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36];

/// For each byte of a 16-byte lane that holds one word of four keys: where RotWord takes it from, with the rows moved so that
/// the ShiftRows inside AESENCLAST puts them back.
const ROT_WORD: [u8; 16] = {
    let mut mask = [0; 16];
    let mut at = 0;
    while at < 16 {
        let (row, column) = (at % 4, at / 4);
        mask[at] = ((row + 1) % 4 + 4 * ((column + 4 - row) % 4)) as u8;
        at += 1;
    }
    mask
};

/// Transposes 4x4 matrices of 32-bit words, one in each 128-bit lane of the four vectors.
#[inline(always)]
pub(super) fn transpose<V: Vector>(v: [V; 4]) -> [V; 4] {
    let (low01, high01) = (V::unpack_low32(v[0], v[1]), V::unpack_high32(v[0], v[1]));
    let (low23, high23) = (V::unpack_low32(v[2], v[3]), V::unpack_high32(v[2], v[3]));
    [
        V::unpack_low64(low01, low23),
        V::unpack_high64(low01, low23),
        V::unpack_low64(high01, high23),
        V::unpack_high64(high01, high23),
    ]
}

/// One step of the key schedule on sliced words (FIPS 197, section 5.2).
#[inline(always)]
pub(super) fn next_round_key<V: Vector>(words: &mut [V; 4], round: usize) {
    let rotated = V::shuffle_bytes(words[3], V::splat128(ROT_WORD));
    // All four columns hold a word of another key, so the round constant goes into each of them.
    let substituted = V::aes_enc_last(rotated, V::splat32(RCON[round]));
    words[0] = V::xor(words[0], substituted);
    words[1] = V::xor(words[1], words[0]);
    words[2] = V::xor(words[2], words[1]);
    words[3] = V::xor(words[3], words[2]);
}

/// Encrypts `N` vectors under each of four key vectors, expanding the keys on the way.
#[inline(always)]
pub(super) fn encrypt_group<V: Vector, const N: usize>(keys: [V; 4], x: &mut [[V; N]; 4]) {
    let mut words = transpose(keys);
    for (key, x) in keys.iter().zip(x.iter_mut()) {
        for x in x.iter_mut() {
            *x = V::xor(*x, *key);
        }
    }
    for round in 0..9 {
        next_round_key(&mut words, round);
        let keys = transpose(words);
        for (key, x) in keys.iter().zip(x.iter_mut()) {
            for x in x.iter_mut() {
                *x = V::aes_enc(*x, *key);
            }
        }
    }
    next_round_key(&mut words, 9);
    let keys = transpose(words);
    for (key, x) in keys.iter().zip(x.iter_mut()) {
        for x in x.iter_mut() {
            *x = V::aes_enc_last(*x, *key);
        }
    }
}

//! AES-128 and SHA-256 under garbling, against the standards' vectors.

use muse_gc::circuit::library::{aes128, sha256_compress};

use crate::support::{bits, run};

fn byte_bits(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|&byte| bits(u64::from(byte), 8)).collect()
}

fn bytes(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect()
}

#[test]
fn aes_128_of_fips_197() {
    let key: Vec<u8> = (0..16).collect();
    let plain: Vec<u8> = (0..16).map(|i| 0x11 * i).collect();
    let cipher =
        [0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a];
    let circuit = aes128();
    assert_eq!(circuit.and_count(), 200 * 32);
    let input = [byte_bits(&key), byte_bits(&plain)].concat();
    // Nine instances, so that one is left over beside a group of eight.
    let output = run(&circuit, &input.repeat(9), 1);
    for output in output.chunks(128) {
        assert_eq!(bytes(output), cipher);
    }
}

/// SHA-256 with every compression garbled and evaluated anew.
fn garbled_sha256(message: &[u8]) -> Vec<u8> {
    let circuit = sha256_compress();
    assert_eq!(circuit.and_count(), 22_573);
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64) + if padded.len() % 64 > 56 { 64 } else { 0 }, 0);
    let end = padded.len();
    padded[end - 8..].copy_from_slice(&(8 * message.len() as u64).to_be_bytes());

    let words =
        |words: &[u32]| words.iter().flat_map(|&word| bits(u64::from(word), 32)).collect::<Vec<bool>>();
    let mut state = words(&[
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]);
    for (i, block) in padded.chunks(64).enumerate() {
        let block: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().expect("length"))).collect();
        state = run(&circuit, &[state, words(&block)].concat(), i as u64);
    }
    bytes(&state).chunks(4).flat_map(|word| word.iter().rev().copied()).collect()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hex")).collect()
}

#[test]
fn sha_256_of_fips_180() {
    let vectors = [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ];
    for (message, digest) in vectors {
        assert_eq!(garbled_sha256(message.as_bytes()), hex(digest), "{message}");
    }
}

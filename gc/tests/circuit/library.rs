//! AES-128 and SHA-256 against the standards' examples and independent implementations; integer functions.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use muse_gc::circuit::{Circuit, library};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::{bits, invariants, number, run};

fn bytes_to_bits(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|&byte| bits(byte.into(), 8)).collect()
}

fn bits_to_bytes(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|byte| u8::try_from(number(byte)).expect("eight bits")).collect()
}

fn aes(circuit: &Circuit, key: [u8; 16], block: [u8; 16]) -> Vec<u8> {
    bits_to_bytes(&circuit.evaluate_plain(&[bytes_to_bits(&key), bytes_to_bits(&block)].concat()))
}

#[test]
fn aes_has_200_s_boxes_of_32_and() {
    let circuit = library::aes128();
    invariants::check(&circuit);
    assert_eq!(circuit.and_count(), 6_400);
    assert_eq!(circuit.inputs().iter().map(|port| port.width()).collect::<Vec<_>>(), [128, 128]);
    assert_eq!(circuit.output_count(), 128);
}

/// FIPS 197, appendices B and C.1.
#[test]
fn aes_examples_of_the_standard() {
    let circuit = library::aes128();
    let hex = |text: u128| text.to_be_bytes();
    let cases = [
        (
            0x2b7e151628aed2a6abf7158809cf4f3c,
            0x3243f6a8885a308d313198a2e0370734,
            0x3925841d02dc09fbdc118597196a0b32,
        ),
        (
            0x000102030405060708090a0b0c0d0e0f,
            0x00112233445566778899aabbccddeeff,
            0x69c4e0d86a7b0430d8cdb78070b4c55a,
        ),
    ];
    for (key, block, expected) in cases {
        assert_eq!(aes(&circuit, hex(key), hex(block)), hex(expected));
    }
}

/// Every input of the S-box, 16 at a time: the first round's S-boxes see the block itself under the zero key.
#[test]
fn aes_agrees_on_every_byte() {
    let circuit = library::aes128();
    let cipher = Aes128::new(&[0; 16].into());
    for first in (0..=255u8).step_by(16) {
        let block: [u8; 16] = core::array::from_fn(|i| first + u8::try_from(i).unwrap());
        let mut expected = block.into();
        cipher.encrypt_block(&mut expected);
        assert_eq!(aes(&circuit, [0; 16], block), expected.to_vec());
    }
}

fn words(bits_of_words: &[u32]) -> Vec<bool> {
    bits_of_words.iter().flat_map(|&word| bits(word.into(), 32)).collect()
}

/// SHA-256 of a message: padding and chaining outside the circuit.
fn sha256(circuit: &Circuit, message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend((8 * message.len() as u64).to_be_bytes());

    let mut state = words(&[
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ]);
    for block in padded.chunks(64) {
        let block: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().expect("four bytes"))).collect();
        state = circuit.evaluate_plain(&[state, words(&block)].concat());
    }
    state.chunks(32).flat_map(|word| u32::try_from(number(word)).expect("32 bits").to_be_bytes()).collect()
}

#[test]
fn sha256_counts() {
    let circuit = library::sha256_compress();
    invariants::check(&circuit);
    // 64 rounds of 7 additions (31 each), choice and majority (32 each); 48 schedule words of 3 additions; 8 final ones;
    // less what the low zeros of the 64 constants save: an addition of K needs no carry up to its lowest one.
    assert_eq!(64 * (7 * 31 + 64) + 48 * 3 * 31 + 8 * 31, 22_696);
    assert_eq!(circuit.and_count(), 22_573);
    // The chaining value, the working variables and the sixteen last words of the schedule.
    assert!(circuit.slot_count() < 1_200, "{} slots", circuit.slot_count());
}

/// The examples of FIPS 180-4 ("abc", and a message of two blocks), and the empty message.
#[test]
fn sha256_examples_of_the_standard() {
    let circuit = library::sha256_compress();
    let cases = [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ];
    for (message, expected) in cases {
        let digest = sha256(&circuit, message.as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn aes_agrees_with_another_implementation(key: [u8; 16], block: [u8; 16]) {
        let mut expected = block.into();
        Aes128::new(&key.into()).encrypt_block(&mut expected);
        prop_assert_eq!(aes(&library::aes128(), key, block), expected.to_vec());
    }

    #[test]
    fn sha256_agrees_with_another_implementation(message in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(sha256(&library::sha256_compress(), &message), Sha256::digest(&message).to_vec());
    }

    #[test]
    fn integers(width in 1usize..=32, x: u32, y: u32) {
        let [x, y] = [x, y].map(|n| u128::from(n) % (1 << width));
        prop_assert_eq!(run(&library::adder(width), &[x, y]), x + y);
        prop_assert_eq!(run(&library::multiplier(width), &[x, y]), x * y);
        prop_assert_eq!(run(&library::equality(width), &[x, y]), u128::from(x == y));
        prop_assert_eq!(run(&library::equality(width), &[x, x]), 1);
        prop_assert_eq!(run(&library::comparison(width), &[x, y]), u128::from(x < y));
    }

    #[test]
    fn argmax_of_logits(logits in prop::collection::vec(-(1i64 << 43)..1 << 43, 10)) {
        let inputs: Vec<u128> = logits.iter().map(|&x| u128::from(x.cast_unsigned()) % (1 << 44)).collect();
        let best = (0..10).rev().max_by_key(|&i| logits[i]).unwrap();
        prop_assert_eq!(run(&library::argmax(10, 44), &inputs), best as u128);
    }
}

#[test]
fn integer_counts() {
    assert_eq!(library::adder(32).and_count(), 32);
    assert_eq!(library::multiplier(32).and_count(), 2 * 32 * 32 - 32);
    assert_eq!(library::equality(32).and_count(), 31);
    assert_eq!(library::comparison(32).and_count(), 32);
    // Nine comparisons, at most eight selections of a number, and the bits of the index.
    assert_eq!(library::argmax(10, 44).and_count(), 9 * 44 + 8 * 44 + 7);
}

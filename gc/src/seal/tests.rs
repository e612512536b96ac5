use alloc::vec;
use alloc::vec::Vec;

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use proptest::prelude::*;

use super::SealKey;
use crate::hash::Engine;
use crate::label::Block;

fn engines() -> impl Iterator<Item = Engine> {
    Engine::available()
}

/// Counter mode, one block at a time.
fn oracle(key: Block, offset: u64, len: usize) -> Vec<u8> {
    let cipher = Aes128Enc::new(&Array::from(key.to_bytes()));
    (offset..offset + len as u64)
        .map(|at| {
            let mut block = Array::from(u128::from(at / 16).to_le_bytes());
            cipher.encrypt_block(&mut block);
            block[(at % 16) as usize]
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pad_is_counter_mode_at_any_offset(key: u128, offset in 0_u64..1 << 40, len in 0_usize..2000) {
        for engine in engines() {
            let mut bytes = vec![0; len];
            SealKey(Block(key)).apply_with(engine, offset, &mut bytes);
            prop_assert_eq!(&bytes, &oracle(Block(key), offset, len));
        }
    }

    #[test]
    fn any_split_gives_the_same_bytes(key: u128, offset in 0_u64..10_000, cuts in prop::collection::vec(0_usize..5000, 0..6)) {
        let key = SealKey(Block(key));
        let plain: Vec<u8> = (0..5000_u32).map(|i| (i * 31) as u8).collect();
        let mut whole = plain.clone();
        key.apply(offset, &mut whole);
        let mut cuts = cuts;
        cuts.extend([0, 5000]);
        cuts.sort_unstable();
        let mut pieces = plain.clone();
        for pair in cuts.windows(2) {
            key.apply(offset + pair[0] as u64, &mut pieces[pair[0]..pair[1]]);
        }
        prop_assert_eq!(&pieces, &whole);
        key.apply(offset, &mut pieces);
        prop_assert_eq!(pieces, plain);
    }
}

#[test]
fn long_streams_are_the_same_on_all_cores() {
    let key = SealKey(Block(5));
    let mut bytes = vec![0; 1 << 20];
    key.apply(0, &mut bytes);
    for at in [0, 65_536, 65_535, (1 << 20) - 100] {
        assert_eq!(bytes[at..at + 100], oracle(Block(5), at as u64, 100));
    }
}

#[test]
fn the_end_of_the_offsets_is_reached_and_not_passed() {
    let key = SealKey(Block(9));
    let mut bytes = [0; 40];
    key.apply(u64::MAX - 40, &mut bytes);
    assert_eq!(bytes[..], oracle(Block(9), u64::MAX - 40, 40));
    assert!(std::panic::catch_unwind(|| key.apply(u64::MAX - 39, &mut [0; 40])).is_err());
}

#[test]
fn codec_and_redaction() {
    let key = SealKey::random(&mut Prg::from_seed([1; 32]));
    let bytes = to_vec(&key);
    assert_eq!(bytes, key.0.to_bytes());
    let back: SealKey = from_slice((), &bytes).unwrap();
    assert_eq!(back.0, key.0);
    assert!(from_slice::<SealKey>((), &bytes[1..]).is_err());
    assert_eq!(alloc::format!("{key:?}"), "SealKey(redacted)");
}

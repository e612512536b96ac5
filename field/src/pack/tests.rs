//! Packing against a bit-by-bit model.

use super::*;
use crate::element::tests::EXTREMES;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

/// The definition: field i, bit b is bit `width * i + b` of the string.
fn model(width: u32, values: &[u64]) -> Vec<u8> {
    let mut out = vec![0; (values.len() * width as usize).div_ceil(8)];
    for (i, v) in values.iter().enumerate() {
        for b in 0..width as usize {
            let at = i * width as usize + b;
            out[at / 8] |= (((v >> b) & 1) as u8) << (at % 8);
        }
    }
    out
}

fn packed(values: &[Fp]) -> Vec<u8> {
    let mut out = vec![0xff; packed_len(values.len())];
    pack(values, &mut out);
    out
}

#[test]
fn every_length_matches_the_model() {
    for n in 0..=70 {
        let values: Vec<Fp> = EXTREMES.iter().cycle().take(n).map(|v| Fp::new(*v)).collect();
        let raw: Vec<u64> = values.iter().map(|v| v.to_u64()).collect();
        let bytes = packed(&values);
        assert_eq!(bytes, model(44, &raw));
        let mut back = vec![Fp::ONE; n];
        unpack(&bytes, &mut back).unwrap();
        assert_eq!(back, values);
    }
}

#[test]
fn non_canonical_elements_are_refused() {
    for bad in [MODULUS, MODULUS + 1, (1 << 44) - 1] {
        for at in 0..3 {
            let mut raw = [MODULUS - 1; 3];
            raw[at] = bad;
            let mut out = [Fp::ZERO; 3];
            assert_eq!(unpack(&model(44, &raw), &mut out), Err(DecodeError::NotCanonical));
            assert!(out.iter().all(|v| v.to_u64() < MODULUS));
        }
    }
}

#[test]
fn padding_and_length_are_checked() {
    let mut bytes = packed(&[Fp::ONE]);
    for bit in 4..8 {
        bytes[5] ^= 1 << bit;
        assert_eq!(unpack(&bytes, &mut [Fp::ZERO]), Err(DecodeError::NotCanonical));
        bytes[5] ^= 1 << bit;
    }
    assert_eq!(unpack(&bytes, &mut [Fp::ZERO; 2]), Err(DecodeError::Length));
    assert_eq!(unpack(&bytes[..5], &mut [Fp::ZERO]), Err(DecodeError::Length));
    assert_eq!(unpack(&[], &mut []), Ok(()));
    assert_eq!(unpack(&[0], &mut []), Err(DecodeError::Length));
}

#[test]
fn lengths() {
    assert_eq!([0, 1, 2, 3, 4].map(packed_len), [0, 6, 11, 17, 22]);
    assert_eq!(bits_len(43, 8192), 44_032);
    assert_eq!(bits_len(58, 3), 22);
    assert_eq!(bits_len(64, usize::MAX), usize::MAX);
}

#[test]
fn bit_reader_ends_exactly() {
    let mut reader = BitReader::new(&[0xff, 0x01]);
    assert_eq!(reader.read(64), Err(DecodeError::Length));
    assert_eq!(reader.read(9), Ok(0x1ff));
    assert_eq!(reader.clone().finish(), Ok(()));
    assert_eq!(reader.read(8), Err(DecodeError::Length));
    let mut reader = BitReader::new(&[0xff, 0x03]);
    assert_eq!(reader.read(9), Ok(0x1ff));
    assert_eq!(reader.finish(), Err(DecodeError::NotCanonical));
    assert_eq!(BitReader::new(&[0]).finish(), Err(DecodeError::TrailingBytes));
}

proptest! {
    #[test]
    fn bits_match_the_model(width in 1u32..=64, raw in proptest::collection::vec(any::<u64>(), 0..40)) {
        let values: Vec<u64> = raw.iter().map(|v| v & (u64::MAX >> (64 - width))).collect();
        let mut bytes = vec![0xff; bits_len(width, values.len())];
        pack_bits(width, &values, &mut bytes);
        prop_assert_eq!(&bytes, &model(width, &values));
        let mut back = vec![1; values.len()];
        unpack_bits(width, &bytes, &mut back).unwrap();
        prop_assert_eq!(back, values);
    }

    #[test]
    fn mixed_widths(fields in proptest::collection::vec((1u32..=64, any::<u64>()), 0..40)) {
        let fields: Vec<(u32, u64)> = fields.iter().map(|(w, v)| (*w, v & (u64::MAX >> (64 - w)))).collect();
        let total: u32 = fields.iter().map(|(w, _)| w).sum();
        let mut bytes = vec![0; total.div_ceil(8) as usize];
        let mut writer = BitWriter::new(&mut bytes);
        for (w, v) in &fields {
            writer.write(*w, *v);
        }
        writer.finish();
        let mut reader = BitReader::new(&bytes);
        for (w, v) in &fields {
            prop_assert_eq!(reader.read(*w), Ok(*v));
        }
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn hostile_bytes_are_refused_or_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..200), n in 0usize..40) {
        let mut out = vec![Fp::ZERO; n];
        if unpack(&bytes, &mut out).is_ok() {
            prop_assert_eq!(packed(&out), bytes);
        }
    }

    #[test]
    fn hostile_bit_strings_round_trip_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..64), w in 1u32..=64) {
        let n = bytes.len() * 8 / w as usize;
        let mut out = vec![0; n];
        if unpack_bits(w, &bytes, &mut out).is_ok() {
            let mut back = vec![0; bytes.len()];
            pack_bits(w, &out, &mut back);
            prop_assert_eq!(back, bytes);
        }
    }
}

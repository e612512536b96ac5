//! Constant numbers of types that no layer has, and what becomes of them: sizes, or 32-bit floats.

use super::super::wire::{self, packed_ints};
use crate::limits;
use crate::load::half;
use zeroize::Zeroizing;

/// Constant numbers of another type.
#[derive(Clone)]
pub(in crate::onnx) struct Numbers<'a> {
    pub(super) origin: &'a str,
    pub(super) dims: Vec<usize>,
    pub(super) data_type: i64,
    /// Words of the type's size, or varints.
    pub(super) words: &'a [u8],
    pub(super) varints: Option<&'a [u8]>,
}

impl Numbers<'_> {
    pub(in crate::onnx) fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// As integers, if they are some and not many.
    pub(super) fn integers(&self) -> Option<Vec<i64>> {
        if let Some(varints) = self.varints {
            return packed_ints(varints, limits::ONNX_RANK).ok();
        }
        match self.data_type {
            INT32 => Some(collected(self.words, |word| i64::from(i32::from_le_bytes(word)))),
            INT64 => Some(collected(self.words, i64::from_le_bytes)),
            _ => None,
        }
    }

    /// As 32-bit floats, each the nearest one. `None` if their number is another than their sizes say.
    pub(super) fn floats(&self) -> Option<Zeroizing<Vec<f32>>> {
        let words = self.words;
        let floats = match (self.varints, self.data_type) {
            (Some(varints), kind) => {
                let list = Zeroizing::new(packed_ints(varints, self.count()).ok()?);
                let float = |&value: &i64| match kind {
                    FLOAT16 => half(value as u16),
                    BFLOAT16 => f32::from_bits(u32::from(value as u16) << 16),
                    _ => value as f32,
                };
                list.iter().map(float).collect()
            }
            (None, FLOAT16) => collected(words, |word| half(u16::from_le_bytes(word))),
            (None, BFLOAT16) => {
                collected(words, |word| f32::from_bits(u32::from(u16::from_le_bytes(word)) << 16))
            }
            (None, DOUBLE) => collected(words, |word| f64::from_le_bytes(word) as f32),
            (None, INT64) => collected(words, |word| i64::from_le_bytes(word) as f32),
            (None, INT32) => collected(words, |word| i32::from_le_bytes(word) as f32),
            (None, INT16) => collected(words, |word| f32::from(i16::from_le_bytes(word))),
            (None, UINT16) => collected(words, |word| f32::from(u16::from_le_bytes(word))),
            (None, INT8) => collected(words, |word| f32::from(i8::from_le_bytes(word))),
            (None, _) => collected(words, |[byte]: [u8; 1]| f32::from(byte)),
        };
        let floats = Zeroizing::new(floats);
        (floats.len() == self.count()).then_some(floats)
    }
}

fn collected<const N: usize, T>(words: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    words.as_chunks().0.iter().copied().map(number).collect()
}

/// Bytes of a number of this type, and how a field of such numbers is written, if it is one of the types that become 32-bit floats.
pub(super) const fn word_of(data_type: i64) -> Option<(usize, wire::Numbers)> {
    match data_type {
        UINT8 | INT8 | BOOL => Some((1, wire::Numbers::Varints)),
        UINT16 | INT16 | FLOAT16 | BFLOAT16 => Some((2, wire::Numbers::Varints)),
        INT32 => Some((4, wire::Numbers::Varints)),
        INT64 => Some((8, wire::Numbers::Varints)),
        FLOAT => Some((4, wire::Numbers::Words)),
        DOUBLE => Some((8, wire::Numbers::DoubleWords)),
        _ => None,
    }
}

/// The name of a type of tensors.
pub(in crate::onnx) fn name_of(data_type: i64) -> &'static str {
    usize::try_from(data_type).ok().and_then(|index| TYPES.get(index)).unwrap_or(&"another")
}

pub(in crate::onnx) const FLOAT: i64 = 1;
const UINT8: i64 = 2;
const INT8: i64 = 3;
const UINT16: i64 = 4;
const INT16: i64 = 5;
pub(in crate::onnx) const INT32: i64 = 6;
pub(in crate::onnx) const INT64: i64 = 7;
pub(super) const BOOL: i64 = 9;
const FLOAT16: i64 = 10;
const DOUBLE: i64 = 11;
const BFLOAT16: i64 = 16;

/// Names of the types of tensors.
const TYPES: [&str; 17] = [
    "undefined",
    "float32",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "int32",
    "int64",
    "string",
    "bool",
    "float16",
    "float64",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "bfloat16",
];

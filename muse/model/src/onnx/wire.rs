//! The wire format of protocol buffers over borrowed bytes: nothing is copied, and no length is trusted before the bytes are there.
//!
//! Whatever a writer of the format may write is read: repeated numbers packed or not and in any number of pieces, fields that are not known,
//! groups, which are obsolete. If a field that is not repeated occurs again, the last one counts.

use crate::{ModelError, limits};
use core::cell::Cell;

/// The fields of one message, in the order of the file.
pub(super) struct Fields<'a>(&'a [u8]);

/// What a field holds. Numbers have the bytes that they are in beside them: as a packed field has them.
pub(super) enum Field<'a> {
    Varint(u64, &'a [u8]),
    Fixed64(&'a [u8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4], &'a [u8]),
    /// A group, which has been skipped: ONNX has none.
    Group,
}

/// How the numbers of a repeated field are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    Varints,
    Words,
    DoubleWords,
}

impl<'a> Fields<'a> {
    pub(super) const fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn field(&mut self) -> Result<(u64, Field<'a>), ModelError> {
        let tag = varint(&mut self.0)?;
        let number = tag >> 3;
        if number == 0 {
            return Err(malformed("it has a field without a number"));
        }
        let field = match tag & 7 {
            0 => {
                let before = self.0;
                let value = varint(&mut self.0)?;
                Field::Varint(value, &before[..before.len() - self.0.len()])
            }
            1 => Field::Fixed64(take(&mut self.0, 8)?),
            2 => {
                let length = varint(&mut self.0)?;
                Field::Bytes(take(&mut self.0, length)?)
            }
            5 => {
                let word = take(&mut self.0, 4)?;
                Field::Fixed32(word.try_into().map_err(|_| truncated())?, word)
            }
            3 => {
                skip_group(&mut self.0, number)?;
                Field::Group
            }
            _ => return Err(malformed("it has a field of a kind that does not exist")),
        };
        Ok((number, field))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>), ModelError>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty()).then(|| self.field())
    }
}

impl<'a> Field<'a> {
    /// A string of bytes or an embedded message.
    pub(super) fn bytes(self) -> Result<&'a [u8], ModelError> {
        if let Self::Bytes(bytes) = self { Ok(bytes) } else { Err(mismatch()) }
    }

    pub(super) fn text(self) -> Result<&'a str, ModelError> {
        core::str::from_utf8(self.bytes()?).map_err(|_| malformed("a text in it is not UTF-8"))
    }

    pub(super) fn int(self) -> Result<i64, ModelError> {
        if let Self::Varint(value, _) = self { Ok(value.cast_signed()) } else { Err(mismatch()) }
    }

    pub(super) fn float(self) -> Result<f32, ModelError> {
        if let Self::Fixed32(word, _) = self { Ok(f32::from_le_bytes(word)) } else { Err(mismatch()) }
    }

    /// The bytes of one number, or of the numbers of a packed field.
    pub(super) fn packed(self, numbers: Numbers) -> Result<&'a [u8], ModelError> {
        match (self, numbers) {
            (Self::Bytes(bytes), Numbers::Varints) => Ok(bytes),
            (Self::Bytes(bytes), Numbers::Words) if bytes.len() % 4 == 0 => Ok(bytes),
            (Self::Bytes(bytes), Numbers::DoubleWords) if bytes.len() % 8 == 0 => Ok(bytes),
            (Self::Varint(_, bytes), Numbers::Varints)
            | (Self::Fixed32(_, bytes), Numbers::Words)
            | (Self::Fixed64(bytes), Numbers::DoubleWords) => Ok(bytes),
            _ => Err(mismatch()),
        }
    }
}

/// How many elements the lists of a file may still get: a budget for all of them, as many short lists take more memory than long ones.
pub(super) struct Items(Cell<usize>);

impl Items {
    pub(super) const fn new() -> Self {
        Self(Cell::new(limits::ONNX_ITEMS))
    }

    /// Adds to a list that may have `limit` elements.
    pub(super) fn push<T>(&self, list: &mut Vec<T>, item: T, limit: usize) -> Result<(), ModelError> {
        if list.len() >= limit {
            return Err(malformed(&format!("it has a list of more than {limit} elements")));
        }
        self.take()?;
        list.push(item);
        Ok(())
    }

    /// Something that is kept beside the lists.
    pub(super) fn take(&self) -> Result<(), ModelError> {
        let left = self.0.get().checked_sub(1).ok_or_else(|| {
            malformed(&format!("it has more than {} nodes, attributes and sizes", limits::ONNX_ITEMS))
        })?;
        self.0.set(left);
        Ok(())
    }

    /// Adds one integer, or those of a packed field, to a list that may have `limit`.
    pub(super) fn ints(&self, list: &mut Vec<i64>, field: Field<'_>, limit: usize) -> Result<(), ModelError> {
        if let Field::Bytes(packed) = field {
            self.packed(list, packed, limit)
        } else {
            self.push(list, field.int()?, limit)
        }
    }

    fn packed(&self, list: &mut Vec<i64>, mut packed: &[u8], limit: usize) -> Result<(), ModelError> {
        while !packed.is_empty() {
            self.push(list, varint(&mut packed)?.cast_signed(), limit)?;
        }
        Ok(())
    }
}

/// The integers of a packed field, at most `limit`.
pub(super) fn packed_ints(packed: &[u8], limit: usize) -> Result<Vec<i64>, ModelError> {
    let mut list = Vec::new();
    Items::new().packed(&mut list, packed, limit)?;
    Ok(list)
}

/// Skips what is left of a group, and groups in it.
fn skip_group(bytes: &mut &[u8], number: u64) -> Result<(), ModelError> {
    let mut open = vec![number];
    while let Some(&innermost) = open.last() {
        let tag = varint(bytes)?;
        match tag & 7 {
            0 => drop(varint(bytes)?),
            1 => drop(take(bytes, 8)?),
            2 => {
                let length = varint(bytes)?;
                take(bytes, length)?;
            }
            3 if open.len() < MAX_GROUPS => open.push(tag >> 3),
            4 if tag >> 3 == innermost => drop(open.pop()),
            5 => drop(take(bytes, 4)?),
            _ => return Err(malformed("it has a group without an end, or too many in each other")),
        }
    }
    Ok(())
}

/// Groups in groups: as other readers have it.
const MAX_GROUPS: usize = 100;

/// A file that is no ONNX model.
pub(super) fn malformed(reason: &str) -> ModelError {
    ModelError::Onnx(reason.into())
}

fn truncated() -> ModelError {
    malformed("it ends too early, or a length in it is wrong")
}

fn mismatch() -> ModelError {
    malformed("a field in it is of another type than ONNX says")
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], ModelError> {
    let split = usize::try_from(length).ok().and_then(|length| bytes.split_at_checked(length));
    let (taken, rest) = split.ok_or_else(truncated)?;
    *bytes = rest;
    Ok(taken)
}

/// A number of 7 bits a byte, at most ten bytes.
fn varint(bytes: &mut &[u8]) -> Result<u64, ModelError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = u64::from(take(bytes, 1)?[0]);
        if shift == 63 && byte > 1 {
            break;
        }
        value |= (byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(malformed("a number in it has more than 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_up_to_64_bits() {
        let cases: [(&[u8], u64); 4] = [
            (&[0], 0),
            (&[0x96, 1], 150),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], u64::MAX),
            (&[0x80, 0], 0),
        ];
        for (bytes, value) in cases {
            assert_eq!(varint(&mut &*bytes).unwrap(), value);
        }
        for bytes in [
            &[][..],
            &[0x80],
            &[0xff; 9],
            &[0xff; 10],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
        ] {
            varint(&mut &*bytes).unwrap_err();
        }
    }

    #[test]
    fn groups_are_skipped() {
        // Field 1, a group with fields of every kind and a group in it, field 2.
        let inner = [0x23, 0x24];
        let group =
            [&[0x1b, 0x08, 0x96, 1, 0x11][..], &[9; 8], &[0x12, 2, 7, 8, 0x1d], &[9; 4], &inner, &[0x1c]]
                .concat();
        let message = [&[0x08, 5][..], &group, &[0x10, 6]].concat();
        let fields: Vec<_> = Fields::of(&message).map(Result::unwrap).collect();
        assert!(matches!(
            fields[..],
            [(1, Field::Varint(5, _)), (3, Field::Group), (2, Field::Varint(6, _))]
        ));
        let deep = |depth: usize| [vec![0x1b; depth], vec![0x1c; depth]].concat();
        assert!(Fields::of(&deep(MAX_GROUPS)).all(|field| field.is_ok()));
        for bad in [
            &group[..group.len() - 1],
            &[0x1b, 0x24],
            &[0x1c],
            &[0x1b, 0x1f],
            &deep(MAX_GROUPS + 1),
            &[0x1b; 100_000],
        ] {
            assert!(Fields::of(bad).next().unwrap().is_err());
        }
    }

    #[test]
    fn no_length_is_believed() {
        for length in [3u64, 4, 1 << 32, 1 << 63, u64::MAX] {
            let mut message = vec![0x0a];
            let mut rest = length;
            while rest >= 0x80 {
                message.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            message.extend([rest as u8, 1, 2]);
            assert!(Fields::of(&message).next().unwrap().is_err(), "{length}");
        }
        let fields: Vec<_> = Fields::of(&[0x0a, 2, 7, 8, 0x10, 5]).map(Result::unwrap).collect();
        assert!(matches!(fields[..], [(1, Field::Bytes(&[7, 8])), (2, Field::Varint(5, _))]));
    }
}

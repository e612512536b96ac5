//! Tensors in a file: their numbers stay where they are, unless they come in pieces.

use super::external::External;
use super::wire::{Fields, Items, Numbers, malformed};
use crate::{ModelError, limits};
use core::ops::Deref;
use zeroize::Zeroizing;

#[derive(Clone, Default)]
pub(super) struct Tensor<'a> {
    pub(super) name: &'a str,
    pub(super) dims: Vec<i64>,
    pub(super) data_type: i64,
    /// Little-endian values of any type.
    pub(super) raw: Option<&'a [u8]>,
    /// Values of its type, as a packed field has them.
    pub(super) packed: Option<(Numbers, Packed<'a>)>,
    /// Where its data are, if they are not in this file; few tensors have one.
    pub(super) external: Option<Box<External<'a>>>,
}

/// The numbers of a repeated field, as if all had been packed into one.
#[derive(Clone)]
pub(super) enum Packed<'a> {
    Whole(&'a [u8]),
    /// They came in pieces, or one by one.
    Joined(Zeroizing<Vec<u8>>),
}

impl Deref for Packed<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Joined(bytes) => bytes,
        }
    }
}

/// What is seen of a repeated field of numbers on a first pass: nothing is copied if it is in one piece.
#[derive(Default)]
pub(super) struct Repeated<'a> {
    first: &'a [u8],
    pieces: usize,
    bytes: usize,
}

impl<'a> Repeated<'a> {
    /// Takes note of a piece.
    pub(super) fn piece(&mut self, piece: &'a [u8]) {
        if self.pieces == 0 {
            self.first = piece;
        }
        self.pieces += 1;
        self.bytes += piece.len();
    }

    /// All pieces of field `number` of a message, which is in these parts. `None` if there are none.
    pub(super) fn all(
        self,
        message: &[&'a [u8]],
        number: u64,
        numbers: Numbers,
    ) -> Result<Option<Packed<'a>>, ModelError> {
        match self.pieces {
            0 => Ok(None),
            1 => Ok(Some(Packed::Whole(self.first))),
            _ => {
                // One allocation of the right size: growing would leave copies behind.
                let mut joined = Zeroizing::new(Vec::with_capacity(self.bytes));
                for field in message.iter().flat_map(|part| Fields::of(part)) {
                    match field? {
                        (found, field) if found == number => joined.extend_from_slice(field.packed(numbers)?),
                        _ => {}
                    }
                }
                Ok(Some(Packed::Joined(joined)))
            }
        }
    }
}

impl<'a> Tensor<'a> {
    /// From the parts of its message: one, where a writer is not peculiar.
    pub(super) fn parse(message: &[&'a [u8]], items: &Items) -> Result<Self, ModelError> {
        let mut tensor = Self::default();
        let mut data = [const { Repeated { first: &[], pieces: 0, bytes: 0 } }; DATA.len()];
        for field in message.iter().flat_map(|part| Fields::of(part)) {
            match field? {
                (1, field) => items.ints(&mut tensor.dims, field, limits::ONNX_RANK)?,
                (2, field) => tensor.data_type = field.int()?,
                (8, field) => tensor.name = field.text()?,
                (9, field) => tensor.raw = Some(field.bytes()?),
                (13, field) => tensor.external.get_or_insert_default().entry(field.bytes()?)?,
                (14, field) => {
                    let elsewhere = field.int()? != 0;
                    if elsewhere {
                        tensor.external.get_or_insert_default();
                    }
                }
                (number, field) => {
                    if let Some(at) = DATA.iter().position(|(data, _)| *data == number) {
                        data[at].piece(field.packed(DATA[at].1)?);
                    }
                }
            }
        }
        for (repeated, (number, numbers)) in data.into_iter().zip(DATA) {
            if repeated.bytes == 0 {
                continue;
            }
            if tensor.raw.is_some_and(|raw| !raw.is_empty()) || tensor.packed.is_some() {
                return Err(malformed("the data of a tensor in it are given twice"));
            }
            tensor.packed = repeated.all(message, number, numbers)?.map(|packed| (numbers, packed));
        }
        Ok(tensor)
    }

    /// Whether it has any data in this file.
    pub(super) fn has_data(&self) -> bool {
        self.raw.is_some() || self.packed.is_some()
    }

    /// Its values, which are written in this way where they are not raw: words of their type, or varints. None where they are of another
    /// type than they should be.
    pub(super) fn values(&self, written: Numbers) -> (&[u8], Option<&[u8]>) {
        match &self.packed {
            None => (self.raw.unwrap_or_default(), None),
            Some((found, _)) if *found != written => (&[], None),
            Some((Numbers::Varints, packed)) => (&[], Some(packed)),
            Some((Numbers::Words | Numbers::DoubleWords, packed)) => (packed, None),
        }
    }
}

/// The fields with a tensor's values: floats, small integers, integers of 64 bits, doubles.
const DATA: [(u64, Numbers); 4] =
    [(4, Numbers::Words), (5, Numbers::Varints), (7, Numbers::Varints), (10, Numbers::DoubleWords)];

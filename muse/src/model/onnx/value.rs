//! What a name in the graph stands for.

use super::proto::Tensor;
use super::wire::packed_ints;
use crate::model::error::printable;
use crate::model::{Extent, ModelError, limits};
use zeroize::Zeroizing;

/// The value of a name.
#[derive(Clone)]
pub(super) enum Value<'a> {
    /// What flows from layer to layer.
    Data(Data),
    /// Weights and other constants.
    Floats(Floats<'a>),
    /// Sizes, of which computations of shapes are made.
    Sizes(Sizes),
    /// A truth value.
    Flag(bool),
    /// A constant of a type or in a place that is not supported; says so.
    Unsupported(String),
}

/// Planes, or a vector of all their elements.
#[derive(Clone, Copy)]
pub(super) struct Data {
    pub(super) extent: Extent,
    pub(super) flat: bool,
}

/// A constant tensor of floats, still in the file.
#[derive(Clone)]
pub(super) struct Floats<'a> {
    /// The tensor's name, whatever it is called where it is used.
    pub(super) origin: &'a str,
    pub(super) dims: Vec<usize>,
    pub(super) source: Source<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// Little-endian words in order.
    Words(&'a [u8]),
    /// A matrix whose transpose is in the file.
    Transposed(&'a [u8]),
    /// The same number everywhere.
    Fill(f32),
}

/// A few sizes: a vector of them, or a single one.
#[derive(Clone)]
pub(super) struct Sizes {
    pub(super) list: Vec<Size>,
    pub(super) scalar: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Images a run, whatever the number.
    Batch,
    Known(i64),
}

impl<'a> Value<'a> {
    /// The value of a tensor in the file, whose size is that of its data.
    pub(super) fn of_tensor(tensor: &Tensor<'a>) -> Result<Self, ModelError> {
        if tensor.external.is_some() {
            let how = "has its data in another file, which bytes alone do not name: read it from a file, or export it with external_data=False";
            return Ok(Self::Unsupported(how.into()));
        }
        let fault =
            |reason: &str| ModelError::Tensor { tensor: shortened(tensor.name), reason: reason.into() };
        let dims: Option<Vec<usize>> = tensor.dims.iter().map(|&size| usize::try_from(size).ok()).collect();
        let dims = dims.ok_or_else(|| fault("has a negative size"))?;
        let count = dims.iter().try_fold(1usize, |count, &size| count.checked_mul(size));
        let count = count.filter(|&count| count <= limits::WEIGHTS);
        let count = count.ok_or_else(|| fault(&format!("has more than {} elements", limits::WEIGHTS)))?;
        let has = |length: usize, word: usize| length == count * word;
        let lies = || fault("its data have another length than its sizes say");
        match tensor.data_type {
            FLOAT => {
                let words = tensor.raw.or(tensor.floats).unwrap_or_default();
                let floats = Floats { origin: tensor.name, dims, source: Source::Words(words) };
                if has(words.len(), 4) { Ok(Self::Floats(floats)) } else { Err(lies()) }
            }
            INT64 if count > limits::ONNX_RANK || dims.len() > 1 => {
                Ok(Self::Unsupported("holds integers that are no sizes".into()))
            }
            INT64 => {
                let list = match tensor.raw {
                    Some(raw) if has(raw.len(), 8) => {
                        raw.as_chunks().0.iter().map(|word| i64::from_le_bytes(*word)).collect()
                    }
                    Some(_) => return Err(lies()),
                    None => packed_ints(tensor.ints.unwrap_or_default(), limits::ONNX_RANK)?,
                };
                if list.len() != count {
                    return Err(lies());
                }
                let list = list.into_iter().map(Size::Known).collect();
                Ok(Self::Sizes(Sizes { list, scalar: dims.is_empty() }))
            }
            BOOL if count == 1 => {
                let byte = tensor.raw.or(tensor.ints).unwrap_or_default();
                if byte.len() == 1 { Ok(Self::Flag(byte[0] != 0)) } else { Err(lies()) }
            }
            other => {
                let name =
                    usize::try_from(other).ok().and_then(|index| TYPES.get(index)).unwrap_or(&"another");
                Ok(Self::Unsupported(format!("is of type {name}; export the network in 32-bit floats")))
            }
        }
    }

    /// What kind of value it is, for errors.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Data(_) => "is computed from the input",
            Self::Floats(_) => "is a constant tensor",
            Self::Sizes(_) => "is a list of sizes",
            Self::Flag(_) => "is a truth value",
            Self::Unsupported(reason) => reason,
        }
    }
}

impl Floats<'_> {
    /// How many elements; bounded when the value was made.
    pub(super) fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// A copy in order, in one allocation of that size.
    pub(super) fn to_vec(&self) -> Zeroizing<Vec<f32>> {
        let word = |word: &[u8; 4]| f32::from_le_bytes(*word);
        let mut values = Zeroizing::new(Vec::with_capacity(self.count()));
        match self.source {
            Source::Words(words) => values.extend(words.as_chunks().0.iter().map(word)),
            Source::Transposed(words) => {
                let (words, columns) = (words.as_chunks().0, self.dims[0]);
                for column in 0..columns {
                    values.extend(words.iter().skip(column).step_by(columns).map(word));
                }
            }
            Source::Fill(value) => values.resize(self.count(), value),
        }
        values
    }

    /// A copy of `count` elements, or of a single one that often.
    pub(super) fn to_vec_of(&self, count: usize) -> Option<Zeroizing<Vec<f32>>> {
        match self.count() {
            found if found == count => Some(self.to_vec()),
            1 => Some(Zeroizing::new(vec![self.to_vec()[0]; count])),
            _ => None,
        }
    }

    /// The transpose of a matrix.
    pub(super) fn transposed(&self) -> Option<Self> {
        let &[rows, columns] = self.dims.as_slice() else { return None };
        let source = match self.source {
            Source::Words(words) => Source::Transposed(words),
            Source::Transposed(words) => Source::Words(words),
            Source::Fill(value) => Source::Fill(value),
        };
        Some(Self { dims: vec![columns, rows], source, ..*self })
    }
}

impl Sizes {
    /// The only size.
    pub(super) fn single(&self) -> Option<Size> {
        if let [size] = self.list[..] { Some(size) } else { None }
    }

    /// All of them, if none is that of the batch.
    pub(super) fn known(&self) -> Option<Vec<i64>> {
        let known = |&size: &Size| if let Size::Known(size) = size { Some(size) } else { None };
        self.list.iter().map(known).collect()
    }
}

/// A name from the file, safe to show.
pub(super) fn shortened(name: &str) -> String {
    printable(&name.chars().take(limits::NAME_BYTES).collect::<String>())
}

pub(super) const FLOAT: i64 = 1;
const INT64: i64 = 7;
const BOOL: i64 = 9;

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

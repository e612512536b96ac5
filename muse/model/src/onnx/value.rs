//! What a name in the graph stands for.

mod numbers;

use self::numbers::{BOOL, word_of};
pub(super) use self::numbers::{FLOAT, INT32, INT64, Numbers, name_of};
use super::tensor::Tensor;
use super::view::View;
use crate::error::printable;
use crate::{Extent, ModelError, limits};
use alloc::rc::Rc;
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
    /// Numbers of a type that no layer has, until they are cast.
    Numbers(Numbers<'a>),
    /// A constant of a type or in a place that is not supported; says so.
    Unsupported(String),
}

/// The elements of what a layer gives, or of the image, and how a tensor has them.
#[derive(Clone)]
pub(super) struct Data {
    pub(super) extent: Extent,
    pub(super) view: View,
}

/// A constant tensor of floats, still in the file if it can be.
#[derive(Clone)]
pub(super) struct Floats<'a> {
    /// The tensor's name, whatever it is called where it is used.
    pub(super) origin: &'a str,
    pub(super) dims: Vec<usize>,
    pub(super) source: Source<'a>,
}

#[derive(Clone)]
pub(super) enum Source<'a> {
    /// Little-endian words in order.
    Words(&'a [u8]),
    /// A matrix whose transpose is in the file.
    Transposed(&'a [u8]),
    /// The same number everywhere.
    Fill(f32),
    /// Computed here.
    Computed(Rc<Zeroizing<Vec<f32>>>),
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
    pub(super) fn of_tensor(tensor: &'a Tensor<'a>) -> Result<Self, ModelError> {
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
        let lies = || fault("its data have another length than its sizes say");
        let other = || {
            let name = name_of(tensor.data_type);
            Ok(Self::Unsupported(format!("is of type {name}; export the network in 32-bit floats")))
        };
        let Some((bytes, packed)) = word_of(tensor.data_type) else { return other() };
        let (words, varints) = tensor.values(packed);
        let fits = match varints {
            // How many they are is known when they are read.
            Some(varints) => varints.len() >= count,
            None => words.len() == count * bytes,
        };
        let numbers = Numbers { origin: tensor.name, dims, data_type: tensor.data_type, words, varints };
        match tensor.data_type {
            FLOAT | INT64 if !fits => Err(lies()),
            FLOAT => {
                let Numbers { origin, dims, words, .. } = numbers;
                Ok(Self::Floats(Floats { origin, dims, source: Source::Words(words) }))
            }
            INT32 | INT64 if fits && count <= limits::ONNX_RANK && numbers.dims.len() <= 1 => {
                let list = numbers.integers().filter(|list| list.len() == count).ok_or_else(lies)?;
                let list = list.into_iter().map(Size::Known).collect();
                Ok(Self::Sizes(Sizes { list, scalar: numbers.dims.is_empty() }))
            }
            BOOL if count == 1 => {
                let byte = varints.unwrap_or(words);
                if byte.len() == 1 { Ok(Self::Flag(byte[0] != 0)) } else { Err(lies()) }
            }
            _ if fits => Ok(Self::Numbers(numbers)),
            _ => other(),
        }
    }

    /// What kind of value it is, for errors.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Data(_) => "is computed from the input".into(),
            Self::Floats(_) => "is a constant tensor".into(),
            Self::Sizes(_) => "is a list of sizes".into(),
            Self::Flag(_) => "is a truth value".into(),
            Self::Numbers(numbers) if numbers.data_type == INT64 => "holds integers that are no sizes".into(),
            Self::Numbers(numbers) => {
                format!("is of type {}; export the network in 32-bit floats", name_of(numbers.data_type))
            }
            Self::Unsupported(reason) => reason.clone(),
        }
    }
}

impl Data {
    /// Elements in the order of layers, as a tensor of these sizes.
    pub(super) fn in_order(extent: Extent, sizes: &[usize]) -> Self {
        Self { extent, view: View::in_order(sizes) }
    }

    /// Whether the tensor is a vector, in whatever order.
    pub(super) fn is_flat(&self) -> bool {
        self.view.sizes().len() == 1
    }

    /// Whether it has the sizes and the order of layers.
    pub(super) fn is_planes(&self) -> bool {
        let Extent { channels, height, width } = self.extent;
        self.view.is_in_order() && self.view.sizes() == [channels, height, width]
    }

    /// Its sizes, as in `8 x 8 x 1`.
    pub(super) fn shown(&self) -> String {
        let sizes = self.view.sizes();
        sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ")
    }
}

impl<'a> Floats<'a> {
    /// A tensor that was computed here: it has the name of what it was computed from.
    pub(super) fn computed(origin: &'a str, dims: Vec<usize>, values: Zeroizing<Vec<f32>>) -> Self {
        Self { origin, dims, source: Source::Computed(Rc::new(values)) }
    }

    /// Constant numbers as floats.
    pub(super) fn cast(numbers: &Numbers<'a>) -> Option<Self> {
        Some(Self::computed(numbers.origin, numbers.dims.clone(), numbers.floats()?))
    }

    /// How many elements; bounded when the value was made.
    pub(super) fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// A copy in order, in one allocation of that size.
    pub(super) fn to_vec(&self) -> Zeroizing<Vec<f32>> {
        let word = |word: &[u8; 4]| f32::from_le_bytes(*word);
        let mut values = Zeroizing::new(Vec::with_capacity(self.count()));
        match &self.source {
            Source::Words(words) => values.extend(words.as_chunks().0.iter().map(word)),
            Source::Transposed(words) => {
                let (words, columns) = (words.as_chunks().0, self.dims[0]);
                for column in 0..columns {
                    values.extend(words.iter().skip(column).step_by(columns).map(word));
                }
            }
            Source::Fill(value) => values.resize(self.count(), *value),
            Source::Computed(computed) => values.extend_from_slice(computed),
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

    /// The transpose of a matrix; `None` if it is none, or was computed.
    pub(super) fn transposed(&self) -> Option<Self> {
        let &[rows, columns] = self.dims.as_slice() else { return None };
        let source = match self.source {
            Source::Words(words) => Source::Transposed(words),
            Source::Transposed(words) => Source::Words(words),
            Source::Fill(value) => Source::Fill(value),
            Source::Computed(_) => return None,
        };
        Some(Self { origin: self.origin, dims: vec![columns, rows], source })
    }

    /// Whether all elements are this number.
    pub(super) fn all_are(&self, number: f32) -> bool {
        match &self.source {
            Source::Words(words) | Source::Transposed(words) => {
                words.as_chunks().0.iter().all(|word| f32::from_le_bytes(*word) == number)
            }
            Source::Fill(value) => *value == number,
            Source::Computed(values) => values.iter().all(|value| *value == number),
        }
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

    /// As in `[batch, 8]`.
    pub(super) fn shown(&self) -> String {
        let shown = |size: &Size| match size {
            Size::Batch => "batch".into(),
            Size::Known(size) => size.to_string(),
        };
        let list: Vec<String> = self.list.iter().map(shown).collect();
        format!("[{}]", list.join(", "))
    }
}

/// A name from the file, safe to show.
pub(super) fn shortened(name: &str) -> String {
    printable(&name.chars().take(limits::NAME_BYTES).collect::<String>())
}

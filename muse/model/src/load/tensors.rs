//! Tensors of a safetensors file, with the types and shapes the description demands.

use super::or_other_kind;
use crate::error::printable;
use crate::sniff::{Kind, Wanted};
use crate::{ModelError, limits};
use core::fmt::{self, Display};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use zeroize::Zeroizing;

/// The header of a safetensors file, parsed: the library's own parser, with a bound on what it may be given.
///
/// # Errors
/// [`ModelError::TooLarge`] for a header above [`limits::TENSOR_HEADER_BYTES`], [`ModelError::Syntax`] for anything that is not
/// safetensors.
pub fn safetensors(bytes: &[u8]) -> Result<SafeTensors<'_>, ModelError> {
    // The library would allow a header of 100 MB, and JSON takes many times its size in memory. Where this is no header, its length says
    // nothing.
    if let Some(length) = bytes.first_chunk().map(|length| u64::from_le_bytes(*length))
        && length > limits::TENSOR_HEADER_BYTES
    {
        let header = Kind::of(bytes) == Kind::Safetensors;
        let too_large = ModelError::TooLarge(limits::TENSOR_HEADER_BYTES);
        return Err(if header { too_large } else { ModelError::Syntax("not a safetensors file".into()) });
    }
    SafeTensors::deserialize(bytes).map_err(|error| ModelError::Syntax(printable(&error.to_string())))
}

/// The tensors of a file, borrowed from its bytes.
pub(crate) struct Tensors<'a>(SafeTensors<'a>);

impl<'a> Tensors<'a> {
    /// As [`safetensors()`], but that a file of another kind is called what it is.
    pub(crate) fn parse(bytes: &'a [u8], wanted: Wanted) -> Result<Self, ModelError> {
        safetensors(bytes).map(Self).map_err(|error| or_other_kind(error, bytes, wanted))
    }

    /// Whether there is a float tensor of this name.
    pub(super) fn is_float(&self, name: &str) -> bool {
        self.0.tensor(name).is_ok_and(|tensor| tensor.dtype() == Dtype::F32)
    }

    /// Whether there is a tensor of quantised weights of this name.
    pub(super) fn is_integer(&self, name: &str) -> bool {
        self.0.tensor(name).is_ok_and(|tensor| tensor.dtype() == Dtype::I32)
    }

    /// 32-bit integers of this shape, as 64-bit ones.
    pub(super) fn weights(&self, name: &str, shape: &[usize]) -> Result<Vec<i64>, ModelError> {
        let tensor = self.tensor(name, Dtype::I32, shape)?;
        Ok(words(tensor.data()).map(|word| i64::from(i32::from_le_bytes(word))).collect())
    }

    /// 32-bit floats of this shape.
    pub(crate) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensor(name, Dtype::F32, shape)?;
        Ok(words(tensor.data()).map(f32::from_le_bytes).collect())
    }

    /// Signed 64-bit integers of this shape.
    pub(crate) fn integers(&self, name: &str, shape: &[usize]) -> Result<Vec<i64>, ModelError> {
        let tensor = self.tensor(name, Dtype::I64, shape)?;
        Ok(words(tensor.data()).map(i64::from_le_bytes).collect())
    }

    /// Bytes of this shape.
    pub(crate) fn bytes(&self, name: &str, shape: &[usize]) -> Result<Vec<u8>, ModelError> {
        Ok(self.tensor(name, Dtype::U8, shape)?.data().to_vec())
    }

    /// Bytes of this shape, or integers of 32 or 64 bits that are as small: labels, in the types that NumPy and `PyTorch` give them.
    pub(crate) fn small_integers(
        &self,
        name: &str,
        shape: &[usize],
    ) -> Result<Zeroizing<Vec<u8>>, ModelError> {
        let dtype = self.0.tensor(name).map_err(|_| fault(name, "missing"))?.dtype();
        if dtype == Dtype::I32 {
            small(name, words(self.tensor(name, dtype, shape)?.data()).map(i32::from_le_bytes))
        } else if dtype == Dtype::I64 {
            small(name, words(self.tensor(name, dtype, shape)?.data()).map(i64::from_le_bytes))
        } else {
            self.bytes(name, shape).map(Zeroizing::new)
        }
    }

    /// The shape of a tensor, whatever its type.
    pub(crate) fn shape(&self, name: &str) -> Result<Vec<usize>, ModelError> {
        let tensor = self.0.tensor(name).map_err(|_| fault(name, "missing"))?;
        Ok(tensor.shape().to_vec())
    }

    fn tensor(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<TensorView<'a>, ModelError> {
        let tensor = self.0.tensor(name).map_err(|_| fault(name, "missing"))?;
        if tensor.dtype() != dtype {
            return Err(fault(name, &format!("has type {:?}, expected {dtype:?}", tensor.dtype())));
        }
        if tensor.shape() != shape {
            return Err(fault(name, &format!("has shape {:?}, expected {shape:?}", tensor.shape())));
        }
        Ok(tensor)
    }
}

impl fmt::Debug for Tensors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tensors").field(&self.0.len()).finish()
    }
}

/// Something is wrong with a tensor.
pub(crate) fn fault(tensor: &str, reason: &str) -> ModelError {
    ModelError::Tensor { tensor: tensor.into(), reason: printable(reason) }
}

/// Integers as bytes, in one allocation.
fn small<T: TryInto<u8> + Display + Copy>(
    name: &str,
    integers: impl ExactSizeIterator<Item = T>,
) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(integers.len()));
    for (at, integer) in integers.enumerate() {
        let byte = integer
            .try_into()
            .map_err(|_| fault(name, &format!("number {at} is {integer}, 0 to 255 are possible")))?;
        bytes.push(byte);
    }
    Ok(bytes)
}

/// The little-endian words of a tensor; the library has checked that their size divides its length.
fn words<const N: usize>(data: &[u8]) -> impl ExactSizeIterator<Item = [u8; N]> + '_ {
    data.as_chunks::<N>().0.iter().copied()
}

//! Tensors of a safetensors file, with the types and shapes the description demands.

use crate::model::error::printable;
use crate::model::{ModelError, limits};
use core::fmt;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// The header of a safetensors file, parsed: the library's own parser, with a bound on what it may be given.
///
/// # Errors
/// [`ModelError::TooLarge`] for a header above [`limits::TENSOR_HEADER_BYTES`], [`ModelError::Syntax`] for anything that is not
/// safetensors.
pub fn safetensors(bytes: &[u8]) -> Result<SafeTensors<'_>, ModelError> {
    // The library would allow a header of 100 MB, and JSON takes many times its size in memory.
    if let Some(length) = bytes.first_chunk().map(|length| u64::from_le_bytes(*length))
        && length > limits::TENSOR_HEADER_BYTES
    {
        return Err(ModelError::TooLarge(limits::TENSOR_HEADER_BYTES));
    }
    SafeTensors::deserialize(bytes).map_err(|error| ModelError::Syntax(printable(&error.to_string())))
}

/// The tensors of a file, borrowed from its bytes.
pub(crate) struct Tensors<'a>(SafeTensors<'a>);

impl<'a> Tensors<'a> {
    /// As [`safetensors`].
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        safetensors(bytes).map(Self)
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

/// The little-endian words of a tensor; the library has checked that their size divides its length.
fn words<const N: usize>(data: &[u8]) -> impl ExactSizeIterator<Item = [u8; N]> + '_ {
    data.as_chunks::<N>().0.iter().copied()
}

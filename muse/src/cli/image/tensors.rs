//! Safetensors files: the tensor `images`, or the only one there is.

use super::array::{Array, Element, wrong_type};
use muse::model::limits;
use safetensors::{Dtype, SafeTensors};

/// The array of a file.
///
/// # Errors
/// What is wrong, to be put behind the file's name.
pub(super) fn parse(bytes: &[u8]) -> Result<Array<'_>, String> {
    // The library would allow a header of 100 MB, and JSON takes many times its size in memory.
    let header = bytes.first_chunk().map(|length| u64::from_le_bytes(*length));
    if header.is_none_or(|length| length > limits::TENSOR_HEADER_BYTES) {
        return Err("is neither a PNG image nor an array of NumPy (.npy) or safetensors".to_owned());
    }
    let tensors =
        SafeTensors::deserialize(bytes).map_err(|e| format!("is a damaged .safetensors file: {e}"))?;
    let tensor = match tensors.tensor("images") {
        Ok(tensor) => tensor,
        Err(_) => match tensors.iter().next() {
            Some((_, tensor)) if tensors.len() == 1 => tensor,
            _ => return Err(format!("has {} tensors, none of them named \"images\"", tensors.len())),
        },
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "the list of types grows, and these are taken")]
    let element = match tensor.dtype() {
        Dtype::U8 => Element::U8,
        Dtype::U16 => Element::U16,
        Dtype::F32 => Element::F32,
        Dtype::F64 => Element::F64,
        other => return Err(wrong_type(&other.to_string())),
    };
    Ok(Array { element, shape: tensor.shape().to_vec(), data: tensor.data() })
}

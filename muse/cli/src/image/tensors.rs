//! Safetensors files: the tensor `images`, or the only one there is.

use super::array::{Array, Bytes, Element, wrong_type};
use muse::model::{ModelError, load};
use safetensors::Dtype;

/// The array of a file.
///
/// # Errors
/// What is wrong, to be put behind the file's name.
pub fn parse(bytes: &[u8]) -> Result<Array<'_>, String> {
    let tensors = load::safetensors(bytes).map_err(|error| {
        let reason = if let ModelError::Syntax(reason) = error { reason } else { error.to_string() };
        format!("is a damaged .safetensors file: {reason}")
    })?;
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
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
        Dtype::F32 => Element::F32,
        Dtype::F64 => Element::F64,
        other => return Err(wrong_type(&other.to_string())),
    };
    Ok(Array { element, shape: tensor.shape().to_vec(), data: Bytes::Borrowed(tensor.data()) })
}

//! Files that are given for a network's and are none, known by their first bytes.

use crate::model::ModelError;

/// What to do with a file that begins like this, if it is of a kind that is often given instead.
pub(in crate::model) fn mistaken(head: &[u8]) -> Option<ModelError> {
    let advice = match head {
        // An archive, as PyTorch saves today; a pickle, as it did before.
        [b'P', b'K', 3, 4, ..] | [0x80, 2..=5, ..] => {
            "a PyTorch checkpoint or an archive: export the network with torch.onnx.export"
        }
        // The length of a header that is an object of JSON; there is no JSON with zeros in it.
        [_, _, _, _, 0, 0, 0, 0, b'{', ..] => {
            "weights without layers: give the .json beside it, which describes them, or export the network with torch.onnx.export"
        }
        _ => return None,
    };
    Some(ModelError::NotAModel(advice))
}

/// How much of a file [`mistaken`] looks at.
pub(super) const HEAD: u64 = 9;

//! Test images with their labels and the results a network must give for them.

use super::load::Tensors;
use super::{InputSpec, ModelError};

/// Images, labels, and the exact logits of the network they were made for.
#[derive(Clone, Debug)]
pub struct Samples {
    images: Vec<u8>,
    image_len: usize,
    labels: Vec<u8>,
    logits: Vec<i64>,
    logit_len: usize,
}

impl Samples {
    /// Reads a safetensors file with `images` (n x channels x height x width bytes), `labels` (n bytes) and `logits_fixed`
    /// (n x outputs 64-bit integers).
    ///
    /// # Errors
    /// A [`ModelError`] about the tensor that is missing or has another type or shape; the images must be of `input`'s size.
    pub fn from_bytes(bytes: &[u8], input: &InputSpec) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(bytes)?;
        let logit_shape = tensors.shape("logits_fixed")?;
        let (count, logit_len) = match logit_shape.as_slice() {
            &[count, length] if length > 0 => (count, length),
            _ => {
                let reason = "expected one row per image".into();
                return Err(ModelError::Tensor { tensor: "logits_fixed".into(), reason });
            }
        };
        Ok(Self {
            images: tensors.bytes("images", &[count, input.channels, input.height, input.width])?,
            image_len: input.elements(),
            labels: tensors.bytes("labels", &[count])?,
            logits: tensors.integers("logits_fixed", &logit_shape)?,
            logit_len,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The bytes of image `index`, plane after plane, row-major.
    ///
    /// # Panics
    /// If there is no such image; so do the other accessors.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        &self.images[index * self.image_len..][..self.image_len]
    }

    /// What image `index` shows: the index of a class.
    #[must_use]
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// The exact logits of the network the samples belong to, in the signed reading.
    #[must_use]
    pub fn logits(&self, index: usize) -> &[i64] {
        &self.logits[index * self.logit_len..][..self.logit_len]
    }
}

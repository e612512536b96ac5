//! Test images with their labels and the results a network must give for them.

use super::labelled::LabelledImages;
use super::load::{Tensors, fault};
use super::sniff::Wanted;
use super::{InputSpec, ModelError};

/// Images, labels, and the exact logits of the network they were made for.
#[derive(Clone, Debug)]
pub struct Samples {
    labelled: LabelledImages,
    logits: Vec<i64>,
    logit_len: usize,
}

impl Samples {
    /// Reads a safetensors file with `images` (n x channels x height x width bytes), `labels` (n bytes) and `logits_fixed`
    /// (n x outputs 64-bit integers).
    ///
    /// # Errors
    /// A [`ModelError`] about the tensor that is missing or has another type or shape, or about a label that is no output; the images
    /// must be of `input`'s size, and there must be one.
    pub fn from_bytes(bytes: &[u8], input: &InputSpec) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(bytes, Wanted::Samples)?;
        let shape = tensors.shape("logits_fixed")?;
        let logit_len = shape.last().copied().unwrap_or(0);
        let labelled = LabelledImages::from_tensors(&tensors, input, logit_len)?;
        if shape != [labelled.len(), logit_len] {
            return Err(fault("logits_fixed", "expected one row per image"));
        }
        let logits = tensors.integers("logits_fixed", &shape)?;
        Ok(Self { labelled, logits, logit_len })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labelled.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labelled.is_empty()
    }

    /// The bytes of image `index`, plane after plane, row-major.
    ///
    /// # Panics
    /// If there is no such image; so do the other accessors.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        self.labelled.image(index)
    }

    /// What image `index` shows: the index of a class.
    #[must_use]
    pub fn label(&self, index: usize) -> u8 {
        self.labelled.label(index)
    }

    /// The exact logits of the network the samples belong to, in the signed reading.
    #[must_use]
    pub fn logits(&self, index: usize) -> &[i64] {
        &self.logits[index * self.logit_len..][..self.logit_len]
    }

    pub(super) fn into_labelled(self) -> LabelledImages {
        self.labelled
    }
}

//! Labelled images from a file, to measure accuracy with.

use super::load::{Tensors, fault, read_bounded, shown};
use super::{InputSpec, ModelError, limits, shipped};
use core::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// Images of 8 bits with what they show. Wiped on drop, and `Debug` shows none of them.
#[derive(Clone)]
pub struct LabelledImages {
    images: Zeroizing<Vec<u8>>,
    image_len: usize,
    labels: Zeroizing<Vec<u8>>,
}

impl LabelledImages {
    /// Reads a safetensors file with `images` (n x channels x height x width bytes) and `labels` (n bytes), the form of the shipped
    /// samples; other tensors are ignored. `outputs` is how many classes there are.
    ///
    /// # Errors
    /// A [`ModelError`] that names the file and the tensor: missing, of another type or shape, no image, or a label that is no class.
    pub fn open(path: &Path, input: &InputSpec, outputs: usize) -> Result<Self, ModelError> {
        let bytes = read_bounded(path, limits::TENSOR_BYTES)?;
        Self::from_bytes(&bytes, input, outputs).map_err(|error| error.in_file(shown(path)))
    }

    /// The same from the bytes of the file.
    ///
    /// # Errors
    /// As [`open`](Self::open), without the file's name.
    pub fn from_bytes(bytes: &[u8], input: &InputSpec, outputs: usize) -> Result<Self, ModelError> {
        Self::from_tensors(&Tensors::parse(bytes)?, input, outputs)
    }

    pub(super) fn from_tensors(
        tensors: &Tensors<'_>,
        input: &InputSpec,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        let count = *tensors
            .shape("labels")?
            .first()
            .ok_or_else(|| fault("labels", "expected one byte per image"))?;
        let labels = Zeroizing::new(tensors.bytes("labels", &[count])?);
        let images = tensors.bytes("images", &[count, input.channels, input.height, input.width])?;
        if count == 0 {
            return Err(fault("images", "there are none"));
        }
        if let Some(at) = labels.iter().position(|&label| usize::from(label) >= outputs) {
            let reason = format!("number {at} is {}, the network has {outputs} outputs", labels[at]);
            return Err(fault("labels", &reason));
        }
        Ok(Self { images: images.into(), image_len: input.elements(), labels })
    }

    /// The hundred digits inside this library.
    #[must_use]
    pub fn shipped_mnist() -> Self {
        shipped::mnist_samples().into_labelled()
    }

    /// Keeps the first `count`, if there are more.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        self.labels.truncate(count);
        self.images.truncate(self.labels.len() * self.image_len);
        self
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
    /// If there is no such image.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        &self.images[index * self.image_len..][..self.image_len]
    }

    /// What image `index` shows: the index of a class.
    ///
    /// # Panics
    /// If there is no such image.
    #[must_use]
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// Every image with its label.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], usize)> {
        self.images.chunks_exact(self.image_len).zip(self.labels.iter().map(|&label| usize::from(label)))
    }
}

impl fmt::Debug for LabelledImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelledImages").field("len", &self.len()).finish_non_exhaustive()
    }
}

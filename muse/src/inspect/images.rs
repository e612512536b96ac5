//! Labelled images from a file, to measure accuracy with.

use crate::model::{InputSpec, ModelError, limits, load, load::Tensors, shipped};
use std::path::Path;

/// Images of 8 bits with what they show.
#[derive(Clone, Debug)]
pub struct LabelledImages {
    images: Vec<u8>,
    image_len: usize,
    labels: Vec<u8>,
}

impl LabelledImages {
    /// Reads a safetensors file with `images` (n x channels x height x width bytes) and `labels` (n bytes), the form of the shipped
    /// samples; other tensors are ignored. `outputs` is how many classes there are.
    ///
    /// # Errors
    /// A [`ModelError`] that names the file and the tensor: missing, of another type or shape, no image, or a label that is no class.
    pub fn open(path: &Path, input: &InputSpec, outputs: usize) -> Result<Self, ModelError> {
        let bytes = load::read(path, limits::TENSOR_BYTES)?;
        let parsed = Self::from_bytes(&bytes, input, outputs);
        parsed.map_err(|error| error.in_file(path.display().to_string()))
    }

    /// The same from the bytes of the file.
    ///
    /// # Errors
    /// As [`open`](Self::open), without the file's name.
    pub fn from_bytes(bytes: &[u8], input: &InputSpec, outputs: usize) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(bytes)?;
        let count = *tensors
            .shape("labels")?
            .first()
            .ok_or_else(|| fault("labels", "expected one byte per image"))?;
        let labels = tensors.bytes("labels", &[count])?;
        let images = tensors.bytes("images", &[count, input.channels, input.height, input.width])?;
        if count == 0 {
            return Err(fault("images", "there are none"));
        }
        if let Some(at) = labels.iter().position(|&label| usize::from(label) >= outputs) {
            let reason = format!("number {at} is {}, the network has {outputs} outputs", labels[at]);
            return Err(fault("labels", &reason));
        }
        Ok(Self { images, image_len: input.elements(), labels })
    }

    /// The hundred digits inside this library.
    #[must_use]
    pub fn shipped_mnist() -> Self {
        let samples = shipped::mnist_samples();
        let indices = 0..samples.len();
        Self {
            images: indices.clone().flat_map(|index| samples.image(index).iter().copied()).collect(),
            image_len: samples.image(0).len(),
            labels: indices.map(|index| samples.label(index)).collect(),
        }
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
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Every image with its label.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], usize)> {
        self.images.chunks_exact(self.image_len).zip(self.labels.iter().map(|&label| usize::from(label)))
    }
}

fn fault(tensor: &str, reason: &str) -> ModelError {
    ModelError::Tensor { tensor: tensor.into(), reason: reason.into() }
}

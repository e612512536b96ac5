//! Labelled images from a file, to measure accuracy with.

use super::load::{Tensors, fault, read_bounded, shown};
use super::sniff::Wanted;
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
    /// Reads a safetensors file with `images` (n x channels x height x width bytes) and `labels` (n bytes, or integers of 32 or 64 bits
    /// that are as small), the form of the shipped samples; other tensors are ignored. `outputs` is how many classes there are.
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
        Self::from_tensors(&Tensors::parse(bytes, Wanted::Samples)?, input, outputs)
    }

    pub(super) fn from_tensors(
        tensors: &Tensors<'_>,
        input: &InputSpec,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        let count =
            *tensors.shape("labels")?.first().ok_or_else(|| fault("labels", "expected one per image"))?;
        let labels = tensors.small_integers("labels", &[count])?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Normalisation;
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;

    /// Two images of one pixel for a network of five outputs, with these labels.
    fn labelled(dtype: Dtype, bytes: &[u8]) -> Result<LabelledImages, ModelError> {
        let input =
            InputSpec { channels: 1, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
        let images = TensorView::new(Dtype::U8, vec![2, 1, 1, 1], &[7, 8]).unwrap();
        let labels = TensorView::new(dtype, vec![2], bytes).unwrap();
        let file = safetensors::serialize([("images", images), ("labels", labels)], None).unwrap();
        LabelledImages::from_bytes(&file, &input, 5)
    }

    #[test]
    fn labels_of_the_types_that_arrays_have() {
        fn bytes<const N: usize>(labels: [[u8; N]; 2]) -> Vec<u8> {
            labels.concat()
        }
        for (dtype, good) in [
            (Dtype::U8, vec![3, 4]),
            (Dtype::I32, bytes([3i32, 4].map(i32::to_le_bytes))),
            (Dtype::I64, bytes([3i64, 4].map(i64::to_le_bytes))),
        ] {
            let images = labelled(dtype, &good).unwrap();
            assert_eq!(images.iter().map(|(_, label)| label).collect::<Vec<_>>(), [3, 4], "{dtype:?}");
        }
        for (dtype, bad, reason) in [
            (Dtype::U8, vec![0, 5], "number 1 is 5, the network has 5 outputs"),
            (Dtype::I32, bytes([5i32, 0].map(i32::to_le_bytes)), "number 0 is 5, the network has 5 outputs"),
            (Dtype::I64, bytes([0i64, 255].map(i64::to_le_bytes)), "number 1 is 255, the network has"),
            (Dtype::I32, bytes([0i32, -1].map(i32::to_le_bytes)), "number 1 is -1, 0 to 255 are possible"),
            (Dtype::I64, bytes([256i64, 0].map(i64::to_le_bytes)), "number 0 is 256, 0 to 255"),
            (Dtype::I64, bytes([1i64 << 32, 0].map(i64::to_le_bytes)), "number 0 is 4294967296, 0"),
            (Dtype::I64, bytes([i64::MIN, 0].map(i64::to_le_bytes)), "number 0 is -9223372036854775808"),
            (Dtype::F32, bytes([[0; 4]; 2]), "has type F32"),
        ] {
            let error = labelled(dtype, &bad).unwrap_err().to_string();
            assert!(error.contains("\"labels\"") && error.contains(reason), "{dtype:?}: {error}");
        }
    }
}

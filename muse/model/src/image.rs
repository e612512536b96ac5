//! Images in memory: the input of a client.

pub(super) mod encode;

use super::{Extent, ModelError, input::check_size};
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// An image: `channels` planes of `height` x `width` samples, row-major, plane after plane.
///
/// ```
/// # use muse_model::Image;
/// let digit = Image::new(1, 28, 28, vec![0u8; 784])?;
/// let photo = Image::new(3, 32, 32, vec![0u16; 3 * 32 * 32])?;
/// let tensor = Image::new(3, 32, 32, vec![-1.5f32; 3 * 32 * 32])?;
/// # Ok::<(), muse_model::ModelError>(())
/// ```
///
/// The client's secret: wiped when dropped, and `Debug` shows its size only. See
/// [`Architecture::encode`](super::Architecture::encode) for what becomes of the samples.
#[derive(ZeroizeOnDrop)]
pub struct Image {
    #[zeroize(skip)]
    channels: usize,
    #[zeroize(skip)]
    height: usize,
    #[zeroize(skip)]
    width: usize,
    pixels: Pixels,
}

/// The samples of an image. Wiped when dropped, and `Debug` shows none of them.
#[derive(Zeroize, ZeroizeOnDrop)]
#[non_exhaustive]
pub enum Pixels {
    /// Pixels of 8 bits: level `value / 255`. The network's normalisation applies.
    U8(Vec<u8>),
    /// Pixels of 16 bits: level `value / 65535`. The network's normalisation applies.
    U16(Vec<u16>),
    /// The network's own input values: normalisation, if the network wants any, is done already.
    F32(Vec<f32>),
}

impl Image {
    /// An image of this size; `pixels` is a `Vec` of `u8`, `u16` or `f32`.
    ///
    /// # Errors
    /// [`ModelError::InputSize`] for a size that no network takes, [`ModelError::ImageSize`] unless there is a sample for every pixel of
    /// every channel, [`ModelError::ImageNotFinite`] for a sample that is not finite.
    pub fn new(
        channels: usize,
        height: usize,
        width: usize,
        pixels: impl Into<Pixels>,
    ) -> Result<Self, ModelError> {
        let pixels = pixels.into();
        check_size(channels, height, width)?;
        let (expected, found) = (channels * height * width, pixels.len());
        if expected != found {
            return Err(ModelError::ImageSize { expected, found });
        }
        if let Pixels::F32(values) = &pixels
            && let Some(at) = values.iter().position(|value| !value.is_finite())
        {
            let (channel, row, column) = place(at, height, width);
            return Err(ModelError::ImageNotFinite { channel, row, column });
        }
        Ok(Self { channels, height, width, pixels })
    }

    /// Planes.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The samples.
    #[must_use]
    pub const fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    pub(super) const fn extent(&self) -> Extent {
        Extent { channels: self.channels, height: self.height, width: self.width }
    }
}

/// Channel, row and column of value `at` of an image with planes of this size.
const fn place(at: usize, height: usize, width: usize) -> (usize, usize, usize) {
    let (channel, rest) = (at / (height * width), at % (height * width));
    (channel, rest / width, rest % width)
}

impl Pixels {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Vec<u8>> for Pixels {
    fn from(values: Vec<u8>) -> Self {
        Self::U8(values)
    }
}

impl From<Vec<u16>> for Pixels {
    fn from(values: Vec<u16>) -> Self {
        Self::U16(values)
    }
}

impl From<Vec<f32>> for Pixels {
    fn from(values: Vec<f32>) -> Self {
        Self::F32(values)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("channels", &self.channels)
            .field("height", &self.height)
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::U8(_) => "U8",
            Self::U16(_) => "U16",
            Self::F32(_) => "F32",
        };
        f.debug_tuple(kind).finish_non_exhaustive()
    }
}

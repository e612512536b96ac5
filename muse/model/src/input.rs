//! The input that a network takes: its shape and its normalisation.

use super::{ModelError, Normalisation, limits};

/// The input of a network: `channels` planes of `height` x `width`, row-major, plane after plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSpec {
    /// Planes: 1 for grey, 3 for red, green, blue in this order.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// How a pixel becomes a number.
    pub normalisation: Normalisation,
}

impl InputSpec {
    /// Samples of an image, which is also the number of field elements.
    #[must_use]
    pub const fn elements(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Whether it is a vector rather than an image: one row of one channel, or one pixel of many. Its values have no neighbours, so nothing
    /// that is stretched fits it.
    #[must_use]
    pub const fn is_vector(&self) -> bool {
        self.height == 1 && (self.channels == 1 || self.width == 1)
    }

    /// Checks the limits, after which [`Self::elements`] cannot overflow.
    ///
    /// # Errors
    /// A [`ModelError`] that says what is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        check_size(self.channels, self.height, self.width)?;
        self.normalisation.check(self.channels)
    }
}

/// Checks the size of an image, after which the product of the three cannot overflow.
pub(crate) const fn check_size(channels: usize, height: usize, width: usize) -> Result<(), ModelError> {
    let sides = height >= 1 && width >= 1 && height <= limits::SIDE && width <= limits::SIDE;
    // Below 2^16 * 2^24: no overflow even where the product is too large.
    if sides && channels >= 1 && channels <= limits::CHANNELS {
        let elements = channels as u64 * (height * width) as u64;
        if elements <= limits::ELEMENTS as u64 {
            return Ok(());
        }
    }
    Err(ModelError::InputSize { channels, height, width })
}

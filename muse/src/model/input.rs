//! What a network takes: an image, and how its bytes become field elements.

use super::{ModelError, limits};

/// The input of a network: `channels` planes of `height` x `width`, row-major, plane after plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSpec {
    /// Planes: 1 for grey, 3 for red, green, blue in this order.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// How a byte becomes a number.
    pub normalisation: Normalisation,
}

/// How the byte of a pixel becomes a number. Anything affine beyond this folds into the first layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Normalisation {
    /// pixel / 255, in `[0, 1]`; in fixed point `(pixel * 2^f + 127) div 255`, in `[0, 2^f]`.
    UnitInterval,
}

impl InputSpec {
    /// Bytes of an image, which is also the number of field elements.
    #[must_use]
    pub const fn elements(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Checks the limits, after which [`Self::elements`] cannot overflow.
    pub(crate) const fn check(&self) -> Result<(), ModelError> {
        let Self { channels, height, width, .. } = *self;
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
}

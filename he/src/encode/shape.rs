//! The public dimensions of a linear layer.

use crate::error::{Error, Misuse};

/// The public dimensions of one linear layer: a convolution, or a dense layer as a convolution of a 1 x 1 image.
///
/// Inputs are row-major `in_channels x height x width`, weights `out_channels x in_channels x kernel x kernel`, outputs
/// `out_channels x out_height x out_width`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinearShape {
    /// Channels of the input, at least 1.
    pub in_channels: usize,
    /// Rows of the input image, without padding.
    pub height: usize,
    /// Columns of the input image, without padding.
    pub width: usize,
    /// Channels of the output, at least 1.
    pub out_channels: usize,
    /// Side of the square kernel, at least 1 and at most the padded image.
    pub kernel: usize,
    /// Rows and columns of zeros around the image, on each side.
    pub padding: usize,
    /// Step between neighbouring outputs, at least 1.
    pub stride: usize,
}

impl LinearShape {
    /// Largest side of a padded image, and largest stride.
    pub const MAX_SIDE: usize = 1 << 12;
    /// Largest number of channels on either side.
    pub const MAX_CHANNELS: usize = 1 << 16;
    /// Largest number of inputs, of outputs, and of weights of a layer.
    pub const MAX_ELEMENTS: usize = 1 << 26;

    /// A matrix-vector product: `outputs x inputs` weights, row-major.
    #[must_use]
    pub const fn dense(inputs: usize, outputs: usize) -> Self {
        Self {
            in_channels: inputs,
            height: 1,
            width: 1,
            out_channels: outputs,
            kernel: 1,
            padding: 0,
            stride: 1,
        }
    }

    /// Checks every dimension against the limits above, so that no later size computation can overflow.
    ///
    /// # Errors
    ///
    /// [`Misuse::Shape`] when a dimension is zero or too large, or the kernel does not fit the padded image. Shapes come from
    /// a peer's card, so this is the place where hostile numbers end.
    pub fn validate(&self) -> Result<(), Error> {
        let within = |value: usize, limit: usize| (1..=limit).contains(&value);
        let sides = within(self.height, Self::MAX_SIDE)
            && within(self.width, Self::MAX_SIDE)
            && self.padding <= Self::MAX_SIDE / 2
            && within(self.padded_height(), Self::MAX_SIDE)
            && within(self.padded_width(), Self::MAX_SIDE)
            && within(self.stride, Self::MAX_SIDE);
        let kernel = sides && within(self.kernel, self.padded_height().min(self.padded_width()));
        let channels =
            within(self.in_channels, Self::MAX_CHANNELS) && within(self.out_channels, Self::MAX_CHANNELS);
        let elements = |factors: [usize; 4]| {
            let count = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor));
            count.is_some_and(|count| count <= Self::MAX_ELEMENTS)
        };
        let (inputs, outputs) = (self.in_channels, self.out_channels);
        let fits = kernel
            && channels
            && elements([inputs, self.height, self.width, 1])
            && elements([outputs, self.out_height(), self.out_width(), 1])
            && elements([outputs, inputs, self.kernel, self.kernel]);
        if fits { Ok(()) } else { Err(Misuse::Shape.into()) }
    }

    /// Number of input elements.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        self.in_channels * self.height * self.width
    }

    /// Number of output elements.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.out_channels * self.out_height() * self.out_width()
    }

    /// Number of weights.
    #[must_use]
    pub const fn weights(&self) -> usize {
        self.out_channels * self.taps()
    }

    /// Number of weights that one output sums over.
    #[must_use]
    pub const fn taps(&self) -> usize {
        self.in_channels * self.kernel * self.kernel
    }

    /// Rows of the output image.
    #[must_use]
    pub const fn out_height(&self) -> usize {
        (self.padded_height() - self.kernel) / self.stride + 1
    }

    /// Columns of the output image.
    #[must_use]
    pub const fn out_width(&self) -> usize {
        (self.padded_width() - self.kernel) / self.stride + 1
    }

    pub(super) const fn padded_height(&self) -> usize {
        self.height + 2 * self.padding
    }

    pub(super) const fn padded_width(&self) -> usize {
        self.width + 2 * self.padding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_known_layers() {
        let conv = LinearShape {
            in_channels: 3,
            height: 32,
            width: 32,
            out_channels: 64,
            kernel: 3,
            padding: 1,
            stride: 1,
        };
        assert_eq!((conv.inputs(), conv.outputs(), conv.weights(), conv.taps()), (3072, 65536, 1728, 27));
        let strided = LinearShape { stride: 2, ..conv };
        assert_eq!((strided.out_height(), strided.out_width()), (16, 16));
        let dense = LinearShape::dense(256, 100);
        assert_eq!((dense.inputs(), dense.outputs(), dense.weights(), dense.taps()), (256, 100, 25600, 256));
    }

    #[test]
    fn hostile_dimensions_are_refused() {
        let good = LinearShape {
            in_channels: 2,
            height: 4,
            width: 4,
            out_channels: 2,
            kernel: 3,
            padding: 1,
            stride: 1,
        };
        good.validate().unwrap();
        for bad in [
            LinearShape { in_channels: 0, ..good },
            LinearShape { out_channels: 0, ..good },
            LinearShape { height: 0, ..good },
            LinearShape { width: 0, ..good },
            LinearShape { kernel: 0, ..good },
            LinearShape { stride: 0, ..good },
            LinearShape { kernel: 7, ..good },
            LinearShape { padding: usize::MAX, ..good },
            LinearShape { padding: usize::MAX / 2 + 1, ..good },
            LinearShape { height: usize::MAX, ..good },
            LinearShape { in_channels: usize::MAX, ..good },
            LinearShape { stride: usize::MAX, ..good },
            LinearShape { in_channels: 1 << 16, out_channels: 1 << 16, ..good },
            LinearShape { in_channels: 1 << 16, height: 1 << 11, width: 1 << 11, ..good },
        ] {
            assert_eq!(bad.validate(), Err(Error::Misuse(Misuse::Shape)), "{bad:?}");
        }
    }
}

//! Sizes along a network: what flows between layers, and whether one layer fits the one before it.

use super::{InputSpec, LayerFault, limits};
use core::fmt;
use muse_he::encode::LinearShape;

/// What flows from one layer to the next: `channels` planes of `height` x `width`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Channels.
    pub channels: usize,
    /// Rows of a channel.
    pub height: usize,
    /// Columns of a channel.
    pub width: usize,
}

impl Extent {
    /// That of a network's input.
    #[must_use]
    pub const fn of_input(input: &InputSpec) -> Self {
        Self { channels: input.channels, height: input.height, width: input.width }
    }

    /// Numbers in it.
    #[must_use]
    pub const fn elements(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// A convolution of this. Not checked yet: see `check_shape`.
    #[must_use]
    pub const fn convolution(
        &self,
        out_channels: usize,
        kernel: usize,
        padding: usize,
        stride: usize,
    ) -> LinearShape {
        let Self { channels: in_channels, height, width } = *self;
        LinearShape { in_channels, height, width, out_channels, kernel, padding, stride }
    }

    /// A dense layer of this, flattened. Not checked yet: see `check_shape`.
    #[must_use]
    pub const fn dense(&self, outputs: usize) -> LinearShape {
        LinearShape::dense(self.elements(), outputs)
    }

    /// Whether a layer of this shape takes this, as it is or flattened.
    ///
    /// # Errors
    /// A [`LayerFault`] that says what does not fit.
    pub fn check_followed_by(&self, shape: &LinearShape) -> Result<(), LayerFault> {
        let taken = Self { channels: shape.in_channels, height: shape.height, width: shape.width };
        if taken == *self || *shape == self.dense(shape.out_channels) {
            return Ok(());
        }
        Err(LayerFault::DoesNotFollow { expected: taken.to_string(), found: self.to_string() })
    }

    /// What a layer of this (checked) shape produces, before pooling.
    #[must_use]
    pub fn after(shape: &LinearShape) -> Self {
        Self { channels: shape.out_channels, height: shape.out_height(), width: shape.out_width() }
    }

    /// What flows out of a layer, pooled or not, once its shape and pooling are checked.
    ///
    /// # Errors
    /// A [`LayerFault`] that says what does not fit.
    pub fn flow(shape: &LinearShape, sum_pool: Option<usize>) -> Result<Self, LayerFault> {
        check_shape(shape)?;
        let after = Self::after(shape);
        match sum_pool {
            None => Ok(after),
            // An odd last row or column is dropped.
            Some(2) if after.height >= 2 && after.width >= 2 => {
                Ok(Self { height: after.height / 2, width: after.width / 2, ..after })
            }
            Some(_) => Err(LayerFault::Pool),
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} x {}", self.channels, self.height, self.width)
    }
}

/// Checks every number of a shape, in an order in which nothing overflows; afterwards its methods may be called.
pub(crate) fn check_shape(shape: &LinearShape) -> Result<(), LayerFault> {
    let LinearShape { in_channels, height, width, out_channels, kernel, padding, stride } = *shape;
    let within = |value: usize, limit: usize, what| match value {
        0 => Err(LayerFault::Size(what)),
        v if v > limit => Err(LayerFault::Size(what)),
        _ => Ok(()),
    };
    within(in_channels, limits::CHANNELS, "number of input channels")?;
    within(out_channels, limits::CHANNELS, "number of output channels")?;
    within(height, limits::SIDE, "height")?;
    within(width, limits::SIDE, "width")?;
    within(kernel, limits::KERNEL, "kernel")?;
    within(stride, limits::KERNEL, "stride")?;
    within(padding.saturating_add(1), kernel, "padding")?;
    let (rows, columns) = (height + 2 * padding, width + 2 * padding);
    within(rows.max(columns), limits::SIDE, "padded side")?;
    if kernel > rows || kernel > columns {
        return Err(LayerFault::KernelTooLarge);
    }
    // From here on saturating products: a saturated one is above every limit.
    let product = |factors: &[usize]| factors.iter().fold(1usize, |acc, &x| acc.saturating_mul(x));
    within(product(&[in_channels, rows, columns]), limits::ELEMENTS, "number of inputs (padding included)")?;
    within(product(&[out_channels, in_channels, kernel, kernel]), limits::WEIGHTS, "number of weights")?;
    let (out_rows, out_columns) = ((rows - kernel) / stride + 1, (columns - kernel) / stride + 1);
    within(product(&[out_channels, out_rows, out_columns]), limits::ELEMENTS, "number of outputs")
}

//! Where everything sits: the geometry of a tiled layer.

use alloc::vec::Vec;
use core::ops::Range;

use super::{LinearShape, Tiling};
use crate::error::{Error, Misuse};

/// What one coefficient of a packed input stands for. Everything but an element is a constraint that the client could
/// break, and that the malicious mode checks with the MACs of all coefficients (protocol, section 4.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The layer's input with this index.
    Element(usize),
    /// The same input again, because neighbouring blocks overlap; the first occurrence is named.
    Copy {
        /// Index of the input.
        element: usize,
        /// Ciphertext in which the input occurs first.
        tile: usize,
        /// Its coefficient there.
        position: usize,
    },
    /// Padding, a gap, or an unused coefficient: zero in an honest ciphertext.
    Zero,
}

/// The layout of one linear layer over ciphertexts ("tiles") and replies ("groups"), computed on demand from a few integers.
///
/// Tiles are ordered by block of the image (row-major), then by input channels; groups by block, then by output channels. Group
/// `g` sums the products with [`tiles_of(g)`](Self::tiles_of). Both orders are the orders on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    pub(super) n: usize,
    pub(super) shape: LinearShape,
    pub(super) tiling: Tiling,
    /// Blocks of the padded image: rows and columns of blocks.
    pub(super) blocks: (usize, usize),
    /// Input tiles and output tiles of one block.
    pub(super) ins: usize,
    pub(super) outs: usize,
}

impl Layout {
    /// The layout of `shape` at ring dimension `n` under `tiling`.
    ///
    /// # Errors
    ///
    /// [`Misuse::Shape`] if the shape is invalid or the tiling does not fit it: a zero or oversized number of channels, a block
    /// smaller than the kernel or larger than the padded image, or more than `n` coefficients.
    pub fn new(n: usize, shape: LinearShape, tiling: Tiling) -> Result<Self, Error> {
        shape.validate()?;
        let Tiling { cw, mw, bh, bw } = tiling;
        let fits = (1..=shape.in_channels).contains(&cw)
            && (1..=shape.out_channels).contains(&mw)
            && (shape.kernel..=shape.padded_height()).contains(&bh)
            && (shape.kernel..=shape.padded_width()).contains(&bw)
            && cw as u128 * mw as u128 * (bh * bw) as u128 <= n as u128;
        if !fits {
            return Err(Misuse::Shape.into());
        }
        let (ins, outs) = (shape.in_channels.div_ceil(cw), shape.out_channels.div_ceil(mw));
        Ok(Self { n, shape, tiling, blocks: tiling.blocks(&shape), ins, outs })
    }

    /// The layout with the cheapest tiling; `last` says whether this is the network's last layer. See [`Tiling::search`].
    ///
    /// # Errors
    ///
    /// [`Misuse::Shape`] as [`Tiling::search`].
    pub fn best(n: usize, shape: LinearShape, last: bool) -> Result<Self, Error> {
        Self::new(n, shape, Tiling::search(n, &shape, last)?)
    }

    /// The ring dimension N.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.n
    }

    /// The layer.
    #[must_use]
    pub const fn shape(&self) -> &LinearShape {
        &self.shape
    }

    /// The tiling.
    #[must_use]
    pub const fn tiling(&self) -> &Tiling {
        &self.tiling
    }

    /// Number of ciphertexts that carry the layer's input.
    #[must_use]
    pub const fn input_count(&self) -> usize {
        self.blocks.0 * self.blocks.1 * self.ins
    }

    /// Number of groups: replies that carry the layer's output.
    #[must_use]
    pub const fn reply_count(&self) -> usize {
        self.blocks.0 * self.blocks.1 * self.outs
    }

    /// The ciphertexts whose products group `group` sums up.
    #[must_use]
    pub const fn tiles_of(&self, group: usize) -> Range<usize> {
        let first = group / self.outs * self.ins;
        first..first + self.ins
    }

    /// What coefficient `position` of ciphertext `tile` stands for.
    ///
    /// # Panics
    ///
    /// If `tile` or `position` is out of range.
    #[must_use]
    pub fn place(&self, tile: usize, position: usize) -> Place {
        assert!(tile < self.input_count() && position < self.n, "place out of range");
        let (LinearShape { height, width, padding, .. }, Tiling { cw, bw, .. }) = (self.shape, self.tiling);
        let (block, part) = (tile / self.ins, tile % self.ins);
        let (local, pixel) = (position / self.area(), position % self.area());
        if local >= self.channels(part).len() {
            return Place::Zero;
        }
        let (dh, dw) = self.steps();
        let (down, right) = (block / self.blocks.1, block % self.blocks.1);
        let (y, x) = (down * dh + pixel / bw, right * dw + pixel % bw);
        let inside = |at: usize, side: usize| (padding..padding + side).contains(&at);
        if !inside(y, height) || !inside(x, width) {
            return Place::Zero;
        }
        let element = ((part * cw + local) * height + y - padding) * width + x - padding;
        let (up, left) = (self.first_block_row(y), self.first_block_col(x));
        if (up, left) == (down, right) {
            return Place::Element(element);
        }
        let tile = (up * self.blocks.1 + left) * self.ins + part;
        Place::Copy { element, tile, position: local * self.area() + (y - up * dh) * bw + x - left * dw }
    }

    /// What the `n` coefficients of ciphertext `tile` stand for, in order.
    ///
    /// # Panics
    ///
    /// If `tile` is out of range.
    pub fn places(&self, tile: usize) -> impl Iterator<Item = Place> + use<> {
        let layout = *self;
        (0..layout.n).map(move |position| layout.place(tile, position))
    }

    /// The outputs that group `group` carries, as (coefficient, index of the output), both ascending within an output channel
    /// and the coefficients ascending throughout.
    pub fn outputs_of(&self, group: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let layout = *self;
        let stride = layout.shape.stride;
        let (dh, dw) = layout.steps();
        let block = group / layout.outs;
        let rows = strided(block / layout.blocks.1 * dh, dh, stride, layout.shape.out_height());
        let cols = strided(block % layout.blocks.1 * dw, dw, stride, layout.shape.out_width());
        layout.out_channels(group).enumerate().flat_map(move |(local, channel)| {
            let cols = cols.clone();
            rows.clone().flat_map(move |i| {
                cols.clone().map(move |j| {
                    let coefficient =
                        layout.top(local) + i * stride % dh * layout.tiling.bw + j * stride % dw;
                    let output = (channel * layout.shape.out_height() + i) * layout.shape.out_width() + j;
                    (coefficient, output)
                })
            })
        })
    }

    /// The wanted coefficients of group `group`, ascending.
    #[must_use]
    pub fn wanted(&self, group: usize) -> Vec<usize> {
        self.outputs_of(group).map(|(coefficient, _)| coefficient).collect()
    }

    /// A public bound on the l1 norm of all weights of one group, given a bound on the weights of one output.
    ///
    /// An output's weights are spread over all tiles of the group, and a group packs up to $M_w$ outputs into one polynomial.
    #[must_use]
    pub const fn max_l1(&self, bound_per_output: u64) -> u128 {
        bound_per_output as u128 * self.tiling.mw as u128
    }

    /// Number of weights in one group, at most: the factor of $(p - 1) / 2$ when every weight is multiplied by a uniform scalar
    /// modulo p.
    #[must_use]
    pub const fn max_taps(&self) -> u128 {
        self.shape.taps() as u128 * self.tiling.mw as u128
    }

    /// Coefficients of one channel of a block.
    pub(super) const fn area(&self) -> usize {
        self.tiling.bh * self.tiling.bw
    }

    /// Distance between the first rows, and the first columns, of neighbouring blocks.
    pub(super) const fn steps(&self) -> (usize, usize) {
        (self.tiling.bh - self.shape.kernel + 1, self.tiling.bw - self.shape.kernel + 1)
    }

    /// $T_o$: the coefficient of output (0, 0) of the `local`-th output channel of a group.
    pub(super) const fn top(&self, local: usize) -> usize {
        let corner = self.tiling.bw * (self.shape.kernel - 1) + self.shape.kernel - 1;
        self.area() * (self.tiling.cw * (local + 1) - 1) + corner
    }

    /// Input channels of the `part`-th tile of a block.
    pub(super) fn channels(&self, part: usize) -> Range<usize> {
        part * self.tiling.cw..self.shape.in_channels.min((part + 1) * self.tiling.cw)
    }

    /// Output channels of a group.
    pub(super) fn out_channels(&self, group: usize) -> Range<usize> {
        let part = group % self.outs;
        part * self.tiling.mw..self.shape.out_channels.min((part + 1) * self.tiling.mw)
    }

    /// First row of blocks that contains row `y` of the padded image.
    fn first_block_row(&self, y: usize) -> usize {
        (y + 1).saturating_sub(self.tiling.bh).div_ceil(self.steps().0)
    }

    /// First column of blocks that contains column `x` of the padded image.
    fn first_block_col(&self, x: usize) -> usize {
        (x + 1).saturating_sub(self.tiling.bw).div_ceil(self.steps().1)
    }
}

/// The output rows (or columns) `i < count` with `i * stride` in `start..start + step`.
fn strided(start: usize, step: usize, stride: usize, count: usize) -> Range<usize> {
    let last = (start + step).div_ceil(stride).min(count);
    start.div_ceil(stride).min(last)..last
}

//! Packing inputs and weights into polynomials, and outputs back into a vector.
//!
//! Loops run over public positions only, never over values: a zero weight costs what any other costs.

use alloc::{vec, vec::Vec};

use muse_field::Fp;

use super::{Layout, LinearShape, Tiling};

impl Layout {
    /// The plaintext polynomial of ciphertext `tile`: `n` coefficients, from the layer's whole input.
    ///
    /// # Panics
    ///
    /// If `tile` is out of range or `input` has another length than the layer.
    #[must_use]
    pub fn pack_input(&self, tile: usize, input: &[Fp]) -> Vec<Fp> {
        assert_eq!(input.len(), self.shape.inputs(), "input of another layer");
        assert!(tile < self.input_count(), "tile out of range");
        let (LinearShape { height, width, padding, .. }, Tiling { bh, bw, .. }) = (self.shape, self.tiling);
        let (dh, dw) = self.steps();
        let block = tile / self.ins;
        let (top, left) = (block / self.blocks.1 * dh, block % self.blocks.1 * dw);
        // Columns of the padded image that are inside both the block and the image.
        let (from, to) = (left.max(padding), (left + bw).min(padding + width));
        let mut poly = vec![Fp::ZERO; self.n];
        if from >= to {
            return poly;
        }
        for (local, channel) in self.channels(tile % self.ins).enumerate() {
            for y in top.max(padding)..(top + bh).min(padding + height) {
                let target = local * self.area() + (y - top) * bw + from - left;
                let source = (channel * height + y - padding) * width + from - padding;
                poly[target..target + to - from].copy_from_slice(&input[source..source + to - from]);
            }
        }
        poly
    }

    /// The plaintext polynomial that group `group` multiplies ciphertext `tile` by: `n` signed coefficients, from all weights of
    /// the layer (row-major `out_channels x in_channels x kernel x kernel`). `weights` may hold anything that is linear in the
    /// weights, such as centred representatives of a multiple modulo p.
    ///
    /// # Panics
    ///
    /// If `tile` is not one of the group's, or `weights` has another length than the layer.
    #[must_use]
    pub fn pack_weights(&self, group: usize, tile: usize, weights: &[i64]) -> Vec<i64> {
        assert_eq!(weights.len(), self.shape.weights(), "weights of another layer");
        assert!(self.tiles_of(group).contains(&tile), "tile of another group");
        let (LinearShape { in_channels, kernel, .. }, Tiling { bw, .. }) = (self.shape, self.tiling);
        let mut poly = vec![0; self.n];
        for (o, out_channel) in self.out_channels(group).enumerate() {
            for (c, channel) in self.channels(tile % self.ins).enumerate() {
                let from = (out_channel * in_channels + channel) * kernel * kernel;
                let taps = weights[from..from + kernel * kernel].chunks_exact(kernel);
                for (a, row) in taps.enumerate() {
                    let at = self.top(o) - c * self.area() - a * bw;
                    for (b, &weight) in row.iter().enumerate() {
                        poly[at - b] = weight;
                    }
                }
            }
        }
        poly
    }

    /// Puts the values at group `group`'s wanted coefficients, in the order of [`Layout::wanted`], into the layer's outputs.
    ///
    /// # Panics
    ///
    /// If `values` has another length than the group's wanted coefficients, or `outputs` another than the layer's outputs.
    pub fn scatter(&self, group: usize, values: &[Fp], outputs: &mut [Fp]) {
        assert_eq!(outputs.len(), self.shape.outputs(), "outputs of another layer");
        let mut values = values.iter();
        for (_, output) in self.outputs_of(group) {
            outputs[output] = *values.next().expect("one value per wanted coefficient");
        }
        assert!(values.next().is_none(), "one value per wanted coefficient");
    }
}

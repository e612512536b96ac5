//! How a layer is cut into products: the search for the fewest bytes.

use super::LinearShape;
use crate::error::{Error, Misuse};

/// How one linear layer is cut into negacyclic products. Public: both parties compute it from the layer's shape.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tiling {
    /// $C_w$, input channels in one ciphertext, at most the layer's.
    pub cw: usize,
    /// $M_w$, output channels in one reply, at most the layer's.
    pub mw: usize,
    /// $b_h$, rows of a block of the padded image, at least the kernel.
    pub bh: usize,
    /// $b_w$, columns of a block of the padded image, at least the kernel.
    pub bw: usize,
}

impl Tiling {
    /// The tiling that costs the fewest bits in preprocessing, MACs and proof included.
    ///
    /// With `groups` replies of `N` plus their wanted coefficients, the cost is
    /// $$ \text{inputs} \cdot N (215 + 275 + 2 \cdot 58) + f \cdot 58\,(\text{groups} \cdot N + \text{outputs}) $$
    /// bits: a ciphertext of five 43-bit residues, its responses in the proof of well-formedness and the reply that carries its
    /// MAC; and for every group a value reply, plus the reply with the MAC of the outputs unless the layer is the `last` one
    /// ($f$ is 2, or 1 for the last layer). Equal costs are decided by fewer products, then fewer outputs packed together
    /// (a smaller $\ell_1$ norm), then smaller tiles; so the result is a function of the arguments alone. The semi-honest mode
    /// uses the same tiling.
    ///
    /// Only balanced tilings are candidates: any other one has the same counts as a balanced one with smaller tiles. That
    /// leaves $O(\sqrt{\cdot})$ values per dimension; a whole network takes well under a millisecond.
    ///
    /// # Errors
    ///
    /// [`Misuse::Shape`] when the shape is invalid or the kernel alone has more than `n` coefficients.
    pub fn search(n: usize, shape: &LinearShape, last: bool) -> Result<Self, Error> {
        shape.validate()?;
        let mut best: Option<(Rank, Self)> = None;
        for bh in block_sides(shape.padded_height(), shape.kernel) {
            for bw in block_sides(shape.padded_width(), shape.kernel) {
                let room = n / (bh * bw);
                for cw in balanced(shape.in_channels, room) {
                    // More output channels in one reply never cost more; take all there is room for, balanced.
                    let mw = shape.out_channels.div_ceil(shape.out_channels.div_ceil(room / cw));
                    let tiling = Self { cw, mw, bh, bw };
                    let rank = tiling.rank(n, shape, last);
                    if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                        best = Some((rank, tiling));
                    }
                }
            }
        }
        best.map(|(_, tiling)| tiling).ok_or(Error::Misuse(Misuse::Shape))
    }

    /// Number of blocks of the padded image: (rows, columns).
    pub(super) const fn blocks(&self, shape: &LinearShape) -> (usize, usize) {
        (
            (shape.padded_height() - shape.kernel + 1).div_ceil(self.bh - shape.kernel + 1),
            (shape.padded_width() - shape.kernel + 1).div_ceil(self.bw - shape.kernel + 1),
        )
    }

    fn rank(&self, n: usize, shape: &LinearShape, last: bool) -> Rank {
        let (rows, cols) = self.blocks(shape);
        let (ins, outs) = (shape.in_channels.div_ceil(self.cw), shape.out_channels.div_ceil(self.mw));
        let (inputs, groups) = (wide(rows * cols * ins), wide(rows * cols * outs));
        let reply = wide(shape.outputs()) + groups * wide(n);
        Rank {
            bits: inputs * wide(n) * INPUT_BITS + reply * REPLY_BITS * if last { 1 } else { 2 },
            products: groups * wide(ins),
            tie: [self.mw, self.cw, self.bh, self.bw],
        }
    }
}

/// Counts of a whole network, as quoted in the documentation and asserted by tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NetworkCost {
    /// Ciphertexts that the client sends.
    pub inputs: usize,
    /// Value replies: one per group of every layer.
    pub values: usize,
    /// All replies of the malicious mode: values, MACs of the outputs of every layer but the last, MACs of the inputs.
    pub replies: usize,
    /// Plaintext-ciphertext products behind the value replies. A reply is a sum over the input tiles of its block.
    pub products: usize,
}

impl NetworkCost {
    /// Counts for the layers of one network, in order, each with its best tiling.
    ///
    /// # Errors
    ///
    /// [`Misuse::Shape`] for an invalid layer, as [`Tiling::search`].
    pub fn of(n: usize, layers: &[LinearShape]) -> Result<Self, Error> {
        let mut total = Self::default();
        for (index, shape) in layers.iter().enumerate() {
            let last = index + 1 == layers.len();
            let tiling = Tiling::search(n, shape, last)?;
            let (rows, cols) = tiling.blocks(shape);
            let (ins, outs) = (shape.in_channels.div_ceil(tiling.cw), shape.out_channels.div_ceil(tiling.mw));
            let (inputs, groups) = (rows * cols * ins, rows * cols * outs);
            total.inputs += inputs;
            total.values += groups;
            total.replies += inputs + groups * if last { 1 } else { 2 };
            total.products += groups * ins;
        }
        Ok(total)
    }
}

/// Candidates compare by cost, then by everything else that could differ.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    bits: u128,
    products: u128,
    tie: [usize; 4],
}

/// Block sides for every possible number of blocks, each the smallest with that number; ascending number of blocks.
fn block_sides(padded: usize, kernel: usize) -> impl Iterator<Item = usize> {
    balanced(padded - kernel + 1, usize::MAX).map(move |step| step + kernel - 1)
}

/// The values `ceil(total / parts)` for parts = 1, 2, .., each once, descending, without those above `limit`.
fn balanced(total: usize, limit: usize) -> impl Iterator<Item = usize> {
    // The largest step below `step` that needs more parts than `step` does, made as small as those parts allow.
    let next = move |&step: &usize| (step > 1).then(|| total.div_ceil(total.div_ceil(step - 1)));
    core::iter::successors(Some(total), next).filter(move |&step| step <= limit)
}

const fn wide(count: usize) -> u128 {
    count as u128
}

/// Bits per coefficient of an input: ciphertext, proof responses (4 repetitions of about 25 + 44), reply with its MAC.
pub(crate) const INPUT_BITS: u128 = 5 * 43 + 275 + 2 * REPLY_BITS;
/// Bits per coefficient of a reply.
pub(crate) const REPLY_BITS: u128 = 58;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn balanced_is_every_ceiling_once() {
        for total in 1..200_usize {
            let mut want: Vec<usize> = (1..=total).map(|parts| total.div_ceil(parts)).collect();
            want.dedup();
            assert_eq!(balanced(total, usize::MAX).collect::<Vec<_>>(), want, "{total}");
            assert!(balanced(total, 7).all(|step| step <= 7));
        }
    }

    /// The search against every tiling there is, at small sizes.
    #[test]
    fn nothing_is_cheaper() {
        let shape = |in_channels, height, width, out_channels, kernel, padding, stride| LinearShape {
            in_channels,
            height,
            width,
            out_channels,
            kernel,
            padding,
            stride,
        };
        let shapes = [
            shape(3, 9, 7, 5, 3, 1, 1),
            shape(2, 20, 20, 3, 5, 2, 2),
            shape(7, 4, 4, 6, 1, 0, 1),
            LinearShape::dense(37, 23),
            LinearShape::dense(500, 3),
        ];
        for shape in shapes {
            for (n, last) in [(64, false), (64, true), (256, false), (256, true)] {
                let found = Tiling::search(n, &shape, last).unwrap();
                assert!(found.cw * found.mw * found.bh * found.bw <= n);
                let least = found.rank(n, &shape, last);
                for bh in shape.kernel..=shape.padded_height() {
                    for bw in shape.kernel..=shape.padded_width() {
                        for cw in 1..=shape.in_channels.min(n / (bh * bw)) {
                            for mw in 1..=shape.out_channels.min(n / (bh * bw * cw)) {
                                let other = Tiling { cw, mw, bh, bw }.rank(n, &shape, last);
                                assert!(other >= least, "{shape:?}: {cw} {mw} {bh} {bw}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_kernel_that_does_not_fit_is_refused() {
        let shape = LinearShape {
            in_channels: 1,
            height: 40,
            width: 40,
            out_channels: 1,
            kernel: 9,
            padding: 0,
            stride: 1,
        };
        assert_eq!(Tiling::search(64, &shape, true), Err(Error::Misuse(Misuse::Shape)));
        assert!(Tiling::search(81, &shape, true).is_ok());
    }
}

//! How much longer than its input the output of a layer can be, in the Euclidean norm.

use crate::Layer;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// A bound on `|M x| / |x|` over all x, for the layer's linear map M without its bias, whatever its padding and stride: padding restricts what
/// may come in, a stride what goes out.
///
/// On an endless plane M is a matrix of convolutions, one for each pair of channels. `G = M M^T` (or `M^T M`, whichever is smaller) is a symmetric
/// one, and `|M|^4 = |G^2|`. The norm of one convolution is at most the sum of the magnitudes of its kernel, so `|G^2|` is at most the
/// largest eigenvalue of the matrix of these sums, and that is at most the largest of `(S y)_i / y_i` for any positive y (Collatz and
/// Wielandt). Products are summed up before magnitudes are taken: signs cancel, which they do not in interval arithmetic.
///
/// Floating-point errors are bounded and added. Where this would take too long, the norm of the matrix of the kernels' sums itself.
pub(super) fn gain(layer: &Layer) -> f64 {
    let shape = layer.shape();
    let square = shape.kernel * shape.kernel;
    let kernels = Kernels::of(layer);
    let sums = kernels.sums();
    let simple = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt() * ABOVE;
    // Products of the two steps.
    let gram = kernels.rows.pow(2).saturating_mul(kernels.columns).saturating_mul(square.pow(2));
    let wide = 2 * shape.kernel - 1;
    let again = kernels.rows.saturating_pow(3).saturating_mul(wide.pow(4));
    if gram.saturating_add(again) > MOST_PRODUCTS {
        return simple;
    }
    let matrix = kernels.gram().gram().sums();
    // No entry of the second is a sum of more products, and none is computed with a larger error than this part of the magnitudes it is made of.
    let terms = kernels.columns * square + kernels.rows * wide * wide + wide.pow(2) * 4;
    let error = (terms + 16) as f64 * f64::EPSILON * 4.0;
    let longest = |sums: Vec<f64>| sums.into_iter().fold(0.0, f64::max);
    let row = longest(sums.chunks_exact(kernels.columns).map(|row| row.iter().sum()).collect());
    let column =
        longest((0..kernels.columns).map(|at| sums.iter().skip(at).step_by(kernels.columns).sum()).collect());
    let fourth = largest_eigenvalue(&matrix, kernels.rows) * ABOVE + error * (row * column * ABOVE).powi(2);
    simple.min(fourth.sqrt().sqrt() * ABOVE)
}

/// A matrix of square kernels.
struct Kernels {
    rows: usize,
    columns: usize,
    side: usize,
    /// Column by column, of each the places in a kernel, of each the rows: what is summed up together lies together.
    values: Zeroizing<Vec<f64>>,
}

impl Kernels {
    /// The layer's, or their transpose, so that there are no more rows than columns. That a transpose has its kernels turned around changes no
    /// norm.
    fn of(layer: &Layer) -> Self {
        let shape = layer.shape();
        let (outputs, inputs, side) = (shape.out_channels, shape.in_channels, shape.kernel);
        let (each, weights) = (side * side, layer.weights());
        let mut values = Zeroizing::new(Vec::with_capacity(weights.len()));
        if outputs <= inputs {
            for at in 0..inputs * each {
                values.extend(weights.iter().skip(at).step_by(inputs * each).map(|&weight| weight as f64));
            }
            return Self { rows: outputs, columns: inputs, side, values };
        }
        for kernels in weights.chunks_exact(inputs * each) {
            for at in 0..each {
                values.extend(kernels.iter().skip(at).step_by(each).map(|&weight| weight as f64));
            }
        }
        Self { rows: inputs, columns: outputs, side, values }
    }

    /// These times their transpose: for every pair of rows, the sum over the columns of the correlations of their kernels.
    fn gram(&self) -> Self {
        let (rows, side, wide) = (self.rows, self.side, 2 * self.side - 1);
        let mut values = Zeroizing::new(vec![0.0; rows * wide * wide * rows]);
        values.par_chunks_exact_mut(wide * wide * rows).enumerate().for_each(|(one, sums)| {
            for kernels in self.values.chunks_exact(side * side * rows) {
                for (from, of_one) in kernels.chunks_exact(rows).map(|of_rows| of_rows[one]).enumerate() {
                    for (to, of_rows) in kernels.chunks_exact(rows).enumerate() {
                        let down = to / side + side - 1 - from / side;
                        let right = to % side + side - 1 - from % side;
                        let sums = &mut sums[(down * wide + right) * rows..][..rows];
                        sums.iter_mut().zip(of_rows).for_each(|(sum, of_row)| *sum += of_one * of_row);
                    }
                }
            }
        });
        Self { rows, columns: rows, side: wide, values }
    }

    /// The sums of the kernels' magnitudes, row by row.
    fn sums(&self) -> Zeroizing<Vec<f64>> {
        let mut sums = Zeroizing::new(vec![0.0; self.rows * self.columns]);
        let columns = self.values.chunks_exact(self.side * self.side * self.rows);
        for (column, kernels) in columns.enumerate() {
            for of_rows in kernels.chunks_exact(self.rows) {
                for (row, value) in of_rows.iter().enumerate() {
                    sums[row * self.columns + column] += value.abs();
                }
            }
        }
        sums
    }
}

/// A bound on the largest eigenvalue of a matrix without negative entries.
fn largest_eigenvalue(matrix: &[f64], rows: usize) -> f64 {
    let times = |y: &[f64]| -> Vec<f64> {
        let product = |row: &[f64]| row.iter().zip(y).map(|(a, b)| a * b).sum();
        matrix.chunks_exact(rows).map(product).collect()
    };
    let mut y = Zeroizing::new(vec![1.0; rows]);
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let next = Zeroizing::new(times(&y));
        // Each of them is a bound.
        least = least.min(next.iter().zip(y.iter()).map(|(next, y)| next / y).fold(0.0, f64::max));
        let scale = next.iter().copied().fold(0.0, f64::max);
        if scale == 0.0 {
            return 0.0;
        }
        // Positive, whatever the matrix.
        y = Zeroizing::new(next.iter().map(|next| next / scale + 1e-9).collect());
    }
    least
}

/// Above 1 by more than the rounding of what it is multiplied with.
pub(super) const ABOVE: f64 = 1.0 + 1e-8;

/// Products that a bound may take: about a second on one core.
const MOST_PRODUCTS: usize = 1 << 30;

/// Steps towards the best y. After these the bound of the shipped networks gains nothing.
const ROUNDS: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LayerSpec;
    use muse_he::encode::LinearShape;

    fn layer(shape: LinearShape, weights: Vec<i64>) -> Layer {
        let spec = LayerSpec { name: "layer".into(), shape, activation: None, l1_bound: 1 << 30 };
        let outputs = shape.out_channels;
        Layer::new(spec, weights, vec![0; outputs]).expect("a layer")
    }

    fn convolution(kernel: usize, weights: Vec<i64>) -> Layer {
        let shape = LinearShape {
            in_channels: 1,
            height: 9,
            width: 9,
            out_channels: 1,
            kernel,
            padding: 0,
            stride: 1,
        };
        layer(shape, weights)
    }

    /// Where the norm is known.
    #[test]
    fn norms_that_are_known() {
        let diagonal = layer(LinearShape::dense(2, 2), vec![3, 0, 0, -5]);
        let turn = layer(LinearShape::dense(2, 2), vec![3, -4, 4, 3]);
        let one_row = layer(LinearShape::dense(3, 1), vec![2, -3, 6]);
        let one_column = layer(LinearShape::dense(1, 3), vec![2, -3, 6]);
        let nothing = layer(LinearShape::dense(2, 3), vec![0; 6]);
        for (layer, norm) in [(diagonal, 5.0), (turn, 5.0), (one_row, 7.0), (one_column, 7.0), (nothing, 0.0)]
        {
            let gain = gain(&layer);
            assert!((norm..=norm * 1.001).contains(&gain), "{gain} is not {norm}");
        }
        // The answer to a constant image, on an endless plane; and a difference, whose norm is 2.
        assert!((9.0..9.01).contains(&gain(&convolution(3, vec![1; 9]))));
        let difference = gain(&convolution(2, vec![1, -1, 0, 0]));
        assert!((2.0..2.01).contains(&difference), "{difference}");
    }

    /// No input is made longer: random ones, and what came of them going back and forth, which grows towards the worst.
    #[test]
    fn nothing_is_longer_than_the_bound() {
        let mut random = crate::bounds::random::tests_random(7);
        for (in_channels, out_channels, kernel, padding, stride) in
            [(3, 5, 3, 1, 1), (5, 3, 3, 0, 2), (4, 4, 1, 0, 1), (2, 6, 2, 1, 1), (6, 2, 4, 3, 3)]
        {
            let shape =
                LinearShape { in_channels, height: 7, width: 6, out_channels, kernel, padding, stride };
            let weights: Vec<i64> =
                (0..out_channels * shape.taps()).map(|_| (random() % 2001) as i64 - 1000).collect();
            let layer = layer(shape, weights.clone());
            let bound = gain(&layer);
            // The map as a matrix, row by row.
            let (h, w) = (shape.out_height(), shape.out_width());
            let mut matrix = vec![vec![0.0; shape.inputs()]; shape.outputs()];
            for o in 0..out_channels {
                for (i, j) in (0..h).flat_map(|i| (0..w).map(move |j| (i, j))) {
                    for c in 0..in_channels {
                        for (a, b) in (0..kernel).flat_map(|a| (0..kernel).map(move |b| (a, b))) {
                            let (y, x) = (
                                (i * stride + a).checked_sub(padding),
                                (j * stride + b).checked_sub(padding),
                            );
                            let (Some(y), Some(x)) = (y, x) else { continue };
                            if y < 7 && x < 6 {
                                let weight = weights[((o * in_channels + c) * kernel + a) * kernel + b];
                                matrix[(o * h + i) * w + j][(c * 7 + y) * 6 + x] += weight as f64;
                            }
                        }
                    }
                }
            }
            let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
            let mut x: Vec<f64> = (0..shape.inputs()).map(|_| (random() % 2001) as f64 - 1000.0).collect();
            let mut reached = 0.0;
            for _ in 0..200 {
                let y: Vec<f64> =
                    matrix.iter().map(|row| row.iter().zip(&x).map(|(a, b)| a * b).sum()).collect();
                reached = length(&y) / length(&x);
                assert!(reached <= bound, "{reached} is longer than {bound}");
                let back = |at: usize| matrix.iter().zip(&y).map(|(row, y)| row[at] * y).sum::<f64>();
                x = (0..shape.inputs()).map(back).collect();
                let scale = length(&x);
                x.iter_mut().for_each(|x| *x /= scale);
            }
            assert!(bound < 3.0 * reached, "{bound} is far from {reached}");
        }
    }
}

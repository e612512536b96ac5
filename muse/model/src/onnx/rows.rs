//! Weights as layers have them: a row for every output, its columns in the order of layers.

use super::value::Floats;
use super::view::View;
use zeroize::Zeroizing;

/// The weights of a layer, as a graph gives them.
pub(super) enum Weights<'w, 'a> {
    /// Of a convolution: they have the order.
    Kernels(&'w Floats<'a>),
    /// Of a product with a vector.
    Matrix(Matrix<'w, 'a>),
}

pub(super) struct Matrix<'w, 'a> {
    pub(super) weights: &'w Floats<'a>,
    /// Or its columns are.
    pub(super) rows_are_outputs: bool,
    /// Of the vector that it is multiplied with.
    pub(super) order: &'w View,
}

impl<'a> Weights<'_, 'a> {
    pub(super) const fn floats(&self) -> &Floats<'a> {
        match self {
            Self::Kernels(weights) | Self::Matrix(Matrix { weights, .. }) => weights,
        }
    }

    /// Row after row.
    pub(super) fn rows(&self) -> Zeroizing<Vec<f32>> {
        let matrix = match self {
            Self::Kernels(weights) => return weights.to_vec(),
            Self::Matrix(matrix) => matrix,
        };
        let inputs = matrix.weights.dims[usize::from(matrix.rows_are_outputs)];
        let values = match matrix.weights.transposed() {
            _ if matrix.rows_are_outputs => matrix.weights.to_vec(),
            Some(transposed) => transposed.to_vec(),
            None => {
                let outputs = matrix.weights.dims[1];
                picked(&matrix.weights.to_vec(), |row, column| column * outputs + row, outputs, inputs)
            }
        };
        if matrix.order.is_in_order() {
            return values;
        }
        // Element `at` of the vector is element `places[at]` of the order of layers; so are the columns.
        let mut column_of = vec![0; inputs];
        matrix.order.places().into_iter().enumerate().for_each(|(at, place)| column_of[place] = at);
        picked(&values, |row, column| row * inputs + column_of[column], values.len() / inputs.max(1), inputs)
    }
}

/// A matrix of these elements of another.
fn picked(
    from: &[f32],
    place: impl Fn(usize, usize) -> usize,
    rows: usize,
    columns: usize,
) -> Zeroizing<Vec<f32>> {
    let mut values = Zeroizing::new(Vec::with_capacity(from.len()));
    for row in 0..rows {
        values.extend((0..columns).map(|column| from[place(row, column)]));
    }
    values
}

//! Small dense linear algebra: which columns are independent, and inverses in floating point and modulo p.

use muse_field::Fp;

/// Columns that are well enough independent, each with the row that makes it so.
pub(super) struct Selection {
    /// Indices of columns.
    pub(super) columns: Vec<usize>,
    /// Their rows, distinct.
    pub(super) rows: Vec<usize>,
}

/// Goes through the columns and takes, up to `limit`, each that the ones before leave with an entry above `threshold` times its largest; the
/// largest entry left is its row. `free` says whether a row may still be taken, given those that are.
pub(super) fn select(
    columns: &[Vec<f64>],
    limit: usize,
    threshold: f64,
    mut free: impl FnMut(usize, &[usize]) -> bool,
) -> Selection {
    let mut selection = Selection { columns: Vec::new(), rows: Vec::new() };
    let mut reduced: Vec<Vec<f64>> = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        if selection.columns.len() == limit {
            break;
        }
        let largest = column.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let mut rest = column.clone();
        for (earlier, &row) in reduced.iter().zip(&selection.rows) {
            let factor = rest[row] / earlier[row];
            rest.iter_mut().zip(earlier).for_each(|(r, e)| *r -= factor * e);
            rest[row] = 0.0;
        }
        let rows = (0..rest.len()).filter(|&row| free(row, &selection.rows));
        let Some(pivot) = rows.max_by(|&a, &b| rest[a].abs().total_cmp(&rest[b].abs())) else { continue };
        if rest[pivot].abs() > threshold * largest {
            selection.columns.push(index);
            selection.rows.push(pivot);
            reduced.push(rest);
        }
    }
    selection
}

/// What Gauss and Jordan need of a number.
pub(super) trait Scalar: Copy {
    const ZERO: Self;
    const ONE: Self;
    fn times(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    /// How good a pivot it is; zero is none.
    fn pivot(self) -> f64;
    fn inverse(self) -> Self;
}

impl Scalar for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn minus(self, other: Self) -> Self {
        self - other
    }
    fn pivot(self) -> f64 {
        self.abs()
    }
    fn inverse(self) -> Self {
        1.0 / self
    }
}

impl Scalar for Fp {
    const ZERO: Self = Self::ZERO;
    const ONE: Self = Self::ONE;
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn minus(self, other: Self) -> Self {
        self - other
    }
    fn pivot(self) -> f64 {
        if self == Self::ZERO { 0.0 } else { 1.0 }
    }
    fn inverse(self) -> Self {
        self.invert().unwrap_or(Self::ZERO)
    }
}

/// The inverse of a square matrix; `None` if it has none.
pub(super) fn invert<T: Scalar>(mut matrix: Vec<Vec<T>>) -> Option<Vec<Vec<T>>> {
    let n = matrix.len();
    for (i, row) in matrix.iter_mut().enumerate() {
        row.extend((0..n).map(|j| if i == j { T::ONE } else { T::ZERO }));
    }
    for i in 0..n {
        let best = (i..n).max_by(|&a, &b| matrix[a][i].pivot().total_cmp(&matrix[b][i].pivot()))?;
        matrix.swap(i, best);
        let pivot = matrix[i][i];
        if pivot.pivot() == 0.0 {
            return None;
        }
        let scale = pivot.inverse();
        matrix[i].iter_mut().for_each(|v| *v = v.times(scale));
        let row = matrix[i].clone();
        for (_, other) in matrix.iter_mut().enumerate().filter(|&(j, _)| j != i) {
            let factor = other[i];
            other.iter_mut().zip(&row).for_each(|(v, &r)| *v = v.minus(factor.times(r)));
        }
    }
    matrix.iter_mut().for_each(|row| drop(row.drain(..n)));
    Some(matrix)
}

/// A matrix times a vector.
pub(super) fn product<T: Scalar>(matrix: &[Vec<T>], vector: &[T]) -> Vec<T> {
    let row = |row: &Vec<T>| {
        // a - (0 - b c) is a + b c.
        row.iter().zip(vector).fold(T::ZERO, |sum, (&m, &v)| sum.minus(T::ZERO.minus(m.times(v))))
    };
    matrix.iter().map(row).collect()
}

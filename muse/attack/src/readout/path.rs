//! The search for a way through known layers.

use super::{
    super::{
        algebra::{self, Selection},
        geometry,
        query::LIMIT,
    },
    Known, bias,
};
use muse::model::Layer;
use muse_field::Fp;

/// From inputs of a layer on.
pub(super) struct Path {
    /// The inputs.
    pub(super) cells: Vec<usize>,
    pub(super) stages: Vec<Stage>,
    pub(super) rows: Vec<usize>,
    /// Of the last layer's matrix between what it gets and `rows`; absent if the outputs are the logits themselves.
    pub(super) inverse: Vec<Vec<Fp>>,
    /// Magnitude the values may have.
    pub(super) capacity: f64,
    /// How far a value read may be from the true one.
    pub(super) error: f64,
}

/// One hidden layer that is passed.
pub(super) struct Stage {
    pub(super) layer: usize,
    pub(super) rows: Vec<usize>,
    pub(super) inverse: Vec<Vec<f64>>,
}

impl Path {
    /// A way for as many of these inputs of layer `index` as possible, and the indices of those.
    pub(super) fn find(
        known: &Known,
        index: usize,
        cells: &[usize],
        limit: usize,
    ) -> Option<(Self, Vec<usize>)> {
        if index == geometry::last(&known.architecture) {
            return Self::through_last(known.layer(index), cells, limit);
        }
        let mut offered: Vec<usize> = (0..cells.len()).collect();
        let mut avoid: Vec<usize> = Vec::new();
        let mut tries = 0;
        while !offered.is_empty() {
            let inputs: Vec<usize> = offered.iter().map(|&o| cells[o]).collect();
            let (selection, rows) = Self::choose(known, index, &inputs, limit, &avoid);
            if selection.columns.is_empty() {
                return None;
            }
            let spec = known.architecture.layer(index);
            let next: Vec<usize> = rows.iter().filter_map(|&row| geometry::cell(spec, row)).collect();
            let (path, passed) = Self::find(known, index + 1, &next, next.len())
                .map_or((None, Vec::new()), |(p, t)| (Some(p), t));
            if let Some(path) = path
                && passed.len() == rows.len()
            {
                // What goes on comes in the order in which it was taken there.
                let taken: Vec<usize> = passed.iter().map(|&p| offered[selection.columns[p]]).collect();
                let rows: Vec<usize> = passed.iter().map(|&p| rows[p]).collect();
                let inputs: Vec<usize> = taken.iter().map(|&t| cells[t]).collect();
                if let Some(path) = path.preceded_by(known, index, inputs, rows) {
                    return Some((path, taken));
                }
            }
            tries += 1;
            // Other rows first; then fewer inputs.
            let failed: Vec<usize> = (0..rows.len()).filter(|row| !passed.contains(row)).collect();
            if tries <= ROW_TRIES {
                let bad = if failed.is_empty() { &rows[rows.len() - 1..] } else { &[] };
                avoid.extend(failed.iter().map(|&f| rows[f]).chain(bad.iter().copied()));
                continue;
            }
            tries = 0;
            avoid.clear();
            let keep = if passed.is_empty() { 1..rows.len() } else { 0..rows.len() - 1 };
            let kept: Vec<usize> =
                if failed.is_empty() || passed.is_empty() { keep.collect() } else { passed };
            offered = kept.into_iter().map(|kept| offered[selection.columns[kept]]).collect();
        }
        None
    }

    /// Inputs of a hidden layer, and for each an output that tells it from the others.
    fn choose(
        known: &Known,
        index: usize,
        inputs: &[usize],
        limit: usize,
        avoid: &[usize],
    ) -> (Selection, Vec<usize>) {
        let (layer, spec) = (known.layer(index), known.architecture.layer(index));
        let mut rows = geometry::touched(layer.shape(), inputs);
        rows.retain(|row| geometry::cell(spec, *row).is_some() && !avoid.contains(row));
        let step = rows.len().div_ceil(ROWS).max(1);
        let rows: Vec<usize> = rows.into_iter().step_by(step).collect();
        let cells: Vec<Option<usize>> = rows.iter().map(|&row| geometry::cell(spec, row)).collect();
        let column = |&input: &usize| -> Vec<f64> {
            rows.iter().map(|&row| geometry::coefficient(layer, row, input) as f64).collect()
        };
        let columns: Vec<Vec<f64>> = inputs.iter().map(column).collect();
        let free = |row: usize, taken: &[usize]| taken.iter().all(|&other| cells[other] != cells[row]);
        let selection = algebra::select(&columns, limit, INDEPENDENT, free);
        let rows = selection.rows.iter().map(|&row| rows[row]).collect();
        (selection, rows)
    }

    fn through_last(layer: &Layer, cells: &[usize], limit: usize) -> Option<(Self, Vec<usize>)> {
        let rows = layer.shape().outputs();
        let column = |&input: &usize| -> Vec<f64> {
            (0..rows).map(|row| geometry::coefficient(layer, row, input) as f64).collect()
        };
        let columns: Vec<Vec<f64>> = cells.iter().map(column).collect();
        let mut selection =
            algebra::select(&columns, limit.min(rows), EXACT, |row, taken| !taken.contains(&row));
        while !selection.columns.is_empty() {
            let matrix = selection.rows.iter().map(|&row| {
                let entry = |&c: &usize| Fp::from_i64(geometry::coefficient(layer, row, cells[c]));
                selection.columns.iter().map(entry).collect()
            });
            if let Some(inverse) = algebra::invert(matrix.collect()) {
                let path = Self {
                    cells: selection.columns.iter().map(|&c| cells[c]).collect(),
                    stages: Vec::new(),
                    rows: selection.rows,
                    inverse,
                    capacity: LIMIT as f64,
                    error: 0.0,
                };
                return Some((path, selection.columns));
            }
            selection.columns.pop();
            selection.rows.pop();
        }
        None
    }

    /// This way with a hidden layer before it, from its `inputs` through its `rows`.
    fn preceded_by(self, known: &Known, index: usize, inputs: Vec<usize>, rows: Vec<usize>) -> Option<Self> {
        let layer = known.layer(index);
        let scale = f64::from(layer.activation()?.shift).exp2();
        let norm = |row: usize| -> f64 {
            inputs.iter().map(|&input| geometry::coefficient(layer, row, input).unsigned_abs() as f64).sum()
        };
        let matrix: Vec<Vec<f64>> = (rows.iter())
            .map(|&row| inputs.iter().map(|&input| geometry::coefficient(layer, row, input) as f64).collect())
            .collect();
        let inverse = algebra::invert(matrix)?;
        let gain = inverse.iter().map(|row| row.iter().map(|v| v.abs()).sum::<f64>()).fold(0.0, f64::max);
        let error = gain * scale * (self.error + 0.5) * (1.0 + 1e-6) + 1e-3;

        // No output may leave the range that can be shifted, whether read or silenced; those read must fit behind the ReLU too.
        let within =
            |row: usize, bound: f64| (bound - (bias(layer, row).unsigned_abs() as f64)) / norm(row).max(1.0);
        let all = geometry::touched(layer.shape(), &inputs).into_iter().map(|row| within(row, LIMIT as f64));
        let own = rows.iter().map(|&row| within(row, (self.capacity - 1.0) * scale));
        let capacity = all.chain(own).fold(LIMIT as f64, f64::min);
        if !(error.is_finite() && capacity > error) {
            return None;
        }
        let mut stages = vec![Stage { layer: index, rows, inverse }];
        stages.extend(self.stages);
        Some(Self { cells: inputs, stages, capacity, error, ..self })
    }
}

/// Outputs of a hidden layer that are considered.
const ROWS: usize = 2048;

/// How much of a column must be its own.
const INDEPENDENT: f64 = 0.1;

/// The same in the last layer, where what counts is whether there is an inverse modulo p.
const EXACT: f64 = 1e-7;

/// How often other rows are tried before fewer columns are.
const ROW_TRIES: usize = 8;

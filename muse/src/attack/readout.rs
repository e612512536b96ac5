//! How values behind a layer are read off the logits: through later layers that are known already.
//!
//! Some of a layer's outputs are let through (shifted up, so that the ReLU keeps them, and down again behind it), all others are silenced.
//! The same number of outputs is then chosen in the next layer, such that the square matrix between them is as far from singular as
//! possible, and so on to the last layer, whose outputs the client sees exactly, modulo p. Going back, each hidden layer costs some
//! precision, because its ReLU rounds down; how much at most is known beforehand.

use super::{
    algebra::{self, Selection},
    geometry,
    query::{LIMIT, Query, SHIFT},
};
use crate::model::{Architecture, Layer};
use muse_field::Fp;

/// What is known so far: the public part, and the layers from `first` on.
pub(super) struct Known {
    pub(super) architecture: Architecture,
    pub(super) first: usize,
    pub(super) layers: Vec<Layer>,
}

impl Known {
    /// A layer that is known.
    pub(super) fn layer(&self, index: usize) -> &Layer {
        &self.layers[index - self.first]
    }
}

/// A way from some outputs of a layer to the logits.
pub(super) struct Readout {
    /// The layer whose outputs are read.
    layer: usize,
    /// The outputs.
    pub(super) outputs: Vec<usize>,
    /// Magnitude that the layer's own ReLU lets through.
    through: f64,
    path: Path,
}

/// From inputs of a layer on.
struct Path {
    /// The inputs.
    cells: Vec<usize>,
    stages: Vec<Stage>,
    rows: Vec<usize>,
    /// Of the last layer's matrix between what it gets and `rows`; absent if the outputs are the logits themselves.
    inverse: Vec<Vec<Fp>>,
    /// Magnitude the values may have.
    capacity: f64,
    /// How far a value read may be from the true one.
    error: f64,
}

/// One hidden layer that is passed.
struct Stage {
    layer: usize,
    rows: Vec<usize>,
    inverse: Vec<Vec<f64>>,
}

impl Readout {
    /// A way for as many of these outputs of `layer` as possible, at most `limit`, with the indices of those taken. Needs all later
    /// layers.
    pub(super) fn find(
        known: &Known,
        layer: usize,
        outputs: &[usize],
        limit: usize,
    ) -> Option<(Self, Vec<usize>)> {
        let architecture = &known.architecture;
        let spec = architecture.layer(layer);
        if layer == geometry::last(architecture) {
            let path = Path {
                cells: Vec::new(),
                stages: Vec::new(),
                rows: outputs.to_vec(),
                inverse: Vec::new(),
                capacity: super::query::HALF as f64 - 1.0,
                error: 0.0,
            };
            let all = (0..outputs.len()).collect();
            let through = path.capacity;
            return Some((Self { layer, outputs: outputs.to_vec(), through, path }, all));
        }
        // One output a cell: of two, their sum would be seen.
        let mut candidates: Vec<(usize, usize)> = Vec::new();
        for (index, &output) in outputs.iter().enumerate() {
            if let Some(cell) = geometry::cell(spec, output)
                && candidates.iter().all(|&(_, taken)| taken != cell)
            {
                candidates.push((index, cell));
            }
            if candidates.len() >= CANDIDATES {
                break;
            }
        }
        let cells: Vec<usize> = candidates.iter().map(|&(_, cell)| cell).collect();
        let (path, taken) = Path::find(known, layer + 1, &cells, limit)?;
        let through = (LIMIT >> spec.activation.map_or(0, |activation| activation.shift)) as f64 - 1.0;
        let taken: Vec<usize> = taken.into_iter().map(|t| candidates[t].0).collect();
        Some((Self { layer, outputs: taken.iter().map(|&t| outputs[t]).collect(), through, path }, taken))
    }

    /// Outputs that are looked at, at most.
    pub(super) const OFFERED: usize = CANDIDATES;

    /// Magnitude that may be let through and read.
    pub(super) const fn capacity(&self) -> f64 {
        self.through.min(self.path.capacity)
    }

    /// Magnitude that may be read of what comes out of the layer, however it comes about.
    pub(super) const fn reach(&self) -> f64 {
        self.path.capacity
    }

    /// How far a value read may be from the true one.
    pub(super) const fn error(&self) -> f64 {
        self.path.error
    }

    /// Whether values are read to the last bit: no hidden layer is between, whichever outputs are read.
    pub(super) const fn is_exact(&self) -> bool {
        self.path.stages.is_empty()
    }

    /// Completes a query that gives the layer its input: `offsets` are added to the outputs read before the ReLU, `all` to the others'
    /// silencing by channel, `after` to what comes out.
    pub(super) fn complete(
        &self,
        query: &mut Query,
        known: &Known,
        before: &[i64],
        others: &[i64],
        after: i64,
    ) {
        let Some(step) = query.steps.get_mut(self.layer) else { return };
        let plane = geometry::plane(&known.architecture.layer(self.layer).shape);
        for (channel, values) in step.before.chunks_exact_mut(plane).enumerate() {
            values.fill(Fp::from_i64(others.get(channel).copied().unwrap_or(0) - SHIFT));
        }
        for ((&output, &value), &cell) in self.outputs.iter().zip(before).zip(&self.path.cells) {
            step.before[output] = Fp::from_i64(value);
            step.after[cell] = Fp::from_i64(after);
        }
        for stage in &self.path.stages {
            let spec = known.architecture.layer(stage.layer);
            let shift = spec.activation.map_or(0, |activation| activation.shift);
            let step = &mut query.steps[stage.layer];
            step.before.fill(Fp::from_i64(-SHIFT));
            for &row in &stage.rows {
                step.before[row] = Fp::from_i64(SHIFT);
                if let Some(cell) = geometry::cell(spec, row) {
                    step.after[cell] = Fp::from_i64(-(SHIFT >> shift));
                }
            }
        }
    }

    /// The values, from the logits.
    pub(super) fn read(&self, known: &Known, logits: &[Fp]) -> Vec<f64> {
        let picked: Vec<Fp> = self.path.rows.iter().map(|&row| logits[row]).collect();
        if self.layer == geometry::last(&known.architecture) {
            return picked.iter().map(|value| value.to_centred() as f64).collect();
        }
        let last = geometry::last(&known.architecture);
        let exact: Vec<Fp> = (picked.iter().zip(&self.path.rows))
            .map(|(&value, &row)| value - Fp::from_i64(bias(known.layer(last), row)))
            .collect();
        let exact = algebra::product(&self.path.inverse, &exact);
        let mut values: Vec<f64> = exact.iter().map(|value| value.to_centred() as f64).collect();
        for stage in self.path.stages.iter().rev() {
            let layer = known.layer(stage.layer);
            let scale = f64::from(layer.activation().map_or(0, |activation| activation.shift)).exp2();
            let before: Vec<f64> = (values.iter().zip(&stage.rows))
                .map(|(value, &row)| value * scale + (scale - 1.0) / 2.0 - bias(layer, row) as f64)
                .collect();
            values = algebra::product(&stage.inverse, &before);
        }
        values
    }

    /// The next layer's input when the outputs read come out as `values`.
    pub(super) fn scatter(&self, known: &Known, values: &[i64]) -> Vec<Fp> {
        let mut cells = vec![Fp::ZERO; known.architecture.layer(self.layer + 1).inputs()];
        for (&cell, &value) in self.path.cells.iter().zip(values) {
            cells[cell] = Fp::from_i64(value);
        }
        cells
    }
}

fn bias(layer: &Layer, output: usize) -> i64 {
    layer.bias()[output / geometry::plane(layer.shape())]
}

impl Path {
    /// A way for as many of these inputs of layer `index` as possible, and the indices of those.
    fn find(known: &Known, index: usize, cells: &[usize], limit: usize) -> Option<(Self, Vec<usize>)> {
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

/// Outputs among which those read are chosen.
const CANDIDATES: usize = 96;

/// Outputs of a hidden layer that are considered.
const ROWS: usize = 2048;

/// How much of a column must be its own.
const INDEPENDENT: f64 = 0.1;

/// The same in the last layer, where what counts is whether there is an inverse modulo p.
const EXACT: f64 = 1e-7;

/// How often other rows are tried before fewer columns are.
const ROW_TRIES: usize = 8;

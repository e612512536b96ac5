//! How values behind a layer are read off the logits: through later layers that are known already.
//!
//! Some of a layer's outputs are let through (shifted up, so that the ReLU keeps them, and down again behind it), all others are silenced.
//! The same number of outputs is then chosen in the next layer, such that the square matrix between them is as far from singular as
//! possible, and so on to the last layer, whose outputs the client sees exactly, modulo p. Going back, each hidden layer costs some
//! precision, because its ReLU rounds down; how much at most is known beforehand.

mod path;

use super::{
    algebra, geometry,
    query::{LIMIT, Query, SHIFT},
};
use muse::model::{Architecture, Layer};
use muse_field::Fp;
use path::Path;

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

    /// Completes a query that gives the layer its input: `before` is added to the outputs read, before the ReLU, and `after` to what comes
    /// out of it; `others` to what silences the other outputs, channel by channel.
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

/// Outputs among which those read are chosen.
const CANDIDATES: usize = 96;

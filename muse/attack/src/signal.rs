//! One bit through the later layers, however large their weights are.
//!
//! A bisection makes an output of a layer either nothing or nearly the largest value there is. Where weights behind it are so large
//! that such a jump would leave the range that can be shifted, it is followed through one output a layer: the two values that output can
//! have are known well enough, wraps modulo p included, to shift both to the same side.

use super::{
    geometry,
    query::{HALF, Query},
    readout::Known,
};
use muse_field::{Fp, MODULUS};

/// What comes in if the bit is 0, beyond what comes in if it is 1: `jump`, give or take `slack`.
#[derive(Clone, Copy)]
pub(super) struct Signal {
    pub(super) jump: i64,
    pub(super) slack: i64,
}

/// Adds to a query what carries the signal at input `cell` of layer `index` on to the logits. The logits it arrives at when there is no jump,
/// which differ from those when there is; `None` if no path carries it.
pub(super) fn carry(
    query: &mut Query,
    known: &Known,
    index: usize,
    cell: usize,
    signal: Signal,
) -> Option<Vec<Fp>> {
    lead(query, known, index, cell, signal)?;
    let nothing = vec![Fp::ZERO; known.architecture.layer(index).inputs()];
    Some(query.predict(&known.architecture, index, &known.layers[index - known.first..], nothing))
}

/// The way through layer `index` and those behind it; tries another output where the best one leads nowhere.
fn lead(query: &mut Query, known: &Known, index: usize, cell: usize, signal: Signal) -> Option<()> {
    let (layer, spec) = (known.layer(index), known.architecture.layer(index));
    let behind = |row: usize| signal.through(geometry::coefficient(layer, row, cell));
    let mut touched: Vec<(usize, Signal)> =
        (geometry::touched(layer.shape(), &[cell]).into_iter()).map(|row| (row, behind(row))).collect();
    let Some(activation) = spec.activation else {
        return touched.iter().any(|(_, signal)| signal.margin() > 0).then_some(());
    };
    if !touched.iter().all(|(_, behind)| behind.fits()) {
        return None;
    }
    let plane = geometry::plane(layer.shape());
    // In the middle between the two values an output can have.
    let middle = |row: usize, jump: i64| -i128::from(layer.bias()[row / plane]) - i128::from(jump / 2);
    let silent = |row: usize, jump: i64| element(middle(row, jump) - i128::from(HALF / 2));
    for (row, value) in query.steps[index].before.iter_mut().enumerate() {
        *value = silent(row, 0);
    }
    for &(row, behind) in &touched {
        query.steps[index].before[row] = silent(row, behind.jump);
    }
    touched.sort_by_key(|(_, behind)| -behind.margin());
    for &(row, behind) in touched.iter().take(WAYS) {
        let through =
            Signal { jump: behind.jump >> activation.shift, slack: (behind.slack >> activation.shift) + 2 };
        let Some(next) = geometry::cell(spec, row).filter(|_| through.margin() > 0) else { continue };
        // This one is in the middle of the other side.
        let before = middle(row, behind.jump) + i128::from(HALF / 2);
        let without = element(before + i128::from(layer.bias()[row / plane])).to_u64() >> activation.shift;
        query.steps[index].before[row] = element(before);
        query.steps[index].after[next] = -Fp::new(without);
        if lead(query, known, index + 1, next, through).is_some() {
            return Some(());
        }
        query.steps[index].before[row] = silent(row, behind.jump);
        query.steps[index].after[next] = Fp::ZERO;
    }
    None
}

impl Signal {
    /// The signal times a weight, modulo p.
    fn through(self, weight: i64) -> Self {
        let jump = element(i128::from(self.jump) * i128::from(weight)).to_centred();
        Self { jump, slack: self.slack.saturating_mul(weight.abs()) }
    }

    /// Whether both values fit on one side. Only opposite ones do not.
    const fn fits(self) -> bool {
        self.slack < HALF / 4 && self.jump.abs() + 2 * self.slack + 4 < HALF
    }

    /// By how much the two values differ at least.
    const fn margin(self) -> i64 {
        self.jump.abs() - self.slack
    }
}

fn element(value: i128) -> Fp {
    Fp::from_u128(value.rem_euclid(i128::from(MODULUS)).cast_unsigned())
}

/// Outputs of a layer that are tried.
const WAYS: usize = 8;

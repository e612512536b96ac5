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
    mut index: usize,
    mut cell: usize,
    mut signal: Signal,
) -> Option<Vec<Fp>> {
    let from = index;
    let last = geometry::last(&known.architecture);
    while index < last {
        let (layer, spec) = (known.layer(index), known.architecture.layer(index));
        let shift = spec.activation?.shift;
        let plane = geometry::plane(layer.shape());
        // Every output on the negative side, in the middle of it, whichever value it has.
        let middle = |row: usize, behind: Signal| {
            let bias = layer.bias()[row / plane];
            -i128::from(bias) - i128::from(behind.jump / 2)
        };
        let behind = |row: usize| signal.through(geometry::coefficient(layer, row, cell));
        for (row, value) in query.steps[index].before.iter_mut().enumerate() {
            *value = element(middle(row, Signal { jump: 0, slack: 0 }) - i128::from(HALF / 2));
        }
        let mut best: Option<(usize, Signal)> = None;
        for row in geometry::touched(layer.shape(), &[cell]) {
            let behind = behind(row);
            if !behind.fits() {
                return None;
            }
            query.steps[index].before[row] = element(middle(row, behind) - i128::from(HALF / 2));
            let better = best.is_none_or(|(_, other)| behind.margin() > other.margin());
            if better && geometry::cell(spec, row).is_some() {
                best = Some((row, behind));
            }
        }
        let (row, behind) = best?;
        // This one is in the middle of the other side.
        let before = middle(row, behind) + i128::from(HALF / 2);
        query.steps[index].before[row] = element(before);
        let without = element(before + i128::from(layer.bias()[row / plane])).to_u64() >> shift;
        cell = geometry::cell(spec, row)?;
        query.steps[index].after[cell] = -Fp::new(without);
        signal = Signal { jump: behind.jump >> shift, slack: (behind.slack >> shift) + 2 };
        if signal.margin() <= 0 {
            return None;
        }
        index += 1;
    }
    let layer = known.layer(last);
    let rows = geometry::touched(layer.shape(), &[cell]);
    let seen = rows.into_iter().map(|row| signal.through(geometry::coefficient(layer, row, cell)));
    if !seen.into_iter().any(|signal| signal.margin() > 0) {
        return None;
    }
    let nothing = vec![Fp::ZERO; known.architecture.layer(from).inputs()];
    Some(query.predict(&known.architecture, from, &known.layers[from - known.first..], nothing))
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

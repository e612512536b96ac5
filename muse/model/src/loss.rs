//! Weights that become zero when they are rounded.

use super::{FixedPoint, FloatLayer};
use core::fmt;

/// How much of one layer's weights rounds to zero. For the network's owner. Displays as one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The layer's name.
    pub layer: String,
    /// The part of the sum of the weights' magnitudes that is lost, from 0 to 1.
    pub share: f64,
}

impl Loss {
    /// From this share on a layer is refused unless it is asked for: it computes something else than what was trained.
    pub const REFUSED: f64 = 0.5;

    /// From this share on it is said.
    pub const SAID: f64 = 0.1;
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, share } = self;
        if *share >= 1.0 {
            return write!(
                f,
                "layer {layer:?}: all of its weights are zero: it gives its biases, whatever it is given"
            );
        }
        write!(
            f,
            "layer {layer:?}: weights that round to zero are {:.0} % of the sum of all magnitudes; more fractional bits keep them",
            100.0 * share
        )
    }
}

impl FloatLayer {
    /// The part of the sum of its weights' magnitudes that rounds to zero at this number of fractional bits; 0 for weights that are zero.
    pub(super) fn lost(&self, fixed: FixedPoint) -> f64 {
        let (mut all, mut lost) = (0.0, 0.0);
        for &weight in &self.weights {
            let magnitude = f64::from(weight).abs();
            all += magnitude;
            if FixedPoint::round(magnitude, fixed.frac_bits()) == Some(0) {
                lost += magnitude;
            }
        }
        if all > 0.0 { lost / all } else { 0.0 }
    }
}

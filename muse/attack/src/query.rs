//! One query of the attack: an input, and what is added to shares on the way.

use muse::model::{
    Architecture, Layer, Network,
    plaintext::{self, Point},
};
use muse_field::{Fp, MODULUS, vector};

/// What a cheating client feeds a network with: an input, and constants added to its own shares.
#[derive(Clone, Debug)]
pub struct Query {
    /// The input, in fixed point.
    pub input: Vec<Fp>,
    /// For every layer but the last.
    pub steps: Vec<Step>,
}

/// What is added to the client's shares around one non-linear layer.
#[derive(Clone, Debug)]
pub struct Step {
    /// Added to the values before the ReLU, through the choice bits.
    pub before: Vec<Fp>,
    /// Added to the input of the next layer, through what is opened.
    pub after: Vec<Fp>,
}

impl Query {
    /// An honest query.
    #[must_use]
    pub fn honest(architecture: &Architecture, input: Vec<Fp>) -> Self {
        let layers = architecture.layers();
        let steps = layers.iter().zip(layers.iter().skip(1)).map(|(layer, next)| Step {
            before: vec![Fp::ZERO; layer.outputs()],
            after: vec![Fp::ZERO; next.inputs()],
        });
        Self { input, steps: steps.collect() }
    }

    /// A query in which layer `target` gets exactly `values`: everything before it is silenced.
    pub(super) fn injecting(architecture: &Architecture, target: usize, values: Vec<Fp>) -> Self {
        let Some(before) = target.checked_sub(1) else {
            return Self::honest(architecture, values);
        };
        let mut query = Self::honest(architecture, vec![Fp::ZERO; architecture.layer(0).inputs()]);
        query.steps[..target].iter_mut().for_each(|step| step.before.fill(Fp::from_i64(-SHIFT)));
        query.steps[before].after = values;
        query
    }

    /// What the layers from `first` on make of `values`, their input, in this query.
    pub(super) fn predict<'a>(
        &self,
        architecture: &Architecture,
        first: usize,
        layers: impl IntoIterator<Item = &'a Layer>,
        values: Vec<Fp>,
    ) -> Vec<Fp> {
        plaintext::forward_with(architecture, first, layers, values, &mut |point, values| {
            let (Point::Linear(index) | Point::Output(index)) = point;
            // There is none after the last layer.
            if let Some(step) = self.steps.get(index) {
                let added = if matches!(point, Point::Linear(_)) { &step.before } else { &step.after };
                vector::add_assign(values, added);
            }
        })
    }

    /// What a network answers to this query.
    #[must_use]
    pub fn answer(&self, network: &Network) -> Vec<Fp> {
        self.predict(network.architecture(), 0, network.layers(), self.input.clone())
    }
}

/// Far from both ends of the signed range, and a multiple of whatever a ReLU divides by: a value within [`LIMIT`] shifted up by this is
/// positive, and shifted down negative, and neither wraps.
pub(super) const SHIFT: i64 = 1 << 42;

/// The least value that reads as negative.
pub(super) const HALF: i64 = ((MODULUS - 1) / 2).cast_signed();

/// Largest magnitude that can be shifted either way.
pub(super) const LIMIT: i64 = HALF - SHIFT - 1;

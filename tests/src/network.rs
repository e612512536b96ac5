//! Networks small enough to run hundreds of times.

use muse::model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation};
use muse_he::encode::LinearShape;

/// A dense network: 6 inputs, 5 ReLUs, 3 outputs.
#[must_use]
pub fn tiny() -> Network {
    let f = 6;
    let layer = |name: &str, inputs: usize, outputs: usize, shift: Option<u32>| {
        let shape = LinearShape::dense(inputs, outputs);
        let activation = shift.map(|shift| Activation { shift, sum_pool: None });
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, f);
        let weights = (0..inputs * outputs).map(|i| (i as i64 * 37 + 11) % 129 - 64).collect();
        Layer::new(spec, weights, (0..outputs).map(|i| i as i64 * 100 - 150).collect()).unwrap()
    };
    let input = InputSpec { channels: 1, height: 2, width: 3, normalisation: Normalisation::UnitInterval };
    let layers = vec![layer("first", 6, 5, Some(f)), layer("second", 5, 3, None)];
    Network::new("tiny".into(), input, f, Vec::new(), layers).unwrap()
}

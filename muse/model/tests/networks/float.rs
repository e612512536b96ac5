//! Evaluation with real numbers against a slow one, written from the definition.

use muse_model::test_util::{Random, network, recipe};
use muse_model::{FloatLayer, Model, shipped};
use proptest::prelude::*;

/// The layers of a random network with little weights: multiples of 1/2 of which no sum is rounded.
fn model(recipe: &muse_model::test_util::Recipe) -> Model {
    let (network, mut random) = (network(recipe), Random(recipe.seed ^ 2));
    let mut halves = |count| (0..count).map(|_| (random.word() % 7) as f32 / 2.0 - 1.5).collect::<Vec<_>>();
    let layers = network.layers().iter().map(|layer| FloatLayer {
        name: layer.name().into(),
        shape: *layer.shape(),
        weights: halves(layer.weights().len()),
        bias: halves(layer.bias().len()),
        relu: layer.activation().is_some(),
        average_pool: layer.activation().and_then(|activation| activation.sum_pool),
        l1_bound: None,
    });
    let (name, input) = (network.architecture().name().into(), network.architecture().input().clone());
    Model { name, input, classes: Vec::new(), layers: layers.collect() }
}

/// One number after the other.
pub(crate) fn slow(model: &Model, input: &[f32]) -> Vec<f64> {
    let mut x: Vec<f64> = input.iter().map(|&x| f64::from(x)).collect();
    for layer in &model.layers {
        let s = &layer.shape;
        let (height, width) = (s.out_height(), s.out_width());
        let value = |o: usize, i: usize, j: usize| {
            let mut sum = f64::from(layer.bias[o]);
            for c in 0..s.in_channels {
                for a in 0..s.kernel {
                    for b in 0..s.kernel {
                        let (row, column) = (i * s.stride + a, j * s.stride + b);
                        let inside = (s.padding..s.padding + s.height).contains(&row)
                            && (s.padding..s.padding + s.width).contains(&column);
                        if inside {
                            let at = (c * s.height + row - s.padding) * s.width + column - s.padding;
                            let weight =
                                layer.weights[((o * s.in_channels + c) * s.kernel + a) * s.kernel + b];
                            sum += f64::from(weight) * x[at];
                        }
                    }
                }
            }
            if layer.relu && sum < 0.0 { 0.0 } else { sum }
        };
        let side = layer.average_pool.unwrap_or(1);
        let mut y = Vec::new();
        for o in 0..s.out_channels {
            for i in 0..height / side {
                for j in 0..width / side {
                    let block =
                        (0..side * side).map(|at| value(o, side * i + at / side, side * j + at % side));
                    y.push(block.sum::<f64>() / (side * side) as f64);
                }
            }
        }
        x = y;
    }
    x
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn networks_of_every_shape(recipe in recipe()) {
        let (model, mut random) = (model(&recipe), Random(!recipe.seed));
        let input: Vec<f32> = (0..model.input.elements()).map(|_| (random.word() % 17) as f32 / 16.0).collect();
        prop_assert_eq!(model.forward(&input).expect("it fits"), slow(&model, &input));
    }
}

/// Layers large enough for several threads.
#[test]
fn the_larger_shipped_network() {
    let (model, mut random) = (shipped::cifar10_float(), Random(1));
    let input: Vec<f32> = (0..model.input.elements()).map(|_| (random.word() % 256) as f32 / 255.0).collect();
    let (found, want) = (model.forward(&input).expect("it fits"), slow(&model, &input));
    assert_eq!(found.len(), 10);
    for (found, want) in found.iter().zip(&want) {
        assert!((found - want).abs() < 1e-9 * want.abs().max(1.0), "{found} for {want}");
    }
}

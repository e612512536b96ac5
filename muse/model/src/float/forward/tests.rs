use super::super::{FloatLayer, Model};
use crate::load::Tensors;
use crate::{InputSpec, LayerFault, ModelError, Normalisation, shipped};
use muse_he::encode::LinearShape;

/// The results of the program that trained the network are in the file of samples; it computed with 32 bits.
#[test]
fn the_shipped_network_gives_the_logits_of_its_training_program() {
    let bytes = include_bytes!("../../../networks/mnist-samples.safetensors");
    let want = Tensors::parse(bytes, crate::sniff::Wanted::Samples)
        .unwrap()
        .floats("logits_float", &[100, 10])
        .unwrap();
    let (model, samples) = (shipped::mnist_float(), shipped::mnist_samples());
    for (index, want) in want.chunks_exact(10).enumerate() {
        let input: Vec<f32> = samples.image(index).iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        let found = model.forward(&input).unwrap();
        assert_eq!(found.len(), 10);
        for (found, want) in found.iter().zip(want) {
            assert!((found - f64::from(*want)).abs() < 1e-5, "image {index}: {found} for {want}");
        }
    }
}

/// A model of a convolution, with pooling if wanted, and a dense layer.
fn model(pool: bool) -> Model {
    let layer = |name: &str, shape: LinearShape, relu, average_pool| FloatLayer {
        name: name.into(),
        shape,
        weights: vec![1.0; shape.out_channels * shape.taps()],
        bias: vec![0.5; shape.out_channels],
        relu,
        average_pool,
        l1_bound: None,
    };
    let conv = LinearShape {
        in_channels: 1,
        height: 4,
        width: 4,
        out_channels: 1,
        kernel: 2,
        padding: 0,
        stride: 1,
    };
    let dense = LinearShape::dense(if pool { 1 } else { 9 }, 2);
    Model {
        name: "little".into(),
        input: InputSpec { channels: 1, height: 4, width: 4, normalisation: Normalisation::UnitInterval },
        classes: Vec::new(),
        layers: vec![layer("conv", conv, true, pool.then_some(2)), layer("fc", dense, false, None)],
    }
}

#[test]
fn pooling_drops_the_odd_row_and_column() {
    let ramp: Vec<f32> = (0..16u8).map(f32::from).collect();
    // Sums of 2x2 windows with corners r, c are 4 (4r + c) + 10.
    let window = |r: usize, c: usize| (4 * (4 * r + c) + 10) as f64 + 0.5;
    let all: f64 = (0..9).map(|at| window(at / 3, at % 3)).sum();
    assert_eq!(model(false).forward(&ramp).unwrap(), [all + 0.5; 2]);
    let average = (window(0, 0) + window(0, 1) + window(1, 0) + window(1, 1)) / 4.0;
    assert_eq!(model(true).forward(&ramp).unwrap(), [average + 0.5; 2]);
}

#[test]
fn negative_values_end_at_the_relu() {
    let mut model = model(false);
    model.layers[0].weights.fill(-1.0);
    assert_eq!(model.forward(&[1.0; 16]).unwrap(), [0.5; 2]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let fault = |change: &dyn Fn(&mut Model)| {
        let mut model = model(true);
        change(&mut model);
        model.forward(&[0.0; 16]).unwrap_err()
    };
    let layer = |name: &str, fault| ModelError::Layer { layer: name.into(), fault };
    assert_eq!(model(true).forward(&[0.0; 15]), Err(ModelError::ImageSize { expected: 16, found: 15 }));
    assert_eq!(fault(&|m| m.layers.clear()), ModelError::LayerCount(0));
    let short = LayerFault::WeightCount { expected: 4, found: 3 };
    assert_eq!(fault(&|m| m.layers[0].weights.truncate(3)), layer("conv", short));
    let short = LayerFault::BiasCount { expected: 2, found: 1 };
    assert_eq!(fault(&|m| m.layers[1].bias.truncate(1)), layer("fc", short));
    for bad in [f32::NAN, f32::INFINITY] {
        assert_eq!(fault(&|m| m.layers[0].weights[3] = bad), layer("conv", LayerFault::NoNumber("weight")));
        assert_eq!(fault(&|m| m.layers[1].bias[0] = bad), layer("fc", LayerFault::NoNumber("bias")));
    }
    assert_eq!(fault(&|m| m.layers[0].relu = false), layer("conv", LayerFault::Activation));
    assert_eq!(fault(&|m| m.layers[1].relu = true), layer("fc", LayerFault::Activation));
    assert_eq!(fault(&|m| m.layers[0].average_pool = Some(3)), layer("conv", LayerFault::Pool));
    assert_eq!(fault(&|m| m.layers[0].shape.stride = 0), layer("conv", LayerFault::Size("stride")));
    assert_eq!(fault(&|m| m.layers[0].shape.height = usize::MAX), layer("conv", LayerFault::Size("height")));
    let does_not_follow =
        LayerFault::DoesNotFollow { expected: "2 x 1 x 1".into(), found: "1 x 1 x 1".into() };
    assert_eq!(fault(&|m| m.layers[1].shape.in_channels = 2), layer("fc", does_not_follow));
    assert!(matches!(
        fault(&|m| m.input.height = usize::MAX),
        ModelError::InputSize { height: usize::MAX, .. }
    ));
}

//! Networks that PyTorch exported give what an independent implementation of the fixed-point rules gives.
//!
//! `tests/onnx/export.py` made the files, with two exporters, four opsets and different options.

use muse_model::{Activation, FixedPoint, FloatLayer, Model, Network, Samples, plaintext, shipped};
use safetensors::{SafeTensors, tensor::TensorView};
use std::path::{Path, PathBuf};

/// Each with the layers it must have; the names of PyTorch's modules where the file knows them.
const EXPORTED: [(&str, &str, &[&str]); 7] = [
    ("strided", "strided", &["conv1", "conv2", "fc1", "fc2"]),
    ("strided-dynamo", "strided", &["conv1", "conv2", "fc1", "fc2"]),
    ("module", "module", &["net.0", "net.3", "net.7", "net.9"]),
    ("module-default", "module", &["net.0", "net.3", "net.7", "net.9"]),
    ("matrices", "matrices", &["dense1", "fc"]),
    ("normalised", "normalised", &["conv", "fc"]),
    ("matrices-dynamo", "matrices", &["dense1", "fc"]),
];

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn ten() -> FixedPoint {
    FixedPoint::new(10).expect("in range")
}

fn exported(name: &str) -> Model {
    Model::from_onnx(folder("tests/onnx").join(format!("{name}.onnx"))).expect("a good file")
}

fn expected(name: &str) -> Vec<u8> {
    std::fs::read(folder("tests/onnx").join(format!("{name}.safetensors"))).expect("readable")
}

fn integers(tensor: TensorView<'_>) -> Vec<i64> {
    tensor.data().as_chunks().0.iter().map(|word| i64::from_le_bytes(*word)).collect()
}

#[test]
fn exported_networks_exactly() {
    for (name, reference, layers) in EXPORTED {
        let model = exported(name);
        assert_eq!(model.name, name);
        let names: Vec<&str> = model.layers.iter().map(|layer: &FloatLayer| layer.name.as_str()).collect();
        assert_eq!(names, layers, "{name}");
        let network = model.quantize(ten()).unwrap();
        let bytes = expected(reference);
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        for layer in network.layers() {
            let tensor = |kind: &str| tensors.tensor(&format!("{}.{kind}", layer.name())).unwrap();
            assert_eq!(layer.weights(), integers(tensor("weight")), "{name} {}", layer.name());
            assert_eq!(layer.bias(), integers(tensor("bias")), "{name} {}", layer.name());
        }
        let samples = Samples::from_bytes(&bytes, network.architecture().input()).unwrap();
        assert_eq!(samples.len(), 8);
        for index in 0..samples.len() {
            let input = network.architecture().encode_bytes(samples.image(index)).unwrap();
            let logits = plaintext::forward(&network, &input);
            let signed: Vec<i64> = logits.iter().map(|v| v.to_signed()).collect();
            assert_eq!(signed, samples.logits(index), "{name}, image {index}");
        }
    }
}

/// The exact outputs are those of PyTorch but for the rounding, so the reference itself computes the right thing.
#[test]
fn exported_networks_are_close_to_pytorch() {
    for name in ["strided", "module", "matrices", "normalised"] {
        let bytes = expected(name);
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let floats = tensors.tensor("logits_float").unwrap();
        let floats = floats.data().as_chunks().0.iter().map(|word| f64::from(f32::from_le_bytes(*word)));
        let exact = integers(tensors.tensor("logits_fixed").unwrap());
        assert_eq!(exact.len(), floats.len());
        let scale = exported(name).quantize(ten()).unwrap().architecture().output_scale_bits();
        let scale = 2f64.powi(scale);
        for (exact, float) in exact.into_iter().zip(floats) {
            let real = exact as f64 / scale;
            assert!((real - float).abs() < 0.01, "{name}: {real} for {float}");
        }
    }
}

fn assert_same(onnx: &str, fixed: &Network) {
    let path = folder("networks").join(onnx);
    let mut model = Model::from_onnx(&path).expect("a good file");
    model.classes = fixed.architecture().classes().to_vec();
    let network = model.quantize(ten()).expect("a good file");
    assert_eq!(network.architecture(), fixed.architecture());
    for (ours, theirs) in network.layers().iter().zip(fixed.layers()) {
        assert_eq!(ours.weights(), theirs.weights(), "{}", theirs.name());
        assert_eq!(ours.bias(), theirs.bias(), "{}", theirs.name());
    }
    let bytes = std::fs::read(path).expect("a good file");
    assert_eq!(Model::from_onnx_bytes(&bytes).expect("a good file").layers.len(), model.layers.len());
}

#[test]
fn the_shipped_files_are_the_shipped_networks() {
    assert_same("mnist.onnx", &shipped::mnist());
    assert_same("cifar10.onnx", &shipped::cifar10());
}

#[test]
fn a_shipped_file_gives_the_logits_of_the_samples() {
    let model = Model::from_onnx(folder("networks/mnist.onnx")).unwrap();
    let (network, samples) = (model.quantize(ten()).unwrap(), shipped::mnist_samples());
    for index in 0..samples.len() {
        let input = network.architecture().encode_bytes(samples.image(index)).unwrap();
        let logits: Vec<i64> = plaintext::forward(&network, &input).iter().map(|v| v.to_signed()).collect();
        assert_eq!(logits, samples.logits(index), "sample {index}");
    }
    let shift = |shift| Some(Activation { shift, sum_pool: Some(2) });
    assert_eq!(network.layer(0).activation().copied(), shift(10));
    assert_eq!(network.layer(1).activation().copied(), shift(12));
}

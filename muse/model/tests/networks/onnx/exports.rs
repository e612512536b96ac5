//! Networks as programs other than PyTorch write them give what onnxruntime gives.

use super::exact::folder;
use crate::float::slow;
use muse_model::Model;
use std::collections::HashMap;

fn read(file: &str) -> Result<Model, String> {
    Model::from_onnx(folder("tests/readers").join(file)).map_err(|error| error.to_string())
}

/// The image of `tests/readers/expected.py`.
fn image(model: &Model) -> Vec<f32> {
    (0..model.input.elements()).map(|i| ((i * 37 + 11) % 256) as f32 / 128.0 - 1.0).collect()
}

/// Sizes and values: of every one, by an evaluation that knows nothing of ONNX.
#[test]
fn what_onnxruntime_gives() {
    let expected = std::fs::read(folder("tests/readers/expected.json")).expect("there");
    let expected: HashMap<String, Vec<f64>> = serde_json::from_slice(&expected).expect("JSON");
    assert_eq!(expected.len(), 16);
    for (file, expected) in &expected {
        let model = read(file).unwrap_or_else(|error| panic!("{error}"));
        let found = slow(&model, &image(&model));
        assert_eq!(found.len(), expected.len(), "{file}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{file}: {found} for {expected}");
        }
    }
}

#[test]
fn images_have_channels_first_whatever_the_graph_has() {
    for (file, sizes) in [
        ("keras-cnn.onnx", (1, 8, 8)),
        ("keras-nchw.onnx", (3, 8, 8)),
        ("keras-planes.onnx", (1, 8, 8)),
        ("keras-rgb.onnx", (3, 6, 4)),
        ("keras-rgb-dense.onnx", (3, 6, 4)),
        ("valid-padding.onnx", (1, 8, 8)),
    ] {
        let input = read(file).unwrap_or_else(|error| panic!("{error}")).input;
        assert_eq!((input.channels, input.height, input.width), sizes, "{file}");
    }
}

/// The advice names the command that was run for the file beside it.
#[test]
fn a_softmax_is_cut_off_as_the_error_says() {
    let error = read("keras-softmax.onnx").expect_err("it ends with a Softmax");
    let command =
        "onnx.utils.extract_model(\"THIS\", \"OUT.onnx\", [\"x\"], [\"sequential_8_1/dense_13_1/MatMul:0\"])";
    assert!(
        error.contains("leave it out: the order of the outputs is the same") && error.ends_with(command),
        "{error}"
    );
    assert!(
        error.contains("PyTorch: ") && error.contains("Keras: a last layer with activation=None"),
        "{error}"
    );
    assert_eq!(read("keras-softmax-cut.onnx").expect("as advised").layers.len(), 2);
}

/// Files of another kind are called what they are, whatever their name.
#[test]
fn what_is_no_network_is_named() {
    let error = read("lfs-pointer").expect_err("a pointer");
    assert!(error.ends_with("lfs-pointer: is a Git LFS pointer, not the file: git lfs pull"), "{error}");
    let error = read("cnpy.npy").expect_err("an array");
    assert!(error.contains("is a NumPy array (.npy): weights without layers"), "{error}");
    let error = read("expected.py").expect_err("a program");
    assert!(error.contains("is a text: neither an ONNX file nor a description in JSON"), "{error}");
}

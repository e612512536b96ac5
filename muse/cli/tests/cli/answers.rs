//! Whatever may make an answer another one than the float network's by more than rounding is refused, or said with the answer.

use crate::program::{Serving, failure, run, stdout};
use serde_json::Value;

fn file(name: &str) -> String {
    format!("{}/tests/answers/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What `infer --json` says about a file, asked of a server with these arguments.
fn asked(network: &str, serve: &[&str], infer: &[&str]) -> Vec<Value> {
    let server = Serving::start(&[&[&*file(network)], serve].concat());
    let output =
        run(&[&["infer", "-q", "--json", "--top", "3", "--connect", &server.address], infer].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    stdout(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// How `infer` refuses a file.
fn refused(network: &str, serve: &[&str], infer: &[&str]) -> String {
    let server = Serving::start(&[&[&*file(network)], serve].concat());
    failure(&run(&[&["infer", "-q", "--json", "--connect", &server.address], infer].concat()), 1)
}

fn assert_near(object: &Value, expected: &[f64]) {
    let scale = object["scale_bits"].as_f64().expect("a number").exp2();
    let integers = object["integers"].as_array().expect("outputs");
    let found: Vec<f64> = integers.iter().map(|value| value.as_f64().expect("a number") / scale).collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 0.02, "{found} is not {expected}: {object}");
    }
}

fn remarks(object: &Value) -> Vec<&str> {
    let all = object["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|remark| remark.as_str().expect("text")).collect()
}

/// The graph subtracts a mean of pixels from 0 to 255 and divides by nothing.
#[test]
fn a_graph_of_bytes_gets_bytes() {
    let objects = asked("bytes.onnx", &[], &[&file("bytes.png")]);
    assert_near(&objects[0], &[1.1048, -0.6433, -1.5426]);
}

/// Floats are the graph's own input, as in every other runtime.
#[test]
fn a_graph_that_normalises_itself_gets_its_own_input() {
    let objects = asked("own.onnx", &[], &[&file("own.npy")]);
    assert_near(&objects[0], &[0.7859, -0.1273, -0.6086]);
}

/// A picture for a network that takes a vector: row by row, said so, and never scaled.
#[test]
fn pictures_are_not_stretched_to_vectors() {
    let objects = asked("flat.onnx", &[], &[&file("digit.png")]);
    let expected = [-0.0116, 0.0967, 0.2004, -0.1656, 0.1317, -0.0941, -0.0016, 0.0644, 0.1794, -0.2148];
    assert_near(&objects[0], &expected);
    assert!(remarks(&objects[0]).iter().any(|remark| remark.contains("row by row")), "{objects:?}");
    let line = refused("flat.onnx", &[], &["--resize", &file("digit.png")]);
    assert!(line.contains("leave it out"), "{line}");
}

/// A vector, and a matrix of vectors.
#[test]
fn vectors_are_arrays_of_one_dimension() {
    assert_eq!(asked("vector.onnx", &[], &[&file("vector.npy")]).len(), 1);
    let two = asked("vector.onnx", &[], &[&file("vectors.npy")]);
    assert_eq!(two.len(), 2);
    assert!(two[1]["image"].as_str().is_some_and(|name| name.ends_with("vectors.npy[1]")), "{two:?}");
}

/// A million, which leaves the range at twelve fractional bits: refused before anything is sent, unless it is asked for, and said then.
#[test]
fn floats_that_may_wrap_are_refused() {
    let line = refused("identity.onnx", &["--frac-bits", "12"], &[&file("million.npy")]);
    assert!(line.contains("million.npy") && line.contains("--allow-wrapping"), "{line}");
    let objects = asked("identity.onnx", &["--frac-bits", "12"], &["--allow-wrapping", &file("million.npy")]);
    assert!(remarks(&objects[0]).iter().any(|remark| remark.contains("meaningless")), "{objects:?}");
    // With fewer bits it fits, and is exact.
    let objects = asked("identity.onnx", &["--frac-bits", "8"], &[&file("million.npy")]);
    assert_near(&objects[0], &[1e6; 4]);
    assert!(!remarks(&objects[0]).iter().any(|remark| remark.contains("meaningless")), "{objects:?}");
}

/// A network whose own worst case leaves the range: the client is told, on the stream of the result.
#[test]
fn networks_that_may_wrap_say_so_to_the_client() {
    let objects = asked("gain.onnx", &[], &["--allow-wrapping", &file("gain.npy")]);
    assert!(remarks(&objects[0]).iter().any(|remark| remark.contains("meaningless")), "{objects:?}");
}

/// Training that diverged: no advice about bits, which would not help.
#[test]
fn weights_that_are_no_numbers_are_named() {
    for (name, layer, what) in [("nan.onnx", "conv1", "weight"), ("inf.onnx", "dense2", "bias")] {
        let output = run(&["inspect", &file(name), "--no-time"]);
        let text = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1));
        assert!(
            text.contains(&format!(
                "layer \"{layer}\": a {what} is not a number (NaN): the training diverged"
            )),
            "{text}"
        );
        assert!(!text.contains("fractional bits"), "{text}");
    }
}

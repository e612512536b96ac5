//! Files that lie: no panic, no hang, and no memory beyond what the file itself takes.

use super::build::*;
use muse_model::test_util::varint;
use muse_model::{DeclaredBound, FixedPoint, LayerFault, Model, ModelError, limits};
use proptest::prelude::*;

const SHIPPED: [&[u8]; 3] = [
    include_bytes!("../../onnx/strided.onnx"),
    include_bytes!("../../onnx/strided-dynamo.onnx"),
    include_bytes!("../../onnx/matrices-dynamo.onnx"),
];

/// Reads whatever this is, and uses it if it is a model.
fn read(bytes: &[u8]) {
    let quantised = Model::from_onnx_bytes(bytes).and_then(|model| model.quantize(FixedPoint::new(8)?));
    if let Err(error) = quantised {
        let line = error.to_string();
        assert!(!line.chars().any(char::is_control) && line.len() < 1000, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    /// Tags and lengths that exist are more often met by small bytes.
    #[test]
    fn small_bytes(bytes in prop::collection::vec(0..64u8, 0..200)) {
        read(&bytes);
        let mut graph = vec![0x3a, bytes.len() as u8];
        graph.extend(&bytes[..bytes.len().min(127)]);
        read(&graph);
    }

    #[test]
    fn damaged_files(which in 0..3usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>(), truncate: bool) {
        let mut bytes = SHIPPED[which].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if truncate {
            bytes.truncate(cut.index(bytes.len()));
        }
        read(&bytes);
    }
}

/// The structure of a file is in few of its bytes: each of them in turn, with what lengths and tags may become.
#[test]
fn every_byte_of_a_small_file() {
    let good = bytes(&network());
    for at in 0..good.len() {
        read(&good[..at]);
        for byte in [0, 0x7f, 0x80, 0xff, good[at] ^ 1, good[at] ^ 8, good[at].wrapping_add(1)] {
            let mut bad = good.clone();
            bad[at] = byte;
            read(&bad);
        }
    }
}

/// A cut file is refused wherever the cut is, at the end of a message too.
#[test]
fn truncated_files_are_refused() {
    let good = bytes(&network());
    let graph_ends = good.len() - 4;
    assert!(Model::from_onnx_bytes(&good).is_ok());
    for length in 0..graph_ends {
        assert!(Model::from_onnx_bytes(&good[..length]).is_err(), "{length}");
    }
}

fn message(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag][..], &varint(content.len() as u64), content].concat()
}

#[test]
fn lengths_beyond_the_file() {
    for length in [100, 1 << 31, 1 << 40, (1 << 63) - 1, 1 << 63, u64::MAX - 20, u64::MAX] {
        // A name of the producer, the graph, a tensor in it, its raw data, an unknown field.
        for tags in [&[0x12u8][..], &[0x3a], &[0x3a, 0x2a], &[0x3a, 0x2a, 0x4a], &[0xfa]] {
            let mut bytes = [&tags[tags.len() - 1..], &varint(length), &[0; 8]].concat();
            for &tag in tags[..tags.len() - 1].iter().rev() {
                bytes = message(tag, &bytes);
            }
            let error = Model::from_onnx_bytes(&bytes).unwrap_err();
            assert!(matches!(error, ModelError::Onnx(_)), "{error}");
        }
    }
}

/// Graphs in attributes of nodes of graphs, ten thousand deep.
#[test]
fn nesting_is_not_followed() {
    let mut graph = Vec::new();
    for _ in 0..10_000 {
        graph = message(0x0a, &message(0x2a, &message(0x32, &graph)));
    }
    read(&message(0x3a, &graph));
}

#[test]
fn lists_are_bounded() {
    let many = |tag: u8, count: usize| message(0x3a, &message(tag, &[]).repeat(count));
    for bytes in [
        many(0x0a, limits::ONNX_NODES + 1),
        many(0x2a, limits::ONNX_TENSORS + 1),
        many(0x5a, limits::ONNX_TENSORS + 1),
        many(0x62, limits::ONNX_LIST + 1),
        message(0x3a, &message(0x0a, &message(0x0a, b"x").repeat(limits::ONNX_LIST + 1))),
        message(0x3a, &message(0x0a, &message(0x2a, b"").repeat(limits::ONNX_LIST + 1))),
        message(0x3a, &message(0x0a, &message(0x2a, &[0x40, 1].repeat(limits::ONNX_LIST + 1)))),
        message(0x3a, &message(0x2a, &[0x08, 1].repeat(limits::ONNX_RANK + 1))),
        message(0x3a, &message(0x2a, &message(0x0a, &[1; limits::ONNX_RANK + 1]))),
    ] {
        let error = Model::from_onnx_bytes(&bytes).unwrap_err().to_string();
        assert!(error.contains("a list of more than"), "{error}");
    }
}

/// Sizes that no file could hold, and weights of one tensor in every layer.
#[test]
fn sizes_are_bounded_before_anything_is_allocated() {
    // Biases that are computed: their size is a number in the file, not data.
    for (length, fits) in [(2, true), (3, false), (1 << 33, false), (i64::MAX, false), (-1, false)] {
        let mut model = network();
        graph(&mut model).initializer.extend([filled("zero", &[], vec![0.0]), sizes("length", &[length])]);
        let expand = node("expand", "Expand", &["zero", "length"], "zeros", vec![]);
        graph(&mut model).node.insert(0, expand);
        find(&mut model, "conv").input[2] = "zeros".into();
        assert_eq!(Model::from_onnx_bytes(&bytes(&model)).is_ok(), fits, "{length}");
    }
    let mut model = network();
    graph(&mut model).initializer.push(floats("square", &[3, 3]));
    for index in 0..limits::LAYERS {
        let (from, to) = (format!("y{index}"), format!("y{}", index + 1));
        let from = if index == 0 { "y" } else { &from };
        let relu = format!("r{index}");
        graph(&mut model).node.push(node("", "Relu", &[from], &relu, vec![]));
        graph(&mut model).node.push(node("", "MatMul", &[&relu, "square"], &to, vec![]));
    }
    graph(&mut model).output = vec![value(&format!("y{}", limits::LAYERS), &[None, Some(3)])];
    assert_eq!(
        Model::from_onnx_bytes(&bytes(&model)).unwrap_err(),
        ModelError::LayerCount(limits::LAYERS + 1)
    );
}

/// A file of some kilobytes whose graph asks for sums of rows and columns, again and again.
#[test]
fn computed_constants_are_bounded() {
    let with_numbers = || {
        let mut model = network();
        graph(&mut model).initializer.extend([
            filled("row", &[1, 1], vec![1.0]),
            sizes("wide", &[1, 1 << 13]),
            sizes("high", &[1 << 13, 1]),
        ]);
        model
    };
    for (last, reason) in
        [("square", "its weights are for"), ("twice", "several times as many as those in the file")]
    {
        let mut model = with_numbers();
        let nodes = [
            node("", "Expand", &["row", "wide"], "left", vec![]),
            node("", "Expand", &["row", "high"], "right", vec![]),
            // Everywhere the same number, which takes no memory, until it is joined with others.
            node("", "Add", &["left", "right"], "square", vec![]),
            node("", "Concat", &["square", "square"], "twice", vec![int("axis", 0)]),
        ];
        let count = if last == "square" { 3 } else { 4 };
        graph(&mut model).node.splice(0..0, nodes.into_iter().take(count));
        find(&mut model, "fc").input[1] = last.into();
        let error = Model::from_onnx_bytes(&bytes(&model)).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    for length in [1 << 14, 1 << 40, i64::MAX, -1] {
        let mut model = with_numbers();
        graph(&mut model).initializer.push(sizes("to", &[length, length]));
        graph(&mut model).node.insert(0, node("", "ConstantOfShape", &["to"], "square", vec![]));
        find(&mut model, "fc").input[1] = "square".into();
        assert!(Model::from_onnx_bytes(&bytes(&model)).is_err(), "{length}");
    }
}

#[test]
fn files_are_bounded() {
    let folder = std::env::temp_dir().join(format!("muse-onnx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // A file with a hole: its size costs no disk.
    let path = folder.join("sparse.onnx");
    std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = Model::from_onnx(&path);
    let safetensors = muse_model::Network::from_files(&super::exact::folder("networks/mnist.json"), &path);
    std::fs::remove_dir_all(&folder).unwrap();
    for error in [error.unwrap_err(), safetensors.unwrap_err()] {
        let line = error.to_string();
        assert!(line.contains("sparse.onnx: larger than"), "{line}");
    }
    let absent = Model::from_onnx("absent.onnx").unwrap_err().to_string();
    assert!(absent.contains("absent.onnx: cannot be read"), "{absent}");
}

/// Numbers that are none, and numbers too large, are refused when the network is quantised, by the layer's name.
#[test]
fn weights_that_are_no_numbers() {
    for (bad, at) in [(f32::NAN, 10), (f32::INFINITY, 10), (-1e30, 10)] {
        for name in ["conv.weight", "conv.bias"] {
            let mut model = network();
            tensor(&mut model, name).float_data[1] = bad;
            let error =
                Model::from_onnx_bytes(&bytes(&model)).unwrap().quantize(FixedPoint::new(at).unwrap());
            let error = error.unwrap_err();
            let ModelError::Layer { fault, .. } = &error else { panic!("{error}") };
            if bad.is_finite() {
                assert!(matches!(fault, LayerFault::Magnitude(_) | LayerFault::TooLarge { .. }), "{error}");
            } else {
                // No advice about bits: none would help.
                assert!(matches!(fault, LayerFault::NoNumber(_)), "{error}");
                assert!(
                    error.to_string().ends_with("is not a number (NaN): the training diverged"),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn all_three_bounds_hold_for_onnx_files() {
    let f = |bits| FixedPoint::new(bits).unwrap();
    let scaled = |factor: f32| {
        let mut model = network();
        tensor(&mut model, "conv.weight").float_data.iter_mut().for_each(|weight| *weight *= factor);
        Model::from_onnx_bytes(&bytes(&model)).unwrap()
    };
    // The public bound on weights: refused, until the owner declares another one.
    let mut large = scaled(100.0);
    let error = large.quantize(f(10)).unwrap_err();
    let ModelError::Layer { layer, fault: LayerFault::L1Norm { bound, needed } } = error else {
        panic!("{error}")
    };
    assert_eq!((layer.as_str(), bound), ("conv", 1 << 16));
    assert!(needed > bound);
    large.declare_l1_bound("conv", DeclaredBound { bound: needed, frac_bits: 10 }).unwrap();
    let network = large.quantize(f(10)).unwrap();
    assert_eq!(network.layer(0).spec().l1_bound, needed);
    // Worst-case values: a warning.
    assert_eq!(network.range_warning(), None);
    let mut larger = scaled(4e4);
    larger.layers[1].weights.iter_mut().for_each(|weight| *weight *= 4e4);
    for layer in ["conv", "fc"] {
        larger.declare_l1_bound(layer, DeclaredBound { bound: 1 << 34, frac_bits: 10 }).unwrap();
    }
    let warning = larger.quantize(f(10)).unwrap().range_warning().unwrap();
    assert!(warning.layer == "fc" && warning.bits >= 43, "{warning}");
    // The noise budget: refused however small the weights are, here for the many taps of a large image.
    for (kernel, outcome) in [(11, true), (31, false)] {
        let result = large_image(kernel).quantize(f(10));
        assert_eq!(result.is_ok(), outcome, "{result:?}");
        if let Err(error) = result {
            assert!(
                matches!(error, ModelError::Layer { fault: LayerFault::TooManyWeights { .. }, .. }),
                "{error}"
            );
        }
    }
    let unknown = large.declare_l1_bound("con", DeclaredBound { bound: 1, frac_bits: 10 }).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no layer \"con\"; there are: conv, fc");
}

/// A convolution of an image with a million pixels.
fn large_image(kernel: i64) -> Model {
    let mut model = network();
    *tensor(&mut model, "conv.weight") = floats("conv.weight", &[1, 1, kernel, kernel]);
    *tensor(&mut model, "conv.bias") = filled("conv.bias", &[1], vec![0.0]);
    find(&mut model, "conv").attribute = vec![ints("pads", &[kernel / 2; 4])];
    graph(&mut model).node.truncate(2);
    let last = node("last", "Conv", &["b", "last.weight"], "y", vec![ints("strides", &[31, 31])]);
    graph(&mut model).node.push(last);
    graph(&mut model).initializer.push(filled("last.weight", &[1, 1, 1, 1], vec![0.5]));
    graph(&mut model).input = vec![value("x", &[None, Some(1), Some(1000), Some(1000)])];
    Model::from_onnx_bytes(&bytes(&model)).expect("supported")
}

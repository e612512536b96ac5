//! Other ways to write the same network give the same layers.

use super::build::*;
use muse_model::{FloatLayer, Model};
use rten_onnx::onnx::{ModelProto, NodeProto};

fn layers(model: &ModelProto) -> Vec<FloatLayer> {
    Model::from_onnx_bytes(&bytes(model)).unwrap_or_else(|error| panic!("{error}")).layers
}

/// Whether layers are the same in all but their names.
fn assert_same(ours: &[FloatLayer], theirs: &[FloatLayer], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours.shape, theirs.shape, "{what}");
        assert_eq!((ours.relu, ours.average_pool), (theirs.relu, theirs.average_pool), "{what}");
        assert_eq!((&ours.weights, &ours.bias), (&theirs.weights, &theirs.bias), "{what}");
    }
}

/// Puts these nodes before the node `name`.
fn before(model: &mut ModelProto, name: &str, nodes: Vec<NodeProto>) {
    let at =
        graph(model).node.iter().position(|node| node.name.as_deref() == Some(name)).expect("it is there");
    graph(model).node.splice(at..at, nodes);
}

/// Flattens by a Reshape to what `nodes` compute as "to".
fn reshape(model: &mut ModelProto, nodes: Vec<NodeProto>) {
    *find(model, "flat") = node("flat", "Reshape", &["c", "to"], "d", vec![]);
    before(model, "flat", nodes);
}

/// A number or a list as a node.
fn constant(output: &str, list: &[i64], scalar: bool) -> NodeProto {
    let mut tensor = sizes("", list);
    if scalar {
        tensor.dims.clear();
    }
    node("", "Constant", &[], output, vec![tensor_attribute("value", tensor)])
}

type Change = fn(&mut ModelProto);

#[test]
fn the_same_network_in_other_words() {
    let base = layers(&network());
    let changes: [(&str, Change); 42] = [
        ("identity", |m| insert(m, "relu", "Identity", &[], vec![])),
        ("dropout", |m| insert(m, "flat", "Dropout", &[], vec![])),
        ("dropout before opset 12", |m| {
            m.opset_import[0].version = Some(11);
            insert(m, "flat", "Dropout", &[], vec![float("ratio", 0.25)]);
        }),
        ("cast to the same type", |m| insert(m, "conv", "Cast", &[], vec![int("to", 1)])),
        ("cast like it", |m| insert(m, "flat", "CastLike", &["fc.bias"], vec![])),
        ("another ReLU", |m| insert(m, "pool", "Relu", &[], vec![])),
        ("a ReLU of averages", |m| insert(m, "flat", "Relu", &[], vec![])),
        ("zeros added", |m| {
            graph(m).initializer.push(filled("zeros", &[1, 2, 1, 1], vec![0.0; 2]));
            insert(m, "flat", "Add", &["zeros"], vec![]);
        }),
        ("ones multiplied", |m| {
            graph(m).initializer.push(filled("one", &[], vec![1.0]));
            insert(m, "flat", "Mul", &["one"], vec![]);
            find(m, "new").input.swap(0, 1);
        }),
        ("axes added and taken away", |m| {
            graph(m).initializer.extend([sizes("axes", &[1, -1]), sizes("back", &[-1, 1])]);
            insert(m, "flat", "Unsqueeze", &["axes"], vec![]);
            before(m, "flat", vec![node("", "Squeeze", &["new_out", "back"], "again", vec![])]);
            find(m, "flat").input[0] = "again".into();
        }),
        ("channels last", |m| {
            graph(m).input[0] = value("x", &[None, Some(4), Some(4), Some(1)]);
            insert(m, "conv", "Transpose", &[], vec![ints("perm", &[0, 3, 1, 2])]);
        }),
        ("moved and moved back", |m| {
            insert(m, "pool", "Transpose", &[], vec![ints("perm", &[0, 2, 3, 1])]);
            let back = vec![ints("perm", &[0, 3, 1, 2])];
            before(m, "pool", vec![node("", "Transpose", &["new_out"], "again", back)]);
            find(m, "pool").input[0] = "again".into();
        }),
        ("planes by other sizes, and a vector again", |m| {
            graph(m).initializer.push(sizes("to", &[0, 2, 4]));
            insert(m, "flat", "Reshape", &["to"], vec![]);
        }),
        ("planes of a vector", |m| {
            graph(m).input[0] = value("x", &[None, Some(16)]);
            graph(m).initializer.push(sizes("to", &[-1, 1, 4, 4]));
            insert(m, "conv", "Reshape", &["to"], vec![]);
        }),
        ("planes of rows and columns", |m| {
            graph(m).input[0] = value("x", &[None, Some(4), Some(4)]);
            graph(m).initializer.push(sizes("one", &[1]));
            insert(m, "conv", "Unsqueeze", &["one"], vec![]);
        }),
        ("padding that is computed", |m| find(m, "conv").attribute = vec![text("auto_pad", "SAME_LOWER")]),
        ("padding of pools that is computed", |m| {
            find(m, "pool").attribute.push(text("auto_pad", "SAME_UPPER"));
        }),
        ("dropout with inputs", |m| {
            graph(m).initializer.extend([filled("ratio", &[], vec![0.5]), flag("training", false)]);
            insert(m, "fc", "Dropout", &["ratio", "training"], vec![]);
        }),
        ("flatten from the end", |m| find(m, "flat").attribute.push(int("axis", -3))),
        ("flatten twice", |m| insert(m, "fc", "Flatten", &[], vec![int("axis", -1)])),
        ("flatten before the pool's ReLU matters not", |m| insert(m, "fc", "Identity", &[], vec![])),
        ("raw data", |m| {
            for tensor in &mut graph(m).initializer {
                let raw = tensor.float_data.drain(..).flat_map(f32::to_le_bytes).collect();
                tensor.raw_data = Some(core::cell::RefCell::new(raw));
            }
        }),
        ("weights among the inputs", |m| {
            graph(m).input.insert(0, value("fc.weight", &[Some(3), Some(8)]));
            graph(m).input.push(value("fc.bias", &[Some(3)]));
        }),
        ("weights as nodes", |m| {
            let constants = graph(m).initializer.drain(..).map(|tensor| {
                let name = tensor.name.clone().expect("it has one");
                node("", "Constant", &[], &name, vec![tensor_attribute("value", tensor)])
            });
            let constants = constants.collect();
            before(m, "conv", constants);
        }),
        ("weights by another name", |m| {
            before(m, "conv", vec![node("", "Identity", &["conv.weight"], "w", vec![])]);
            find(m, "conv").input[1] = "w".into();
        }),
        ("a fixed batch", |m| {
            graph(m).input[0] = value("x", &[Some(5), Some(1), Some(4), Some(4)]);
            reshape(m, vec![constant("to", &[5, -1], false)]);
        }),
        ("reshape, batch copied", |m| reshape(m, vec![constant("to", &[0, 8], false)])),
        ("reshape, batch inferred", |m| reshape(m, vec![constant("to", &[-1, 8], false)])),
        ("reshape, opset 11", |m| {
            m.opset_import[0].version = Some(11);
            let gather = vec![int("axis", 0)];
            reshape(
                m,
                vec![
                    node("", "Shape", &["c"], "s", vec![]),
                    constant("zero", &[0], true),
                    node("", "Gather", &["s", "zero"], "n", gather),
                    node("", "Unsqueeze", &["n"], "n1", vec![ints("axes", &[0])]),
                    constant("minus", &[-1], false),
                    node("", "Concat", &["n1", "minus"], "to", vec![int("axis", 0)]),
                ],
            );
        }),
        ("reshape, opset 13, of the input's shape", |m| {
            reshape(
                m,
                vec![
                    node("", "Shape", &["x"], "s", vec![]),
                    constant("zero", &[-4], true),
                    node("", "Gather", &["s", "zero"], "n", vec![]),
                    constant("axes", &[0], false),
                    node("", "Unsqueeze", &["n", "axes"], "n1", vec![]),
                    constant("minus", &[-1], false),
                    node("", "Concat", &["n1", "minus"], "to", vec![int("axis", -1)]),
                ],
            );
        }),
        ("reshape, part of a shape", |m| {
            reshape(
                m,
                vec![
                    node("", "Shape", &["c"], "n", vec![int("start", 0), int("end", -3)]),
                    node("", "Constant", &[], "minus", vec![ints("value_ints", &[-1])]),
                    node("", "Concat", &["n", "minus"], "to", vec![int("axis", 0)]),
                ],
            );
        }),
        ("reshape, sizes multiplied", |m| {
            m.opset_import[0].version = Some(12);
            let pick = |index, output: &str| {
                let at = format!("i{index}");
                [constant(&at, &[index], true), node("", "Gather", &["s", &at], output, vec![])]
            };
            let mut nodes = vec![node("", "Shape", &["c"], "s", vec![])];
            nodes.extend(
                pick(0, "n").into_iter().chain(pick(1, "c1")).chain(pick(2, "h")).chain(pick(3, "w")),
            );
            nodes.extend([
                node("", "Mul", &["c1", "h"], "ch", vec![]),
                node("", "Mul", &["ch", "w"], "chw", vec![]),
                node("", "Unsqueeze", &["n"], "n1", vec![ints("axes", &[0])]),
                node("", "Unsqueeze", &["chw"], "chw1", vec![ints("axes", &[0])]),
                node("", "Concat", &["n1", "chw1"], "to", vec![int("axis", 0)]),
            ]);
            reshape(m, nodes);
        }),
        ("transposed weights", |m| {
            before(m, "fc", vec![node("", "Transpose", &["fc.weight"], "t", vec![ints("perm", &[1, 0])])]);
            *find(m, "fc") = node("fc", "Gemm", &["d", "t", "fc.bias"], "y", vec![]);
        }),
        ("matrix product and biases", |m| {
            before(
                m,
                "fc",
                vec![
                    node("", "Transpose", &["fc.weight"], "t", vec![]),
                    node("", "MatMul", &["d", "t"], "p", vec![]),
                ],
            );
            *find(m, "fc") = node("fc", "Add", &["p", "fc.bias"], "y", vec![]);
        }),
        ("biases first", |m| {
            before(m, "fc", vec![node("p", "Gemm", &["d", "fc.weight"], "p", vec![int("transB", 1)])]);
            *find(m, "fc") = node("fc", "Add", &["fc.bias", "p"], "y", vec![]);
        }),
        ("biases of a row", |m| {
            tensor(m, "fc.bias").dims = vec![1, 3];
            find(m, "fc").attribute.extend([float("alpha", 1.0), float("beta", 1.0), int("transA", 0)]);
        }),
        ("biases of a convolution", |m| {
            tensor(m, "conv.bias").dims = vec![1, 2, 1, 1];
            find(m, "conv").input.truncate(2);
            insert(m, "relu", "Add", &["conv.bias"], vec![]);
        }),
        ("all attributes of a convolution", |m| {
            find(m, "conv").attribute.extend([
                ints("dilations", &[1, 1]),
                ints("strides", &[1, 1]),
                ints("kernel_shape", &[3, 3]),
                int("group", 1),
                text("auto_pad", "NOTSET"),
            ]);
        }),
        ("all attributes of pooling", |m| {
            m.opset_import[0].version = Some(19);
            find(m, "pool").attribute.extend([
                ints("pads", &[0; 4]),
                int("ceil_mode", 0),
                int("count_include_pad", 1),
                text("auto_pad", "NOTSET"),
            ]);
        }),
        ("the standard's other name", |m| {
            m.opset_import[0].domain = Some("ai.onnx".into());
            graph(m).node.iter_mut().for_each(|node| node.domain = Some("ai.onnx".into()));
        }),
        ("another domain that is not used", |m| {
            let mut other = m.opset_import[0].clone();
            (other.domain, other.version) = (Some("com.microsoft".into()), Some(1));
            m.opset_import.push(other);
        }),
        ("constants that nothing uses", |m| {
            graph(m).initializer.push(sizes("unused", &[1; 20]));
            let mut double = floats("double", &[2]);
            double.data_type = Some(rten_onnx::onnx::DataType::DOUBLE);
            graph(m).initializer.push(double);
        }),
    ];
    for (what, change) in changes {
        let mut model = network();
        change(&mut model);
        assert_same(&layers(&model), &base, what);
    }
    for opset in 7..=28 {
        let mut model = network();
        model.opset_import[0].version = Some(opset);
        assert_same(&layers(&model), &base, "opset");
    }
}

/// The columns of a dense layer after channels were moved to the end: element (row, column, channel) of what it is given is another one
/// of what the layer before it gave.
#[test]
fn moved_planes_are_moved_weights() {
    let mut model = network();
    insert(&mut model, "flat", "Transpose", &[], vec![ints("perm", &[0, 2, 3, 1])]);
    let (moved, base) = (layers(&model), layers(&network()));
    assert_eq!((&moved[0].weights, moved[1].shape), (&base[0].weights, base[1].shape));
    for output in 0..3 {
        for (channel, row, column) in (0..8).map(|i| (i / 4, i / 2 % 2, i % 2)) {
            let place = output * 8 + (channel * 2 + row) * 2 + column;
            let given = output * 8 + (row * 2 + column) * 2 + channel;
            assert_eq!(moved[1].weights[place], base[1].weights[given]);
        }
    }
}

/// Weights that the graph computes: as a runtime does it, one operation after the other in 32-bit floats.
#[test]
fn constants_are_computed() {
    let mut model = network();
    let weights = tensor(&mut model, "fc.weight").float_data.clone();
    let kernels = tensor(&mut model, "conv.weight").float_data.clone();
    let variance = [0.5f32, 2.0, 3.0];
    graph(&mut model).initializer.extend([
        filled("variance", &[3], variance.to_vec()),
        filled("epsilon", &[], vec![1e-3]),
        sizes("column", &[3, 1]),
        sizes("length", &[1]),
        filled("first", &[1], vec![0.25]),
        sizes("nine", &[0, -1]),
        sizes("back", &[2, 1, 3, 3]),
    ]);
    // Kernels as TensorFlow has them: rows, columns, inputs, outputs.
    let hwio: Vec<f32> = (0..18).map(|i| kernels[i % 2 * 9 + i / 2]).collect();
    *tensor(&mut model, "conv.weight") = filled("conv.weight", &[3, 3, 1, 2], hwio);
    let nodes = vec![
        node("", "Add", &["variance", "epsilon"], "v1", vec![]),
        node("", "Sqrt", &["v1"], "v2", vec![]),
        node("", "Reciprocal", &["v2"], "v3", vec![]),
        node("", "Reshape", &["v3", "column"], "v4", vec![]),
        node("", "Mul", &["fc.weight", "v4"], "w1", vec![]),
        node("", "Neg", &["w1"], "w2", vec![]),
        // Zeros of a shape, joined with a number, less the absolute of another.
        node("", "Shape", &["length"], "none", vec![]),
        constant("two", &[2], false),
        node("", "ConstantOfShape", &["two"], "zeros", vec![]),
        node("", "Concat", &["first", "zeros"], "b1", vec![int("axis", 0)]),
        node("", "Abs", &["fc.bias"], "b2", vec![]),
        node("", "Sub", &["b1", "b2"], "b3", vec![]),
        node("", "Transpose", &["conv.weight"], "k1", vec![ints("perm", &[3, 2, 0, 1])]),
        node("", "Reshape", &["k1", "nine"], "k2", vec![]),
        node("", "Reshape", &["k2", "back"], "k3", vec![]),
    ];
    let nodes = nodes.into_iter().filter(|node| node.output[0] != "none").collect();
    before(&mut model, "conv", nodes);
    find(&mut model, "fc").input.splice(1.., ["w2".into(), "b3".into()]);
    find(&mut model, "conv").input[1] = "k3".into();
    let found = layers(&model);
    let base = layers(&network());
    assert_eq!(found[0].weights, base[0].weights);
    for output in 0..3 {
        let factor = 1.0 / (variance[output] + 1e-3f32).sqrt();
        for input in 0..8 {
            let expected = -(weights[output * 8 + input] * factor);
            assert_eq!(found[1].weights[output * 8 + input], expected);
        }
        assert_eq!(found[1].bias[output], [0.25, 0.0, 0.0][output] - base[1].bias[output].abs());
    }
}

/// Constants of other types are what the Cast after them makes of them.
#[test]
fn constants_are_cast() {
    let base = layers(&network());
    let bias = [0.5f64, -1.25, 0.1];
    let halves = [0x3800u16, 0xbd00, 0x2e66];
    let (double, half) = (rten_onnx::onnx::DataType::DOUBLE, rten_onnx::onnx::DataType::FLOAT16);
    let raw = |bytes: Vec<u8>| Some(core::cell::RefCell::new(bytes));
    for (kind, bytes, expected) in [
        (double, bias.map(f64::to_le_bytes).concat(), bias.map(|value| value as f32)),
        (half, halves.map(u16::to_le_bytes).concat(), [0.5, -1.25, 0.099_975_586]),
    ] {
        let mut model = network();
        let bias = tensor(&mut model, "fc.bias");
        bias.float_data.clear();
        (bias.data_type, bias.raw_data) = (Some(kind), raw(bytes));
        before(&mut model, "fc", vec![node("", "Cast", &["fc.bias"], "bias", vec![int("to", 1)])]);
        find(&mut model, "fc").input[2] = "bias".into();
        let found = layers(&model);
        assert_eq!((&found[1].bias[..], &found[1].weights), (&expected[..], &base[1].weights));
    }
}

/// Messages in pieces, fields that nobody knows, groups: as the format allows.
#[test]
fn whatever_protocol_buffers_allow() {
    let base = layers(&network());
    let whole = bytes(&network());
    // Fields 99 and 100: a group with a group in it, a number.
    let unknown = [0x9b, 6, 0x08, 1, 0x9b, 6, 0x9c, 6, 0x9c, 6, 0xa0, 6, 7];
    let read = |bytes: &[u8]| Model::from_onnx_bytes(bytes).unwrap_or_else(|error| panic!("{error}")).layers;
    assert_same(&read(&[&unknown[..], &whole, &unknown].concat()), &base, "unknown fields");
    let (mut first, mut second) = (network(), network());
    let graph_of_second = graph(&mut second);
    graph_of_second.input.clear();
    graph_of_second.output.clear();
    graph_of_second.node.drain(..2);
    graph_of_second.initializer.drain(..1);
    second.opset_import.clear();
    graph(&mut first).node.truncate(2);
    graph(&mut first).initializer.truncate(1);
    assert_same(&read(&[bytes(&first), bytes(&second)].concat()), &base, "two graphs are one");
    // A number that comes again: the last one counts.
    second.opset_import = first.opset_import.clone();
    first.opset_import[0].version = Some(3);
    assert_same(&read(&[bytes(&first), bytes(&second)].concat()), &base, "the last opset");
}

#[test]
fn biases_that_are_not_there_are_zero() {
    let mut model = network();
    find(&mut model, "conv").input.truncate(2);
    find(&mut model, "fc").input[2] = String::new();
    let layers = layers(&model);
    assert_eq!((&layers[0].bias[..], &layers[1].bias[..]), (&[0.0; 2][..], &[0.0; 3][..]));
    assert_eq!(layers[0].weights, self::layers(&network())[0].weights);
}

/// After Conv, Gemm, and MatMul with Add: in double precision, rounded once.
#[test]
fn batch_normalisation_is_folded() {
    let statistics = |channels: usize| {
        let number = |i: usize, k: usize| ((i * 7 + k * 3) % 5 + 1) as f32 / 4.0;
        let list = |k| (0..channels).map(|i| number(i, k)).collect::<Vec<f32>>();
        [list(0), list(1), list(2), list(3)]
    };
    let folded = |layer: &mut FloatLayer| {
        let [scale, shift, mean, variance] = statistics(layer.bias.len());
        let taps = layer.weights.len() / layer.bias.len();
        for channel in 0..layer.bias.len() {
            let factor =
                f64::from(scale[channel]) / (f64::from(variance[channel]) + f64::from(1e-3f32)).sqrt();
            for weight in &mut layer.weights[channel * taps..][..taps] {
                *weight = (f64::from(*weight) * factor) as f32;
            }
            let centred = f64::from(layer.bias[channel]) - f64::from(mean[channel]);
            layer.bias[channel] = (centred * factor + f64::from(shift[channel])) as f32;
        }
    };
    let mut expected = layers(&network());
    expected.iter_mut().for_each(folded);
    for split in [false, true] {
        let mut model = network();
        if split {
            before(
                &mut model,
                "fc",
                vec![node("p", "Gemm", &["d", "fc.weight"], "p", vec![int("transB", 1)])],
            );
            *find(&mut model, "fc") = node("fc", "Add", &["p", "fc.bias"], "y", vec![]);
        }
        for (layer, channels) in [("conv", 2), ("fc", 3)] {
            let names = ["scale", "shift", "mean", "var"].map(|name| format!("{layer}.{name}"));
            for (name, list) in names.iter().zip(statistics(channels)) {
                graph(&mut model).initializer.push(filled(name, &[channels as i64], list));
            }
            let names = names.each_ref().map(String::as_str);
            if layer == "conv" {
                let attributes =
                    vec![float("epsilon", 1e-3), float("momentum", 0.9), int("training_mode", 0)];
                insert(&mut model, "relu", "BatchNormalization", &names, attributes);
            } else {
                append(&mut model, "BatchNormalization", &names);
                find(&mut model, "last").attribute.push(float("epsilon", 1e-3));
            }
        }
        assert_same(&layers(&model), &expected, if split { "Gemm and Add" } else { "Gemm" });
    }
}

#[test]
fn vectors_may_be_inputs() {
    for (elements, shape) in [(16, (1, 1, 16)), (5000, (5000, 1, 1))] {
        let mut model = network();
        graph(&mut model).node.drain(..4);
        graph(&mut model).input = vec![value("x", &[None, Some(elements)])];
        find(&mut model, "fc").input[0] = "x".into();
        *tensor(&mut model, "fc.weight") = floats("fc.weight", &[3, elements]);
        let model = Model::from_onnx_bytes(&bytes(&model)).unwrap();
        assert_eq!((model.input.channels, model.input.height, model.input.width), shape);
        model.quantize(muse_model::FixedPoint::new(8).unwrap()).unwrap();
    }
}

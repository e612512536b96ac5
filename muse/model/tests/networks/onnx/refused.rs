//! What is not supported is refused by the name of the node, with what to do about it.

use super::build::*;
use muse_model::{Model, Normalisation};
use rten_onnx::onnx::{AttributeProto, DataLocation, DataType, ModelProto};

/// A change to the network, and what the error must say.
type Case = (fn(&mut ModelProto), &'static str, &'static str);

fn attribute(model: &mut ModelProto, node: &str, attribute: AttributeProto) {
    let attributes = &mut find(model, node).attribute;
    attributes.retain(|other| other.name != attribute.name);
    attributes.push(attribute);
}

fn operator(model: &mut ModelProto, node: &str, op: &str) {
    find(model, node).op_type = Some(op.into());
}

/// The convolution with padding that is computed.
fn padded(model: &mut ModelProto, kind: &str) {
    find(model, "conv").attribute.clear();
    attribute(model, "conv", text("auto_pad", kind));
}

/// The network with batch normalisation before `node`, of two channels.
fn normalised(model: &mut ModelProto, node: &str) {
    for (name, value) in [("scale", 1.5), ("shift", 0.25), ("mean", 0.5), ("var", 1.0)] {
        graph(model).initializer.push(filled(name, &[2], vec![value; 2]));
    }
    insert(model, node, "BatchNormalization", &["scale", "shift", "mean", "var"], vec![]);
}

fn refuse(cases: &[Case]) {
    Model::from_onnx_bytes(&bytes(&network())).expect("supported without a change");
    for (index, (change, node, advice)) in cases.iter().enumerate() {
        let mut model = network();
        change(&mut model);
        let error = match Model::from_onnx_bytes(&bytes(&model)) {
            Ok(_) => panic!("case {index} was taken: {node}, {advice}"),
            Err(error) => error.to_string(),
        };
        assert!(
            error.contains(node) && error.contains(advice),
            "case {index}: {node}, {advice}, but: {error}"
        );
        assert!(!error.chars().any(char::is_control) && error.len() < 500, "{error}");
    }
}

#[test]
fn operators() {
    refuse(&[
        (
            |m| operator(m, "pool", "MaxPool"),
            "MaxPool node \"pool\"",
            "AvgPool2d(2), in Keras AveragePooling2D(2)",
        ),
        (|m| operator(m, "pool", "GlobalAveragePool"), "node \"pool\"", "only 2x2 average pooling"),
        (|m| operator(m, "relu", "Sigmoid"), "Sigmoid node \"relu\"", "ReLU is the only activation"),
        (|m| operator(m, "relu", "Clip"), "Clip node \"relu\"", "ReLU is the only activation"),
        (|m| operator(m, "conv", "ConvTranspose"), "node \"conv\"", "transposed convolutions are not"),
        (|m| operator(m, "conv", "QLinearConv"), "node \"conv\"", "in 32-bit floats: it is quantised here"),
        (|m| operator(m, "flat", "Squeeze"), "Squeeze node \"flat\"", "give them, or use Flatten"),
        (|m| operator(m, "flat", "Resize"), "Resize node \"flat\"", "only Reshape, Transpose, Flatten"),
        (|m| operator(m, "relu", "Softmax"), "Softmax node \"relu\"", "nowhere but at the end"),
        (|m| append(m, "Sigmoid", &[]), "Sigmoid node \"last\"", "leave it out"),
        (|m| operator(m, "relu", "LSTM"), "LSTM node \"relu\"", "the operator is not supported"),
        (|m| operator(m, "relu", "If"), "If node \"relu\"", "export one inference"),
        (|m| append(m, "Softmax", &[]), "Softmax node \"last\"", "leave it out"),
        (|m| append(m, "LogSoftmax", &[]), "node \"last\"", "the order of the outputs is the same"),
        (|m| append(m, "ArgMax", &[]), "node \"last\"", "leave it out"),
        // What is at the end is not the last node, as scikit-learn's exports have it.
        (
            |m| {
                append(m, "Identity", &[]);
                operator(m, "last", "Softmax");
                graph(m).node.push(node("copy", "Identity", &["z"], "probabilities", vec![]));
                graph(m).node.push(node("most", "ArgMax", &["probabilities"], "label", vec![]));
                graph(m).output = vec![value("label", &[None]), value("probabilities", &[None, Some(3)])];
            },
            "Softmax node \"last\"",
            "onnx.utils.extract_model(\"THIS\", \"OUT.onnx\", [\"x\"], [\"y\"])",
        ),
        (|m| append(m, "Relu", &[]), "\"z\"", "end the network with a Conv or Gemm layer"),
        (
            |m| insert(m, "relu", "LayerNormalization", &[], vec![]),
            "node \"new\"",
            "batch normalisation is the only one",
        ),
        (
            |m| insert(m, "flat", "Mul", &["conv.bias"], vec![]),
            "Mul node \"new\"",
            "put factors into the weights",
        ),
        (
            |m| insert(m, "conv", "Pad", &[], vec![]),
            "Pad node \"new\"",
            "put the padding into the Conv layer",
        ),
        (|m| find(m, "relu").domain = Some("com.microsoft".into()), "node \"relu\"", "\"com.microsoft\""),
        (|m| find(m, "relu").op_type = None, "node \"relu\"", "the operator is not supported"),
        // Without a name, a node is known by its output.
        (
            |m| {
                find(m, "pool").op_type = Some("MaxPool".into());
                find(m, "pool").name = None;
            },
            "MaxPool node with output \"c\"",
            "AvgPool2d(2)",
        ),
    ]);
}

#[test]
fn attributes() {
    refuse(&[
        (|m| attribute(m, "conv", ints("dilations", &[2, 2])), "Conv node \"conv\"", "use a larger kernel"),
        (|m| attribute(m, "conv", int("group", 2)), "node \"conv\"", "group is 2"),
        (
            |m| {
                padded(m, "SAME_UPPER");
                attribute(m, "conv", ints("strides", &[2, 2]));
            },
            "node \"conv\"",
            "auto_pad makes the padding [0, 0, 1, 1] here (top, left, bottom, right)",
        ),
        (
            |m| {
                padded(m, "SAME_LOWER");
                attribute(m, "conv", ints("strides", &[2, 2]));
            },
            "node \"conv\"",
            "auto_pad makes the padding [1, 1, 0, 0] here",
        ),
        (|m| padded(m, "ALL"), "node \"conv\"", "auto_pad is ALL, which ONNX does not know"),
        (|m| attribute(m, "conv", text("auto_pad", "VALID")), "node \"conv\"", "has both auto_pad and pads"),
        (
            |m| {
                // Sides of three after the convolution.
                padded(m, "VALID");
                graph(m).input[0] = value("x", &[None, Some(1), Some(5), Some(5)]);
                attribute(m, "pool", text("auto_pad", "SAME_UPPER"));
            },
            "node \"pool\"",
            "auto_pad makes the padding [0, 0, 1, 1] here, as a side is odd",
        ),
        (
            |m| attribute(m, "conv", ints("pads", &[0, 0, 1, 1])),
            "node \"conv\"",
            "the same padding on all four sides",
        ),
        (|m| attribute(m, "conv", ints("pads", &[-1, -1, -1, -1])), "node \"conv\"", "the same padding"),
        (|m| attribute(m, "conv", ints("pads", &[3, 3, 3, 3])), "node \"conv\"", "padding out of range"),
        (|m| attribute(m, "conv", ints("strides", &[1, 2])), "node \"conv\"", "the same stride in both"),
        (|m| attribute(m, "conv", ints("strides", &[0, 0])), "node \"conv\"", "stride out of range"),
        (
            |m| attribute(m, "conv", ints("kernel_shape", &[5, 5])),
            "node \"conv\"",
            "kernel_shape is not that of its weights",
        ),
        (|m| attribute(m, "conv", int("kernel_shape", 3)), "node \"conv\"", "must be a list of integers"),
        (
            |m| attribute(m, "conv", int("surprise", 3)),
            "node \"conv\"",
            "attribute \"surprise\" is not supported",
        ),
        (
            |m| find(m, "conv").attribute.push(ints("pads", &[0; 4])),
            "node \"conv\"",
            "\"pads\" is given twice",
        ),
        (|m| attribute(m, "pool", int("ceil_mode", 1)), "AveragePool node \"pool\"", "ceil_mode is 1"),
        (
            |m| attribute(m, "pool", ints("kernel_shape", &[3, 3])),
            "node \"pool\"",
            "only 2x2 pooling with stride 2",
        ),
        (|m| attribute(m, "pool", ints("strides", &[1, 1])), "node \"pool\"", "strides is [1, 1]"),
        (
            |m| find(m, "pool").attribute.retain(|a| a.name.as_deref() != Some("strides")),
            "node \"pool\"",
            "strides is [1, 1]",
        ),
        (
            |m| {
                attribute(m, "pool", ints("pads", &[1; 4]));
                attribute(m, "pool", int("count_include_pad", 1));
            },
            "node \"pool\"",
            "without padding",
        ),
        (|m| attribute(m, "flat", int("axis", 2)), "Flatten node \"flat\"", "flatten all but the batch"),
        (|m| attribute(m, "fc", float("alpha", 0.5)), "Gemm node \"fc\"", "alpha and beta other than 1"),
        (|m| attribute(m, "fc", float("beta", f32::NAN)), "node \"fc\"", "alpha and beta other than 1"),
        (|m| attribute(m, "fc", int("transA", 1)), "node \"fc\"", "transA is 1"),
        (|m| attribute(m, "fc", float("transB", 1.0)), "node \"fc\"", "must be an integer"),
    ]);
}

#[test]
fn structure() {
    refuse(&[
        (|m| find(m, "pool").input[0] = "a".into(), "node \"pool\"", "branches and residual connections"),
        (
            |m| {
                graph(m).node.insert(2, node("sum", "Add", &["b", "a"], "s", vec![]));
                find(m, "pool").input[0] = "s".into();
            },
            "Add node \"sum\"",
            "residual",
        ),
        (
            |m| {
                operator(m, "relu", "Identity");
                operator(m, "pool", "Identity");
                find(m, "pool").attribute.clear();
            },
            "node \"fc\"",
            "follows the linear layer \"conv\" without a ReLU",
        ),
        (|m| operator(m, "relu", "Identity"), "node \"pool\"", "must follow a ReLU"),
        (|m| insert(m, "conv", "Relu", &[], vec![]), "Relu node \"new\"", "pixels are not negative"),
        (|m| operator(m, "flat", "Identity"), "node \"fc\"", "flatten them before it"),
        (|m| insert(m, "conv", "Flatten", &[], vec![]), "node \"conv\"", "flatten after the last Conv"),
        (
            |m| normalised(m, "conv"),
            "BatchNormalization node \"new\"",
            "is not of the 1 channels that it is given",
        ),
        (|m| normalised(m, "pool"), "node \"new\"", "directly after Conv"),
        (
            |m| append(m, "BatchNormalization", &["fc.bias", "fc.bias", "fc.bias", "conv.bias"]),
            "node \"last\"",
            "not of the 3 channels",
        ),
        (
            |m| {
                normalised(m, "relu");
                *tensor(m, "var") = filled("var", &[2], vec![1.0, -1.0]);
            },
            "node \"new\"",
            "a variance is zero, negative",
        ),
        (
            |m| {
                normalised(m, "relu");
                find(m, "new").attribute.push(int("training_mode", 1));
            },
            "node \"new\"",
            "eval()",
        ),
        (
            |m| {
                normalised(m, "relu");
                find(m, "new").output.push("more".into());
            },
            "node \"new\"",
            "has several outputs",
        ),
        (
            |m| {
                graph(m).initializer.push(sizes("to", &[0, 3, 3]));
                insert(m, "flat", "Reshape", &["to"], vec![]);
            },
            "Reshape node \"new\"",
            "makes 3 x 3 of the 8 elements of an image",
        ),
        (
            |m| {
                // The same elements, but no planes of the layer's sizes.
                graph(m).initializer.push(sizes("to", &[0, 1, 4, 8]));
                insert(m, "pool", "Reshape", &["to"], vec![]);
            },
            "node \"pool\"",
            "only 2x2 pooling",
        ),
        (
            |m| {
                graph(m).initializer.push(sizes("to", &[4, -1]));
                insert(m, "flat", "Reshape", &["to"], vec![]);
            },
            "node \"new\"",
            "the batch must stay the first size: write 0 or -1 there",
        ),
        (
            |m| {
                graph(m).initializer.push(sizes("to", &[-1, -1]));
                insert(m, "flat", "Reshape", &["to"], vec![]);
            },
            "node \"new\"",
            "the batch must stay the first size",
        ),
        (
            |m| insert(m, "flat", "Transpose", &[], vec![]),
            "Transpose node \"new\"",
            "the batch must stay first",
        ),
        (
            |m| insert(m, "pool", "Transpose", &[], vec![ints("perm", &[0, 2, 3, 1])]),
            "node \"pool\"",
            "only 2x2 pooling",
        ),
        (
            |m| insert(m, "conv", "Transpose", &[], vec![ints("perm", &[0, 1, 3, 2])]),
            "node \"conv\"",
            "is given 1 x 4 x 4 in another order than channels, rows, columns",
        ),
        (
            |m| {
                // The last layer gives planes, which are moved.
                graph(m).node.truncate(1);
                graph(m).node.push(node("move", "Transpose", &["a"], "y", vec![ints("perm", &[0, 2, 3, 1])]));
            },
            "\"y\"",
            "leave out the Transpose at the end",
        ),
        (
            |m| {
                graph(m).initializer.push(flag("flag", true));
                insert(m, "flat", "Dropout", &["", "flag"], vec![]);
            },
            "Dropout node \"new\"",
            "eval()",
        ),
        (
            |m| find(m, "relu").input[0] = "nowhere".into(),
            "node \"relu\"",
            "takes \"nowhere\", which nothing before it gives",
        ),
        (|m| find(m, "relu").input.clear(), "node \"relu\"", "input 0 is missing"),
        (|m| find(m, "relu").output.clear(), "node \"relu\"", "has no output"),
        (|m| find(m, "relu").output[0] = "x".into(), "node \"relu\"", "gives \"x\", which was given before"),
        (
            |m| find(m, "relu").input[0] = "conv.bias".into(),
            "node \"relu\"",
            "is a constant tensor, but must be computed from the input",
        ),
        (|m| find(m, "conv").input[1] = "x".into(), "node \"conv\"", "it must be a constant tensor"),
        (|m| graph(m).node.swap(0, 1), "node \"relu\"", "nothing before it gives"),
        (|m| graph(m).input.push(value("x2", &[None])), "", "2 inputs, one is supported"),
        (|m| graph(m).input.clear(), "", "0 inputs"),
        (|m| graph(m).output.push(value("a", &[None])), "", "2 outputs, one is supported"),
        (|m| graph(m).output[0] = value("c", &[None]), "\"c\"", "not what its last node computes"),
        (
            |m| {
                graph(m).node.clear();
                graph(m).output[0] = value("x", &[None]);
            },
            "",
            "no linear layer",
        ),
        (
            |m| graph(m).input[0] = value("x", &[Some(1), Some(1), Some(1), Some(4), Some(4)]),
            "input \"x\"",
            "batch x channels x height x width",
        ),
        (
            |m| graph(m).input[0] = value("x", &[None, None, Some(4), Some(4)]),
            "input \"x\"",
            "all but the batch fixed",
        ),
        (
            |m| graph(m).input[0] = value("x", &[None, Some(-1), Some(4), Some(4)]),
            "input \"x\"",
            "all but the batch fixed",
        ),
        (
            |m| graph(m).input[0] = value("x", &[None, Some(1 << 40), Some(4), Some(4)]),
            "input of",
            "must be 1 to",
        ),
        (
            |m| graph(m).input[0] = value("x", &[None, Some(3), Some(4), Some(4)]),
            "node \"conv\"",
            "its weights are for 1 channels, but it is given 3 x 4 x 4",
        ),
        (
            |m| m.opset_import[0].version = Some(6),
            "",
            "it has opset 6, 7 to 28 are supported: export it with opset 18",
        ),
        (|m| m.opset_import[0].version = Some(29), "", "it has opset 29, 7 to 28 are supported"),
        (|m| m.opset_import.clear(), "", "no opset"),
        (|m| m.graph = None, "", "it has no graph"),
    ]);
}

/// What an opset does not have, by its number: it would mean something else, or nothing.
#[test]
fn opsets() {
    refuse(&[
        (
            |m| {
                graph(m).initializer.push(sizes("axes", &[1]));
                m.opset_import[0].version = Some(12);
                insert(m, "flat", "Unsqueeze", &["axes"], vec![]);
            },
            "Unsqueeze node \"new\"",
            "has more than 1 inputs, which it has not in opset 12",
        ),
        (
            |m| insert(m, "flat", "Unsqueeze", &[], vec![ints("axes", &[1])]),
            "Unsqueeze node \"new\"",
            "attribute \"axes\" is of opset 1 to 12, the file is of opset 18",
        ),
        (
            |m| insert(m, "flat", "Dropout", &[], vec![float("ratio", 0.5)]),
            "Dropout node \"new\"",
            "\"ratio\" is of opset 1 to 11",
        ),
        (
            |m| {
                m.opset_import[0].version = Some(9);
                attribute(m, "pool", int("ceil_mode", 0));
            },
            "node \"pool\"",
            "\"ceil_mode\" is of opset 10 and later, the file is of opset 9",
        ),
        (
            |m| {
                m.opset_import[0].version = Some(8);
                normalised(m, "relu");
                find(m, "new").attribute.push(int("spatial", 0));
            },
            "node \"new\"",
            "spatial is 0",
        ),
        (
            |m| {
                m.opset_import[0].version = Some(14);
                insert(m, "conv", "CastLike", &["conv.bias"], vec![]);
            },
            "CastLike node \"new\"",
            "is an operator of opset 15, the file is of opset 14",
        ),
    ]);
}

/// What is computed from constants, and cannot be.
#[test]
fn constants() {
    refuse(&[
        (
            |m| {
                graph(m).node.insert(0, node("cast", "Cast", &["fc.weight"], "w", vec![int("to", 11)]));
                find(m, "fc").input[1] = "w".into();
            },
            "Cast node \"cast\"",
            "to float64: only 32-bit floats are computed with",
        ),
        (
            |m| insert(m, "flat", "Cast", &[], vec![int("to", 10)]),
            "Cast node \"new\"",
            "casts what is computed from the input to float16",
        ),
        (
            |m| {
                graph(m).node.insert(0, node("mul", "Mul", &["fc.weight", "fc.bias"], "w", vec![]));
                find(m, "fc").input[1] = "w".into();
            },
            "Mul node \"mul\"",
            "constants of sizes [3, 8] and [3], which do not fit",
        ),
        (
            |m| {
                graph(m).initializer.push(sizes("to", &[5, 5]));
                graph(m).node.insert(0, node("to", "Reshape", &["fc.weight", "to"], "w", vec![]));
                find(m, "fc").input[1] = "w".into();
            },
            "Reshape node \"to\"",
            "makes sizes [5, 5] of a constant with sizes [3, 8]",
        ),
        (
            |m| {
                graph(m)
                    .node
                    .insert(0, node("to", "Transpose", &["fc.weight"], "w", vec![ints("perm", &[0, 0])]));
                find(m, "fc").input[1] = "w".into();
            },
            "Transpose node \"to\"",
            "its order has not every axis once",
        ),
    ]);
}

#[test]
fn normalisation() {
    refuse(&[
        (
            |m| {
                graph(m).initializer.push(filled("k", &[], vec![0.0]));
                insert(m, "conv", "Div", &["k"], vec![]);
            },
            "Div node \"new\"",
            "a factor of the normalisation is zero",
        ),
        (
            |m| {
                graph(m).initializer.push(filled("k", &[3], vec![0.5; 3]));
                insert(m, "conv", "Sub", &["k"], vec![]);
            },
            "Sub node \"new\"",
            "sizes [3]",
        ),
        (
            |m| {
                graph(m).initializer.push(filled("k", &[], vec![0.5]));
                insert(m, "conv", "Sub", &["k"], vec![]);
                find(m, "new").input.swap(0, 1);
            },
            "Sub node \"new\"",
            "only (image - mean) / std",
        ),
    ]);
}

/// What is not refused of it becomes the input's normalisation, whatever the arithmetic.
#[test]
fn normalisation_of_the_input() {
    let mean_std = |mean, std| Normalisation::in_network(&[mean], &[std]).unwrap();
    let cases: [(&[(&str, f32)], Normalisation); 5] = [
        (&[], Normalisation::UnitInterval),
        (&[("Sub", 0.5), ("Div", 0.25)], mean_std(0.5, 0.25)),
        (&[("Mul", 2.0), ("Sub", 1.0)], mean_std(0.5, 0.5)),
        (&[("Div", 0.5), ("Add", -1.0), ("Mul", 2.0), ("Add", 0.25)], mean_std(0.4375, 0.25)),
        (&[("Add", 0.125)], mean_std(-0.125, 1.0)),
    ];
    for (steps, expected) in cases {
        let mut model = network();
        for (index, (op, value)) in steps.iter().enumerate().rev() {
            let (before, after) = (format!("n{index}"), format!("n{}", index + 1));
            let last = index + 1 == steps.len();
            let constant = format!("c{index}");
            // One number, one a channel, either way round where the order does not matter.
            let dims: &[i64] = [&[][..], &[1], &[1, 1, 1], &[1, 1, 1, 1]][index % 4];
            graph(&mut model).initializer.push(filled(&constant, dims, vec![*value]));
            let mut inputs = [if index == 0 { "x" } else { &before }, &constant];
            if *op == "Mul" {
                inputs.swap(0, 1);
            }
            if last {
                find(&mut model, "conv").input[0] = after.clone();
            }
            let node = node("", op, &inputs, &after, vec![]);
            graph(&mut model).node.insert(0, node);
        }
        assert_eq!(
            Model::from_onnx_bytes(&bytes(&model)).unwrap().input.normalisation,
            expected,
            "{steps:?}"
        );
    }
}

#[test]
fn tensors() {
    refuse(&[
        (
            |m| tensor(m, "fc.weight").data_type = Some(DataType::FLOAT16),
            "node \"fc\"",
            "\"fc.weight\" is of type float16; export the network in 32-bit floats",
        ),
        (|m| tensor(m, "fc.weight").data_type = Some(DataType::DOUBLE), "node \"fc\"", "float64"),
        (|m| tensor(m, "fc.weight").data_type = Some(DataType(-5)), "node \"fc\"", "another"),
        (
            |m| tensor(m, "fc.weight").data_location = Some(DataLocation::EXTERNAL),
            "node \"fc\"",
            "in another file, which bytes alone do not name: read it from a file, or export it with external_data=False",
        ),
        (
            |m| tensor(m, "fc.weight").dims = vec![8, 3],
            "node \"fc\"",
            "weights are for 3 inputs, but it is given 8 (2 x 2 x 2)",
        ),
        (|m| tensor(m, "fc.weight").dims = vec![24], "node \"fc\"", "not a matrix"),
        (
            |m| tensor(m, "fc.weight").dims = vec![3, 9],
            "tensor \"fc.weight\"",
            "another length than its sizes say",
        ),
        (|m| tensor(m, "fc.weight").dims = vec![-3, -8], "tensor \"fc.weight\"", "negative size"),
        (|m| tensor(m, "fc.weight").dims = vec![1 << 32, 1 << 32], "tensor \"fc.weight\"", "more than"),
        (|m| tensor(m, "fc.weight").dims = vec![1 << 40], "tensor \"fc.weight\"", "more than"),
        (|m| tensor(m, "fc.bias").dims = vec![3, 1], "node \"fc\"", "sizes [3, 1]"),
        (
            |m| *tensor(m, "conv.weight") = floats("conv.weight", &[2, 1, 3, 2]),
            "node \"conv\"",
            "only square kernels",
        ),
        (
            |m| *tensor(m, "conv.weight") = floats("conv.weight", &[2, 1, 3]),
            "node \"conv\"",
            "only two dimensions",
        ),
        (
            |m| *tensor(m, "conv.weight") = floats("conv.weight", &[0, 1, 3, 3]),
            "node \"conv\"",
            "number of output channels out of range",
        ),
        (
            |m| *tensor(m, "conv.weight") = floats("conv.weight", &[2, 1, 7, 7]),
            "node \"conv\"",
            "kernel is larger than the padded image",
        ),
        (|m| graph(m).initializer.push(floats("fc.bias", &[3])), "\"fc.bias\"", "given twice"),
        (
            |m| {
                let name = "e\u{1b}[2J\u{202e}".repeat(100);
                tensor(m, "fc.bias").name = Some(name.clone());
                find(m, "fc").input[2] = name;
                tensor(m, "fc.weight").dims = vec![9];
            },
            "tensor \"fc.weight\"",
            "another length",
        ),
        (
            |m| {
                let name = "e\u{1b}[2J\u{202e}".repeat(100);
                operator(m, "relu", "LSTM");
                find(m, "relu").name = Some(name);
            },
            "LSTM node \"e?[2J?e?[2J?",
            "not supported",
        ),
    ]);
}

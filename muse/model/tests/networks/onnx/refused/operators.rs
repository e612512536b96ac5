//! Operators that no layer comes from.

use super::*;

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

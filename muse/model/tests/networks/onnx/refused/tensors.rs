//! Tensors of weights.

use super::*;

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

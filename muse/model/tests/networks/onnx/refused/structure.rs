//! Graphs that are no chain of layers.

use super::*;

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

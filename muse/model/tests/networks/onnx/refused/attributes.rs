//! Attributes that an operator may not have here.

use super::*;

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

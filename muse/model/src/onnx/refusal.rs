//! What to do about an operator that is not supported.

use super::proto::Node;
use super::walk::Walk;
use crate::limits;
use crate::names::is_plain;

/// Why a node is refused, and what to do.
pub(super) fn of(node: &Node<'_>, walk: &Walk<'_>) -> String {
    let at_end = walk.is_at_end();
    match node.op {
        "Softmax" | "LogSoftmax" | "Hardmax" | "ArgMax" | "TopK" if at_end => {
            format!(
                "leave it out: the order of the outputs is the same, and the client finds the largest. {}",
                without(node, walk)
            )
        }
        "Sigmoid" | "Tanh" | "HardSigmoid" | "Softplus" | "Softsign" if at_end => {
            format!(
                "leave it out: the order of the outputs is the same, and those above 0 are still those above its middle. {}",
                without(node, walk)
            )
        }
        op => of_operator(op).into(),
    }
}

/// How to export a network without its last node: in the words of those who trained it, or with what is there.
fn without(node: &Node<'_>, walk: &Walk<'_>) -> String {
    const TRAINED: &str = "PyTorch: return what is before it; Keras: a last layer with activation=None";
    let names = [walk.input_name, node.input(0).unwrap_or_default()];
    if names.iter().any(|name| {
        name.len() > limits::NAME_BYTES || !name.chars().all(|c| is_plain(c) && !matches!(c, '"' | '\\'))
    }) {
        return TRAINED.into();
    }
    let [from, to] = names;
    format!(
        "{TRAINED}; or cut it off: onnx.utils.extract_model(\"THIS\", \"OUT.onnx\", [\"{from}\"], [\"{to}\"])"
    )
}

/// Why an operator is refused wherever it is.
fn of_operator(op: &str) -> &'static str {
    match op {
        "Softmax" | "LogSoftmax" | "Hardmax" | "ArgMax" | "TopK" => {
            "is supported nowhere but at the end, where it is left out: a network alternates linear layers with ReLU"
        }
        "MaxPool" | "GlobalMaxPool" => {
            "max pooling is not supported: use 2x2 average pooling after the ReLU (AvgPool2d(2), in Keras AveragePooling2D(2)), and train again"
        }
        "GlobalAveragePool" | "ReduceMean" | "LpPool" => {
            "only 2x2 average pooling is supported: use AvgPool2d(2), in Keras AveragePooling2D(2), or flatten and a linear layer, and train again"
        }
        "Sigmoid" | "Tanh" | "LeakyRelu" | "PRelu" | "Elu" | "Selu" | "Celu" | "Gelu" | "Clip"
        | "HardSigmoid" | "HardSwish" | "Mish" | "Softplus" | "Softsign" | "ThresholdedRelu" | "Swish"
        | "Erf" => "ReLU is the only activation supported: use it instead, and train again",
        "LayerNormalization"
        | "InstanceNormalization"
        | "GroupNormalization"
        | "LpNormalization"
        | "LRN"
        | "RMSNormalization"
        | "MeanVarianceNormalization" => {
            "batch normalisation is the only one supported, as it folds into the layer before it"
        }
        "Sub" | "Div" | "Mul" | "Pow" | "Sqrt" | "Neg" | "Sum" => ARITHMETIC,
        "ConvTranspose" => "only Conv is supported: transposed convolutions are not",
        "QuantizeLinear"
        | "DequantizeLinear"
        | "QLinearConv"
        | "QLinearMatMul"
        | "ConvInteger"
        | "MatMulInteger"
        | "DynamicQuantizeLinear" => "export the network as trained, in 32-bit floats: it is quantised here",
        "Pad" => "put the padding into the Conv layer (its attribute pads)",
        "Slice" | "Split" | "Resize" | "Upsample" | "Tile" | "Expand" | "Gather" | "Concat" => {
            "takes apart, repeats or joins what flows from layer to layer: only Reshape, Transpose, Flatten, Squeeze and Unsqueeze are supported between layers"
        }
        "If" | "Loop" | "Scan" | "SequenceMap" => {
            "control flow is not supported: export one inference without it"
        }
        _ => {
            "the operator is not supported: a network alternates Conv or Gemm with ReLU, 2x2 average pooling after a ReLU if wanted"
        }
    }
}

/// Arithmetic that is part of no layer.
pub(super) const ARITHMETIC: &str =
    "arithmetic between layers is not supported: put factors into the weights and summands into the biases";

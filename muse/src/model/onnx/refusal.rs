//! What to do about an operator that is not supported.

/// Why `op` is refused, and what to do.
pub(super) fn of(op: &str) -> &'static str {
    match op {
        "Softmax" | "LogSoftmax" | "Hardmax" | "ArgMax" | "TopK" => {
            "leave it out of the exported network: the order of the outputs is the same, and the client finds the largest"
        }
        "MaxPool" | "GlobalMaxPool" => {
            "max pooling is not supported: use 2x2 average pooling (AvgPool2d(2)) after the ReLU, and train again"
        }
        "GlobalAveragePool" | "ReduceMean" | "LpPool" => {
            "only 2x2 average pooling is supported: use AvgPool2d(2), or flatten and a linear layer, and train again"
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
        "Cast" => "only 32-bit floats are supported: export the network in them",
        "Pad" => "put the padding into the Conv layer (its attribute pads)",
        "Squeeze" | "Slice" | "Split" | "Resize" | "Upsample" | "Tile" => {
            "only flattening is supported between layers: use Flatten"
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

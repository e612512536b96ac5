//! From node to node along the graph, in the order of the file: what every name stands for, and the layers met so far.

use super::input::Input;
use super::linear::Linear;
use super::proto::{File, Graph, Node, is_standard};
use super::value::{Data, Floats, Value, shortened};
use super::wire::malformed;
use super::{opset, refusal};
use crate::{InputSpec, ModelError};
use std::collections::HashMap;

/// The state of the walk.
pub(super) struct Walk<'a> {
    values: HashMap<&'a str, Value<'a>>,
    /// The name of what the last operation on the image computed. Nothing else may be taken up: there are no branches.
    head: &'a str,
    pub(super) stage: Stage,
    pub(super) input: InputSpec,
    /// The number of images a run, if the file fixes it.
    pub(super) batch: Option<i64>,
    pub(super) layers: Vec<Linear>,
    /// Version of the standard's operators.
    opset: i64,
    /// How many numbers may still be computed.
    pub(super) budget: usize,
    pub(super) input_name: &'a str,
    /// How many linear layers are to come.
    linear_left: usize,
    /// Mean and deviation of each channel by which the image was normalised so far, in its own units.
    pub(super) scaling: Option<Vec<(f64, f64)>>,
}

/// What the last operation on the image was, moves and copies aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Input,
    Linear,
    Relu,
    Pool,
}

impl<'a> Walk<'a> {
    /// Walks the whole graph of a file whose tensors, in bytes, are at most so many.
    pub(super) fn of(file: &'a File<'a>, opset: i64, bytes: usize) -> Result<Self, ModelError> {
        let graph = &file.graph;
        if graph.sparse {
            return Err(malformed("it has sparse tensors: export them as dense ones"));
        }
        let mut values = HashMap::with_capacity(graph.nodes.len() + graph.initializers.len());
        for tensor in &graph.initializers {
            let value = Value::of_tensor(tensor)?;
            if values.insert(tensor.name, value).is_some() {
                return Err(malformed(&format!("the tensor {:?} is given twice", shortened(tensor.name))));
            }
        }
        let keras = file.producer.starts_with("tf2onnx") || file.producer.contains("keras");
        let Input { name, spec, data, batch } = Input::of(graph, &values, keras)?;
        values.insert(name, Value::Data(data));
        let mut walk = Self {
            values,
            head: name,
            stage: Stage::Input,
            input: spec,
            batch,
            layers: Vec::new(),
            opset,
            budget: BUDGET + bytes / size_of::<f32>() * PASSES,
            input_name: name,
            linear_left: graph.nodes.iter().filter(|node| is_linear(node)).count(),
            scaling: None,
        };
        graph.nodes.iter().try_for_each(|node| walk.node(node))?;
        walk.check_end(graph)?;
        Ok(walk)
    }

    fn node(&mut self, node: &'a Node<'a>) -> Result<(), ModelError> {
        if !is_standard(node.domain) {
            let domain = shortened(node.domain);
            return Err(
                node.fault(format!("the operator is of {domain:?}, not of the ONNX standard: not supported"))
            );
        }
        if node.outputs.iter().skip(1).any(|name| !name.is_empty()) && node.op != "Dropout" {
            return Err(
                node.fault("has several outputs, one is supported: export the network in inference mode")
            );
        }
        if is_linear(node) {
            self.linear_left -= 1;
        }
        let known = opset::check(node, self.opset)?;
        if !known {
            return Err(node.fault(refusal::of(node, self)));
        }
        let constant = !node.inputs.iter().any(|name| matches!(self.values.get(name), Some(Value::Data(_))));
        if (constant || node.op == "Shape") && self.compute(node)? {
            return Ok(());
        }
        match node.op {
            "Identity" => self.identity(node),
            "Dropout" => self.dropout(node),
            "Cast" => self.cast(node),
            "CastLike" => self.cast_like(node),
            "Transpose" => self.transpose(node),
            "Squeeze" => self.squeeze(node),
            "Unsqueeze" => self.unsqueeze(node),
            "Flatten" => self.flatten(node),
            "Reshape" => self.reshape(node),
            "Sub" | "Add" | "Div" | "Mul" if self.changes_nothing(node) => self.copy(node),
            "Sub" | "Add" | "Div" | "Mul" if self.stage == Stage::Input => self.normalise(node),
            "Conv" => self.conv(node),
            "Gemm" => self.gemm(node),
            "MatMul" => self.mat_mul(node),
            "Add" => self.add(node),
            "BatchNormalization" => self.batch_normalization(node),
            "Relu" => self.relu(node),
            "AveragePool" => self.average_pool(node),
            _ => Err(node.fault(refusal::of(node, self))),
        }
    }

    /// Whether what comes now follows the last linear layer.
    pub(super) fn is_at_end(&self) -> bool {
        self.linear_left == 0 && self.stage == Stage::Linear
    }

    /// The value of a name.
    pub(super) fn value(&self, node: &Node<'a>, name: &str) -> Result<&Value<'a>, ModelError> {
        self.values
            .get(name)
            .ok_or_else(|| node.fault(format!("takes {:?}, which nothing before it gives", shortened(name))))
    }

    /// Input `index`, which must be there.
    pub(super) fn required(&self, node: &Node<'a>, index: usize) -> Result<&Value<'a>, ModelError> {
        let name = node.input(index).ok_or_else(|| node.fault(format!("input {index} is missing")))?;
        self.value(node, name)
    }

    /// What flows into a node by input `index`. It must be what the last operation gave.
    pub(super) fn data(&self, node: &Node<'a>, index: usize) -> Result<Data, ModelError> {
        let name = node.input(index).unwrap_or_default();
        let value = self.required(node, index)?;
        let Value::Data(data) = value else {
            let reason =
                format!("{:?} {}, but must be computed from the input", shortened(name), value.kind());
            return Err(node.fault(reason));
        };
        if name == self.head {
            return Ok(data.clone());
        }
        Err(node.fault(format!(
            "takes {:?} again, which another node has taken: branches and residual connections are not supported",
            shortened(name)
        )))
    }

    /// A constant tensor of floats; `None` if the input is not given.
    pub(super) fn floats(&self, node: &Node<'a>, index: usize) -> Result<Option<Floats<'a>>, ModelError> {
        let Some(name) = node.input(index) else { return Ok(None) };
        let value = self.value(node, name)?;
        if let Value::Floats(floats) = value {
            return Ok(Some(floats.clone()));
        }
        if let Value::Numbers(_) | Value::Unsupported(_) = value {
            return Err(node.fault(format!("{:?} {}", shortened(name), value.kind())));
        }
        Err(node.fault(format!("{:?} {}; it must be a constant tensor", shortened(name), value.kind())))
    }

    /// A constant tensor of floats.
    pub(super) fn weights(&self, node: &Node<'a>, index: usize) -> Result<Floats<'a>, ModelError> {
        self.floats(node, index)?.ok_or_else(|| node.fault(format!("input {index} is missing")))
    }

    /// Whether input `index` is a constant.
    pub(super) fn is_constant(&self, node: &Node<'a>, index: usize) -> bool {
        node.input(index).is_some_and(|name| matches!(self.values.get(name), Some(Value::Floats(_))))
    }

    /// Gives the node's output a value.
    pub(super) fn set(&mut self, node: &Node<'a>, value: Value<'a>) -> Result<(), ModelError> {
        let name = node.outputs.first().copied().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| node.fault("has no output"))?;
        if let Value::Data(_) = value {
            self.head = name;
        }
        match self.values.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(node.fault(format!("gives {:?}, which was given before", shortened(name)))),
        }
    }

    /// The graph's output must be what its last linear layer gave.
    fn check_end(&self, graph: &Graph<'a>) -> Result<(), ModelError> {
        let [output] = &graph.outputs[..] else {
            return Err(malformed(&format!("it has {} outputs, one is supported", graph.outputs.len())));
        };
        let name = shortened(output.name);
        if output.name != self.head {
            return Err(malformed(&format!(
                "its output {name:?} is not what its last node computes: branches are not supported"
            )));
        }
        let moved = matches!(self.values.get(self.head), Some(Value::Data(data)) if !data.view.is_in_order());
        match self.stage {
            Stage::Linear if moved => Err(malformed(&format!(
                "its output {name:?} is moved about after the last layer: leave out the Transpose at the end"
            ))),
            Stage::Linear => Ok(()),
            Stage::Input => Err(malformed("it has no linear layer: nothing to compute")),
            Stage::Relu | Stage::Pool => Err(malformed(&format!(
                "its output {name:?} comes after a ReLU: end the network with a Conv or Gemm layer and leave out what follows it"
            ))),
        }
    }
}

fn is_linear(node: &Node<'_>) -> bool {
    matches!(node.op, "Conv" | "Gemm" | "MatMul")
}

/// Numbers that any file may have computed, and how often all that are in it may be.
const BUDGET: usize = 1 << 16;
const PASSES: usize = 3;

//! What is not supported is refused by the name of the node, with what to do about it.

mod attributes;
mod constants;
mod normalisation;
mod operators;
mod opsets;
mod structure;
mod tensors;

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

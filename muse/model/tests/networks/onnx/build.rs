//! ONNX files made in the test, with another implementation of the format.

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

/// A convolution, ReLU, pooling, flattening, a dense layer: x of N x 1 x 4 x 4 to y of N x 3.
pub(crate) fn network() -> ModelProto {
    let pads = ints("pads", &[1, 1, 1, 1]);
    let pool = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
    let node = vec![
        node("conv", "Conv", &["x", "conv.weight", "conv.bias"], "a", vec![pads]),
        node("relu", "Relu", &["a"], "b", vec![]),
        node("pool", "AveragePool", &["b"], "c", pool),
        node("flat", "Flatten", &["c"], "d", vec![]),
        node("fc", "Gemm", &["d", "fc.weight", "fc.bias"], "y", vec![int("transB", 1)]),
    ];
    let initializer = vec![
        floats("conv.weight", &[2, 1, 3, 3]),
        floats("conv.bias", &[2]),
        floats("fc.weight", &[3, 8]),
        floats("fc.bias", &[3]),
    ];
    let input = vec![value("x", &[None, Some(1), Some(4), Some(4)])];
    let output = vec![value("y", &[None, Some(3)])];
    let graph = GraphProto { node, initializer, input, output, ..GraphProto::default() };
    let opset = OperatorSetIdProto { domain: None, version: Some(18) };
    ModelProto { ir_version: Some(8), graph: Some(graph), opset_import: vec![opset], ..ModelProto::default() }
}

pub(crate) fn bytes(model: &ModelProto) -> Vec<u8> {
    model.write_buf().expect("memory is enough")
}

pub(crate) fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().expect("it has a graph")
}

/// The node of this name.
pub(crate) fn find<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut NodeProto {
    let found = graph(model).node.iter_mut().find(|node| node.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no node {name}"))
}

/// The initializer of this name.
pub(crate) fn tensor<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut TensorProto {
    let found = graph(model).initializer.iter_mut().find(|tensor| tensor.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no tensor {name}"))
}

/// Puts a node named `new` before the node `name`, between it and its first input; further inputs follow.
pub(crate) fn insert(
    model: &mut ModelProto,
    name: &str,
    op: &str,
    others: &[&str],
    attributes: Vec<AttributeProto>,
) {
    let at = graph(model).node.iter().position(|node| node.name.as_deref() == Some(name));
    let at = at.expect("a node of this name");
    let before = core::mem::replace(&mut graph(model).node[at].input[0], "new_out".into());
    let inputs: Vec<&str> = core::iter::once(before.as_str()).chain(others.iter().copied()).collect();
    graph(model).node.insert(at, node("new", op, &inputs, "new_out", attributes));
}

/// Puts a node named `last` after the last one.
pub(crate) fn append(model: &mut ModelProto, op: &str, others: &[&str]) {
    let inputs: Vec<&str> = core::iter::once("y").chain(others.iter().copied()).collect();
    graph(model).node.push(node("last", op, &inputs, "z", vec![]));
    graph(model).output = vec![value("z", &[None, Some(3)])];
}

pub(crate) fn node(
    name: &str,
    op: &str,
    inputs: &[&str],
    output: &str,
    attribute: Vec<AttributeProto>,
) -> NodeProto {
    NodeProto {
        name: Some(name.into()),
        op_type: Some(op.into()),
        input: inputs.iter().map(|&input| input.into()).collect(),
        output: vec![output.into()],
        attribute,
        ..NodeProto::default()
    }
}

/// A tensor with some numbers below 1.
pub(crate) fn floats(name: &str, dims: &[i64]) -> TensorProto {
    let count: i64 = dims.iter().product();
    filled(name, dims, (0..count).map(|i| ((i * 37 + 11) % 41 - 20) as f32 / 32.0).collect())
}

pub(crate) fn filled(name: &str, dims: &[i64], float_data: Vec<f32>) -> TensorProto {
    let (name, data_type) = (Some(name.into()), Some(DataType::FLOAT));
    TensorProto { name, data_type, dims: dims.to_vec(), float_data, ..TensorProto::default() }
}

pub(crate) fn sizes(name: &str, list: &[i64]) -> TensorProto {
    let (name, data_type) = (Some(name.into()), Some(DataType::INT64));
    TensorProto {
        name,
        data_type,
        dims: vec![list.len() as i64],
        int64_data: list.to_vec(),
        ..TensorProto::default()
    }
}

pub(crate) fn value(name: &str, dims: &[Option<i64>]) -> ValueInfoProto {
    let dim = dims.iter().map(|&dim_value| Dimension { dim_value, dim_param: None }).collect();
    let shape = Some(TensorShapeProto { dim });
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape });
    ValueInfoProto { name: Some(name.into()), r#type: Some(TypeProto { tensor_type, sequence: None }) }
}

/// A truth value.
pub(crate) fn flag(name: &str, value: bool) -> TensorProto {
    let (name, data_type) = (Some(name.into()), Some(DataType::BOOL));
    TensorProto { name, data_type, int32_data: vec![value.into()], ..TensorProto::default() }
}

pub(crate) fn tensor_attribute(name: &str, tensor: TensorProto) -> AttributeProto {
    let (name, r#type) = (Some(name.into()), Some(AttributeType::TENSOR));
    AttributeProto { name, t: Some(tensor), r#type, ..AttributeProto::default() }
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        i: Some(value),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }
}

pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        f: Some(value),
        r#type: Some(AttributeType::FLOAT),
        ..AttributeProto::default()
    }
}

pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    let (name, r#type) = (Some(name.into()), Some(AttributeType::STRING));
    AttributeProto { name, s: Some(value.into()), r#type, ..AttributeProto::default() }
}

pub(crate) fn ints(name: &str, list: &[i64]) -> AttributeProto {
    let (name, r#type) = (Some(name.into()), Some(AttributeType::INTS));
    AttributeProto { name, ints: list.to_vec(), r#type, ..AttributeProto::default() }
}

//! The messages of ONNX, as far as they are needed: borrowed from the file, every list bounded.

use super::wire::{Field, Fields, malformed, push};
use crate::model::error::printable;
use crate::model::{ModelError, limits};

/// A whole file.
#[derive(Default)]
pub(super) struct File<'a> {
    /// Version of the standard's operators.
    pub(super) opset: Option<i64>,
    pub(super) graph: Graph<'a>,
}

#[derive(Default)]
pub(super) struct Graph<'a> {
    pub(super) name: &'a str,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) initializers: Vec<Tensor<'a>>,
    pub(super) inputs: Vec<ValueInfo<'a>>,
    pub(super) outputs: Vec<ValueInfo<'a>>,
    pub(super) sparse: bool,
}

#[derive(Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) op: &'a str,
    pub(super) domain: &'a str,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

#[derive(Default)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Option<i64>,
    pub(super) int: Option<i64>,
    pub(super) float: Option<f32>,
    pub(super) text: Option<&'a [u8]>,
    pub(super) tensor: Option<Tensor<'a>>,
    pub(super) ints: Vec<i64>,
}

#[derive(Clone, Default)]
pub(super) struct Tensor<'a> {
    pub(super) name: &'a str,
    pub(super) dims: Vec<i64>,
    pub(super) data_type: i64,
    /// Little-endian values of any type.
    pub(super) raw: Option<&'a [u8]>,
    /// Packed 32-bit floats.
    pub(super) floats: Option<&'a [u8]>,
    /// Packed varints, of 64-bit or of smaller integers.
    pub(super) ints: Option<&'a [u8]>,
    pub(super) external: bool,
}

/// An input or output of the graph.
#[derive(Default)]
pub(super) struct ValueInfo<'a> {
    pub(super) name: &'a str,
    pub(super) data_type: i64,
    /// Sizes; `None` where one has a name or nothing.
    pub(super) dims: Option<Vec<Option<i64>>>,
}

impl<'a> File<'a> {
    /// Parses a file.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut file = Self::default();
        let mut graphs = 0;
        for field in Fields::of(bytes) {
            match field? {
                (7, field) => {
                    file.graph = Graph::parse(field.bytes()?)?;
                    graphs += 1;
                }
                (8, field) => file.opset_import(field.bytes()?)?,
                _ => {}
            }
        }
        match graphs {
            1 => Ok(file),
            0 => Err(malformed("it has no graph")),
            _ => Err(malformed("it has several graphs")),
        }
    }

    fn opset_import(&mut self, bytes: &'a [u8]) -> Result<(), ModelError> {
        let (mut domain, mut version) = ("", 0);
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => domain = field.text()?,
                (2, field) => version = field.int()?,
                _ => {}
            }
        }
        if is_standard(domain) {
            self.opset = Some(version);
        }
        Ok(())
    }
}

/// Whether operators of this domain are those of the ONNX standard.
pub(super) fn is_standard(domain: &str) -> bool {
    domain.is_empty() || domain == "ai.onnx"
}

impl<'a> Graph<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut graph = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => push(&mut graph.nodes, Node::parse(field.bytes()?)?, limits::ONNX_NODES)?,
                (2, field) => graph.name = field.text()?,
                (5, field) => {
                    push(&mut graph.initializers, Tensor::parse(field.bytes()?)?, limits::ONNX_TENSORS)?;
                }
                (11, field) => {
                    push(&mut graph.inputs, ValueInfo::parse(field.bytes()?)?, limits::ONNX_TENSORS)?
                }
                (12, field) => {
                    push(&mut graph.outputs, ValueInfo::parse(field.bytes()?)?, limits::ONNX_LIST)?
                }
                (15, _) => graph.sparse = true,
                _ => {}
            }
        }
        Ok(graph)
    }
}

impl<'a> Node<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut node = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => push(&mut node.inputs, field.text()?, limits::ONNX_LIST)?,
                (2, field) => push(&mut node.outputs, field.text()?, limits::ONNX_LIST)?,
                (3, field) => node.name = field.text()?,
                (4, field) => node.op = field.text()?,
                (5, field) => {
                    push(&mut node.attributes, Attribute::parse(field.bytes()?)?, limits::ONNX_LIST)?
                }
                (7, field) => node.domain = field.text()?,
                _ => {}
            }
        }
        Ok(node)
    }

    /// An error about this node, which `reason` explains.
    pub(super) fn fault(&self, reason: impl AsRef<str>) -> ModelError {
        let (kind, name) = if self.name.is_empty() {
            ("node with output", self.outputs.first().copied().unwrap_or_default())
        } else {
            ("node", self.name)
        };
        let name: String = name.chars().take(limits::NAME_BYTES).collect();
        let op: String = self.op.chars().take(limits::NAME_BYTES).collect();
        let node = printable(&format!("{op} {kind} \"{name}\""));
        ModelError::Node { node, reason: printable(reason.as_ref()) }
    }

    /// Input `index` if it is given.
    pub(super) fn input(&self, index: usize) -> Option<&'a str> {
        self.inputs.get(index).copied().filter(|name| !name.is_empty())
    }
}

impl<'a> Attribute<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut attribute = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => attribute.name = field.text()?,
                (2, field) => attribute.float = Some(field.float()?),
                (3, field) => attribute.int = Some(field.int()?),
                (4, field) => attribute.text = Some(field.bytes()?),
                (5, field) => attribute.tensor = Some(Tensor::parse(field.bytes()?)?),
                (8, field) => field.ints_into(&mut attribute.ints, limits::ONNX_LIST)?,
                (20, field) => attribute.kind = Some(field.int()?),
                // Graphs are not looked into: no operator that has one is supported.
                _ => {}
            }
        }
        Ok(attribute)
    }
}

impl<'a> Tensor<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut tensor = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => field.ints_into(&mut tensor.dims, limits::ONNX_RANK)?,
                (2, field) => tensor.data_type = field.int()?,
                (4, field) => once(&mut tensor.floats, field)?,
                (5 | 7, field) => once(&mut tensor.ints, field)?,
                (8, field) => tensor.name = field.text()?,
                (9, field) => once(&mut tensor.raw, field)?,
                (13, _) => tensor.external = true,
                (14, field) => tensor.external |= field.int()? != 0,
                _ => {}
            }
        }
        Ok(tensor)
    }
}

/// Sets the data of a tensor, which is one field.
fn once<'a>(data: &mut Option<&'a [u8]>, field: Field<'a>) -> Result<(), ModelError> {
    match data.replace(field.bytes()?) {
        None => Ok(()),
        Some(_) => Err(malformed("the data of a tensor in it come in several pieces")),
    }
}

impl<'a> ValueInfo<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut value = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => value.name = field.text()?,
                (2, field) => value.parse_type(field.bytes()?)?,
                _ => {}
            }
        }
        Ok(value)
    }

    /// `TypeProto`, of which only tensors are of interest.
    fn parse_type(&mut self, bytes: &'a [u8]) -> Result<(), ModelError> {
        for field in Fields::of(bytes) {
            let (1, field) = field? else { continue };
            for field in Fields::of(field.bytes()?) {
                match field? {
                    (1, field) => self.data_type = field.int()?,
                    (2, field) => self.dims = Some(shape(field.bytes()?)?),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// `TensorShapeProto`.
fn shape(bytes: &[u8]) -> Result<Vec<Option<i64>>, ModelError> {
    let mut dims = Vec::new();
    for field in Fields::of(bytes) {
        let (1, field) = field? else { continue };
        let mut size = None;
        for field in Fields::of(field.bytes()?) {
            if let (1, field) = field? {
                size = Some(field.int()?);
            }
        }
        push(&mut dims, size, limits::ONNX_RANK)?;
    }
    Ok(dims)
}

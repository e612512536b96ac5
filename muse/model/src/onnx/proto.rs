//! The messages of ONNX, as far as they are needed: borrowed from the file, every list bounded before it grows.
//!
//! We have our own reader because existing crates allocate everything a file claims before it can be checked; files of 15 bytes
//! abort them. Tests write their files with one of them (`rten-onnx`), so that the format is not known from here only.

use super::tensor::{Packed, Repeated, Tensor};
use super::wire::{Fields, Items, Numbers, malformed};
use crate::error::printable;
use crate::{ModelError, limits};

/// A whole file.
pub(super) struct File<'a> {
    /// Version of the standard's operators.
    pub(super) opset: Option<i64>,
    /// The program that wrote it.
    pub(super) producer: &'a str,
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
    /// Few attributes have one.
    pub(super) tensor: Option<Box<Tensor<'a>>>,
    pub(super) ints: Vec<i64>,
    /// Little-endian words.
    pub(super) floats: Option<Packed<'a>>,
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
        let (mut opset, mut graph, mut producer) = (None, None, "");
        let items = Items::new();
        for field in Fields::of(bytes) {
            match field? {
                (2, field) => producer = field.text()?,
                // A message in pieces is the message of all their fields.
                (7, field) => graph.get_or_insert_with(Graph::default).parse(field.bytes()?, &items)?,
                (8, field) => opset = opset_import(field.bytes()?)?.or(opset),
                _ => {}
            }
        }
        let graph = graph.ok_or_else(|| malformed("it has no graph"))?;
        Ok(Self { opset, producer, graph })
    }
}

/// The version of the standard's operators, if it is what is imported here.
fn opset_import(bytes: &[u8]) -> Result<Option<i64>, ModelError> {
    let (mut domain, mut version) = ("", 0);
    for field in Fields::of(bytes) {
        match field? {
            (1, field) => domain = field.text()?,
            (2, field) => version = field.int()?,
            _ => {}
        }
    }
    Ok(is_standard(domain).then_some(version))
}

/// Whether operators of this domain are those of the ONNX standard.
pub(super) fn is_standard(domain: &str) -> bool {
    domain.is_empty() || domain == "ai.onnx"
}

impl<'a> Graph<'a> {
    fn parse(&mut self, bytes: &'a [u8], items: &Items) -> Result<(), ModelError> {
        let graph = self;
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => {
                    items.push(&mut graph.nodes, Node::parse(field.bytes()?, items)?, limits::ONNX_NODES)?
                }
                (2, field) => graph.name = field.text()?,
                (5, field) => {
                    items.push(
                        &mut graph.initializers,
                        Tensor::parse(&[field.bytes()?], items)?,
                        limits::ONNX_TENSORS,
                    )?;
                }
                (11, field) => items.push(
                    &mut graph.inputs,
                    ValueInfo::parse(field.bytes()?, items)?,
                    limits::ONNX_TENSORS,
                )?,
                (12, field) => items.push(
                    &mut graph.outputs,
                    ValueInfo::parse(field.bytes()?, items)?,
                    limits::ONNX_LIST,
                )?,
                (15, _) => graph.sparse = true,
                _ => {}
            }
        }
        Ok(())
    }

    /// All tensors: those of the graph, and those that are values of its nodes.
    pub(super) fn tensors(&self) -> impl Iterator<Item = &Tensor<'a>> {
        let attributes = self.nodes.iter().flat_map(|node| &node.attributes);
        self.initializers.iter().chain(attributes.filter_map(|attribute| attribute.tensor.as_deref()))
    }

    /// The same, to be changed.
    pub(super) fn tensors_mut(&mut self) -> impl Iterator<Item = &mut Tensor<'a>> {
        let attributes = self.nodes.iter_mut().flat_map(|node| &mut node.attributes);
        self.initializers.iter_mut().chain(attributes.filter_map(|attribute| attribute.tensor.as_deref_mut()))
    }
}

impl<'a> Node<'a> {
    fn parse(bytes: &'a [u8], items: &Items) -> Result<Self, ModelError> {
        let mut node = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => items.push(&mut node.inputs, field.text()?, limits::ONNX_LIST)?,
                (2, field) => items.push(&mut node.outputs, field.text()?, limits::ONNX_LIST)?,
                (3, field) => node.name = field.text()?,
                (4, field) => node.op = field.text()?,
                (5, field) => items.push(
                    &mut node.attributes,
                    Attribute::parse(field.bytes()?, items)?,
                    limits::ONNX_LIST,
                )?,
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
    fn parse(bytes: &'a [u8], items: &Items) -> Result<Self, ModelError> {
        let mut attribute = Self::default();
        let (mut tensor, mut floats) = (Vec::new(), Repeated::default());
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => attribute.name = field.text()?,
                (2, field) => attribute.float = Some(field.float()?),
                (3, field) => attribute.int = Some(field.int()?),
                (4, field) => attribute.text = Some(field.bytes()?),
                (5, field) => items.push(&mut tensor, field.bytes()?, limits::ONNX_LIST)?,
                (7, field) => floats.piece(field.packed(Numbers::Words)?),
                (8, field) => items.ints(&mut attribute.ints, field, limits::ONNX_LIST)?,
                (20, field) => attribute.kind = Some(field.int()?),
                // Graphs are not looked into: no operator that has one is supported.
                _ => {}
            }
        }
        if !tensor.is_empty() {
            attribute.tensor = Some(Box::new(Tensor::parse(&tensor, items)?));
        }
        attribute.floats = floats.all(&[bytes], 7, Numbers::Words)?;
        Ok(attribute)
    }
}

impl<'a> ValueInfo<'a> {
    fn parse(bytes: &'a [u8], items: &Items) -> Result<Self, ModelError> {
        let mut value = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => value.name = field.text()?,
                (2, field) => value.parse_type(field.bytes()?, items)?,
                _ => {}
            }
        }
        Ok(value)
    }

    /// `TypeProto`, of which only tensors are of interest.
    fn parse_type(&mut self, bytes: &'a [u8], items: &Items) -> Result<(), ModelError> {
        for field in Fields::of(bytes) {
            let (1, field) = field? else { continue };
            for field in Fields::of(field.bytes()?) {
                match field? {
                    (1, field) => self.data_type = field.int()?,
                    (2, field) => shape(self.dims.get_or_insert_default(), field.bytes()?, items)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// `TensorShapeProto`.
fn shape(dims: &mut Vec<Option<i64>>, bytes: &[u8], items: &Items) -> Result<(), ModelError> {
    for field in Fields::of(bytes) {
        let (1, field) = field? else { continue };
        let mut size = None;
        for field in Fields::of(field.bytes()?) {
            match field? {
                (1, field) => size = Some(field.int()?),
                // A name instead of a number.
                (2, _) => size = None,
                _ => {}
            }
        }
        items.push(dims, size, limits::ONNX_RANK)?;
    }
    Ok(())
}

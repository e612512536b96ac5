//! The messages of ONNX, as far as they are needed: borrowed from the file, every list bounded before it grows.
//!
//! A reader of its own, as the crates there are build everything a file claims before anybody can look at it; files of 15 bytes
//! abort them. Tests write their files with one of them (`rten-onnx`), so that the format is not known from here only.

use super::external::External;
use super::wire::{Field, Fields, Items, malformed};
use crate::model::error::printable;
use crate::model::{ModelError, limits};

/// A whole file.
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
    /// Few attributes have one.
    pub(super) tensor: Option<Box<Tensor<'a>>>,
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
    /// Where its data are, if they are not in this file; few tensors have one.
    pub(super) external: Option<Box<External<'a>>>,
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
        let (mut opset, mut graph) = (None, None);
        for field in Fields::of(bytes) {
            match field? {
                // Before it is read: each may take as long as the file is.
                (7, _) if graph.is_some() => return Err(malformed("it has several graphs")),
                (7, field) => graph = Some(Graph::parse(field.bytes()?, &Items::new())?),
                (8, field) => opset = opset_import(field.bytes()?)?.or(opset),
                _ => {}
            }
        }
        let graph = graph.ok_or_else(|| malformed("it has no graph"))?;
        Ok(Self { opset, graph })
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
    fn parse(bytes: &'a [u8], items: &Items) -> Result<Self, ModelError> {
        let mut graph = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => {
                    items.push(&mut graph.nodes, Node::parse(field.bytes()?, items)?, limits::ONNX_NODES)?
                }
                (2, field) => graph.name = field.text()?,
                (5, field) => {
                    items.push(
                        &mut graph.initializers,
                        Tensor::parse(field.bytes()?, items)?,
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
        Ok(graph)
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
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => attribute.name = field.text()?,
                (2, field) => attribute.float = Some(field.float()?),
                (3, field) => attribute.int = Some(field.int()?),
                (4, field) => attribute.text = Some(field.bytes()?),
                (5, field) => {
                    items.take()?;
                    attribute.tensor = Some(Box::new(Tensor::parse(field.bytes()?, items)?));
                }
                (8, field) => items.ints(&mut attribute.ints, field, limits::ONNX_LIST)?,
                (20, field) => attribute.kind = Some(field.int()?),
                // Graphs are not looked into: no operator that has one is supported.
                _ => {}
            }
        }
        Ok(attribute)
    }
}

impl<'a> Tensor<'a> {
    fn parse(bytes: &'a [u8], items: &Items) -> Result<Self, ModelError> {
        let mut tensor = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => items.ints(&mut tensor.dims, field, limits::ONNX_RANK)?,
                (2, field) => tensor.data_type = field.int()?,
                (4, field) => once(&mut tensor.floats, field)?,
                (5 | 7, field) => once(&mut tensor.ints, field)?,
                (8, field) => tensor.name = field.text()?,
                (9, field) => once(&mut tensor.raw, field)?,
                (13, field) => tensor.external.get_or_insert_default().entry(field.bytes()?)?,
                (14, field) => {
                    let elsewhere = field.int()? != 0;
                    if elsewhere {
                        tensor.external.get_or_insert_default();
                    }
                }
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
                    (2, field) => self.dims = Some(shape(field.bytes()?, items)?),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// `TensorShapeProto`.
fn shape(bytes: &[u8], items: &Items) -> Result<Vec<Option<i64>>, ModelError> {
    let mut dims = Vec::new();
    for field in Fields::of(bytes) {
        let (1, field) = field? else { continue };
        let mut size = None;
        for field in Fields::of(field.bytes()?) {
            if let (1, field) = field? {
                size = Some(field.int()?);
            }
        }
        items.push(&mut dims, size, limits::ONNX_RANK)?;
    }
    Ok(dims)
}

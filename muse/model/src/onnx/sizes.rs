//! The computations of sizes that exporters put before a Reshape.

use super::proto::Node;
use super::value::{Size, Sizes, Value};
use super::walk::Walk;
use crate::{ModelError, limits};

impl<'a> Walk<'a> {
    /// The sizes of a value, or those from `start` to `end`.
    pub(super) fn shape(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let known = |size: &usize| Size::Known(i64::try_from(*size).unwrap_or(i64::MAX));
        let list: Vec<Size> = match self.required(node, 0)? {
            Value::Data(data) => {
                core::iter::once(Size::Batch).chain(data.view.sizes().iter().map(known)).collect()
            }
            Value::Floats(floats) => floats.dims.iter().map(known).collect(),
            Value::Sizes(_) | Value::Flag(_) | Value::Numbers(_) | Value::Unsupported(_) => {
                return Err(node
                    .fault("only the shape of weights or of what is computed from the input is supported"));
            }
        };
        let (start, end) = (node.int("start", 0)?, node.int("end", i64::MAX)?);
        let list = part(&list, start, end).to_vec();
        self.set(node, Value::Sizes(Sizes { list, scalar: false }))
    }

    pub(super) fn gather(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (from, indices) = (self.sizes(node, 0)?, self.sizes(node, 1)?);
        if !matches!(node.int("axis", 0)?, 0 | -1) {
            return Err(node.fault("picks sizes along another axis than 0"));
        }
        let pick = |index: i64| {
            let rank = i64::try_from(from.list.len()).ok()?;
            let index = if index < 0 { index.checked_add(rank)? } else { index };
            from.list.get(usize::try_from(index).ok()?).copied()
        };
        let picked = indices.known().and_then(|indices| indices.into_iter().map(pick).collect());
        let list = picked.ok_or_else(|| node.fault("picks a size that the shape does not have"))?;
        self.set(node, Value::Sizes(Sizes { list, scalar: indices.scalar }))
    }

    /// Sizes from one place to another; both are inputs since opset 10.
    pub(super) fn slice(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let from = self.sizes(node, 0)?;
        let numbers = |name: &str, index: usize| match node.ints(name)? {
            Some(list) => Ok(Some(list.to_vec())),
            None if node.input(index).is_none() => Ok(None),
            None => Ok::<_, ModelError>(self.sizes(node, index)?.known()),
        };
        let (starts, ends) = (numbers("starts", 1)?, numbers("ends", 2)?);
        let axes = numbers("axes", 3)?.is_none_or(|axes| matches!(axes[..], [0 | -1]));
        let steps = numbers("", 4)?.is_none_or(|steps| steps == [1]);
        let list = match (starts.as_deref(), ends.as_deref()) {
            (Some(&[start]), Some(&[end])) if axes && steps && !from.scalar => {
                part(&from.list, start, end).to_vec()
            }
            _ => {
                return Err(
                    node.fault("only some sizes that follow each other may be cut out of a list of them")
                );
            }
        };
        self.set(node, Value::Sizes(Sizes { list, scalar: false }))
    }

    /// A single size as a list of one; the lists of one are as they are.
    pub(super) fn unsqueeze_sizes(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let sizes = self.sizes(node, 0)?;
        match self.axes(node)?.as_deref() {
            Some([0 | -1]) if sizes.scalar => self.set(node, Value::Sizes(Sizes { scalar: false, ..sizes })),
            _ => Err(node.fault("only a single size may become a list of one, along axis 0")),
        }
    }

    /// A list of one as a single size.
    pub(super) fn squeeze_sizes(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let sizes = self.sizes(node, 0)?;
        match self.axes(node)?.as_deref() {
            None | Some([0 | -1]) if !sizes.scalar && sizes.list.len() == 1 => {
                self.set(node, Value::Sizes(Sizes { scalar: true, ..sizes }))
            }
            _ => Err(node.fault("only a list of one size may become a single one, along axis 0")),
        }
    }

    /// A list of sizes as a list: `[-1]`, or as long as it is; a list of one as a single one: `[]`.
    pub(super) fn reshape_sizes(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (sizes, to) = (self.sizes(node, 0)?, self.sizes(node, 1)?.known());
        let length = i64::try_from(sizes.list.len()).unwrap_or(i64::MAX);
        let scalar = match to.as_deref() {
            Some([]) if length == 1 => true,
            Some(&[to]) if to == -1 || to == length => false,
            _ => return Err(node.fault("sizes are reshaped to a list of them, or to a single one")),
        };
        self.set(node, Value::Sizes(Sizes { scalar, ..sizes }))
    }

    pub(super) fn concat_sizes(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let mut list = Vec::new();
        for index in 0..node.inputs.len() {
            let sizes = self.sizes(node, index)?;
            list.extend(sizes.list);
            if sizes.scalar || list.len() > limits::ONNX_RANK {
                return Err(
                    node.fault(format!("only lists of at most {} sizes may be joined", limits::ONNX_RANK))
                );
            }
        }
        match node.int("axis", 0)? {
            0 | -1 => self.set(node, Value::Sizes(Sizes { list, scalar: false })),
            axis => Err(node.fault(format!("axis is {axis}: sizes are joined along axis 0"))),
        }
    }

    /// All sizes of a list multiplied.
    pub(super) fn product_of_sizes(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let sizes = self.sizes(node, 0)?;
        let axes = self.axes(node)?.is_none_or(|axes| matches!(axes[..], [] | [0 | -1]));
        let product = sizes.known().and_then(|list| list.into_iter().try_fold(1, i64::checked_mul));
        let (Some(product), true) = (product, axes && node.int("noop_with_empty_axes", 0)? == 0) else {
            return Err(node.fault("only fixed sizes may be multiplied, not that of the batch"));
        };
        let scalar = node.int("keepdims", 1)? == 0 || sizes.scalar;
        self.set(node, Value::Sizes(Sizes { list: vec![Size::Known(product)], scalar }))
    }

    /// Add, Sub, Mul or Div of sizes, one by one, or one with all.
    pub(super) fn arithmetic_of_sizes(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (a, b) = (self.sizes(node, 0)?, self.sizes(node, 1)?);
        let length = a.list.len().max(b.list.len());
        let pick = |sizes: &Sizes, at: usize| {
            if sizes.list.len() == 1 { sizes.single() } else { sizes.list.get(at).copied() }
        };
        let compute = |at: usize| match (pick(&a, at)?, pick(&b, at)?, node.op) {
            (Size::Known(a), Size::Known(b), "Add") => a.checked_add(b).map(Size::Known),
            (Size::Known(a), Size::Known(b), "Sub") => a.checked_sub(b).map(Size::Known),
            (Size::Known(a), Size::Known(b), "Mul") => a.checked_mul(b).map(Size::Known),
            (Size::Known(a), Size::Known(b), "Div") => a.checked_div(b).map(Size::Known),
            (Size::Batch, Size::Known(1), "Mul" | "Div") | (Size::Batch, Size::Known(0), "Add" | "Sub") => {
                Some(Size::Batch)
            }
            (Size::Known(1), Size::Batch, "Mul") | (Size::Known(0), Size::Batch, "Add") => Some(Size::Batch),
            _ => None,
        };
        let list: Option<Vec<Size>> = (0..length).map(compute).collect();
        let list =
            list.ok_or_else(|| node.fault("only fixed sizes may be computed with, not that of the batch"))?;
        self.set(node, Value::Sizes(Sizes { list, scalar: a.scalar && b.scalar }))
    }
}

/// What is between two places, either counted from the end where it is negative.
fn part(list: &[Size], start: i64, end: i64) -> &[Size] {
    let place = |at: i64| {
        let rank = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let from_start = if at < 0 { at.saturating_add(rank) } else { at };
        usize::try_from(from_start.clamp(0, rank)).unwrap_or(0)
    };
    list.get(place(start)..place(end)).unwrap_or_default()
}

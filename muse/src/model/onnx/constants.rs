//! Constants, copies of values, and the computations of sizes that exporters put before a Reshape.

use super::proto::Node;
use super::value::{Floats, Size, Sizes, Source, Value, shortened};
use super::walk::Walk;
use crate::model::{ModelError, limits};

impl<'a> Walk<'a> {
    pub(super) fn constant(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let [attribute] = &node.attributes[..] else {
            return Err(node.fault("must have one attribute, its value"));
        };
        let sizes = |list: &[i64], scalar| {
            Value::Sizes(Sizes { list: list.iter().map(|&size| Size::Known(size)).collect(), scalar })
        };
        let value = match (attribute.name, &attribute.tensor) {
            ("value", Some(tensor)) => Value::of_tensor(tensor)?,
            ("value_int", _) => sizes(&[node.int("value_int", 0)?], true),
            ("value_ints", _) => sizes(node.ints("value_ints")?.unwrap_or_default(), false),
            ("value_float", _) => {
                let source = Source::Fill(node.float("value_float", 0.0)?);
                Value::Floats(Floats { origin: "", dims: Vec::new(), source })
            }
            (other, _) => {
                return Err(node.fault(format!("its attribute {:?} is not supported", shortened(other))));
            }
        };
        self.set(node, value)
    }

    pub(super) fn identity(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let mut value = self.required(node, 0)?.clone();
        if let Value::Data(_) = value {
            value = Value::Data(self.data(node, 0)?);
        }
        self.set(node, value)
    }

    pub(super) fn dropout(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        let training = match node.input(2).map(|name| self.value(node, name)).transpose()? {
            None => false,
            Some(Value::Flag(training)) => *training,
            Some(_) => true,
        };
        if training || node.outputs.iter().skip(1).any(|name| !name.is_empty()) {
            return Err(
                node.fault("is not in inference mode: call eval() on the network before exporting it")
            );
        }
        self.set(node, Value::Data(data))
    }

    /// The sizes of a value, or those from `start` to `end`.
    pub(super) fn shape(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["start", "end"])?;
        let known = |size: usize| Size::Known(i64::try_from(size).unwrap_or(i64::MAX));
        let list: Vec<Size> = match self.required(node, 0)? {
            Value::Data(data) if data.flat => vec![Size::Batch, known(data.extent.elements())],
            Value::Data(data) => {
                let extent = data.extent;
                vec![Size::Batch, known(extent.channels), known(extent.height), known(extent.width)]
            }
            Value::Floats(floats) => floats.dims.iter().map(|&size| known(size)).collect(),
            Value::Sizes(_) | Value::Flag(_) | Value::Unsupported(_) => {
                return Err(node
                    .fault("only the shape of weights or of what is computed from the input is supported"));
            }
        };
        let (start, end) = (node.int("start", 0)?, node.int("end", i64::MAX)?);
        let place = |at: i64| {
            let rank = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let from_start = if at < 0 { at.saturating_add(rank) } else { at };
            usize::try_from(from_start.clamp(0, rank)).unwrap_or(0)
        };
        let list = list.get(place(start)..place(end)).unwrap_or_default().to_vec();
        self.set(node, Value::Sizes(Sizes { list, scalar: false }))
    }

    pub(super) fn gather(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["axis"])?;
        node.demand("axis", 0, "only sizes may be picked from a shape")?;
        let (from, indices) = (self.sizes(node, 0)?, self.sizes(node, 1)?);
        let pick = |index: i64| {
            let rank = i64::try_from(from.list.len()).ok()?;
            let index = if index < 0 { index.checked_add(rank)? } else { index };
            from.list.get(usize::try_from(index).ok()?).copied()
        };
        let picked = indices.known().and_then(|indices| indices.into_iter().map(pick).collect());
        let list = picked.ok_or_else(|| node.fault("picks a size that the shape does not have"))?;
        self.set(node, Value::Sizes(Sizes { list, scalar: indices.scalar }))
    }

    pub(super) fn unsqueeze(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["axes"])?;
        let sizes = self.sizes(node, 0)?;
        let axes = match node.input(1) {
            Some(_) => self.sizes(node, 1)?.known(),
            None => node.ints("axes")?.map(<[i64]>::to_vec),
        };
        match axes.as_deref() {
            Some([0 | -1]) if sizes.scalar => self.set(node, Value::Sizes(Sizes { scalar: false, ..sizes })),
            _ => Err(node.fault("only a single size may become a list of one, along axis 0")),
        }
    }

    pub(super) fn concat(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["axis"])?;
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

    /// The product of two sizes.
    pub(super) fn product(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (a, b) = (self.sizes(node, 0)?, self.sizes(node, 1)?);
        let product = match (a.single(), b.single()) {
            (Some(Size::Known(a)), Some(Size::Known(b))) => a.checked_mul(b),
            _ => None,
        };
        let product = product
            .ok_or_else(|| node.fault("only two fixed sizes may be multiplied, not that of the batch"))?;
        let scalar = a.scalar && b.scalar;
        self.set(node, Value::Sizes(Sizes { list: vec![Size::Known(product)], scalar }))
    }

    /// The transpose of a weight matrix.
    pub(super) fn transpose(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["perm"])?;
        if !self.is_constant(node, 0) {
            return Err(node.fault("only weights may be transposed, not what is computed from the input"));
        }
        let swaps = matches!(node.ints("perm")?, None | Some([1, 0]));
        let transposed = self.weights(node, 0)?.transposed().filter(|_| swaps);
        let transposed =
            transposed.ok_or_else(|| node.fault("only the two axes of a matrix may be swapped"))?;
        self.set(node, Value::Floats(transposed))
    }

    /// A list of equal numbers: biases of zero, as an exporter writes them that does not optimise.
    pub(super) fn expand(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let sizes = self.sizes(node, 1)?.known();
        let refused = || node.fault("only a single number may be expanded, to the biases of a layer");
        let value = match (self.required(node, 0)?, sizes.as_deref()) {
            // A list of sizes stays what it is when it is as long as it should be.
            (Value::Sizes(list), Some(&[1])) => Value::Sizes(Sizes { scalar: false, ..list.clone() }),
            (Value::Floats(floats), Some(&[length])) if floats.count() == 1 => {
                let length = usize::try_from(length).ok().filter(|&length| length <= limits::CHANNELS);
                let value = floats.to_vec()[0];
                let (dims, source) = (vec![length.ok_or_else(refused)?], Source::Fill(value));
                Value::Floats(Floats { origin: "", dims, source })
            }
            _ => return Err(refused()),
        };
        self.set(node, value)
    }

    /// A constant in the type of another value: there is one type.
    pub(super) fn cast_like(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        match (self.required(node, 0)?, self.required(node, 1)?) {
            (Value::Floats(floats), Value::Floats(_) | Value::Data(_)) => {
                let value = Value::Floats(floats.clone());
                self.set(node, value)
            }
            _ => Err(node.fault("only 32-bit floats are supported: export the network in them")),
        }
    }

    /// Input `index`, a list of sizes.
    pub(super) fn sizes(&self, node: &Node<'a>, index: usize) -> Result<Sizes, ModelError> {
        let value = self.required(node, index)?;
        if let Value::Sizes(sizes) = value {
            return Ok(sizes.clone());
        }
        let name = shortened(node.input(index).unwrap_or_default());
        Err(node.fault(format!("{name:?} {}: only sizes may be computed with, to flatten", value.kind())))
    }
}

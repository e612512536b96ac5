//! Constants, copies of values, and changes of types.

use super::proto::Node;
use super::value::{FLOAT, Floats, INT32, INT64, Size, Sizes, Source, Value, name_of, shortened};
use super::walk::Walk;
use crate::ModelError;
use zeroize::Zeroizing;

impl<'a> Walk<'a> {
    pub(super) fn constant(&mut self, node: &'a Node<'a>) -> Result<(), ModelError> {
        let [attribute] = &node.attributes[..] else {
            return Err(node.fault("must have one attribute, its value"));
        };
        let sizes = |list: &[i64], scalar| {
            Value::Sizes(Sizes { list: list.iter().map(|&size| Size::Known(size)).collect(), scalar })
        };
        let value = match (attribute.name, attribute.tensor.as_deref()) {
            ("value", Some(tensor)) => Value::of_tensor(tensor)?,
            ("value_int", _) => sizes(&[node.int("value_int", 0)?], true),
            ("value_ints", _) => sizes(node.ints("value_ints")?.unwrap_or_default(), false),
            ("value_float", _) => {
                let source = Source::Fill(node.float("value_float", 0.0)?);
                Value::Floats(Floats { origin: "", dims: Vec::new(), source })
            }
            ("value_floats", _) => {
                let words = attribute.floats.as_deref().unwrap_or_default();
                Value::Floats(Floats {
                    origin: "",
                    dims: vec![words.len() / 4],
                    source: Source::Words(words),
                })
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

    /// To the type that a value has already, or of a constant to 32-bit floats, or of sizes to other integers.
    pub(super) fn cast(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let to = node.int("to", 0)?;
        let unlike = |what: &str| {
            node.fault(format!(
                "casts {what} to {}: only 32-bit floats are computed with: export the network in them",
                name_of(to)
            ))
        };
        let value = match (self.required(node, 0)?, to) {
            (Value::Data(_), FLOAT) => Value::Data(self.data(node, 0)?),
            (Value::Floats(floats), FLOAT) => Value::Floats(floats.clone()),
            (Value::Numbers(numbers), FLOAT) => {
                let (numbers, count) = (numbers.clone(), numbers.count());
                self.spend(node, count)?;
                let floats = Floats::cast(&numbers);
                Value::Floats(
                    floats.ok_or_else(|| node.fault("its data have another length than their sizes say"))?,
                )
            }
            (Value::Sizes(sizes), FLOAT) => {
                let (known, scalar) = (sizes.known(), sizes.scalar);
                let known = known.ok_or_else(|| node.fault("computes with the size of the batch"))?;
                let dims = if scalar { Vec::new() } else { vec![known.len()] };
                let values = known.iter().map(|&size| size as f32).collect();
                Value::Floats(Floats::computed("", dims, Zeroizing::new(values)))
            }
            (Value::Sizes(sizes), INT64) => Value::Sizes(sizes.clone()),
            (Value::Sizes(sizes), INT32) => {
                let fits = |size: &Size| match size {
                    Size::Batch => true,
                    Size::Known(size) => i32::try_from(*size).is_ok(),
                };
                if !sizes.list.iter().all(fits) {
                    return Err(node.fault("a size in it has more than 32 bits"));
                }
                Value::Sizes(sizes.clone())
            }
            (Value::Data(_), _) => return Err(unlike("what is computed from the input")),
            (other, _) => return Err(unlike(&format!("a constant, which {},", other.kind()))),
        };
        self.set(node, value)
    }

    /// A constant in the type of another value: there is one type.
    pub(super) fn cast_like(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let value = match (self.required(node, 0)?, self.required(node, 1)?) {
            (Value::Floats(floats), Value::Floats(_) | Value::Data(_)) => Value::Floats(floats.clone()),
            (Value::Sizes(sizes), Value::Sizes(_)) => Value::Sizes(sizes.clone()),
            (Value::Data(_), Value::Floats(_)) => Value::Data(self.data(node, 0)?),
            _ => return Err(node.fault("only 32-bit floats are supported: export the network in them")),
        };
        self.set(node, value)
    }

    /// Input `index`, a list of sizes.
    pub(super) fn sizes(&self, node: &Node<'a>, index: usize) -> Result<Sizes, ModelError> {
        let value = self.required(node, index)?;
        if let Value::Sizes(sizes) = value {
            return Ok(sizes.clone());
        }
        let name = shortened(node.input(index).unwrap_or_default());
        Err(node.fault(format!("{name:?} {}, where sizes are needed", value.kind())))
    }
}

//! Constants that the graph computes from constants: nothing in them depends on the image, so they are computed once, here.
//!
//! In 32-bit floats and element by element, as every runtime does it, so that the weights are the same to the last bit. A small file could
//! ask for much: what is computed counts against a budget that follows the file's size.

use super::proto::Node;
use super::value::{Floats, Sizes, Source, Value, shortened};
use super::walk::Walk;
use crate::{ModelError, limits};
use core::ops::{Add, Div, Mul, Sub};
use zeroize::Zeroizing;

impl<'a> Walk<'a> {
    /// Computes a node that takes constants only. `false` if its operator is not one of those that are computed.
    pub(super) fn compute(&mut self, node: &'a Node<'a>) -> Result<bool, ModelError> {
        let sizes = matches!(self.required(node, 0), Ok(Value::Sizes(_)));
        match node.op {
            "Constant" => self.constant(node)?,
            "Identity" => self.identity(node)?,
            "Cast" => self.cast(node)?,
            "CastLike" => self.cast_like(node)?,
            "Shape" => self.shape(node)?,
            "ConstantOfShape" => self.constant_of_shape(node)?,
            "Expand" => self.expand(node)?,
            "Slice" => self.slice(node)?,
            "ReduceProd" => self.product_of_sizes(node)?,
            "Gather" => self.gather(node)?,
            "Unsqueeze" if sizes => self.unsqueeze_sizes(node)?,
            "Squeeze" if sizes => self.squeeze_sizes(node)?,
            "Reshape" if sizes => self.reshape_sizes(node)?,
            "Concat" if sizes => self.concat_sizes(node)?,
            "Add" | "Sub" | "Mul" | "Div" if sizes => self.arithmetic_of_sizes(node)?,
            "Unsqueeze" | "Squeeze" | "Reshape" | "Flatten" => self.resize_weights(node)?,
            "Transpose" => self.transpose_weights(node)?,
            "Concat" => self.concat_weights(node)?,
            "Add" | "Sub" | "Mul" | "Div" => self.arithmetic(node)?,
            "Neg" | "Abs" | "Sqrt" | "Reciprocal" => self.function(node)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Two constants, element by element; sizes of one, or that are not there, are repeated.
    fn arithmetic(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (a, b) = (self.weights(node, 0)?, self.weights(node, 1)?);
        let function: fn(f32, f32) -> f32 = match node.op {
            "Add" => f32::add,
            "Sub" => f32::sub,
            "Mul" => f32::mul,
            _ => f32::div,
        };
        let rank = a.dims.len().max(b.dims.len());
        let padded = |dims: &[usize]| [&vec![1; rank - dims.len()][..], dims].concat();
        let (left, right) = (padded(&a.dims), padded(&b.dims));
        let size = |(&a, &b): (&usize, &usize)| match (a, b) {
            (a, b) if a == b => Some(a),
            (1, size) | (size, 1) => Some(size),
            _ => None,
        };
        let dims: Option<Vec<usize>> = left.iter().zip(&right).map(size).collect();
        let dims = dims.ok_or_else(|| {
            node.fault(format!(
                "computes with constants of sizes {:?} and {:?}, which do not fit",
                a.dims, b.dims
            ))
        })?;
        let origin = if a.origin.is_empty() || a.count() < b.count() { b.origin } else { a.origin };
        let source = if let (Source::Fill(a), Source::Fill(b)) = (&a.source, &b.source) {
            bounded(node, &dims)?;
            Source::Fill(function(*a, *b))
        } else {
            self.spend(node, bounded(node, &dims)?)?;
            // Repeated along an axis: it takes no step there.
            let steps = |sizes: &[usize]| -> Vec<usize> {
                strides(sizes)
                    .iter()
                    .zip(sizes)
                    .map(|(&stride, &size)| if size == 1 { 0 } else { stride })
                    .collect()
            };
            let (from, with) = (a.to_vec(), b.to_vec());
            let mut values = Zeroizing::new(Vec::with_capacity(dims.iter().product()));
            each_place(&dims, &[&steps(&left), &steps(&right)], |places| {
                values.push(function(from[places[0]], with[places[1]]));
            });
            Floats::computed("", Vec::new(), values).source
        };
        self.set(node, Value::Floats(Floats { origin, dims, source }))
    }

    /// A function of every element.
    fn function(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let floats = self.weights(node, 0)?;
        let function: fn(f32) -> f32 = match node.op {
            "Neg" => |x| -x,
            "Abs" => f32::abs,
            "Sqrt" => f32::sqrt,
            _ => |x| 1.0 / x,
        };
        let source = if let Source::Fill(value) = floats.source {
            Source::Fill(function(value))
        } else {
            self.spend(node, floats.count())?;
            let mut values = floats.to_vec();
            values.iter_mut().for_each(|value| *value = function(*value));
            Floats::computed("", Vec::new(), values).source
        };
        self.set(node, Value::Floats(Floats { source, ..floats }))
    }

    /// The same number everywhere, zero unless it says another.
    fn constant_of_shape(&mut self, node: &'a Node<'a>) -> Result<(), ModelError> {
        let dims = self.sizes(node, 0)?.known().ok_or_else(|| node.fault("its sizes depend on the batch"))?;
        let dims: Option<Vec<usize>> = dims.into_iter().map(|size| usize::try_from(size).ok()).collect();
        let dims = dims.ok_or_else(|| node.fault("a size is negative"))?;
        let count = bounded(node, &dims)?;
        let value = match node.attribute("value").and_then(|attribute| attribute.tensor.as_deref()) {
            None => Value::Floats(Floats { origin: "", dims: Vec::new(), source: Source::Fill(0.0) }),
            Some(tensor) => Value::of_tensor(tensor)?,
        };
        let value = if let Value::Floats(floats) = &value
            && floats.count() == 1
        {
            Value::Floats(Floats { origin: "", dims, source: Source::Fill(floats.to_vec()[0]) })
        } else if let Value::Sizes(sizes) = &value
            && let Some(size) = sizes.single()
            && dims.len() < 2
            && count <= limits::ONNX_RANK
        {
            Value::Sizes(Sizes { list: vec![size; count], scalar: dims.is_empty() })
        } else {
            return Err(node.fault("its value is not one number, or are more sizes than a tensor may have"));
        };
        self.set(node, value)
    }

    /// One number as often as is wanted: biases of zero, as an exporter writes them that does not optimise. Anything else as it is, where
    /// the sizes are its own.
    fn expand(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let sizes = self.sizes(node, 1)?.known();
        let to: Option<Vec<usize>> =
            sizes.and_then(|sizes| sizes.into_iter().map(|size| usize::try_from(size).ok()).collect());
        let refused = || node.fault("only a single number may be expanded");
        let to = to.ok_or_else(refused)?;
        let value = self.required(node, 0)?;
        // A list of sizes stays what it is when it is as long as it should be.
        let value = if let Value::Sizes(sizes) = value
            && sizes.list.len() == 1
            && to == [1]
        {
            Value::Sizes(Sizes { scalar: false, ..sizes.clone() })
        } else if let Value::Floats(floats) = value
            && (floats.dims == to || (floats.count() == 1 && floats.dims.len() <= to.len()))
        {
            bounded(node, &to)?;
            let source =
                if floats.dims == to { floats.source.clone() } else { Source::Fill(floats.to_vec()[0]) };
            Value::Floats(Floats { origin: floats.origin, dims: to, source })
        } else {
            return Err(refused());
        };
        self.set(node, value)
    }

    /// Takes the memory of so many numbers from the budget.
    pub(super) fn spend(&mut self, node: &Node<'_>, count: usize) -> Result<(), ModelError> {
        let left = self.budget.checked_sub(count);
        self.budget = left.ok_or_else(|| {
            let name = shortened(node.outputs.first().copied().unwrap_or_default());
            node.fault(format!(
                "the constants that the graph computes, {name:?} is one, are several times as many as those in the file: compute them before exporting"
            ))
        })?;
        Ok(())
    }
}

/// How many elements a constant of these sizes has, if a layer could have them.
fn bounded(node: &Node<'_>, dims: &[usize]) -> Result<usize, ModelError> {
    let count = dims.iter().try_fold(1usize, |count, &size| count.checked_mul(size));
    count
        .filter(|&count| count <= limits::WEIGHTS && dims.len() <= limits::ONNX_RANK)
        .ok_or_else(|| node.fault(format!("computes a constant of more than {} elements", limits::WEIGHTS)))
}

/// How many elements apart neighbours along each axis are.
pub(super) fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// Goes through all places of a tensor in order; says where that is with each of the given steps.
pub(super) fn each_place<const N: usize>(
    dims: &[usize],
    steps: &[&[usize]; N],
    mut visit: impl FnMut([usize; N]),
) {
    if dims.contains(&0) {
        return;
    }
    let (mut index, mut places) = (vec![0; dims.len()], [0; N]);
    loop {
        visit(places);
        let mut axis = dims.len();
        loop {
            let Some(next) = axis.checked_sub(1) else { return };
            axis = next;
            index[axis] += 1;
            for (place, steps) in places.iter_mut().zip(steps) {
                *place += steps[axis];
            }
            if index[axis] < dims[axis] {
                break;
            }
            for (place, steps) in places.iter_mut().zip(steps) {
                *place -= steps[axis] * dims[axis];
            }
            index[axis] = 0;
        }
    }
}

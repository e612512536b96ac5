//! Operators between layers that move or reshape elements: followed in the [`View`](super::view::View), and done to the
//! weights of the next layer where it matters.

use super::proto::Node;
use super::value::{Data, Size, Sizes, Value};
use super::walk::Walk;
use crate::ModelError;

impl<'a> Walk<'a> {
    pub(super) fn flatten(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        let rank = signed(data.view.sizes().len()) + 1;
        match node.int("axis", 1)? {
            axis if axis == 1 || axis == 1 - rank => self.resized(node, data, &[usize::MAX]),
            axis => {
                Err(node.fault(format!("axis is {axis}, only 1 is supported: flatten all but the batch")))
            }
        }
    }

    pub(super) fn reshape(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        let zero_copies = node.int("allowzero", 0)? == 0;
        let sizes = self.sizes(node, 1)?;
        let to = self
            .reshaped(&data, &sizes, zero_copies)
            .map_err(|why| node.fault(format!("reshapes {} to {}: {why}", data.shown(), sizes.shown())))?;
        self.resized(node, data, &to)
    }

    /// The sizes that a Reshape gives to one image's elements. One may be open: `usize::MAX`.
    fn reshaped(&self, data: &Data, sizes: &Sizes, zero_copies: bool) -> Result<Vec<usize>, &'static str> {
        let old = data.view.sizes();
        let (first, rest) = match sizes.list.split_first() {
            Some((first, rest)) if !sizes.scalar && !rest.is_empty() => (*first, rest),
            _ => return Err(KEEP_BATCH),
        };
        let mut to = Vec::with_capacity(rest.len());
        for (at, &size) in rest.iter().enumerate() {
            to.push(match size {
                Size::Known(-1) => usize::MAX,
                Size::Known(0) if zero_copies => *old.get(at).ok_or("a 0 copies a size that is not there")?,
                Size::Known(size) => usize::try_from(size).map_err(|_| "a size is negative")?,
                Size::Batch => return Err(KEEP_BATCH),
            });
        }
        let open = to.iter().filter(|&&size| size == usize::MAX).count();
        match first {
            Size::Batch => {}
            Size::Known(0) if zero_copies => {}
            // It becomes that of the batch if the others are all elements of an image, which is seen where they are counted.
            Size::Known(-1) if open == 0 => {}
            Size::Known(size) if Some(size) == self.batch => {}
            Size::Known(_) => return Err(KEEP_BATCH),
        }
        if open > 1 { Err("several sizes are open") } else { Ok(to) }
    }

    pub(super) fn squeeze(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        let mut sizes = data.view.sizes();
        let axes = self
            .axes(node)?
            .ok_or_else(|| node.fault("does not say which axes: give them, or use Flatten"))?;
        let mut axes = places(&axes, sizes.len()).ok_or_else(|| node.fault(NO_AXES))?;
        axes.sort_unstable();
        for axis in axes.into_iter().rev() {
            if sizes.get(axis) != Some(&1) {
                return Err(
                    node.fault("takes away an axis that is there twice, or has more than one element")
                );
            }
            sizes.remove(axis);
        }
        self.resized(node, data, &sizes)
    }

    pub(super) fn unsqueeze(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        let mut sizes = data.view.sizes();
        let axes = self.axes(node)?.unwrap_or_default();
        // Counted in what comes of it.
        let mut axes = places(&axes, sizes.len() + axes.len()).ok_or_else(|| node.fault(NO_AXES))?;
        axes.sort_unstable();
        for axis in axes {
            if axis > sizes.len() {
                return Err(node.fault(NO_AXES));
            }
            sizes.insert(axis, 1);
        }
        self.resized(node, data, &sizes)
    }

    pub(super) fn transpose(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        let order = node.ints("perm")?.and_then(|order| match order.split_first() {
            Some((0, order)) => places(order, data.view.sizes().len()),
            _ => None,
        });
        let view = order.and_then(|order| data.view.transposed(&order));
        let view =
            view.ok_or_else(|| node.fault("moves the batch, or not all axes: the batch must stay first"))?;
        self.set(node, Value::Data(Data { view, ..data }))
    }

    /// Whether a node adds zeros, or multiplies by ones, and repeats nothing.
    pub(super) fn changes_nothing(&self, node: &Node<'a>) -> bool {
        let (data, constant) = match (self.required(node, 0), self.required(node, 1)) {
            (Ok(Value::Data(data)), Ok(Value::Floats(constant))) => (data, constant),
            (Ok(Value::Floats(constant)), Ok(Value::Data(data))) if matches!(node.op, "Add" | "Mul") => {
                (data, constant)
            }
            _ => return false,
        };
        let neutral = if matches!(node.op, "Add" | "Sub") { 0.0 } else { 1.0 };
        let sizes = data.view.sizes();
        let behind_batch = constant.dims.len() <= sizes.len() + 1;
        let repeats = |(constant, size): (&usize, &usize)| *constant == 1 || constant == size;
        let of_batch = constant.dims.len() <= sizes.len() || constant.dims[0] == 1;
        behind_batch
            && of_batch
            && constant.dims.iter().rev().zip(sizes.iter().rev()).all(repeats)
            && constant.all_are(neutral)
    }

    /// What flows on as it is.
    pub(super) fn copy(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let index = usize::from(self.is_constant(node, 0));
        let data = self.data(node, index)?;
        self.set(node, Value::Data(data))
    }

    /// Gives the elements of an image other sizes, one of which may be open.
    fn resized(&mut self, node: &Node<'a>, data: Data, to: &[usize]) -> Result<(), ModelError> {
        let elements = data.extent.elements();
        let known = to
            .iter()
            .filter(|&&size| size != usize::MAX)
            .try_fold(1, |product: usize, size| product.checked_mul(*size));
        let sizes: Option<Vec<usize>> = known.and_then(|known| {
            let open = elements.checked_div(known)?;
            Some(to.iter().map(|&size| if size == usize::MAX { open } else { size }).collect())
        });
        let view = sizes.as_deref().and_then(|sizes| data.view.reshaped(sizes));
        let view = view.ok_or_else(|| {
            let shown = |&size: &usize| if size == usize::MAX { "-1".into() } else { size.to_string() };
            let to: Vec<String> = to.iter().map(shown).collect();
            node.fault(format!(
                "makes {} of the {elements} elements of an image, which are {}: they must be the same elements, and no size may cut across what was moved",
                to.join(" x "),
                data.shown()
            ))
        })?;
        self.set(node, Value::Data(Data { view, ..data }))
    }

    /// The axes of a node: an attribute before opset 13, an input since.
    pub(super) fn axes(&self, node: &Node<'a>) -> Result<Option<Vec<i64>>, ModelError> {
        match node.input(1) {
            None => Ok(node.ints("axes")?.map(<[i64]>::to_vec)),
            Some(_) => {
                let known = self.sizes(node, 1)?.known();
                known.map(Some).ok_or_else(|| node.fault("its axes depend on the batch"))
            }
        }
    }
}

/// Which of `rank` dimensions after the batch these axes are, counted from the batch on, or from the end.
fn places(axes: &[i64], rank: usize) -> Option<Vec<usize>> {
    let place = |&axis: &i64| {
        let from_start = if axis < 0 { axis.checked_add(signed(rank) + 1)? } else { axis };
        usize::try_from(from_start.checked_sub(1)?).ok().filter(|&place| place < rank)
    };
    axes.iter().map(place).collect()
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

const KEEP_BATCH: &str =
    "the batch must stay the first size: write 0 or -1 there, and the sizes of one image behind it";

const NO_AXES: &str = "its axes are not there, or are that of the batch";

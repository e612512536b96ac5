//! Constants that are reshaped, reordered or concatenated, computed as those of [`compute`](super::compute).

use super::compute::{each_place, strides};
use super::proto::Node;
use super::value::{Floats, Source, Value};
use super::walk::Walk;
use crate::{ModelError, limits};
use zeroize::Zeroizing;

impl<'a> Walk<'a> {
    /// The same numbers in other sizes.
    pub(super) fn resize_weights(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let floats = self.weights(node, 0)?;
        let (count, rank) = (signed(floats.count()), signed(floats.dims.len()));
        let from_start = |axis: i64, rank: i64| if axis < 0 { axis + rank } else { axis };
        let mut dims: Vec<i64> = floats.dims.iter().map(|&size| signed(size)).collect();
        match node.op {
            "Reshape" => {
                let zero_copies = node.int("allowzero", 0)? == 0;
                let to = self
                    .sizes(node, 1)?
                    .known()
                    .ok_or_else(|| node.fault("its sizes depend on the batch"))?;
                let copied = |(at, &size): (usize, &i64)| {
                    if size == 0 && zero_copies { dims.get(at).copied().unwrap_or(0) } else { size }
                };
                let to: Vec<i64> = to.iter().enumerate().map(copied).collect();
                let known = to
                    .iter()
                    .filter(|&&size| size != -1)
                    .try_fold(1i64, |product, &size| product.checked_mul(size));
                let open = known.and_then(|known| count.checked_div(known)).unwrap_or(-1);
                dims = to.iter().map(|&size| if size == -1 { open } else { size }).collect();
            }
            "Flatten" => {
                let axis = from_start(node.int("axis", 1)?, rank);
                let axis = usize::try_from(axis).ok().filter(|&axis| axis <= dims.len());
                let (rows, columns) = dims.split_at(axis.ok_or_else(|| node.fault("its axis is not there"))?);
                dims = vec![rows.iter().product(), columns.iter().product()];
            }
            op => {
                let axes = self.axes(node)?;
                let add = op == "Unsqueeze";
                let all = axes.as_ref().map_or(0, Vec::len);
                let rank = if add { rank + signed(all) } else { rank };
                let mut axes: Vec<i64> = match axes {
                    Some(axes) => axes.into_iter().map(|axis| from_start(axis, rank)).collect(),
                    None => (0..rank).filter(|&axis| dims.get(axis as usize) == Some(&1)).collect(),
                };
                axes.sort_unstable();
                if !add {
                    axes.reverse();
                }
                for axis in axes {
                    let axis = usize::try_from(axis)
                        .ok()
                        .filter(|&axis| if add { axis <= dims.len() } else { dims.get(axis) == Some(&1) });
                    let axis = axis
                        .ok_or_else(|| node.fault("its axes are not there, or have more than one element"))?;
                    if add {
                        dims.insert(axis, 1);
                    } else {
                        dims.remove(axis);
                    }
                }
            }
        }
        let sizes: Option<Vec<usize>> = dims.iter().map(|&size| usize::try_from(size).ok()).collect();
        let fits = |sizes: &Vec<usize>| {
            sizes.len() <= limits::ONNX_RANK
                && sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
                    == Some(floats.count())
        };
        let dims = sizes.filter(fits).ok_or_else(|| {
            node.fault(format!("makes sizes {dims:?} of a constant with sizes {:?}", floats.dims))
        })?;
        // A transposed matrix is one only as long as it has its two sizes.
        let source = if matches!(floats.source, Source::Transposed(_)) && dims != floats.dims {
            self.spend(node, floats.count())?;
            Floats::computed("", Vec::new(), floats.to_vec()).source
        } else {
            floats.source
        };
        self.set(node, Value::Floats(Floats { origin: floats.origin, dims, source }))
    }

    /// The axes of weights in another order.
    pub(super) fn transpose_weights(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let floats = self.weights(node, 0)?;
        let rank = floats.dims.len();
        let order = match node.ints("perm")? {
            None => (0..rank).rev().collect(),
            Some(order) => {
                order.iter().filter_map(|&axis| usize::try_from(axis).ok()).collect::<Vec<usize>>()
            }
        };
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank) {
            return Err(node.fault("its order has not every axis once"));
        }
        let dims: Vec<usize> = order.iter().map(|&axis| floats.dims[axis]).collect();
        if order.is_sorted() {
            return self.set(node, Value::Floats(floats));
        }
        // A matrix stays in the file.
        let source = match (floats.transposed(), &floats.source) {
            (Some(transposed), _) => transposed.source,
            (None, Source::Fill(value)) => Source::Fill(*value),
            (None, _) => {
                self.spend(node, floats.count())?;
                let strides = strides(&floats.dims);
                let strides: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
                let from = floats.to_vec();
                let mut values = Zeroizing::new(Vec::with_capacity(from.len()));
                each_place(&dims, &[&strides], |places| values.push(from[places[0]]));
                Floats::computed("", Vec::new(), values).source
            }
        };
        self.set(node, Value::Floats(Floats { origin: floats.origin, dims, source }))
    }

    /// Constants side by side along an axis.
    pub(super) fn concat_weights(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let parts: Vec<Floats<'a>> =
            (0..node.inputs.len()).map(|index| self.weights(node, index)).collect::<Result<_, _>>()?;
        let unlike = || node.fault("joins constants that do not fit together");
        let first = parts.first().ok_or_else(unlike)?;
        let rank = signed(first.dims.len());
        let axis = node.int("axis", 0)?;
        let axis =
            usize::try_from(if axis < 0 { axis.saturating_add(rank) } else { axis }).unwrap_or(usize::MAX);
        let around = |floats: &Floats<'a>| {
            let (before, rest) = floats.dims.split_at_checked(axis)?;
            let (size, after) = rest.split_first()?;
            Some((before.to_vec(), *size, after.to_vec()))
        };
        let (before, _, after) = around(first).ok_or_else(unlike)?;
        let mut size = 0usize;
        for part in &parts {
            let (ahead, along, behind) = around(part).ok_or_else(unlike)?;
            if (&ahead, &behind) != (&before, &after) {
                return Err(unlike());
            }
            size = size.saturating_add(along);
        }
        let count = parts.iter().map(Floats::count).sum();
        self.spend(node, count)?;
        let rows: usize = before.iter().product();
        let parts: Vec<Zeroizing<Vec<f32>>> = parts.iter().map(Floats::to_vec).collect();
        let mut values = Zeroizing::new(Vec::with_capacity(count));
        for row in 0..rows {
            for part in &parts {
                let width = part.len() / rows;
                values.extend_from_slice(&part[row * width..][..width]);
            }
        }
        let dims = [&before[..], &[size], &after].concat();
        self.set(node, Value::Floats(Floats::computed("", dims, values)))
    }
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

//! How the elements of what flows from layer to layer lie in a tensor.
//!
//! Layers know one order: channel after channel, row after row. Reshapes and transpositions between them move elements about, or call the
//! same order by other sizes. Both are followed here exactly, in a few numbers: every dimension of the tensor is a run of factors, each so
//! many elements of the order of layers apart.

use crate::limits;

/// A tensor of an image's elements, the batch left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    /// For each dimension its factors, from the slowest to the fastest.
    dims: Vec<Vec<Factor>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Factor {
    size: usize,
    /// Distance of neighbours, in the order of layers.
    stride: usize,
}

impl View {
    /// A tensor of these sizes whose elements are in the order of layers.
    pub(super) fn in_order(sizes: &[usize]) -> Self {
        let mut stride = sizes.iter().product::<usize>();
        let dim = |&size: &usize| {
            stride = stride.checked_div(size).unwrap_or(0);
            vec![Factor { size, stride }]
        };
        Self { dims: sizes.iter().map(dim).collect() }
    }

    /// Planes of `channels` x `height` x `width` as a tensor of height x width x channels.
    pub(super) fn channels_last(channels: usize, height: usize, width: usize) -> Self {
        let planes = Self::in_order(&[channels, height, width]);
        Self { dims: [1, 2, 0].map(|dim| planes.dims[dim].clone()).to_vec() }
    }

    /// The sizes of the tensor.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.dims.iter().map(|dim| dim.iter().map(|factor| factor.size).product()).collect()
    }

    /// The same elements in the same order as a tensor of other sizes. `None` where these are too many, have another product, or cut
    /// across what was moved.
    pub(super) fn reshaped(&self, sizes: &[usize]) -> Option<Self> {
        if sizes.len() > limits::ONNX_RANK {
            return None;
        }
        let mut left = self.factors();
        left.reverse();
        let mut dims = Vec::with_capacity(sizes.len());
        for &size in sizes {
            let (mut wanted, mut dim) = (size, Vec::new());
            while wanted > 1 {
                let factor = left.pop()?;
                if wanted.is_multiple_of(factor.size) {
                    wanted /= factor.size;
                    dim.push(factor);
                } else if factor.size.is_multiple_of(wanted) {
                    // Its slower part; the faster one is left for what follows.
                    let rest = factor.size / wanted;
                    dim.push(Factor { size: wanted, stride: factor.stride * rest });
                    left.push(Factor { size: rest, ..factor });
                    wanted = 1;
                } else {
                    return None;
                }
            }
            if size == 0 {
                return None;
            }
            dims.push(dim);
        }
        left.is_empty().then_some(Self { dims })
    }

    /// The tensor with its dimensions in another order; `None` if this is no order of them.
    pub(super) fn transposed(&self, order: &[usize]) -> Option<Self> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        let complete = sorted.into_iter().eq(0..self.dims.len());
        complete.then(|| Self { dims: order.iter().map(|&dim| self.dims[dim].clone()).collect() })
    }

    /// Whether the elements are in the order of layers, whatever the sizes.
    pub(super) fn is_in_order(&self) -> bool {
        matches!(self.factors()[..], [] | [Factor { stride: 1, .. }])
    }

    /// The dimension that is that of the channels, whose planes have `plane` elements; `None` if none is.
    pub(super) fn channel(&self, channels: usize, plane: usize) -> Option<usize> {
        let is_channel = |dim: &Vec<Factor>| merged(dim) == [Factor { size: channels, stride: plane }];
        self.dims.iter().position(is_channel)
    }

    /// For every element of the tensor, which one it is in the order of layers.
    pub(super) fn places(&self) -> Vec<usize> {
        let mut places = vec![0];
        for factor in self.factors() {
            places = places
                .iter()
                .flat_map(|place| (0..factor.size).map(move |at| place + at * factor.stride))
                .collect();
        }
        places
    }

    /// All factors, those that follow each other joined, those of one element left out.
    fn factors(&self) -> Vec<Factor> {
        merged(&self.dims.concat())
    }
}

fn merged(factors: &[Factor]) -> Vec<Factor> {
    let mut merged: Vec<Factor> = Vec::new();
    for &factor in factors.iter().filter(|factor| factor.size != 1) {
        match merged.last_mut() {
            Some(last) if last.stride == factor.size * factor.stride => {
                *last = Factor { size: last.size * factor.size, stride: factor.stride };
            }
            _ => merged.push(factor),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same moves on a list of numbers: the slow way, by the meaning of the words.
    #[derive(Clone, Debug)]
    struct Slow {
        sizes: Vec<usize>,
        elements: Vec<usize>,
    }

    impl Slow {
        fn transposed(&self, order: &[usize]) -> Self {
            let sizes: Vec<usize> = order.iter().map(|&dim| self.sizes[dim]).collect();
            let mut elements = Vec::new();
            for at in 0..self.elements.len() {
                let (mut rest, mut index) = (at, vec![0; sizes.len()]);
                for dim in (0..sizes.len()).rev() {
                    index[order[dim]] = rest % sizes[dim];
                    rest /= sizes[dim];
                }
                let from = index.iter().zip(&self.sizes).fold(0, |from, (index, size)| from * size + index);
                elements.push(self.elements[from]);
            }
            Self { sizes, elements }
        }
    }

    proptest! {
        #[test]
        fn moves_are_followed(
            shape in prop::collection::vec(1..5usize, 1..4),
            steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), any::<u64>()), 0..6),
        ) {
            let mut view = View::in_order(&shape);
            let mut slow = Slow { elements: (0..shape.iter().product()).collect(), sizes: shape };
            for (transpose, which, seed) in steps {
                if transpose {
                    let mut order: Vec<usize> = (0..slow.sizes.len()).collect();
                    order.sort_by_key(|dim| seed.rotate_left(*dim as u32 * 7).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                    slow = slow.transposed(&order);
                    view = view.transposed(&order).unwrap();
                } else {
                    // All elements in one or two dimensions, or one more of a single element.
                    let count = slow.elements.len();
                    let divisors: Vec<usize> = (1..=count).filter(|size| count.is_multiple_of(*size)).collect();
                    let first = divisors[which.index(divisors.len())];
                    let sizes = [vec![count], vec![first, count / first], vec![first, 1, count / first]][seed as usize % 3].clone();
                    let Some(reshaped) = view.reshaped(&sizes) else { continue };
                    (view, slow.sizes) = (reshaped, sizes);
                }
                prop_assert_eq!(&view.sizes(), &slow.sizes);
                prop_assert_eq!(&view.places(), &slow.elements);
                prop_assert_eq!(view.is_in_order(), slow.elements.is_sorted());
            }
        }
    }

    #[test]
    fn what_keras_does() {
        let planes = View::in_order(&[2, 3, 4]);
        let last = planes.transposed(&[1, 2, 0]).unwrap();
        assert_eq!(last, View::channels_last(2, 3, 4));
        assert_eq!((last.sizes(), last.is_in_order()), (vec![3, 4, 2], false));
        assert_eq!(&last.places()[..4], [0, 12, 1, 13]);
        assert_eq!((planes.channel(2, 12), last.channel(2, 12)), (Some(0), Some(2)));
        let flat = last.reshaped(&[24]).unwrap();
        assert_eq!((flat.sizes(), flat.channel(2, 12)), (vec![24], None));
        // What was flattened after it was moved can be moved back.
        assert_eq!(flat.reshaped(&[3, 4, 2]).unwrap().transposed(&[2, 0, 1]).unwrap().sizes(), [2, 3, 4]);
        for sizes in [&[23][..], &[25], &[5, 5], &[0, 24], &[24, 0], &[24, 2], &[1; 9]] {
            assert_eq!(flat.reshaped(sizes), None, "{sizes:?}");
        }
        for order in [&[0, 0, 1][..], &[0, 1], &[0, 1, 3]] {
            assert_eq!(planes.transposed(order), None, "{order:?}");
        }
    }
}

//! Values side by side, and chunks of them on all cores.

use core::ops::Range;

use muse_gc::label::Block;

use super::{BITS, HELPERS, MASK_BITS};

/// Values that go through the statements together: independent products hide each other's latency.
pub(super) const LANES: usize = 16;

/// One field element for each of the values that go together.
pub(super) type Lanes = [Block; LANES];

/// Values whose coefficients come from one generator; a multiple of [`LANES`]. Part of the protocol.
pub(crate) const CHUNK: usize = 512;

/// The ranges of at most [`LANES`] values that a chunk is made of.
pub(super) fn groups(chunk: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = chunk.end;
    chunk.step_by(LANES).map(move |first| first..end.min(first + LANES))
}

/// The labels, active or zero, of the values that go together.
pub(super) struct GroupLabels<'a> {
    values: [&'a [Block; BITS]; LANES],
    helpers: [&'a [Block; HELPERS]; LANES],
}

impl<'a> GroupLabels<'a> {
    /// Of a batch of `values` values, those in `group`, at most [`LANES`]; zeros in the lanes beyond.
    pub(super) fn new(labels: &'a [Block], values: usize, group: Range<usize>) -> Self {
        let (bits, rest) = labels.split_at(BITS * values);
        let (bits, helpers) = (bits.as_chunks().0, rest.as_chunks().0);
        let mut labels =
            Self { values: [&[Block::ZERO; BITS]; LANES], helpers: [&[Block::ZERO; HELPERS]; LANES] };
        for (lane, j) in group.enumerate() {
            labels.values[lane] = &bits[j];
            labels.helpers[lane] = &helpers[j];
        }
        labels
    }

    /// Those of bit `i`; from 44 on, of helper bits.
    #[inline]
    pub(super) fn get(&self, i: usize) -> Lanes {
        if i < BITS { self.values.map(|bits| bits[i]) } else { self.helpers.map(|bits| bits[i - BITS]) }
    }
}

/// The number of values of a batch with this many labels, if there is one.
pub(super) const fn values_of(labels: usize) -> Option<usize> {
    match labels.checked_sub(MASK_BITS) {
        Some(bits) if bits.is_multiple_of(BITS + HELPERS) => Some(bits / (BITS + HELPERS)),
        Some(_) | None => None,
    }
}

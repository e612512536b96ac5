//! Padding that a node leaves to be computed: `auto_pad`.

use super::proto::Node;
use crate::ModelError;

/// What a window does along rows or columns.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) size: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
}

impl Window {
    /// Pixels that are put around a side so that there is a result for every `stride` of them: before it, and behind it.
    fn same(self, upper: bool) -> (usize, usize) {
        let Self { size, kernel, stride } = self;
        let results = size.div_ceil(stride.max(1));
        let covered = results.saturating_sub(1) * stride + kernel;
        let total = covered.saturating_sub(size);
        let less = total / 2;
        // The odd one is behind, or before.
        if upper { (less, total - less) } else { (total - less, less) }
    }
}

/// The padding of a node whose windows go over rows and columns like this, in the order of its attribute `pads`: top, left, bottom, right.
/// `None` if the node gives it itself.
pub(super) fn automatic(
    node: &Node<'_>,
    rows: Window,
    columns: Window,
) -> Result<Option<[usize; 4]>, ModelError> {
    let Some(attribute) = node.attribute("auto_pad") else { return Ok(None) };
    let kind = attribute.text.unwrap_or_default();
    if !matches!(kind, b"" | b"NOTSET")
        && node.ints("pads")?.is_some_and(|pads| pads.iter().any(|&pad| pad != 0))
    {
        return Err(node.fault("has both auto_pad and pads: leave out one of them"));
    }
    match kind {
        b"" | b"NOTSET" => Ok(None),
        b"VALID" => Ok(Some([0; 4])),
        b"SAME_UPPER" | b"SAME_LOWER" => {
            let [(top, bottom), (left, right)] = [rows, columns].map(|side| side.same(kind == b"SAME_UPPER"));
            Ok(Some([top, left, bottom, right]))
        }
        other => {
            let other = other.get(..16).unwrap_or(other).escape_ascii().to_string();
            Err(node.fault(format!("auto_pad is {other}, which ONNX does not know")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As onnxruntime 1.32 has them, seen from the sums of windows of ones over ones.
    #[test]
    fn same_padding() {
        for (size, kernel, stride, upper, lower) in [
            (8, 5, 1, (2, 2), (2, 2)),
            (8, 3, 1, (1, 1), (1, 1)),
            (8, 2, 1, (0, 1), (1, 0)),
            (8, 3, 2, (0, 1), (1, 0)),
            (7, 3, 2, (1, 1), (1, 1)),
            (8, 1, 2, (0, 0), (0, 0)),
            (8, 2, 2, (0, 0), (0, 0)),
            (7, 2, 2, (0, 1), (1, 0)),
            (5, 4, 3, (1, 1), (1, 1)),
            (1, 3, 1, (1, 1), (1, 1)),
        ] {
            let window = Window { size, kernel, stride };
            assert_eq!((window.same(true), window.same(false)), (upper, lower), "{size} {kernel} {stride}");
        }
    }
}

//! Names of layers: those that PyTorch's modules had, where the file still knows them.

use crate::{limits, names::is_plain};

/// `fc1` for the tensor `fc1.weight`.
pub(super) fn of_tensor(tensor: &str, suffix: &str) -> Option<String> {
    tensor.strip_suffix(suffix).filter(|stem| !stem.starts_with("onnx::")).and_then(printable)
}

/// `fc1` for the node `/fc1/Gemm`.
pub(super) fn of_node(node: &str) -> Option<String> {
    let (path, _operator) = node.strip_prefix('/')?.rsplit_once('/')?;
    path.rsplit('/').next().and_then(printable)
}

/// A name for a model, or this if it has none.
pub(super) fn or(name: &str, default: &str) -> String {
    printable(name).unwrap_or_else(|| default.into())
}

/// Names for all layers, different from each other.
pub(super) fn distinct(candidates: impl Iterator<Item = (Option<String>, &'static str)>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, (candidate, kind)) in candidates.enumerate() {
        let base = candidate.unwrap_or_else(|| format!("{kind}{}", index + 1));
        let numbered = (2..).map(|number| format!("{base}#{number}"));
        let name = core::iter::once(base.clone()).chain(numbered).find(|name| !names.contains(name));
        names.push(name.unwrap_or(base));
    }
    names
}

/// The plain characters of a name, with room for a number behind them; `None` if nothing is left.
fn printable(name: &str) -> Option<String> {
    let mut plain = String::new();
    for c in name.chars().filter(|&c| is_plain(c)) {
        if plain.len() + c.len_utf8() > limits::NAME_BYTES - 4 {
            break;
        }
        plain.push(c);
    }
    let trimmed = plain.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::check;

    #[test]
    fn modules_keep_their_names() {
        let cases = [
            (of_tensor("features.0.weight", ".weight"), Some("features.0")),
            (of_tensor("onnx::Conv_30", ".weight"), None),
            (of_tensor("onnx::a.weight", ".weight"), None),
            (of_tensor(".weight", ".weight"), None),
            (of_tensor("a\u{1b}[2Jb.weight", ".weight"), Some("a[2Jb")),
            (of_node("/fc1/Gemm"), Some("fc1")),
            (of_node("/features/features.0/Conv"), Some("features.0")),
            (of_node("/MatMul"), None),
            (of_node("node_conv2d"), None),
        ];
        for (found, expected) in cases {
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn names_differ_and_fit() {
        let long = "é".repeat(100);
        let candidates =
            [of_node("/a/B"), of_node("/a/B"), None, of_node(&format!("/{long}/Conv")), of_node("/a/B")];
        let names = distinct(candidates.into_iter().map(|candidate| (candidate, "conv")));
        assert_eq!(
            (&names[..3], &names[4][..]),
            (&["a".to_owned(), "a#2".into(), "conv3".into()][..], "a#3")
        );
        names.iter().for_each(|name| check("layer", name).unwrap());
    }
}

//! The versions of the operator set, and what changed in them for the operators that are read here.
//!
//! An operator means what the newest version of it says that is not above the file's opset. For every one that is read, the table has the
//! versions there are of it; most of them only took up further types of numbers. What did change, and is obeyed:
//!
//! | operator | since | |
//! |---|---|---|
//! | AveragePool | 10, 19 | may round sizes up; may be dilated |
//! | BatchNormalization | 9, 14 | statistics are per channel, always; may be in training |
//! | Constant | 12 | may be a few numbers without a tensor |
//! | Dropout | 12 | its ratio, and whether it is in training, are inputs |
//! | Flatten, Gather, Concat, Squeeze, Unsqueeze | 11 | axes may be counted from the end |
//! | Gemm | 11 | may have no third input |
//! | Reshape | 14 | a size of zero may mean zero |
//! | Shape | 15 | may be a part of the shape |
//! | Slice | 10 | its numbers are inputs |
//! | Squeeze, Unsqueeze | 13 | their axes are inputs |
//! | ReduceProd | 18 | its axes are inputs |
//! | Cast, CastLike | 19, 24 | how 8-bit floats are rounded, which are not read |

use super::proto::Node;
use crate::ModelError;
use core::ops::RangeInclusive;

/// The operator sets that are read: from the oldest one in use to the newest there was when the table was checked.
pub(super) const OPSETS: RangeInclusive<i64> = 7..=28;

/// An operator of the standard.
struct Operator {
    name: &'static str,
    /// Its versions, from the one that was in force in the oldest opset.
    versions: &'static [i64],
    /// Its attributes, with the first and the last opset that has them.
    attributes: &'static [(&'static str, i64, i64)],
    /// How many inputs there may be, from this opset on.
    inputs: &'static [(i64, usize)],
}

/// Checks that a node has the attributes and inputs that its operator has in this opset. `false` if the operator is not read.
pub(super) fn check(node: &Node<'_>, opset: i64) -> Result<bool, ModelError> {
    let Some(operator) = OPERATORS.iter().find(|operator| operator.name == node.op) else { return Ok(false) };
    let first = operator.versions[0];
    if opset < first {
        return Err(
            node.fault(format!("is an operator of opset {first}, the file is of opset {opset}: {ADVICE}"))
        );
    }
    for (name, from, to) in operator.attributes {
        if !(from..=to).contains(&&opset) && node.attribute(name).is_some() {
            let since = if *to == ALWAYS { format!("{from} and later") } else { format!("{from} to {to}") };
            return Err(node.fault(format!(
                "attribute {name:?} is of opset {since}, the file is of opset {opset}: {ADVICE}"
            )));
        }
    }
    let names: Vec<&str> = operator.attributes.iter().map(|(name, ..)| *name).collect();
    node.allow(&names)?;
    let most = operator.inputs.iter().rev().find(|(from, _)| *from <= opset).map_or(0, |(_, most)| *most);
    if node.inputs.iter().skip(most).any(|name| !name.is_empty()) {
        return Err(
            node.fault(format!("has more than {most} inputs, which it has not in opset {opset}: {ADVICE}"))
        );
    }
    Ok(true)
}

const ADVICE: &str = "what wrote it is at fault; export it again with opset 18";

/// The last opset of an attribute that was not given up.
const ALWAYS: i64 = i64::MAX;

const fn operator(
    name: &'static str,
    versions: &'static [i64],
    attributes: &'static [(&'static str, i64, i64)],
    inputs: &'static [(i64, usize)],
) -> Operator {
    Operator { name, versions, attributes, inputs }
}

const ONE: &[(i64, usize)] = &[(1, 1)];
const TWO: &[(i64, usize)] = &[(1, 2)];
const THREE: &[(i64, usize)] = &[(1, 3)];
const LISTS: &[(i64, usize)] = &[(1, usize::MAX)];

const OPERATORS: [Operator; 31] = [
    operator("Abs", &[6, 13], &[], ONE),
    operator("Add", &[7, 13, 14], &[], TWO),
    operator(
        "AveragePool",
        &[7, 10, 11, 19, 22],
        &[
            ("auto_pad", 1, ALWAYS),
            ("ceil_mode", 10, ALWAYS),
            ("count_include_pad", 7, ALWAYS),
            ("dilations", 19, ALWAYS),
            ("kernel_shape", 1, ALWAYS),
            ("pads", 1, ALWAYS),
            ("strides", 1, ALWAYS),
        ],
        ONE,
    ),
    operator(
        "BatchNormalization",
        &[7, 9, 14, 15],
        &[("epsilon", 1, ALWAYS), ("momentum", 1, ALWAYS), ("spatial", 1, 8), ("training_mode", 14, ALWAYS)],
        &[(1, 5)],
    ),
    operator(
        "Cast",
        &[6, 9, 13, 19, 21, 23, 24, 25, 28],
        &[("to", 1, ALWAYS), ("saturate", 19, ALWAYS), ("round_mode", 24, ALWAYS)],
        ONE,
    ),
    operator(
        "CastLike",
        &[15, 19, 21, 23, 24, 25],
        &[("saturate", 19, ALWAYS), ("round_mode", 24, ALWAYS)],
        TWO,
    ),
    operator("Concat", &[4, 11, 13], &[("axis", 1, ALWAYS)], LISTS),
    operator(
        "Constant",
        &[1, 9, 11, 12, 13, 19, 21, 23, 24, 25],
        &[
            ("value", 1, ALWAYS),
            ("sparse_value", 11, ALWAYS),
            ("value_float", 12, ALWAYS),
            ("value_floats", 12, ALWAYS),
            ("value_int", 12, ALWAYS),
            ("value_ints", 12, ALWAYS),
            ("value_string", 12, ALWAYS),
            ("value_strings", 12, ALWAYS),
        ],
        &[(1, 0)],
    ),
    operator("ConstantOfShape", &[9, 20, 21, 23, 24, 25], &[("value", 9, ALWAYS)], ONE),
    operator(
        "Conv",
        &[1, 11, 22],
        &[
            ("auto_pad", 1, ALWAYS),
            ("dilations", 1, ALWAYS),
            ("group", 1, ALWAYS),
            ("kernel_shape", 1, ALWAYS),
            ("pads", 1, ALWAYS),
            ("strides", 1, ALWAYS),
        ],
        THREE,
    ),
    operator("Div", &[7, 13, 14], &[], TWO),
    operator("Dropout", &[7, 10, 12, 13, 22], &[("ratio", 1, 11), ("seed", 12, ALWAYS)], &[(1, 1), (12, 3)]),
    operator("Expand", &[8, 13], &[], TWO),
    operator("Flatten", &[1, 9, 11, 13, 21, 23, 24, 25], &[("axis", 1, ALWAYS)], ONE),
    operator("Gather", &[1, 11, 13], &[("axis", 1, ALWAYS)], TWO),
    operator(
        "Gemm",
        &[7, 9, 11, 13],
        &[("alpha", 1, ALWAYS), ("beta", 1, ALWAYS), ("transA", 1, ALWAYS), ("transB", 1, ALWAYS)],
        THREE,
    ),
    operator("Identity", &[1, 13, 14, 16, 19, 21, 23, 24, 25], &[], ONE),
    operator("MatMul", &[1, 9, 13], &[], TWO),
    operator("Mul", &[7, 13, 14], &[], TWO),
    operator("Neg", &[6, 13], &[], ONE),
    operator("Reciprocal", &[6, 13], &[], ONE),
    operator("ReduceProd", &[1, 11, 13, 18], &REDUCTION, &[(1, 1), (18, 2)]),
    operator("Relu", &[6, 13, 14], &[], ONE),
    operator("Reshape", &[5, 13, 14, 19, 21, 23, 24, 25], &[("allowzero", 14, ALWAYS)], TWO),
    operator("Shape", &[1, 13, 15, 19, 21, 23, 24, 25], &[("start", 15, ALWAYS), ("end", 15, ALWAYS)], ONE),
    operator(
        "Slice",
        &[1, 10, 11, 13],
        &[("axes", 1, 9), ("ends", 1, 9), ("starts", 1, 9)],
        &[(1, 1), (10, 5)],
    ),
    operator("Sqrt", &[6, 13], &[], ONE),
    operator("Squeeze", &[1, 11, 13, 21, 23, 24, 25], &[("axes", 1, 12)], &[(1, 1), (13, 2)]),
    operator("Sub", &[7, 13, 14], &[], TWO),
    operator("Transpose", &[1, 13, 21, 23, 24, 25], &[("perm", 1, ALWAYS)], ONE),
    operator("Unsqueeze", &[1, 11, 13, 21, 23, 24, 25], &[("axes", 1, 12)], &[(1, 1), (13, 2)]),
];

const REDUCTION: [(&str, i64, i64); 3] =
    [("axes", 1, 17), ("keepdims", 1, ALWAYS), ("noop_with_empty_axes", 18, ALWAYS)];

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/onnx/opsets.py` asked the package onnx itself for all versions of all operators.
    const STANDARD: &str = include_str!("../../tests/onnx/opsets.txt");

    /// No version of an operator is missing in the table: whoever raises the newest opset has to look at each that is new.
    #[test]
    fn the_table_has_every_version() {
        let mut lines = STANDARD.lines();
        let newest = lines.next().and_then(|line| line.strip_prefix("newest ")).expect("the first line");
        assert_eq!(newest.parse(), Ok(*OPSETS.end()));
        for operator in &OPERATORS {
            let found = STANDARD.lines().find_map(|line| line.strip_prefix(operator.name)?.strip_prefix(' '));
            let (versions, attributes) =
                found.expect("an operator of the standard").split_once(';').expect("both");
            let versions: Vec<i64> =
                versions.split_whitespace().map(|version| version.parse().unwrap()).collect();
            let in_force = versions.iter().rposition(|version| version <= OPSETS.start()).unwrap_or(0);
            assert_eq!(operator.versions, &versions[in_force..], "{}", operator.name);
            // name:first:last, as the standard has them between the opsets that are read.
            for attribute in attributes.split_whitespace() {
                let parts: Vec<&str> = attribute.split(':').collect();
                let (from, to): (i64, i64) = (parts[1].parse().unwrap(), parts[2].parse().unwrap());
                let ours = operator.attributes.iter().find(|(name, ..)| *name == parts[0]);
                let &(_, first, last) = ours.unwrap_or_else(|| panic!("{} {attribute}", operator.name));
                let clamped = |opset: i64| opset.clamp(*OPSETS.start(), *OPSETS.end());
                assert_eq!((clamped(first), clamped(last)), (from, to), "{} {attribute}", operator.name);
            }
            let theirs = attributes.split_whitespace().count();
            assert_eq!(operator.attributes.len(), theirs, "{}", operator.name);
        }
    }
}

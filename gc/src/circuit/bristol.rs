//! "Bristol fashion", the text format in which circuits are published and exchanged.
//!
//! A file gives the number of gates and of wires, the number of inputs and the width of each, the same for outputs, and
//! then a gate per line: number of operands, number of results, operands, results, name.
//!
//! ```text
//! 3 5
//! 1 2
//! 1 1
//!
//! 2 1 0 1 2 AND
//! 1 1 2 3 INV
//! 2 1 0 3 4 XOR
//! ```
//!
//! Wires are numbered from 0: the input bits first, the output bits last. Gates are `XOR`, `AND`, `INV`, `EQ` (a constant,
//! 0 or 1, as "operand"), `EQW` (a copy) and `MAND` (several ANDs on one line: all first operands, all second operands, all
//! results). The older "Bristol format", whose second line has the widths of two inputs and one output, is refused.
//!
//! [`parse()`] reads through the [`Builder`](super::Builder), so a circuit may come out smaller than the file says: constants
//! fold, copies and dead gates disappear. [`write()`] is its inverse: reading what it wrote gives the same circuit, except
//! for names of inputs and outputs, which the format does not have.

mod parse;
mod write;

pub use parse::{parse, parse_with};
pub use write::write;

/// Bounds on a circuit that is read from text.
///
/// Memory and time are linear in the length of the text plus the number of input wires, so a bound on the latter keeps a
/// short text from asking for much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The most input wires, over all inputs.
    pub inputs: usize,
    /// The most gates; a `MAND` counts once for each of its ANDs.
    pub gates: usize,
}

impl Default for Limits {
    /// 2^16 input wires and 2^22 gates: ten times the largest circuits that are published in this format.
    fn default() -> Self {
        Self { inputs: 1 << 16, gates: 1 << 22 }
    }
}

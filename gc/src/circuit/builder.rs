//! Builds circuits gate by gate, folding what need not be computed.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Bundle, Circuit, Port, lower};

/// Builds a [`Circuit`].
///
/// The vocabulary is that of fancy-garbling (wires, bundles, `xor`, `and`, `negate`, `mux`, `constant`, adders,
/// comparators), so that circuits written for it port.
///
/// Gates are simplified as they are made: constants fold, `x and x = x`, `x and not x = 0`, `x xor x = 0`,
/// `x xor (x xor y) = y`, a double negation disappears, negations move through XOR, and a gate that was made before is
/// not made again. [`finish`](Self::finish) removes what no output depends on. So a gadget need not be given in variants:
/// an addition whose carry is dropped, or one with a constant operand, costs only what is left of it.
///
/// ```
/// use muse_gc::circuit::Builder;
///
/// // Who is richer? And by how much, if it is the first?
/// let mut b = Builder::new();
/// let (x, y) = (b.input("x", 8), b.input("y", 8));
/// let (difference, less) = b.subtract(&x, &y);
/// let not_less = b.negate(less);
/// let gain = b.and_bit(not_less, &difference);
/// b.output("less", &less.into());
/// b.output("gain", &gain);
/// let circuit = b.finish();
/// assert_eq!(circuit.and_count(), 8 + 8);
/// assert_eq!(circuit.input_count(), 16);
/// ```
///
/// A [`Wire`] belongs to the builder that made it. Using it with another builder is a mistake that is not detected,
/// unless the other has fewer wires: then it panics.
#[derive(Clone, Debug)]
pub struct Builder {
    nodes: Vec<Node>,
    known: BTreeMap<Node, Wire>,
    inputs: Vec<Port>,
    input_count: usize,
    outputs: Vec<(String, Bundle)>,
}

/// A bit of the circuit under construction: a node of the graph, or the negation of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Wire(u32);

/// What a node computes. Operands are ordered, so that equal gates are equal nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Node {
    /// The constant 0, always node 0.
    Zero,
    /// The input bit with this number.
    Input(u32),
    /// XOR of two plain (not negated) wires.
    Xor(Wire, Wire),
    /// AND of two wires of different nodes.
    And(Wire, Wire),
}

impl Wire {
    /// The constant 0.
    pub const ZERO: Self = Self(0);
    /// The constant 1.
    pub const ONE: Self = Self(1);

    /// The constant wire with this value.
    #[must_use]
    pub const fn constant(bit: bool) -> Self {
        if bit { Self::ONE } else { Self::ZERO }
    }

    /// Its value if the wire is a constant.
    #[must_use]
    pub const fn as_constant(self) -> Option<bool> {
        match self {
            Self::ZERO => Some(false),
            Self::ONE => Some(true),
            Self(_) => None,
        }
    }

    pub(super) const fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub(super) const fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    const fn negate_if(self, negate: bool) -> Self {
        Self(self.0 ^ negate as u32)
    }

    const fn plain(self) -> Self {
        Self(self.0 & !1)
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// A builder without inputs or gates.
    #[must_use]
    pub fn new() -> Self {
        Self {
            nodes: alloc::vec![Node::Zero],
            known: BTreeMap::new(),
            inputs: Vec::new(),
            input_count: 0,
            outputs: Vec::new(),
        }
    }

    /// Adds an input bundle of `width` bits. Input bits are numbered in the order of these calls.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn input(&mut self, name: &str, width: usize) -> Bundle {
        let first = self.input_count;
        self.input_count += width;
        self.inputs.push(Port { name: name.into(), width });
        (first..first + width)
            .map(|i| self.push(Node::Input(u32::try_from(i).expect("fewer than 2^31 wires"))))
            .collect()
    }

    /// Adds an output bundle. Output bits are numbered in the order of these calls. Constants, inputs and wires that are
    /// outputs already are fine.
    pub fn output(&mut self, name: &str, bundle: &Bundle) {
        self.outputs.push((name.into(), bundle.clone()));
    }

    /// The constant bundle of the low `width` bits of `value`. Free.
    #[must_use]
    pub fn constant(&self, value: u128, width: usize) -> Bundle {
        (0..width).map(|i| Wire::constant(i < 128 && value >> i & 1 == 1)).collect()
    }

    /// `not x`. Free: no gate is made here, and at most one per wire when the circuit is finished.
    #[must_use]
    pub const fn negate(&self, x: Wire) -> Wire {
        x.negate_if(true)
    }

    /// `x xor y`. Free.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn xor(&mut self, x: Wire, y: Wire) -> Wire {
        let negate = x.is_negated() != y.is_negated();
        let (a, b) = ordered(x.plain(), y.plain());
        if a == b {
            return Wire::ZERO.negate_if(negate);
        }
        if a == Wire::ZERO {
            return b.negate_if(negate);
        }
        // x xor (x xor y) = y, both ways round.
        if let Some(rest) = self.cancel(a, b).or_else(|| self.cancel(b, a)) {
            return rest.negate_if(negate);
        }
        self.node(Node::Xor(a, b)).negate_if(negate)
    }

    /// `x and y`. One AND, unless it folds.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn and(&mut self, x: Wire, y: Wire) -> Wire {
        let (a, b) = ordered(x, y);
        if a.node() == b.node() {
            return if a == b { a } else { Wire::ZERO };
        }
        match a.as_constant() {
            Some(true) => b,
            Some(false) => Wire::ZERO,
            None => self.node(Node::And(a, b)),
        }
    }

    /// `x or y`. One AND.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn or(&mut self, x: Wire, y: Wire) -> Wire {
        self.and(x.negate_if(true), y.negate_if(true)).negate_if(true)
    }

    /// `x` if `select` is 0, else `y` (fancy-garbling's order). One AND.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn mux(&mut self, select: Wire, x: Wire, y: Wire) -> Wire {
        let difference = self.xor(x, y);
        let change = self.and(select, difference);
        self.xor(x, change)
    }

    /// The full adder: sum and carry of `x + y + carry`. One AND.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn full_adder(&mut self, x: Wire, y: Wire, carry: Wire) -> (Wire, Wire) {
        // With a zero operand it is a half adder, which saves an XOR.
        if let (Wire::ZERO, other) | (other, Wire::ZERO) = (x, y) {
            return (self.xor(other, carry), self.and(other, carry));
        }
        // The carry changes where both x and y differ from it: ((x ^ c) & (y ^ c)) ^ c.
        let x_carry = self.xor(x, carry);
        let y_carry = self.xor(y, carry);
        let sum = self.xor(x_carry, y);
        let change = self.and(x_carry, y_carry);
        (sum, self.xor(change, carry))
    }

    /// The full subtractor: difference and borrow of `x - y - borrow`. One AND.
    ///
    /// # Panics
    /// If the circuit would exceed 2^31 wires.
    pub fn full_subtractor(&mut self, x: Wire, y: Wire, borrow: Wire) -> (Wire, Wire) {
        // Where x and y differ the borrow becomes y: ((x ^ y) & (y ^ b)) ^ b.
        let differ = self.xor(x, y);
        let y_borrow = self.xor(y, borrow);
        let difference = self.xor(differ, borrow);
        let change = self.and(differ, y_borrow);
        (difference, self.xor(change, borrow))
    }

    /// Number of input bits so far.
    #[must_use]
    pub const fn input_count(&self) -> usize {
        self.input_count
    }

    /// The circuit that computes the outputs: gates in the order in which they were made, without the dead ones, on
    /// as few slots as that order allows. Time and memory are linear in the number of gates.
    #[must_use]
    pub fn finish(self) -> Circuit {
        lower::lower(&self.nodes, self.inputs, self.outputs)
    }

    /// What is left of `sum xor operand` if `sum` is an XOR with that operand.
    fn cancel(&self, sum: Wire, operand: Wire) -> Option<Wire> {
        match self.nodes[sum.node()] {
            Node::Xor(a, b) if a == operand => Some(b),
            Node::Xor(a, b) if b == operand => Some(a),
            Node::Zero | Node::Input(_) | Node::Xor(..) | Node::And(..) => None,
        }
    }

    /// The wire of this gate, made now or before.
    fn node(&mut self, node: Node) -> Wire {
        if let Some(&wire) = self.known.get(&node) {
            return wire;
        }
        let wire = self.push(node);
        self.known.insert(node, wire);
        wire
    }

    fn push(&mut self, node: Node) -> Wire {
        let index = u32::try_from(self.nodes.len()).ok().filter(|&i| i < 1 << 31);
        self.nodes.push(node);
        Wire(index.expect("fewer than 2^31 wires") << 1)
    }
}

/// The two wires, the older one first.
fn ordered(x: Wire, y: Wire) -> (Wire, Wire) {
    if x <= y { (x, y) } else { (y, x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A builder with two input wires.
    fn two() -> (Builder, Wire, Wire) {
        let mut b = Builder::new();
        let input = b.input("x", 2);
        (b, input[0], input[1])
    }

    #[test]
    fn and_folds() {
        let (mut b, x, y) = two();
        let not_x = b.negate(x);
        assert_eq!(b.and(x, x), x);
        assert_eq!(b.and(x, not_x), Wire::ZERO);
        assert_eq!(b.and(not_x, not_x), not_x);
        assert_eq!(b.and(Wire::ZERO, x), Wire::ZERO);
        assert_eq!(b.and(not_x, Wire::ONE), not_x);
        assert_eq!(b.and(x, y), b.and(y, x));
        assert_ne!(b.and(x, y), b.and(not_x, y));
    }

    #[test]
    fn xor_folds() {
        let (mut b, x, y) = two();
        let not_x = b.negate(x);
        assert_eq!(b.xor(x, x), Wire::ZERO);
        assert_eq!(b.xor(x, not_x), Wire::ONE);
        assert_eq!(b.xor(x, Wire::ZERO), x);
        assert_eq!(b.xor(x, Wire::ONE), not_x);
        assert_eq!(b.negate(not_x), x);
        let sum = b.xor(not_x, y);
        assert_eq!(b.xor(sum, y), not_x);
        assert_eq!(b.xor(x, sum), b.negate(y));
    }

    #[test]
    fn mux_selects_and_folds() {
        let (mut b, x, y) = two();
        assert_eq!(b.mux(Wire::ZERO, x, y), x);
        assert_eq!(b.mux(Wire::ONE, x, y), y);
        assert_eq!(b.mux(x, y, y), y);
        assert_eq!(b.mux(x, Wire::ZERO, Wire::ONE), x);
    }

    #[test]
    fn gates_have_their_truth_tables() {
        let mut b = Builder::new();
        let v = b.input("v", 3);
        let (x, y, c) = (v[0], v[1], v[2]);
        let (sum, carry) = b.full_adder(x, y, c);
        let (difference, borrow) = b.full_subtractor(x, y, c);
        let or = b.or(x, y);
        let mux = b.mux(c, x, y);
        b.output("o", &[sum, carry, difference, borrow, or, mux].into_iter().collect());
        let circuit = b.finish();
        assert_eq!(circuit.and_count(), 4);
        for n in 0..8u8 {
            let bit = |i: u32| n >> i & 1 == 1;
            let (x, y, c) = (bit(0), bit(1), bit(2));
            let total = u8::from(x) + u8::from(y) + u8::from(c);
            let left = i8::from(x) - i8::from(y) - i8::from(c);
            let expected =
                [total & 1 == 1, total >= 2, left & 1 == 1, left < 0, x || y, if c { y } else { x }];
            assert_eq!(circuit.evaluate_plain(&[x, y, c]), expected, "{n:03b}");
        }
    }
}

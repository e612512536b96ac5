//! Boolean circuits over XOR, NOT and AND, in the form in which they are garbled.
//!
//! A [`Circuit`] is a flat list of gates in topological order over numbered **slots** (registers), not over wires:
//! a slot is used again once the wire in it has had its last use, so that a batch of instances garbled side by side
//! stays in the cache (the ReLU of [`relu`] has some 500 wires and needs 89 slots). The contract:
//!
//! 1. Input bit `i` is loaded into slot `i`, for `i` below [`Circuit::input_count`].
//! 2. The gates run in order. A gate reads all its operands before it writes `out`, which may be the slot of an
//!    operand. Every slot is written before it is read.
//! 3. Output bit `i` is read from slot `i` of [`Circuit::output_slots`] after the last gate.
//!
//! Every circuit comes out of the [`Builder`], which guarantees more: no gate is dead, and no XOR or AND has a constant
//! operand, twice the same operand, or an operand and its negation. (Two half gates over one wire under one tweak would
//! leak the global offset. Two wires may still carry one value, such as `(a xor b) xor c` and `a xor (b xor c)`, so a
//! garbler gives the halves of a gate different tweaks and does not rely on the builder for security.)
//!
//! # Constants
//!
//! Folding leaves a constant in one place only: an output that does not depend on the inputs. It comes from
//! [`Gate::Zero`], the public constant 0, which has no operand; the constant 1 is its negation. In free-XOR garbling
//! both parties set the slot to the all-zero label: to the garbler this is the zero label, to the evaluator the active
//! one, and the NOT rule below makes the constant 1 of it. No row, label or message is needed, and nothing leaks: the
//! circuit is public, so is the constant, and the other label of the wire, Delta itself, enters no gate, because none but
//! NOT ever takes a constant.
//!
//! # Garbling rules, for reference
//!
//! | gate | garbler's zero label | evaluator's active label | bytes |
//! |---|---|---|---|
//! | `Zero` | 0 | 0 | 0 |
//! | `Xor` | `K_a xor K_b` | `L_a xor L_b` | 0 |
//! | `Not` | `K_a xor Delta` | `L_a` (a copy) | 0 |
//! | `And` | half-gates | half-gates | 32 |
//!
//! [`Builder`]: crate::circuit::Builder
//! [`Circuit`]: crate::circuit::Circuit
//! [`Circuit::input_count`]: crate::circuit::Circuit::input_count
//! [`Circuit::output_slots`]: crate::circuit::Circuit::output_slots
//! [`Gate::Zero`]: crate::circuit::Gate::Zero
//! [`relu`]: crate::circuit::relu

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{BitAnd, BitXor, Not};

mod arithmetic;
pub mod bristol;
mod builder;
mod bundle;
mod compare;
pub mod library;
mod lower;
pub mod relu;

pub use builder::{Builder, Wire};
pub use bundle::Bundle;

/// One gate over slots: reads its operands, then writes `out`.
///
/// Exhaustive on purpose: whoever garbles circuits must handle every gate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gate {
    /// `out = a xor b`, free.
    Xor {
        /// Slot of the first operand.
        a: u32,
        /// Slot of the second operand.
        b: u32,
        /// Slot of the result.
        out: u32,
    },
    /// `out = a and b`, the only gate that costs anything: 32 bytes and a few hashes.
    And {
        /// Slot of the first operand.
        a: u32,
        /// Slot of the second operand.
        b: u32,
        /// Slot of the result.
        out: u32,
    },
    /// `out = not a`, free.
    Not {
        /// Slot of the operand.
        a: u32,
        /// Slot of the result.
        out: u32,
    },
    /// `out = 0`, the public constant, free. Feeds outputs only, directly or through a `Not`.
    Zero {
        /// Slot of the result.
        out: u32,
    },
}

impl Gate {
    /// The slots that the gate reads.
    pub fn operands(&self) -> impl Iterator<Item = u32> + use<> {
        let (a, b) = match *self {
            Self::Xor { a, b, .. } | Self::And { a, b, .. } => (Some(a), Some(b)),
            Self::Not { a, .. } => (Some(a), None),
            Self::Zero { .. } => (None, None),
        };
        a.into_iter().chain(b)
    }

    /// The slot that the gate writes.
    #[must_use]
    pub const fn out(&self) -> u32 {
        let (Self::Xor { out, .. } | Self::And { out, .. } | Self::Not { out, .. } | Self::Zero { out }) =
            *self;
        out
    }

    /// The same gate on other slots.
    fn rename(&self, operand: impl Fn(u32) -> u32, out: u32) -> Self {
        match *self {
            Self::Xor { a, b, .. } => Self::Xor { a: operand(a), b: operand(b), out },
            Self::And { a, b, .. } => Self::And { a: operand(a), b: operand(b), out },
            Self::Not { a, .. } => Self::Not { a: operand(a), out },
            Self::Zero { .. } => Self::Zero { out },
        }
    }
}

/// A named group of consecutive input or output bits, least significant bit first where it is a number.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Port {
    name: String,
    width: usize,
}

impl Port {
    /// The name given to the builder; empty where the source of the circuit had none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of bits.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }
}

/// A Boolean circuit ready for garbling; see the [module](self) for its exact meaning.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Circuit {
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    input_count: usize,
    output_slots: Vec<u32>,
    gates: Vec<Gate>,
    and_count: usize,
    slot_count: usize,
}

impl Circuit {
    /// The gates, in the order in which they run. AND gates are numbered by their place among the ANDs of this list.
    #[must_use]
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// Number of AND gates: a garbled instance takes 32 bytes for each.
    #[must_use]
    pub const fn and_count(&self) -> usize {
        self.and_count
    }

    /// Number of slots: every slot number in the circuit is smaller. At least [`input_count`](Self::input_count).
    #[must_use]
    pub const fn slot_count(&self) -> usize {
        self.slot_count
    }

    /// Number of input bits; bit `i` is loaded into slot `i`.
    #[must_use]
    pub const fn input_count(&self) -> usize {
        self.input_count
    }

    /// Number of output bits.
    #[must_use]
    pub const fn output_count(&self) -> usize {
        self.output_slots.len()
    }

    /// Slots of the output bits after the last gate. The same slot may occur more than once, and may hold an input.
    #[must_use]
    pub fn output_slots(&self) -> &[u32] {
        &self.output_slots
    }

    /// The input bundles, whose bits follow one another in this order.
    #[must_use]
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The output bundles, whose bits follow one another in this order.
    #[must_use]
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Evaluates the circuit in the clear: the oracle of everything that garbles it.
    ///
    /// No branch or address depends on the bits.
    ///
    /// # Panics
    /// If the number of bits is not [`input_count`](Self::input_count).
    #[must_use]
    pub fn evaluate_plain(&self, inputs: &[bool]) -> Vec<bool> {
        self.run(inputs, false)
    }

    /// Evaluates 64 instances in the clear at once: bit `j` of every word belongs to instance `j`.
    ///
    /// # Panics
    /// If the number of words is not [`input_count`](Self::input_count).
    #[must_use]
    pub fn evaluate_plain_x64(&self, inputs: &[u64]) -> Vec<u64> {
        self.run(inputs, 0)
    }

    fn run<T>(&self, inputs: &[T], zero: T) -> Vec<T>
    where
        T: Copy + BitXor<Output = T> + BitAnd<Output = T> + Not<Output = T>,
    {
        assert_eq!(inputs.len(), self.input_count, "one value per input bit");
        let mut slots = Vec::with_capacity(self.slot_count);
        slots.extend_from_slice(inputs);
        slots.resize(self.slot_count, zero);
        for gate in &self.gates {
            match *gate {
                Gate::Xor { a, b, out } => slots[out as usize] = slots[a as usize] ^ slots[b as usize],
                Gate::And { a, b, out } => slots[out as usize] = slots[a as usize] & slots[b as usize],
                Gate::Not { a, out } => slots[out as usize] = !slots[a as usize],
                Gate::Zero { out } => slots[out as usize] = zero,
            }
        }
        self.output_slots.iter().map(|&slot| slots[slot as usize]).collect()
    }
}

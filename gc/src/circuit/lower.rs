//! From the builder's graph to gates over slots: dead gates go, negations become gates, slots are used again.

use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::builder::Node;
use super::{Bundle, Circuit, Gate, Port, Wire};

/// Marks a wire that no gate has read or no slot holds.
const NONE: u32 = u32::MAX;

/// The circuit of these outputs. Deterministic: equal graphs give equal circuits.
pub(super) fn lower(nodes: &[Node], inputs: Vec<Port>, outputs: Vec<(String, Bundle)>) -> Circuit {
    let input_count = inputs.iter().map(Port::width).sum();
    let roots: Vec<Wire> = outputs.iter().flat_map(|(_, bundle)| bundle.iter()).collect();
    let mut straight = StraightLine::new(nodes, input_count);
    straight.emit_live(nodes, &roots);
    let roots: Vec<u32> = roots.iter().map(|&wire| straight.operand(wire)).collect();

    let StraightLine { mut gates, wire_count, .. } = straight;
    let (output_slots, slot_count) = allocate(&mut gates, wire_count, input_count, roots);
    let and_count = gates.iter().filter(|gate| matches!(gate, Gate::And { .. })).count();
    let outputs = outputs.into_iter().map(|(name, b)| Port { name, width: b.width() }).collect();
    Circuit { inputs, outputs, input_count, output_slots, gates, and_count, slot_count }
}

/// The live gates in order, over wires that are written once; wires `0..input_count` are the inputs.
struct StraightLine {
    gates: Vec<Gate>,
    wire_count: u32,
    /// Wire of each node and of its negation, `NONE` until it is emitted.
    wires: Vec<[u32; 2]>,
}

impl StraightLine {
    fn new(nodes: &[Node], input_count: usize) -> Self {
        let wire_count = u32::try_from(input_count).expect("the builder has fewer than 2^31 wires");
        Self { gates: Vec::new(), wire_count, wires: alloc::vec![[NONE; 2]; nodes.len()] }
    }

    /// Emits every node that a root depends on. Operands are older than their node, so one pass back finds the live
    /// nodes and one pass forward emits them.
    fn emit_live(&mut self, nodes: &[Node], roots: &[Wire]) {
        let mut live = alloc::vec![false; nodes.len()];
        for root in roots {
            live[root.node()] = true;
        }
        for (index, node) in nodes.iter().enumerate().rev() {
            if let (true, Node::Xor(a, b) | Node::And(a, b)) = (live[index], *node) {
                live[a.node()] = true;
                live[b.node()] = true;
            }
        }
        for (index, node) in nodes.iter().enumerate() {
            let wire = match *node {
                Node::Input(number) => number,
                Node::Zero | Node::Xor(..) | Node::And(..) if !live[index] => continue,
                Node::Zero => self.gate(|out| Gate::Zero { out }),
                Node::Xor(a, b) => {
                    let (a, b) = (self.operand(a), self.operand(b));
                    self.gate(|out| Gate::Xor { a, b, out })
                }
                Node::And(a, b) => {
                    let (a, b) = (self.operand(a), self.operand(b));
                    self.gate(|out| Gate::And { a, b, out })
                }
            };
            self.wires[index][0] = wire;
        }
    }

    /// The wire of an emitted node, or of its negation, for which a NOT is emitted the first time.
    fn operand(&mut self, wire: Wire) -> u32 {
        let [plain, negated] = self.wires[wire.node()];
        match (wire.is_negated(), negated) {
            (false, _) => plain,
            (true, NONE) => {
                let made = self.gate(|out| Gate::Not { a: plain, out });
                self.wires[wire.node()][1] = made;
                made
            }
            (true, made) => made,
        }
    }

    fn gate(&mut self, gate: impl FnOnce(u32) -> Gate) -> u32 {
        let out = self.wire_count;
        // At most two wires per node, of which there are fewer than 2^31.
        self.wire_count += 1;
        self.gates.push(gate(out));
        out
    }
}

/// Renames wires to slots in place; returns the slots of the roots and the number of slots.
///
/// A slot is free from the last read of its wire on, so that the very gate that reads it may write it. The lowest free
/// slot is taken, which keeps the slots in use close together.
fn allocate(gates: &mut [Gate], wires: u32, input_count: usize, mut roots: Vec<u32>) -> (Vec<u32>, usize) {
    let mut last_read = alloc::vec![NONE; wires as usize];
    for (position, gate) in (0u32..).zip(gates.iter()) {
        for wire in gate.operands() {
            last_read[wire as usize] = position;
        }
    }
    // Roots are read after everything: their wires are never free.
    for &root in &roots {
        last_read[root as usize] = wires;
    }

    let mut slot_of: Vec<u32> = (0..wires).collect();
    let mut slots = u32::try_from(input_count).expect("the builder has fewer than 2^31 wires");
    let mut free: BinaryHeap<Reverse<u32>> =
        (0..slots).filter(|&input| last_read[input as usize] == NONE).map(Reverse).collect();
    for (position, gate) in (0u32..).zip(gates.iter_mut()) {
        for wire in gate.operands() {
            if last_read[wire as usize] == position {
                free.push(Reverse(slot_of[wire as usize]));
            }
        }
        let slot = free.pop().map_or_else(
            || {
                slots += 1;
                slots - 1
            },
            |Reverse(slot)| slot,
        );
        let wire = gate.out();
        *gate = gate.rename(|operand| slot_of[operand as usize], slot);
        slot_of[wire as usize] = slot;
    }
    for root in &mut roots {
        *root = slot_of[*root as usize];
    }
    (roots, slots as usize)
}

//! Evaluation of garbled circuits, eight instances at a time.
//!
//! The evaluator trusts nothing about the tables: any bytes evaluate to some labels in the same time, without a panic.

pub mod decode;

use crate::backend::aes::{Job, Kernel, LANES, Rows};
use crate::circuit::{Circuit, Gate};
use crate::garble::GATE_BYTES;
use crate::hash::{Tweaks, check_range};
use crate::label::Block;
use crate::shard::{Shape, wipe};

/// Evaluates many garbled instances of one circuit; the counterpart of [`Garbler`](crate::garble::Garbler).
#[derive(Clone, Copy, Debug)]
pub struct Evaluator<'a> {
    circuit: &'a Circuit,
    tweaks: &'a Tweaks,
}

impl<'a> Evaluator<'a> {
    /// An evaluator of `circuit`, with the garbler's tweaks.
    #[must_use]
    pub const fn new(circuit: &'a Circuit, tweaks: &'a Tweaks) -> Self {
        Self { circuit, tweaks }
    }

    /// Bytes of the tables of one instance: 32 for each AND gate.
    #[must_use]
    pub const fn table_len(&self) -> usize {
        GATE_BYTES * self.circuit.and_count()
    }

    /// Evaluates instances `first_instance..`, as many as `inputs` holds, in the layout of
    /// [`Garbler::garble`](crate::garble::Garbler::garble) with active labels in place of zero labels.
    ///
    /// Any split of a range of instances into calls gives the same labels. Two key schedules and two AES calls per AND gate;
    /// with the feature `parallel`, on all cores.
    ///
    /// # Panics
    /// If the lengths do not fit the circuit and each other, or instances or half gates reach 2^32. The content of no slice
    /// can cause a panic.
    pub fn evaluate(&self, first_instance: u64, inputs: &[Block], tables: &[u8], outputs: &mut [Block]) {
        let shape = Shape::of(self.circuit, inputs.len(), tables.len(), outputs.len());
        check_range(first_instance, shape.instances, 0, 2 * self.circuit.and_count());
        shape.for_each_shard(
            first_instance,
            inputs,
            tables,
            outputs,
            |first_instance, inputs, tables, outputs| {
                let job = EvaluateJob { evaluator: self, first_instance, inputs, tables, outputs };
                self.tweaks.engine().run(job);
            },
        );
    }
}

struct EvaluateJob<'a> {
    evaluator: &'a Evaluator<'a>,
    first_instance: u64,
    inputs: &'a [Block],
    tables: &'a [u8],
    outputs: &'a mut [Block],
}

impl Job for EvaluateJob<'_> {
    type Output = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Evaluator { circuit, tweaks } = *self.evaluator;
        let Shape { instances, inputs, tables, outputs } =
            Shape::of(circuit, self.inputs.len(), self.tables.len(), self.outputs.len());
        let zero = kernel.splat(Block::ZERO);
        let mut slots = alloc::vec![zero; circuit.slot_count()];

        for first in (0..instances).step_by(LANES) {
            let live = LANES.min(instances - first);
            let [input_rows, output_rows] = [inputs, outputs].map(|stride| Rows::blocks(live, stride));
            let table_rows = Rows::bytes(live, tables);
            let group_inputs = &self.inputs[first * inputs..];
            let group_tables = &self.tables[first * tables..];
            let group_outputs = &mut self.outputs[first * outputs..];

            for (at, slot) in slots.iter_mut().enumerate().take(inputs) {
                *slot = kernel.gather_blocks(group_inputs, at, &input_rows);
            }
            let mut tweak = (self.first_instance + first as u64) << 32;
            let mut row = 0;
            for &g in circuit.gates() {
                match g {
                    Gate::Xor { a, b, out } => {
                        slots[out as usize] = kernel.xor(slots[a as usize], slots[b as usize]);
                    }
                    Gate::And { a, b, out } => {
                        let t_g = kernel.gather(group_tables, row, &table_rows);
                        let t_e = kernel.gather(group_tables, row + Block::BYTES, &table_rows);
                        let (a, b) = (slots[a as usize], slots[b as usize]);
                        slots[out as usize] = evaluate(kernel, tweaks.start(), tweak, a, b, t_g, t_e);
                        tweak += 2;
                        row += GATE_BYTES;
                    }
                    Gate::Not { a, out } => slots[out as usize] = slots[a as usize],
                    Gate::Zero { out } => slots[out as usize] = zero,
                }
            }
            for (at, &slot) in circuit.output_slots().iter().enumerate() {
                kernel.scatter_blocks(slots[slot as usize], group_outputs, at, &output_rows);
            }
        }
        wipe(&mut slots, zero);
    }
}

/// One AND gate of eight instances, from the active labels of the operands to that of the result.
#[inline(always)]
fn evaluate<K: Kernel>(
    k: K,
    start: u128,
    tweak: u64,
    a: K::Lanes,
    b: K::Lanes,
    t_g: K::Lanes,
    t_e: K::Lanes,
) -> K::Lanes {
    let [[hash_a], [hash_b]] = k.pi(start, tweak, [[k.sigma(a)], [k.sigma(b)]]);
    // "W_G = H(W_a, j) + s_a T_G;  W_E = H(W_b, j') + s_b (T_E + W_a)", s the colours.
    let w_g = k.xor(hash_a, k.and(k.colour_mask(a), t_g));
    let w_e = k.xor(hash_b, k.and(k.colour_mask(b), k.xor(t_e, a)));
    k.xor(w_g, w_e)
}

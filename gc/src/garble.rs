//! Garbling: half gates and free XOR, eight instances at a time.
//!
//! Zahur, Rosulek, Evans, *Two halves make a whole*, EUROCRYPT 2015, figure 2, with the hash of [`crate::hash`] under two
//! distinct tweaks for the two halves of a gate.

use crate::backend::aes::{Job, Kernel, LANES, Rows};
use crate::circuit::{Circuit, Gate};
use crate::hash::{Tweaks, check_range};
use crate::label::{Block, Delta};
use crate::shard::{Shape, wipe};

pub use crate::shard::GATE_BYTES;

/// Garbles many instances of one circuit under one offset.
///
/// The tweaks say which inference and layer the instances belong to; under one [`Delta`] no (tweaks, instance) pair may be
/// garbled twice with different input labels.
#[derive(Clone, Copy, Debug)]
pub struct Garbler<'a> {
    circuit: &'a Circuit,
    delta: &'a Delta,
    tweaks: &'a Tweaks,
}

impl<'a> Garbler<'a> {
    /// A garbler of `circuit`, with `tweaks` of [`Domain::Gate`](crate::hash::Domain::Gate).
    #[must_use]
    pub const fn new(circuit: &'a Circuit, delta: &'a Delta, tweaks: &'a Tweaks) -> Self {
        Self { circuit, delta, tweaks }
    }

    /// Bytes of the tables of one instance: 32 for each AND gate.
    #[must_use]
    pub const fn table_len(&self) -> usize {
        GATE_BYTES * self.circuit.and_count()
    }

    /// Garbles instances `first_instance..`, as many as `inputs` holds.
    ///
    /// All three slices are instance-major. `inputs`: zero labels, [`Circuit::input_count`] per instance. `tables`:
    /// [`table_len`](Self::table_len) bytes per instance, AND gates in circuit order, generator half before evaluator half.
    /// `outputs`: zero labels, [`Circuit::output_count`] per instance.
    ///
    /// A range of instances garbled in any number of calls gives the same bytes as in one. Two key schedules and four AES
    /// calls per AND gate; with the feature `parallel`, on all cores.
    ///
    /// # Panics
    /// If the lengths do not fit the circuit and each other, or instances or half gates reach 2^32.
    pub fn garble(&self, first_instance: u64, inputs: &[Block], tables: &mut [u8], outputs: &mut [Block]) {
        let shape = Shape::of(self.circuit, inputs.len(), tables.len(), outputs.len());
        check_range(first_instance, shape.instances, 0, 2 * self.circuit.and_count());
        shape.for_each_shard_mut(
            first_instance,
            inputs,
            tables,
            outputs,
            |first_instance, inputs, tables, outputs| {
                let job = GarbleJob { garbler: self, first_instance, inputs, tables, outputs };
                self.tweaks.engine().run(job);
            },
        );
    }
}

struct GarbleJob<'a> {
    garbler: &'a Garbler<'a>,
    first_instance: u64,
    inputs: &'a [Block],
    tables: &'a mut [u8],
    outputs: &'a mut [Block],
}

impl Job for GarbleJob<'_> {
    type Output = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Garbler { circuit, delta, tweaks } = *self.garbler;
        let Shape { instances, inputs, tables, outputs } =
            Shape::of(circuit, self.inputs.len(), self.tables.len(), self.outputs.len());
        let gate = HalfGates::new(kernel, delta);
        let offset = kernel.splat(delta.block());
        let zero = kernel.splat(Block::ZERO);
        let mut slots = alloc::vec![zero; circuit.slot_count()];

        for first in (0..instances).step_by(LANES) {
            let live = LANES.min(instances - first);
            let [input_rows, output_rows] = [inputs, outputs].map(|stride| Rows::blocks(live, stride));
            let table_rows = Rows::bytes(live, tables);
            let group_inputs = &self.inputs[first * inputs..];
            let group_tables = &mut self.tables[first * tables..];
            let group_outputs = &mut self.outputs[first * outputs..];

            for (at, slot) in slots.iter_mut().enumerate().take(inputs) {
                *slot = kernel.gather_blocks(group_inputs, at, &input_rows);
            }
            // Generator half of gate g: tweak 2g; evaluator half: 2g + 1. Distinct, or AND(x, x) would reveal Delta.
            let mut tweak = (self.first_instance + first as u64) << 32;
            let mut row = 0;
            for &g in circuit.gates() {
                match g {
                    Gate::Xor { a, b, out } => {
                        slots[out as usize] = kernel.xor(slots[a as usize], slots[b as usize]);
                    }
                    Gate::And { a, b, out } => {
                        let (c, generator, evaluator) =
                            gate.garble(tweaks.start(), tweak, slots[a as usize], slots[b as usize]);
                        slots[out as usize] = c;
                        kernel.scatter(generator, group_tables, row, &table_rows);
                        kernel.scatter(evaluator, group_tables, row + Block::BYTES, &table_rows);
                        tweak += 2;
                        row += GATE_BYTES;
                    }
                    Gate::Not { a, out } => slots[out as usize] = kernel.xor(slots[a as usize], offset),
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

/// One AND gate of eight instances.
#[derive(Clone, Copy)]
struct HalfGates<K: Kernel> {
    kernel: K,
    delta: K::Lanes,
    sigma_delta: K::Lanes,
}

impl<K: Kernel> HalfGates<K> {
    #[inline(always)]
    fn new(kernel: K, delta: &Delta) -> Self {
        let delta = kernel.splat(delta.block());
        Self { kernel, delta, sigma_delta: kernel.sigma(delta) }
    }

    /// From the zero labels of the operands to that of the result, and the two ciphertexts.
    #[inline(always)]
    fn garble(&self, start: u128, tweak: u64, a: K::Lanes, b: K::Lanes) -> (K::Lanes, K::Lanes, K::Lanes) {
        let k = self.kernel;
        let (a0, b0) = (k.sigma(a), k.sigma(b));
        // sigma is linear, so sigma of the labels of 1 costs an XOR.
        let (a1, b1) = (k.xor(a0, self.sigma_delta), k.xor(b0, self.sigma_delta));
        let [[hash_a0, hash_a1], [hash_b0, hash_b1]] = k.pi(start, tweak, [[a0, a1], [b0, b1]]);
        let (colour_a, colour_b) = (k.colour_mask(a), k.colour_mask(b));

        // "First half gate": T_G = H(W_a^0, j) + H(W_a^1, j) + p_b R;  W_G^0 = H(W_a^0, j) + p_a T_G.
        let t_g = k.xor(k.xor(hash_a0, hash_a1), k.and(colour_b, self.delta));
        let w_g = k.xor(hash_a0, k.and(colour_a, t_g));
        // "Second half gate": T_E = H(W_b^0, j') + H(W_b^1, j') + W_a^0;  W_E^0 = H(W_b^0, j') + p_b (T_E + W_a^0).
        let t_e = k.xor(k.xor(hash_b0, hash_b1), a);
        let w_e = k.xor(hash_b0, k.and(colour_b, k.xor(t_e, a)));
        (k.xor(w_g, w_e), t_g, t_e)
    }
}

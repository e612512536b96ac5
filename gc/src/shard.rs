//! What garbler and evaluator share: the layout of instance-major slices, and splitting them over cores.

use crate::circuit::Circuit;
use crate::label::Block;

/// Bytes of a garbled AND gate: the two half-gate ciphertexts.
pub const GATE_BYTES: usize = 2 * Block::BYTES;

/// Instances per shard of work: enough for a shard's set-up not to matter, few enough for all cores to have some.
#[cfg(feature = "parallel")]
const SHARD: usize = 64;

/// The public dimensions of a batch: number of instances, and what each has of inputs, table bytes and outputs.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) instances: usize,
    pub(crate) inputs: usize,
    pub(crate) tables: usize,
    pub(crate) outputs: usize,
}

/// The evaluator reads tables and the garbler writes them; all else about their shards is the same.
macro_rules! shards {
    ($(#[$doc:meta])* $name:ident, $tables:ty, $chunks:ident) => {
        $(#[$doc])*
        pub(crate) fn $name(
            self,
            first: u64,
            inputs: &[Block],
            tables: $tables,
            outputs: &mut [Block],
            work: impl Fn(u64, &[Block], $tables, &mut [Block]) + Sync,
        ) {
            #[cfg(feature = "parallel")]
            if self.is_worth_sharding() {
                use rayon::prelude::*;
                inputs
                    .par_chunks(SHARD * self.inputs)
                    .zip(tables.$chunks(SHARD * self.tables))
                    .zip(outputs.par_chunks_mut(SHARD * self.outputs))
                    .enumerate()
                    .for_each(|(i, ((inputs, tables), outputs))| {
                        work(first + (i * SHARD) as u64, inputs, tables, outputs);
                    });
                return;
            }
            work(first, inputs, tables, outputs);
        }
    };
}

impl Shape {
    /// Panics unless the three lengths are those of the same number of instances.
    pub(crate) fn of(circuit: &Circuit, inputs: usize, tables: usize, outputs: usize) -> Self {
        let shape = Self {
            instances: 0,
            inputs: circuit.input_count(),
            tables: GATE_BYTES * circuit.and_count(),
            outputs: circuit.output_count(),
        };
        let instances = [(inputs, shape.inputs), (outputs, shape.outputs)]
            .into_iter()
            .find(|&(_, stride)| stride > 0)
            .map_or(0, |(len, stride)| len / stride);
        let fits = |len: usize, stride: usize| instances.checked_mul(stride) == Some(len);
        assert!(
            fits(inputs, shape.inputs) && fits(tables, shape.tables) && fits(outputs, shape.outputs),
            "inputs, tables and outputs of the same number of instances"
        );
        Self { instances, ..shape }
    }

    shards! {
        /// Calls `work(first instance, inputs, tables, outputs)` on ranges of instances that cover all.
        for_each_shard, &[u8], par_chunks
    }

    shards! {
        /// [`for_each_shard`](Self::for_each_shard) for tables that are written.
        for_each_shard_mut, &mut [u8], par_chunks_mut
    }

    /// Chunks need a length above zero, and one shard alone needs no pool.
    #[cfg(feature = "parallel")]
    const fn is_worth_sharding(self) -> bool {
        self.instances > SHARD && self.inputs > 0 && self.tables > 0 && self.outputs > 0
    }
}

/// Overwrites the labels of the working set.
pub(crate) fn wipe<L: Copy>(slots: &mut [L], zero: L) {
    slots.fill(zero);
    // The memory is freed next: without this the compiler would drop the store.
    zeroize::optimization_barrier(slots);
}

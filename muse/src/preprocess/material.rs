//! What the two sides of a garbled layer must agree on: tweaks, chunks, positions under the seal.

use crate::plan::ReluPlan;
use muse_field::{id::SessionId, prg::Prg};
use muse_gc::{
    hash::{Domain, Tweaks},
    label::ZeroLabels,
    shares::LabelsToShares,
};

/// Instances garbled, sent, opened and evaluated together. A multiple of 64, so that every chunk of tables or rows starts on
/// a block of the seal's pad.
pub(crate) const INSTANCES: usize = 512;

/// The tweaks of one non-linear layer of one inference. No two uses of a hash share a (domain, session, inference, layer,
/// instance, gate or bit).
#[derive(Debug)]
pub(crate) struct Domains {
    /// Of the half gates.
    pub(crate) gates: Tweaks,
    /// Of the conversion of labels to shares.
    pub(crate) shares: LabelsToShares,
}

impl Domains {
    pub(crate) fn new(session: &SessionId, inference: u64, layer: usize, relu: &ReluPlan) -> Self {
        let layer = u32::try_from(layer).expect("a network has few layers");
        Self {
            gates: Tweaks::new(Domain::Gate, session, inference, layer),
            shares: LabelsToShares::new(relu.weights.clone(), session, inference, layer),
        }
    }
}

impl ReluPlan {
    /// Bytes of all tables of the layer.
    pub(crate) fn tables_len(&self) -> usize {
        self.count * self.table_bytes()
    }

    /// Bytes of all rows of the layer.
    pub(crate) fn rows_len(&self) -> usize {
        self.count * self.row_bytes()
    }

    /// Where the rows start under the layer's seal: behind the tables, on a block of the pad.
    pub(crate) fn rows_offset(&self) -> u64 {
        (self.tables_len() as u64).next_multiple_of(64)
    }

    /// The first instance and the number of instances of every chunk.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.count).step_by(INSTANCES).map(|first| (first, INSTANCES.min(self.count - first)))
    }
}

/// The server's zero labels for the bits of its T, derived again online instead of kept: 704 bytes a ReLU.
#[derive(Debug)]
pub(crate) struct ServerLabels(Prg);

impl ServerLabels {
    pub(crate) const fn new(prg: Prg) -> Self {
        Self(prg)
    }

    /// The labels of the chunk that starts at instance `first`.
    pub(crate) fn chunk(&self, first: usize, count: usize) -> ZeroLabels {
        let mut prg = self.0.substream(first as u64);
        ZeroLabels::random(count * ReluPlan::BITS, &mut prg)
    }
}

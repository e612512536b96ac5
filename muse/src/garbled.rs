//! What the two sides of a garbled layer must agree on: tweaks, chunks, positions under the seal.

use crate::{
    Error,
    plan::{ReluPlan, chunks::INSTANCES},
    share::{ClientShare, ServerShare},
};
use muse_field::{Fp, id::RunId, prg::Prg};
use muse_gc::{
    hash::{Domain, Tweaks},
    label::{Block, Delta, ZeroLabels},
    shares::{LabelsToAuthenticatedShares, LabelsToShares},
};
use muse_mac::{Authenticated, Keys, MacKey};
use zeroize::Zeroizing;

/// Chunks of instances garbled, sent, opened or evaluated at once.
pub const CHUNKS: usize = 4;

/// The tweaks of one non-linear layer of one inference. No two uses of a hash share a (domain, session, inference, layer,
/// instance, gate or bit).
#[derive(Debug)]
pub struct Domains {
    /// Of the half gates.
    pub gates: Tweaks,
    /// Of the conversion of labels to shares.
    pub shares: Conversion,
}

/// From labels to shares, with MACs in the client-malicious mode.
#[derive(Debug)]
pub enum Conversion {
    /// Semi-honest mode.
    Plain(LabelsToShares),
    /// Client-malicious mode.
    Authenticated(LabelsToAuthenticatedShares),
}

impl Domains {
    pub fn new(run: &RunId, layer: usize, relu: &ReluPlan) -> Self {
        let layer = u32::try_from(layer).expect("a network has few layers");
        let weights = relu.weights.clone();
        let shares = if relu.is_authenticated() {
            Conversion::Authenticated(LabelsToAuthenticatedShares::new(weights, run, layer))
        } else {
            Conversion::Plain(LabelsToShares::new(weights, run, layer))
        };
        Self { gates: Tweaks::new(Domain::Gate, run, layer), shares }
    }
}

impl Conversion {
    /// The garbler's side for some instances: rows, and its share of each value. `key` is alpha, if there are MACs.
    pub fn garble(
        &self,
        first_instance: u64,
        zeros: &[Block],
        delta: &Delta,
        key: Option<&MacKey>,
        rows: &mut [u8],
    ) -> Result<ServerShare, Error> {
        let elements = || Zeroizing::new(vec![Fp::ZERO; rows.len() / self.row_len()]);
        let mut values = elements();
        match (self, key) {
            (Self::Plain(convert), None) => {
                convert.garble(first_instance, zeros, delta, rows, &mut values);
                Ok(ServerShare { values, keys: None })
            }
            (Self::Authenticated(convert), Some(key)) => {
                let mut keys = elements();
                let alpha = key.expose();
                convert.garble(first_instance, zeros, delta, alpha, rows, &mut values, &mut keys);
                Ok(ServerShare { values, keys: Some(Keys::new(keys)) })
            }
            (Self::Plain(_), Some(_)) | (Self::Authenticated(_), None) => {
                Err(Error::Internal("MACs in one mode, a key in the other".into()))
            }
        }
    }

    /// The evaluator's side: its share of each value.
    pub fn evaluate(&self, first_instance: u64, active: &[Block], rows: &[u8]) -> Result<ClientShare, Error> {
        let elements = || Zeroizing::new(vec![Fp::ZERO; rows.len() / self.row_len()]);
        let mut values = elements();
        match self {
            Self::Plain(convert) => {
                convert.evaluate(first_instance, active, rows, &mut values)?;
                Ok(ClientShare::Plain(values))
            }
            Self::Authenticated(convert) => {
                let mut macs = elements();
                convert.evaluate(first_instance, active, rows, &mut values, &mut macs)?;
                Ok(ClientShare::Authenticated(Authenticated::new(values, macs)?))
            }
        }
    }

    fn row_len(&self) -> usize {
        match self {
            Self::Plain(convert) => convert.row_len(),
            Self::Authenticated(convert) => convert.row_len(),
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
pub struct ServerLabels(Prg);

impl ServerLabels {
    pub const fn new(prg: Prg) -> Self {
        Self(prg)
    }

    /// The labels of the chunk that starts at instance `first`.
    pub fn chunk(&self, first: usize, count: usize) -> ZeroLabels {
        let mut prg = self.0.substream(first as u64);
        ZeroLabels::random(count * ReluPlan::BITS, &mut prg)
    }
}

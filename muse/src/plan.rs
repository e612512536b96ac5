//! What both parties derive from the server's card before the first cryptographic message: ring, layouts, circuits, flooding.

pub(crate) mod chunks;
mod supply;

pub use crate::{frames::Frame, message::Party};
pub(crate) use supply::RUN;
pub use supply::Run;

use crate::{
    Error,
    model::{Architecture, LayerSpec},
    protocol::Protocol,
    session::MAX_INFERENCES,
};
use alloc::{collections::BTreeMap, sync::Arc};
use muse_field::{Fp, pack, wire::Decode};
use muse_gc::{
    circuit::{Circuit, relu},
    garble::GATE_BYTES,
    label::Block,
};
use muse_he::{
    budget::Budget,
    encode::Layout,
    encrypt::FreshCiphertext,
    linear,
    params::{LIMBS, Params},
    reply::Reply,
    ring::Ring,
};

/// The public side of a session: a function of the protocol and the card alone, so both parties hold the same.
#[derive(Debug)]
pub struct Plan {
    protocol: Protocol,
    architecture: Architecture,
    ring: Ring,
    budget: Budget,
    layers: Vec<LayerPlan>,
}

/// One linear layer and what follows it.
#[derive(Debug)]
pub struct LayerPlan {
    /// Where inputs, weights and outputs sit in polynomials.
    pub layout: Layout,
    /// Public bound on the l1 norm of the weights of one output; it sizes the noise that hides the weights.
    pub l1_bound: u64,
    /// The garbled non-linear layer; `None` after the last linear layer.
    pub relu: Option<ReluPlan>,
}

/// One garbled non-linear layer: `count` instances of one circuit.
#[derive(Debug)]
pub struct ReluPlan {
    /// [`relu::relu`] with the layer's shift.
    pub circuit: Arc<Circuit>,
    /// Weights of the circuit's output bits.
    pub weights: Vec<Fp>,
    /// ReLUs of the layer.
    pub count: usize,
    /// Whether the shares of the results carry MACs.
    authenticated: bool,
}

impl Plan {
    /// Derives everything. Milliseconds, dominated by the tables of the ring.
    ///
    /// # Errors
    /// [`Error::Budget`] if the noise that hides the weights does not fit the modulus; [`Error::TooManyBatches`] if the published
    /// disclosure of one inference takes more triples than a session may make.
    pub fn new(protocol: Protocol, architecture: Architecture) -> Result<Self, Error> {
        let ring = Ring::new(Params::default())?;
        let last = architecture.layers().len() - 1;
        let layouts = (architecture.layers().iter().enumerate())
            .map(|(i, layer)| Layout::best(ring.n(), layer.shape, i == last))
            .collect::<Result<Vec<_>, _>>()?;
        let budget = Budget::for_layers(ring.n(), &layouts);
        let mut circuits = BTreeMap::new();
        let layers = (architecture.layers().iter().zip(layouts))
            .map(|(layer, layout)| {
                budget.flood(layout.max_l1(layer.l1_bound))?;
                let relu = ReluPlan::new(layer, protocol, &mut circuits);
                Ok(LayerPlan { layout, l1_bound: layer.l1_bound, relu })
            })
            .collect::<Result<_, Error>>()?;
        let plan = Self { protocol, architecture, ring, budget, layers };
        if plan.ids() > MAX_INFERENCES {
            return Err(Error::TooManyBatches { needed: plan.ids() - 1, allowed: MAX_INFERENCES - 1 });
        }
        Ok(plan)
    }

    /// The protocol.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether the client's values carry MACs, and the client proves things.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        self.protocol.is_client_malicious()
    }

    /// Whether labels are disclosed as MUSE publishes it, from triples.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        self.protocol.is_published()
    }

    /// The public part of the network.
    #[must_use]
    pub const fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The ring of the ciphertexts.
    #[must_use]
    pub const fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The noise of ciphertexts and replies.
    #[must_use]
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The layers in order; at least one.
    #[must_use]
    pub fn layers(&self) -> &[LayerPlan] {
        &self.layers
    }

    /// The non-linear layers with their index, which is that of the linear layer before.
    pub fn relus(&self) -> impl Iterator<Item = (usize, &ReluPlan)> {
        self.layers.iter().enumerate().filter_map(|(i, layer)| Some((i, layer.relu.as_ref()?)))
    }

    /// Ciphertexts the client sends for one inference.
    #[must_use]
    pub fn ciphertexts(&self) -> usize {
        self.layers.iter().map(|layer| layer.layout.input_count()).sum()
    }

    /// Bytes that a preprocessed inference takes at the client: tables, rows and labels, nearly all of it.
    #[must_use]
    pub fn ticket_bytes(&self) -> u64 {
        let labels = (ReluPlan::BITS * Block::BYTES) as u64;
        self.spool_bytes() + self.relu_count() as u64 * labels
    }

    /// Those of them that are sealed, and may lie on a disk: tables and rows.
    #[must_use]
    pub fn spool_bytes(&self) -> u64 {
        self.relus().map(|(_, relu)| relu.count as u64 * (relu.table_bytes() + relu.row_bytes()) as u64).sum()
    }

    /// Bytes of memory that a preprocessed inference takes at the server: shares and keys of them.
    #[must_use]
    pub fn server_ticket_bytes(&self) -> u64 {
        let linear = self.architecture.layers().iter().map(|layer| {
            let keys = if self.is_authenticated() { layer.inputs() } else { 0 };
            layer.outputs() + keys
        });
        let shares = if self.is_authenticated() { 2 } else { 1 };
        (linear.sum::<usize>() + shares * self.relu_count()) as u64 * size_of::<Fp>() as u64
    }

    /// Bytes of memory that a preprocessing takes at the client besides its ticket, while it runs: ciphertexts and, with a proof, what
    /// the proof is about and its masks. A network of few ReLUs can have many ciphertexts: padding is encrypted, too.
    ///
    /// With the published disclosure this is all that the ciphertexts need, or all that a run of the disclosure needs, whichever is more:
    /// one comes after the other.
    #[must_use]
    pub fn preprocessing_bytes(&self) -> u64 {
        // Words a coefficient. The row that is sent has a residue for each prime; the proof keeps it with its expanded mask, error,
        // plaintext and its MAC, and masks both of them in every repetition.
        let words =
            if self.is_authenticated() { 3 * LIMBS + 3 + 2 * self.budget.repetitions() } else { LIMBS + 1 };
        let row = (self.ring.n() * words * size_of::<u64>()) as u64;
        let ciphertexts = (self.ciphertexts() as u64).saturating_mul(row);
        ciphertexts.max(self.disclosure_bytes(row))
    }

    /// Bytes of memory that the published disclosure takes at either party while it runs, where a row takes `row` bytes; none with another
    /// one. Runs follow each other, and what a run does not use goes to the next one.
    fn disclosure_bytes(&self, row: u64) -> u64 {
        let n = self.ring.n() as u64;
        let bytes = |run: &Run| {
            // The largest batch of triples: three rows a group, with their proof.
            let rows = 3 * run.triple_batches().max().unwrap_or(0) as u64 * row;
            // Values with their MACs: three a triple. A pool is copied as it grows.
            let pool = 2 * (3 * run.triple_groups + run.random_groups) as u64 * n * PAIR;
            rows + pool + supply::OPEN
        };
        self.runs().iter().map(bytes).max().unwrap_or(0)
    }

    /// The runs of the published disclosure of an inference; none with another one.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        if self.is_published() { supply::runs(self.relu_count(), self.ring.n()) } else { Vec::new() }
    }

    /// Ids that an inference takes, of the [`MAX_INFERENCES`] of its session: its own, and one for each batch of triples.
    #[must_use]
    pub fn ids(&self) -> u64 {
        1 + self.runs().iter().flat_map(Run::triple_batches).count() as u64
    }

    /// ReLUs of the whole network.
    #[must_use]
    pub fn relu_count(&self) -> usize {
        self.relus().map(|(_, relu)| relu.count).sum()
    }
}

/// Bytes of a value and its MAC.
const PAIR: u64 = 2 * size_of::<Fp>() as u64;

impl LayerPlan {
    /// Bytes of all ciphertexts of the layer's input.
    #[must_use]
    pub fn input_bytes(&self) -> usize {
        self.layout.input_count() * FreshCiphertext::len_for(self.layout.n())
    }

    /// Bytes of all replies of the layer: for every group one with the value and, if its outputs carry MACs, a second one.
    #[must_use]
    pub fn reply_bytes(&self) -> usize {
        let reply = |group| Reply::len_for(linear::reply_shape(&self.layout, group));
        let values: usize = (0..self.layout.reply_count()).map(reply).sum();
        if self.has_output_macs() { 2 * values } else { values }
    }

    /// Bytes of the MACs of the layer's input, every coefficient of its ciphertexts.
    #[must_use]
    pub fn mask_mac_bytes(&self) -> usize {
        self.layout.input_count() * Reply::len_for(linear::input_mac_shape(&self.layout))
    }

    /// Whether the client's shares of the layer's output carry MACs. Those of the last layer need none: they go nowhere.
    #[must_use]
    pub fn has_output_macs(&self) -> bool {
        self.relu.as_ref().is_some_and(ReluPlan::is_authenticated)
    }
}

impl ReluPlan {
    /// Bits of a share: choices of the correlated OT, and labels of each of the two inputs of the circuit.
    pub const BITS: usize = relu::WIDTH;

    fn new(
        layer: &LayerSpec,
        protocol: Protocol,
        circuits: &mut BTreeMap<u32, Arc<Circuit>>,
    ) -> Option<Self> {
        let shift = layer.activation?.shift;
        let circuit = circuits.entry(shift).or_insert_with(|| Arc::new(relu::relu(shift)));
        Some(Self {
            circuit: circuit.clone(),
            weights: relu::output_weights(shift),
            count: layer.relu_count(),
            authenticated: protocol.is_client_malicious(),
        })
    }

    /// Bytes of the garbled tables of one instance.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        GATE_BYTES * self.circuit.and_count()
    }

    /// Whether the shares of the results carry MACs.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Bytes of the labels-to-shares rows of one instance: for every output bit an element, and one for its MAC.
    #[must_use]
    pub fn row_bytes(&self) -> usize {
        let elements = if self.authenticated { 2 } else { 1 };
        pack::packed_len(elements * self.weights.len())
    }
}

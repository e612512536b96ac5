//! The model-extraction attack of MUSE, section 2: why the semi-honest baseline is not enough against a client that cheats.
//!
//! This is the published attack, against a baseline that is there to be measured against and documented as insecure. It motivates
//! what the default mode adds: there the same client is refused at the first value it alters, and learns nothing.
//!
//! The client keeps to the protocol in everything but the values it contributes. Additive shares are malleable: what it adds to its share of
//! a value (through the bits it asks labels for, or through what it opens) is added to the value. That gives it three tools:
//!
//! | tool | how |
//! |---|---|
//! | **silence** a ReLU | add a large negative constant before it |
//! | **let through** a value unchanged, up to the rounding | add a large constant before the ReLU, and take it away behind |
//! | **inject** an input of any layer | silence the layers before it, and add the input to what is opened |
//!
//! With them it recovers the network from the last layer to the first. Injecting units into a layer makes single columns of weights
//! come out; letting a few of them through the later layers, which are known by then, gives a small linear system that is solved
//! exactly. A field element of 44 bits has room for several weights of a dozen bits each, so that one query often yields two or three
//! of them for each logit. Biases are found by bisection. What is found is checked with random queries, layer by layer.
//!
//! | module | what it holds |
//! |---|---|
//! | [`Query`] | an input, and what is added on the way |
//! | [`Oracle`], [`Thief`] | who answers queries: a server over the wire |
//! | `layer`, `readout`, `packing`, `signal` | the recovery of one layer |
//! | `geometry`, `algebra` | which weight is where; small linear systems |
//! | [`Event`], [`Failure`], [`Stolen`] | what an observer hears, and what came of it |
//!
//! What it takes for granted: biases below 2^41 in magnitude, as in any network that does not wrap by itself; and that the layers behind
//! let enough through, which is less with every hidden layer. A layer for which this is not so is named in [`Failure`].

mod algebra;
mod geometry;
mod layer;
mod packing;
mod query;
mod readout;
mod report;
mod save;
mod signal;
mod thief;

pub use self::{
    query::{Query, Step},
    report::{Event, Failure, Status},
    save::{SaveError, save},
    thief::Thief,
};

use crate::{
    Error,
    model::{Architecture, Layer, ModelError, Network},
    transport::TransportError,
};
use muse_field::{Fp, prg::Prg, sample};
use readout::Known;

/// Answers queries about a network.
pub trait Oracle {
    /// The public part of the network.
    fn architecture(&self) -> &Architecture;

    /// The logits for a query.
    ///
    /// # Errors
    /// What ended the session.
    fn ask(&mut self, query: &Query) -> Result<Vec<Fp>, Error>;
}

/// How to attack. `Options::default()` recovers the whole network in as few queries as it can.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Recover only this many layers, counted from the last.
    pub layers: usize,
    /// Weights that one logit may carry, at most.
    pub pack: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { layers: usize::MAX, pack: 4 }
    }
}

/// What was taken.
#[derive(Debug)]
#[non_exhaustive]
pub struct Stolen {
    /// The public part, as the server told it.
    pub architecture: Architecture,
    /// The first of `layers`.
    pub first: usize,
    /// The layers recovered, exact integers.
    pub layers: Vec<Layer>,
    /// Queries it took.
    pub queries: u64,
    /// Weights and biases on which no output depends; they are zero in `layers`.
    pub unreachable: usize,
}

/// Recovers a network, last layer first, and tells `watch` about it.
///
/// # Errors
/// [`Failure::Refused`] by a server in the client-malicious mode; see the others.
pub fn run(
    oracle: &mut dyn Oracle,
    options: &Options,
    watch: &mut dyn FnMut(&Event),
) -> Result<Stolen, Failure> {
    let architecture = oracle.architecture().clone();
    let count = architecture.layers().len();
    let first = count.saturating_sub(options.layers.max(1));
    let total = architecture.layers()[first..].iter().map(|layer| layer.shape.weights()).sum();
    let mut session = Session { oracle, watch, status: Status { total, ..Status::default() } };
    let readable = geometry::readable(&architecture);
    let mut known = Known { architecture, first: count, layers: Vec::new() };
    let mut unreachable = 0;
    for index in (first..count).rev() {
        let before = session.status.queries;
        let found = layer::recover(&known, index, &readable[index], options.pack.max(1), &mut session)?;
        session.tell(&Event::Done {
            layer: index,
            weights: found.layer.weights().len(),
            queries: session.status.queries - before,
            unreachable: found.unreachable,
        });
        unreachable += found.unreachable;
        known.layers.insert(0, found.layer);
        known.first = index;
    }
    if first == 0 {
        confirm(&known, &mut session)?;
    }
    let queries = session.status.queries;
    let Known { architecture, layers, .. } = known;
    Ok(Stolen { architecture, first, layers, queries, unreachable })
}

/// Asks one honest query about random pixels and compares.
fn confirm(known: &Known, session: &mut Session<'_>) -> Result<(), Failure> {
    let mut rng = Prg::from_seed([0xC0; 32]);
    let pixels: Vec<u8> = (0..known.architecture.input().elements())
        .map(|_| sample::uniform(&mut rng).to_u64().to_le_bytes()[0])
        .collect();
    let input = known.architecture.encode_bytes(&pixels)?;
    let query = Query::honest(&known.architecture, input.clone());
    let predicted = query.predict(&known.architecture, 0, &known.layers, input);
    if session.ask(&query)? != predicted {
        return Err(Failure::Differs);
    }
    session.tell(&Event::Confirmed);
    Ok(())
}

impl Stolen {
    /// The network, if all of its layers were recovered.
    ///
    /// # Errors
    /// It is outside the limits of a network, as no honest server's is.
    pub fn into_network(self) -> Result<Option<Network>, ModelError> {
        if self.first > 0 {
            return Ok(None);
        }
        let Self { architecture, layers, .. } = self;
        let (name, classes) = (architecture.name().to_owned(), architecture.classes().to_vec());
        Network::new(name, architecture.input().clone(), architecture.frac_bits(), classes, layers).map(Some)
    }

    /// Weights equal to those of `original`, beside how many there are, for each of [`layers`](Self::layers).
    #[must_use]
    pub fn equal_weights(&self, original: &Network) -> Vec<(usize, usize)> {
        self.equal(original, Layer::weights)
    }

    /// Biases equal to those of `original`, in the same way.
    #[must_use]
    pub fn equal_biases(&self, original: &Network) -> Vec<(usize, usize)> {
        self.equal(original, Layer::bias)
    }

    fn equal(&self, original: &Network, numbers: fn(&Layer) -> &[i64]) -> Vec<(usize, usize)> {
        let pairs = self.layers.iter().zip(original.layers().iter().skip(self.first));
        let count = |(ours, theirs)| {
            let (ours, theirs) = (numbers(ours), numbers(theirs));
            (ours.iter().zip(theirs).filter(|(a, b)| a == b).count(), theirs.len())
        };
        pairs.map(count).collect()
    }
}

/// What all parts of the attack share: the oracle, and who watches.
struct Session<'a> {
    oracle: &'a mut dyn Oracle,
    watch: &'a mut dyn FnMut(&Event),
    status: Status,
}

impl Session<'_> {
    fn ask(&mut self, query: &Query) -> Result<Vec<Fp>, Failure> {
        let answer = self.oracle.ask(query);
        // Nothing was answered before, so that it can only be what was altered.
        if self.status.queries == 0 && matches!(answer, Err(Error::Transport(TransportError::PeerAborted))) {
            return Err(Failure::Refused);
        }
        let logits = answer?;
        self.status.queries += 1;
        (self.watch)(&Event::Query(self.status));
        Ok(logits)
    }

    fn begin(&mut self, layer: usize, weights: usize) {
        self.status.layer = layer;
        self.tell(&Event::Layer { layer, weights });
    }

    /// Another weight, unless it was known `before`.
    const fn learnt(&mut self, new: bool) {
        if new {
            self.status.recovered += 1;
        }
    }

    fn tell(&mut self, event: &Event) {
        (self.watch)(event);
    }
}

#[cfg(test)]
mod tests;

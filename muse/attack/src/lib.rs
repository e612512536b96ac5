#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod algebra;
pub mod deviate;
mod geometry;
mod layer;
mod packing;
mod query;
mod readout;
mod report;
mod signal;
mod thief;

pub use self::{
    query::{Query, Step},
    report::{Event, Failure, Status},
    thief::Thief,
};

use muse::{
    Error, Protocol,
    model::{Architecture, Layer, ModelError, Network},
    transport::TransportError,
};
use muse_field::{Fp, prg::Prg, sample};
use readout::Known;

/// Answers queries about a network.
pub trait Oracle {
    /// The public part of the network.
    fn architecture(&self) -> &Architecture;

    /// The mode of the server: whether it checks what the client contributes.
    fn protocol(&self) -> Protocol;

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

/// How much of a stolen layer is equal to the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Equal {
    /// So many of its weights.
    pub weights: usize,
    /// So many of its biases.
    pub biases: usize,
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

    /// What is equal to `original`, for each of [`layers`](Self::layers).
    #[must_use]
    pub fn equal(&self, original: &Network) -> Vec<Equal> {
        let pairs = self.layers.iter().zip(original.layers().iter().skip(self.first));
        let count = |ours: &[i64], theirs: &[i64]| ours.iter().zip(theirs).filter(|(a, b)| a == b).count();
        let equal = |(ours, theirs): (&Layer, &Layer)| Equal {
            weights: count(ours.weights(), theirs.weights()),
            biases: count(ours.bias(), theirs.bias()),
        };
        pairs.map(equal).collect()
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
        // An abort has no reason. Where nothing is checked it is not about what was altered.
        if self.status.queries == 0
            && self.oracle.protocol().is_client_malicious()
            && matches!(answer, Err(Error::Transport(TransportError::PeerAborted)))
        {
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

    /// Another weight, if it is `new` and not one that is read again.
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

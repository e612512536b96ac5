//! One layer, once all later ones are known: biases, then weights, then a check of both.

mod biases;
mod weights;

use super::{
    Event, Failure, Session, geometry,
    packing::Seen,
    query::{Query, SHIFT},
    readout::{Known, Readout},
};
use muse::model::{Layer, LayerSpec};
use muse_field::{Fp, prg::Prg, sample};

/// A layer as it was recovered.
pub(super) struct Recovered {
    pub(super) layer: Layer,
    /// Weights and biases on which no output depends: nobody can learn them, and nobody needs to. They are zero here.
    pub(super) unreachable: usize,
}

/// Work on one layer.
struct Target<'a> {
    known: &'a Known,
    index: usize,
    spec: LayerSpec,
    /// Positions of a channel on which some logit depends.
    positions: Vec<usize>,
    readable: &'a [bool],
    /// Within which each channel's bias is.
    bias: Vec<Option<Range>>,
    weights: Vec<Option<i64>>,
    seen: Seen,
    rng: Prg,
}

/// Least and largest value something may have.
type Range = (i64, i64);

/// Recovers layer `index`.
pub(super) fn recover(
    known: &Known,
    index: usize,
    readable: &[bool],
    pack: usize,
    session: &mut Session<'_>,
) -> Result<Recovered, Failure> {
    let spec = known.architecture.layer(index).clone();
    let plane = geometry::plane(&spec.shape);
    let (channels, weights) = (spec.shape.out_channels, spec.shape.weights());
    let mut target = Target {
        known,
        index,
        positions: (0..plane).filter(|&position| readable[position]).collect(),
        readable,
        bias: vec![None; channels],
        weights: vec![None; weights],
        seen: Seen::default(),
        rng: Prg::from_seed([u8::try_from(index).unwrap_or(u8::MAX); 32]),
        spec,
    };
    session.begin(index, weights);
    target.find_biases(session)?;
    for attempt in 0..ATTEMPTS {
        target.find_weights(if attempt == 0 { pack } else { 1 }, session)?;
        target.finish_biases(session)?;
        let layer = target.assemble();
        let Ok(layer) = layer else { continue };
        let wrong = target.check(&layer, session)?;
        if wrong.is_empty() {
            let biases = target.bias.iter().filter(|bias| bias.is_none()).count();
            let unreachable = biases + target.weights.iter().filter(|weight| weight.is_none()).count();
            return Ok(Recovered { layer, unreachable });
        }
        session.tell(&Event::Again { layer: index, channels: wrong.len() });
        let taps = target.spec.shape.taps();
        for channel in wrong {
            target.weights[channel * taps..][..taps].fill(None);
        }
    }
    Err(Failure::Inconsistent { layer: target.spec.name })
}

impl Target<'_> {
    fn shift(&self) -> u32 {
        self.spec.activation.map_or(0, |activation| activation.shift)
    }

    fn is_last(&self) -> bool {
        self.index == geometry::last(&self.known.architecture)
    }

    /// A query that gives this layer `values`.
    fn query(&self, values: Vec<Fp>) -> Query {
        Query::injecting(&self.known.architecture, self.index, values)
    }

    fn nothing(&self) -> Vec<Fp> {
        vec![Fp::ZERO; self.spec.shape.inputs()]
    }

    /// What has to be added to let values through unchanged, and what to take away behind.
    fn open(&self) -> (i64, i64) {
        (SHIFT, -(SHIFT >> self.shift()))
    }

    fn assemble(&self) -> Result<Layer, muse::model::ModelError> {
        let weights = self.weights.iter().map(|weight| weight.unwrap_or(0)).collect();
        let bias = (0..self.bias.len()).map(|channel| self.threshold(channel)).collect();
        Layer::new(self.spec.clone(), weights, bias)
    }

    fn below(&mut self, bound: u64) -> u64 {
        sample::uniform(&mut self.rng).to_u64() % bound.max(1)
    }

    /// One output for each of these channels; another one for each `attempt`.
    fn outputs_of(&self, channels: &[usize], attempt: usize) -> Vec<usize> {
        let plane = geometry::plane(&self.spec.shape);
        let position = |channel: usize| self.positions[(7 * channel + 13 * attempt) % self.positions.len()];
        channels.iter().map(|&channel| channel * plane + position(channel)).collect()
    }

    /// Groups of these channels, each with a way to read an output of all of them. `enough` says whether a way is good enough; `work`
    /// uses it.
    fn for_channels(
        &mut self,
        mut pending: Vec<usize>,
        enough: impl Fn(&Readout) -> bool,
        mut work: impl FnMut(&mut Self, &Readout, &[usize]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (mut attempt, mut unused) = (0, 0);
        while !pending.is_empty() && !self.positions.is_empty() && attempt < POSITIONS {
            let outputs = self.outputs_of(&pending, attempt);
            let mut limit = outputs.len();
            let found = loop {
                match Readout::find(self.known, self.index, &outputs, limit) {
                    Some((readout, taken)) if enough(&readout) => break Some((readout, taken)),
                    Some((_, taken)) if taken.len() > 1 => limit = taken.len() - taken.len().div_ceil(4),
                    Some(_) => {
                        unused += 1;
                        break None;
                    }
                    None => break None,
                }
            };
            let Some((readout, taken)) = found else {
                attempt += 1;
                // Another channel first.
                pending.rotate_left(1);
                continue;
            };
            let channels: Vec<usize> = taken.iter().map(|&t| pending[t]).collect();
            work(self, &readout, &channels)?;
            pending.retain(|channel| !channels.contains(channel));
        }
        if unused > 0 && !pending.is_empty() {
            return Err(Failure::Unreadable { layer: self.spec.name.clone() });
        }
        Ok(())
    }

    /// Channels whose answer to random input is not what `layer` says, one query for a group of them.
    fn check(&mut self, layer: &Layer, session: &mut Session<'_>) -> Result<Vec<usize>, Failure> {
        let largest = layer.largest_l1().max(1);
        let mut wrong = Vec::new();
        self.for_channels(
            (0..self.bias.len()).collect(),
            |_| true,
            |target, readout, channels| {
                let reach = (readout.capacity() * f64::from(target.shift()).exp2()) as u64 / largest;
                let reach = reach.max(1);
                let values = (0..target.spec.shape.inputs())
                    .map(|_| Fp::from_i64(target.below(2 * reach + 1).cast_signed() - reach.cast_signed()))
                    .collect::<Vec<_>>();
                let (up, down) = target.open();
                let mut query = target.query(values.clone());
                readout.complete(&mut query, target.known, &vec![up; channels.len()], &[], down);
                let layers = core::iter::once(layer).chain(&target.known.layers);
                let predicted = query.predict(&target.known.architecture, target.index, layers, values);
                if session.ask(&query)? != predicted {
                    wrong.extend_from_slice(channels);
                }
                Ok(())
            },
        )?;
        Ok(wrong)
    }
}

/// How often a layer is tried: packed, then one weight at a time.
const ATTEMPTS: usize = 3;

/// Positions of a channel that are tried before nothing is taken to depend on it.
const POSITIONS: usize = 32;

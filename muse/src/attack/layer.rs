//! One layer, once all later ones are known: biases, then weights, then a check of both.

use super::{
    Event, Failure, Session,
    geometry::{self, Location},
    packing::{Packing, Seen},
    query::{HALF, Query, SHIFT},
    readout::{Known, Readout},
};
use crate::model::{Layer, LayerSpec};
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
    bias: Vec<Option<i64>>,
    weights: Vec<Option<i64>>,
    seen: Seen,
    rng: Prg,
}

/// One weight of every input channel: an output and the tap through which it sees the pixel that is set.
#[derive(Clone, Copy)]
struct View {
    output: usize,
    channel: usize,
    tap: usize,
}

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
        let layer = target.assemble();
        let Ok(layer) = layer else { continue };
        let wrong = target.check(&layer, session)?;
        if wrong.is_empty() {
            let missing = |values: &[Option<i64>]| values.iter().filter(|value| value.is_none()).count();
            let unreachable = missing(&target.bias) + missing(&target.weights);
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

    fn assemble(&self) -> Result<Layer, crate::model::ModelError> {
        let plain = |values: &[Option<i64>]| values.iter().map(|value| value.unwrap_or(0)).collect();
        Layer::new(self.spec.clone(), plain(&self.weights), plain(&self.bias))
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

    /// Groups of channels, each with a way to read an output of all of them. `enough` says whether a way is good enough; `work` uses it.
    fn for_channels(
        &mut self,
        enough: impl Fn(&Readout) -> bool,
        mut work: impl FnMut(&mut Self, &Readout, &[usize]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut pending: Vec<usize> = (0..self.spec.shape.out_channels).collect();
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

    fn find_biases(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        if self.is_last() {
            let logits = session.ask(&self.query(self.nothing()))?;
            let plane = geometry::plane(&self.spec.shape);
            self.bias = logits.iter().step_by(plane).map(|logit| Some(logit.to_signed())).collect();
            return Ok(());
        }
        let jump = (HALF >> self.shift()) as f64 / 2.0;
        let enough = |readout: &Readout| {
            readout.error() < 0.5 || (readout.reach() > jump + 2.0 && readout.error() < jump / 8.0)
        };
        self.for_channels(enough, |target, readout, channels| {
            for (&channel, bias) in channels.iter().zip(target.biases_of(readout, session)?) {
                target.bias[channel] = Some(bias);
            }
            Ok(())
        })
    }

    /// Biases of the outputs read, exactly: first as far as the ReLU's rounding allows, then bit by bit.
    ///
    /// Whether b is at least t can be seen however coarse the reading is: b is shifted by t to where values wrap from the largest to
    /// negative ones, and the ReLU gives either nearly the largest value there is, or nothing.
    fn biases_of(&self, readout: &Readout, session: &mut Session<'_>) -> Result<Vec<i64>, Failure> {
        let (shift, count) = (self.shift(), readout.outputs.len());
        let (up, down) = self.open();
        let mut query = self.query(self.nothing());
        readout.complete(&mut query, self.known, &vec![up; count], &[], down);
        let coarse = readout.read(self.known, &session.ask(&query)?);
        let error = readout.error();
        let mut ranges: Vec<(i64, i64)> = (coarse.iter())
            .map(|x| {
                let (low, high) = ((x - error).ceil() as i64, (x + error).floor() as i64);
                (low << shift, ((high + 1) << shift) - 1)
            })
            .collect();
        let fine = error < 0.5;
        let jump = HALF >> shift;
        while ranges.iter().any(|(low, high)| low < high) {
            let middle = |&(low, high): &(i64, i64)| low + (high - low + 1) / 2;
            let thresholds: Vec<i64> = ranges.iter().map(middle).collect();
            let from = if fine { up } else { HALF };
            let before: Vec<i64> = thresholds.iter().map(|threshold| from - threshold).collect();
            let mut query = self.query(self.nothing());
            readout.complete(&mut query, self.known, &before, &[], if fine { down } else { -(jump / 2) });
            let values = readout.read(self.known, &session.ask(&query)?);
            for ((range, threshold), value) in ranges.iter_mut().zip(thresholds).zip(values) {
                let above = if fine { value > -0.5 } else { value < 0.0 };
                if above { range.0 = threshold } else { range.1 = range.1.min(threshold - 1).max(range.0) }
            }
        }
        Ok(ranges.into_iter().map(|(low, _)| low).collect())
    }

    /// All weights that are not known yet and that some output depends on.
    fn find_weights(&mut self, pack: usize, session: &mut Session<'_>) -> Result<(), Failure> {
        for location in geometry::locations(&self.spec.shape, self.readable) {
            let mut views = self.views(&location);
            let mut limit = usize::MAX;
            while !views.is_empty() {
                let outputs: Vec<usize> = views.iter().map(|view| view.output).collect();
                let Some((readout, taken)) = Readout::find(self.known, self.index, &outputs, limit) else {
                    // Nothing depends on these.
                    views.drain(..views.len().min(Readout::OFFERED));
                    continue;
                };
                let group: Vec<View> = taken.iter().map(|&t| views[t]).collect();
                if !self.read_group(&readout, &location, &group, pack, session)? {
                    if group.len() == 1 {
                        return Err(Failure::Unreadable { layer: self.spec.name.clone() });
                    }
                    limit = group.len() / 2;
                    continue;
                }
                let mut index = 0;
                views.retain(|_| {
                    index += 1;
                    !taken.contains(&(index - 1))
                });
            }
        }
        Ok(())
    }

    /// What the pixel of `location` shows of weights that are not known, in no particular order: neighbours would tell nearly the same.
    fn views(&mut self, location: &Location) -> Vec<View> {
        let (plane, shape) = (geometry::plane(&self.spec.shape), self.spec.shape);
        let mut views: Vec<View> = (0..shape.out_channels)
            .flat_map(|channel| {
                let view = move |&(position, tap): &(usize, usize)| {
                    View { output: channel * plane + position, channel, tap }
                };
                location.views.iter().map(view)
            })
            .filter(|view| (0..shape.in_channels).any(|input| self.weights[self.slot(view, input)].is_none()))
            .collect();
        for i in (1..views.len()).rev() {
            let j = self.below(i as u64 + 1) as usize;
            views.swap(i, j);
        }
        views
    }

    /// Where the weight of an input channel in a view is kept.
    fn slot(&self, view: &View, input: usize) -> usize {
        let shape = &self.spec.shape;
        view.channel * shape.taps() + input * shape.kernel * shape.kernel + view.tap
    }

    /// The weights of all input channels in these views. `false` if they cannot be read apart.
    fn read_group(
        &mut self,
        readout: &Readout,
        location: &Location,
        group: &[View],
        pack: usize,
        session: &mut Session<'_>,
    ) -> Result<bool, Failure> {
        let unknown = |target: &Self, input: usize| {
            group.iter().any(|view| target.weights[target.slot(view, input)].is_none())
        };
        let mut several: Vec<usize> =
            (0..self.spec.shape.in_channels).rev().filter(|&input| unknown(self, input)).collect();
        let mut singly: Vec<usize> = Vec::new();
        loop {
            let limit = if several.is_empty() { 1 } else { pack.min(several.len()) };
            let packing = Packing::choose(readout.capacity(), readout.error(), self.seen, limit);
            let Some(packing) = packing else { return Ok(false) };
            let inputs: Vec<usize> = match singly.pop() {
                Some(input) => vec![input],
                None => several.drain(several.len() - packing.count.min(several.len())..).collect(),
            };
            if inputs.is_empty() {
                return Ok(true);
            }
            let packing = if inputs.len() == packing.count {
                packing
            } else {
                match Packing::choose(readout.capacity(), readout.error(), self.seen, 1) {
                    Some(packing) => packing,
                    None => return Ok(false),
                }
            };
            match self.read_weights(readout, location, &inputs, packing, session)? {
                Some(weights) => {
                    for (view, weights) in group.iter().zip(weights) {
                        for (&input, weight) in inputs.iter().zip(weights) {
                            let slot = self.slot(view, input);
                            session.learnt(self.weights[slot].is_none());
                            self.weights[slot] = Some(weight);
                            self.seen.count += 1;
                            self.seen.largest = self.seen.largest.max(weight.abs());
                        }
                    }
                }
                None if inputs.len() > 1 => singly.extend(inputs),
                None => return Ok(false),
            }
        }
    }

    /// One query: for every output read the weights of these input channels; `None` if the answer does not fit any.
    fn read_weights(
        &self,
        readout: &Readout,
        location: &Location,
        inputs: &[usize],
        packing: Packing,
        session: &mut Session<'_>,
    ) -> Result<Option<Vec<Vec<i64>>>, Failure> {
        let mut values = self.nothing();
        for (index, &input) in inputs.iter().enumerate() {
            let scale = packing.scale(index) << self.shift();
            values[geometry::input_index(&self.spec.shape, input, location.y, location.x)] = Fp::from_i64(scale);
        }
        let bias = |channel: usize| self.bias[channel].unwrap_or(0);
        let plane = geometry::plane(&self.spec.shape);
        let (up, down) = self.open();
        let mut query = self.query(values);
        let before: Vec<i64> = readout.outputs.iter().map(|output| up - bias(output / plane)).collect();
        let others: Vec<i64> = (0..self.spec.shape.out_channels).map(|channel| -bias(channel)).collect();
        readout.complete(&mut query, self.known, &before, &others, down);
        let logits = session.ask(&query)?;
        let read = readout.read(self.known, &logits).into_iter().zip(&readout.outputs).map(|(value, output)| {
            if self.is_last() { value - bias(output / plane) as f64 } else { value }
        });
        let Some(unpacked) = read.map(|value| packing.unpack(value)).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let (weights, exact): (Vec<_>, Vec<i64>) = unpacked.into_iter().unzip();
        if !self.is_last() {
            // Exactly this must have come out, were these the weights.
            let behind = readout.scatter(self.known, &exact);
            let layers = &self.known.layers;
            if query.predict(&self.known.architecture, self.index + 1, layers, behind) != logits {
                return Ok(None);
            }
        }
        Ok(Some(weights))
    }

    /// Channels whose answer to random input is not what `layer` says, one query for a group of them.
    fn check(&mut self, layer: &Layer, session: &mut Session<'_>) -> Result<Vec<usize>, Failure> {
        let largest = (layer.weights().chunks_exact(self.spec.shape.taps()))
            .map(|row| row.iter().map(|weight| weight.unsigned_abs()).sum::<u64>())
            .fold(1, u64::max);
        let mut wrong = Vec::new();
        self.for_channels(
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

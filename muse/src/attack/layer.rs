//! One layer, once all later ones are known: biases, then weights, then a check of both.

use super::{
    Event, Failure, Session,
    geometry::{self, Location},
    packing::{Packing, Seen},
    query::{HALF, Query, SHIFT},
    readout::{Known, Readout},
    signal::{self, Signal},
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
    /// Within which each channel's bias is.
    bias: Vec<Option<Range>>,
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

/// Least and largest value something may have.
type Range = (i64, i64);

/// What one output showed in one query.
struct Reading {
    weights: Vec<i64>,
    /// What came out of the ReLU.
    exact: i64,
    /// What is not due to the weights: -1 if the bias is below its threshold.
    rest: i64,
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

    fn assemble(&self) -> Result<Layer, crate::model::ModelError> {
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

    /// What splits the range of a channel's bias; the bias itself once it is known.
    fn threshold(&self, channel: usize) -> i64 {
        self.bias[channel].map_or(0, |(low, high)| low + (high - low + 1) / 2)
    }

    fn is_open(&self, channel: usize) -> bool {
        self.bias[channel].is_some_and(|(low, high)| low < high)
    }

    /// Halves the range of a channel's bias: is it at least its threshold?
    fn narrow(&mut self, channel: usize, above: bool) {
        let threshold = self.threshold(channel);
        if let Some((low, high)) = &mut self.bias[channel]
            && low < high
        {
            if above { *low = threshold } else { *high = threshold - 1 }
        }
    }

    /// Biases as far as a reading goes; to the last bit where readings are coarse. Where they are exact, the last bits come with the
    /// weights.
    fn find_biases(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        if self.is_last() {
            let logits = session.ask(&self.query(self.nothing()))?;
            let plane = geometry::plane(&self.spec.shape);
            let exact = |logit: &Fp| Some((logit.to_signed(), logit.to_signed()));
            self.bias = logits.iter().step_by(plane).map(exact).collect();
            return Ok(());
        }
        let shift = self.shift();
        let enough =
            |readout: &Readout| readout.is_exact() || jumps(readout, shift) || readout.outputs.len() == 1;
        self.for_channels((0..self.bias.len()).collect(), enough, |target, readout, channels| {
            let (shift, (up, down)) = (target.shift(), target.open());
            let mut query = target.query(target.nothing());
            readout.complete(&mut query, target.known, &vec![up; channels.len()], &[], down);
            let coarse = readout.read(target.known, &session.ask(&query)?);
            let error = readout.error();
            for (&channel, x) in channels.iter().zip(coarse) {
                let (low, high) = ((x - error).ceil() as i64, (x + error).floor() as i64);
                target.bias[channel] = Some((low << shift, ((high + 1) << shift) - 1));
            }
            match (readout.is_exact(), channels) {
                (true, _) => Ok(()),
                (false, &[channel]) if !jumps(readout, shift) => {
                    target.bisect_one(readout.outputs[0], channel, session)
                }
                _ => target.bisect(readout, channels, session),
            }
        })
    }

    /// What the weights left of the biases.
    fn finish_biases(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        let open = (0..self.bias.len()).filter(|&channel| self.is_open(channel)).collect();
        self.for_channels(open, Readout::is_exact, |target, readout, channels| {
            target.bisect(readout, channels, session)
        })
    }

    /// Biases of the outputs read, bit by bit, to the last.
    ///
    /// Whether b is at least t can be seen however coarse the reading is: b is shifted by t to where values wrap from the largest to
    /// negative ones, and the ReLU gives either nearly the largest value there is, or nothing. Where readings are exact, the rounding
    /// of the ReLU shows it.
    fn bisect(
        &mut self,
        readout: &Readout,
        channels: &[usize],
        session: &mut Session<'_>,
    ) -> Result<(), Failure> {
        let jump = HALF >> self.shift();
        let (up, down) = self.open();
        let (from, after) = if readout.is_exact() { (up, down) } else { (HALF, -(jump / 2)) };
        while channels.iter().any(|&channel| self.is_open(channel)) {
            let before: Vec<i64> = channels.iter().map(|&channel| from - self.threshold(channel)).collect();
            let mut query = self.query(self.nothing());
            readout.complete(&mut query, self.known, &before, &[], after);
            let values = readout.read(self.known, &session.ask(&query)?);
            for (&channel, value) in channels.iter().zip(values) {
                self.narrow(channel, if readout.is_exact() { value > -0.5 } else { value < 0.0 });
            }
        }
        Ok(())
    }

    /// The same for one output whose jump is too much for what is behind it.
    fn bisect_one(
        &mut self,
        output: usize,
        channel: usize,
        session: &mut Session<'_>,
    ) -> Result<(), Failure> {
        let unreadable = || Failure::Unreadable { layer: self.spec.name.clone() };
        let cell = geometry::cell(&self.spec, output).ok_or_else(unreadable)?;
        while let Some((low, high)) = self.bias[channel].filter(|_| self.is_open(channel)) {
            let slack = ((high - low) >> self.shift()) + 2;
            let mut query = self.query(self.nothing());
            query.steps[self.index].before.fill(Fp::from_i64(-SHIFT));
            query.steps[self.index].before[output] = Fp::from_i64(HALF - self.threshold(channel));
            let signal = Signal { jump: HALF >> self.shift(), slack };
            let nothing = signal::carry(&mut query, self.known, self.index + 1, cell, signal);
            let nothing = nothing.ok_or_else(|| Failure::Unreadable { layer: self.spec.name.clone() })?;
            let above = session.ask(&query)? == nothing;
            self.narrow(channel, above);
        }
        Ok(())
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
                let view = move |&(position, tap): &(usize, usize)| View {
                    output: channel * plane + position,
                    channel,
                    tap,
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
            // A bit of each open bias comes along and takes its room.
            let open = group.iter().any(|view| self.is_open(view.channel));
            let error = readout.error() + if open { 1.0 } else { 0.0 };
            let limit = if singly.is_empty() { pack.min(several.len()) } else { 1 };
            let Some(packing) = Packing::choose(readout.capacity(), error, self.seen, limit) else {
                return Ok(false);
            };
            let inputs: Vec<usize> = match singly.pop() {
                Some(input) => vec![input],
                None => several.drain(several.len() - packing.count.min(several.len())..).collect(),
            };
            if inputs.is_empty() {
                return Ok(true);
            }
            match self.read_weights(readout, location, &inputs, packing, session)? {
                Some(read) => self.learn(group, &inputs, &read, session),
                None if inputs.len() > 1 => singly.extend(inputs),
                None => return Ok(false),
            }
        }
    }

    fn learn(&mut self, group: &[View], inputs: &[usize], read: &[Reading], session: &mut Session<'_>) {
        for (index, (view, reading)) in group.iter().zip(read).enumerate() {
            // All views of a channel had the same threshold.
            if group[..index].iter().all(|other| other.channel != view.channel) {
                self.narrow(view.channel, reading.rest >= 0);
            }
            for (&input, &weight) in inputs.iter().zip(&reading.weights) {
                let slot = self.slot(view, input);
                session.learnt(self.weights[slot].is_none());
                self.weights[slot] = Some(weight);
                self.seen.count += 1;
                self.seen.largest = self.seen.largest.max(weight.abs());
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
    ) -> Result<Option<Vec<Reading>>, Failure> {
        let mut values = self.nothing();
        for (index, &input) in inputs.iter().enumerate() {
            let scale = packing.scale(index) << self.shift();
            values[geometry::input_index(&self.spec.shape, input, location.y, location.x)] =
                Fp::from_i64(scale);
        }
        let plane = geometry::plane(&self.spec.shape);
        let (up, down) = self.open();
        let mut query = self.query(values);
        let before: Vec<i64> =
            readout.outputs.iter().map(|output| up - self.threshold(output / plane)).collect();
        let others: Vec<i64> = (0..self.bias.len()).map(|channel| -self.threshold(channel)).collect();
        readout.complete(&mut query, self.known, &before, &others, down);
        let logits = session.ask(&query)?;

        let mut readings = Vec::with_capacity(readout.outputs.len());
        for (value, output) in readout.read(self.known, &logits).into_iter().zip(&readout.outputs) {
            let bias = if self.is_last() { self.threshold(output / plane) as f64 } else { 0.0 };
            let Some((weights, exact)) = packing.unpack(value - bias) else { return Ok(None) };
            // Rounding down takes one away if the bias is below its threshold.
            let rest = if self.is_open(output / plane) { (value - exact as f64).round() as i64 } else { 0 };
            if !(-1..=0).contains(&rest) {
                return Ok(None);
            }
            readings.push(Reading { weights, exact: exact + rest, rest });
        }
        if !self.is_last() {
            // Exactly this must have come out, were these the weights.
            let exact: Vec<i64> = readings.iter().map(|reading| reading.exact).collect();
            let behind = readout.scatter(self.known, &exact);
            let layers = &self.known.layers;
            if query.predict(&self.known.architecture, self.index + 1, layers, behind) != logits {
                return Ok(None);
            }
        }
        Ok(Some(readings))
    }

    /// Channels whose answer to random input is not what `layer` says, one query for a group of them.
    fn check(&mut self, layer: &Layer, session: &mut Session<'_>) -> Result<Vec<usize>, Failure> {
        let largest = (layer.weights().chunks_exact(self.spec.shape.taps()))
            .map(|row| row.iter().map(|weight| weight.unsigned_abs()).sum::<u64>())
            .fold(1, u64::max);
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

/// Whether the jump of a bisection can be read.
fn jumps(readout: &Readout, shift: u32) -> bool {
    let jump = (HALF >> shift) as f64 / 2.0;
    readout.reach() > jump + 2.0 && readout.error() < jump / 8.0
}

/// How often a layer is tried: packed, then one weight at a time.
const ATTEMPTS: usize = 3;

/// Positions of a channel that are tried before nothing is taken to depend on it.
const POSITIONS: usize = 32;

//! Weights: pixels set in the layer's input, and what their weights make of them read off the logits.

use super::Target;
use crate::{
    Failure, Session,
    geometry::{self, Location},
    packing::Packing,
    readout::Readout,
};
use muse_field::Fp;

/// One weight of every input channel: an output and the tap through which it sees the pixel that is set.
#[derive(Clone, Copy)]
struct View {
    output: usize,
    channel: usize,
    tap: usize,
}

/// What one output showed in one query.
struct Reading {
    weights: Vec<i64>,
    /// What came out of the ReLU.
    exact: i64,
    /// What is not due to the weights: -1 if the bias is below its threshold.
    rest: i64,
}

impl Target<'_> {
    /// All weights that are not known yet and that some output depends on.
    ///
    /// Nothing may depend on one pixel's neighbourhood, because of a zero in a later layer, while something does on another's.
    pub(super) fn find_weights(&mut self, pack: usize, session: &mut Session<'_>) -> Result<(), Failure> {
        let side = |length: usize| length.min(ORIGINS);
        let (rows, columns) = (side(self.spec.shape.height), side(self.spec.shape.width));
        for origin in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
            if self.weights.iter().all(Option::is_some) {
                break;
            }
            self.find_weights_from(origin, pack, session)?;
        }
        Ok(())
    }

    fn find_weights_from(
        &mut self,
        origin: (usize, usize),
        pack: usize,
        session: &mut Session<'_>,
    ) -> Result<(), Failure> {
        for location in geometry::locations(&self.spec.shape, self.readable, origin) {
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
}

/// Rows and columns at which the search for telling pixels starts.
const ORIGINS: usize = 8;

//! Biases: bisection, with an answer to "is it at least t?" in every query.

use super::Target;
use crate::{
    Failure, Session, geometry,
    query::{HALF, SHIFT},
    readout::Readout,
    signal::{self, Signal},
};
use muse_field::Fp;

impl Target<'_> {
    /// What splits the range of a channel's bias; the bias itself once it is known.
    pub(super) fn threshold(&self, channel: usize) -> i64 {
        self.bias[channel].map_or(0, |(low, high)| low + (high - low + 1) / 2)
    }

    pub(super) fn is_open(&self, channel: usize) -> bool {
        self.bias[channel].is_some_and(|(low, high)| low < high)
    }

    /// Halves the range of a channel's bias: is it at least its threshold?
    pub(super) fn narrow(&mut self, channel: usize, above: bool) {
        let threshold = self.threshold(channel);
        if let Some((low, high)) = &mut self.bias[channel]
            && low < high
        {
            if above { *low = threshold } else { *high = threshold - 1 }
        }
    }

    /// Biases as far as a reading goes; to the last bit where readings are coarse. Where they are exact, the last bits come with the
    /// weights.
    pub(super) fn find_biases(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
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
                // No bias is outside of the range, whatever a hostile server answers.
                let bound = |x: f64| (x as i64).clamp(-(HALF >> shift) - 1, HALF >> shift);
                let (low, high) = (bound((x - error).ceil()), bound((x + error).floor()));
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
    pub(super) fn finish_biases(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
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
}

/// Whether the jump of a bisection can be read.
fn jumps(readout: &Readout, shift: u32) -> bool {
    let jump = (HALF >> shift) as f64 / 2.0;
    readout.reach() > jump + 2.0 && readout.error() < jump / 8.0
}

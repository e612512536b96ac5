//! Reads Bristol fashion. The text is not trusted: whatever it says, this returns, soon.

use alloc::vec::Vec;
use core::str::SplitAsciiWhitespace;

use super::Limits;
use crate::circuit::{Builder, Bundle, Circuit, Wire};
use crate::error::CircuitError;

/// Reads a circuit in Bristol fashion, with the default [`Limits`].
///
/// # Errors
/// [`CircuitError`] with the line and the reason if the text is not exactly one circuit: a wire that is used before it
/// is assigned, assigned twice or not at all, a count that does not agree with the lines, an unknown gate, or a limit.
pub fn parse(text: &str) -> Result<Circuit, CircuitError> {
    parse_with(text, Limits::default())
}

/// Reads a circuit in Bristol fashion, within these limits.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(text: &str, limits: Limits) -> Result<Circuit, CircuitError> {
    let mut lines =
        (1..).zip(text.lines()).map(|(number, text)| Line::new(number, text)).filter(|l| !l.is_blank());
    let mut header = |what| lines.next().ok_or(CircuitError { line: 0, what });

    let mut counts = header("no line with the numbers of gates and wires")?;
    let gates = counts.number(limits.gates, "more gates than the limit")?;
    let wires = counts.number(usize::MAX, "a number is too large")?;
    counts.end()?;
    let line = header("no line with the inputs")?;
    line.refuse_old_format()?;
    let inputs = line.widths(limits.inputs, "more input wires than the limit")?;
    let inputs_total: usize = inputs.iter().sum();
    // Every other wire is named by the gate that assigns it: at least one character of text and a space.
    if wires < inputs_total || wires - inputs_total > text.len() {
        return Err(counts.error("the number of wires does not fit the inputs and gates"));
    }
    let outputs = header("no line with the outputs")?.widths(wires, "more output wires than wires")?;

    let mut reader = GateReader::new(&inputs, wires, limits);
    for _ in 0..gates {
        reader.gate(header("fewer gates than the header says")?)?;
    }
    if let Some(line) = lines.next() {
        return Err(line.error("more gates than the header says"));
    }
    reader.finish(&outputs)
}

/// The next words of a line.
struct Line<'a> {
    number: usize,
    words: SplitAsciiWhitespace<'a>,
}

impl<'a> Line<'a> {
    fn new(number: usize, text: &'a str) -> Self {
        Self { number, words: text.split_ascii_whitespace() }
    }

    fn is_blank(&self) -> bool {
        self.words.clone().next().is_none()
    }

    const fn error(&self, what: &'static str) -> CircuitError {
        CircuitError { line: self.number, what }
    }

    /// The next word, which must be a decimal number of at most `most`.
    fn number(&mut self, most: usize, too_large: &'static str) -> Result<usize, CircuitError> {
        let word = self.words.next().ok_or_else(|| self.error("a number is missing"))?;
        // `parse` alone would take a sign.
        if !word.bytes().all(|c| c.is_ascii_digit()) {
            return Err(self.error("not a number"));
        }
        let number = word.parse().map_err(|_| self.error("a number is too large"))?;
        if number > most { Err(self.error(too_large)) } else { Ok(number) }
    }

    /// The rest of the line: a count, and as many widths, whose sum is at most `most`.
    fn widths(mut self, most: usize, too_large: &'static str) -> Result<Vec<usize>, CircuitError> {
        let count = self.number(usize::MAX, "a number is too large")?;
        let mut left = most;
        let mut widths = Vec::new();
        // The line may be shorter than its count says, so nothing is reserved for it.
        for _ in 0..count {
            let width = self.number(left, too_large)?;
            left -= width;
            widths.push(width);
        }
        self.end()?;
        Ok(widths)
    }

    fn end(&mut self) -> Result<(), CircuitError> {
        self.words.next().map_or(Ok(()), |_| Err(self.error("more on the line than belongs there")))
    }

    /// The old format's second line is "n1 n2 n3": three numbers, which is also "2 inputs: n2, n3" if n1 is 2.
    fn refuse_old_format(&self) -> Result<(), CircuitError> {
        let mut words = self.words.clone();
        if words.next() != Some("2") && words.count() == 2 {
            return Err(self.error("the old Bristol format is not supported, only Bristol fashion"));
        }
        Ok(())
    }
}

/// Turns gate lines into gates of a builder.
struct GateReader {
    builder: Builder,
    /// What each wire of the text is, once it is assigned.
    wires: Vec<Option<Wire>>,
    gates_left: usize,
}

impl GateReader {
    fn new(inputs: &[usize], wires: usize, limits: Limits) -> Self {
        let mut builder = Builder::new();
        let bundles: Vec<Bundle> = inputs.iter().map(|&width| builder.input("", width)).collect();
        let mut assigned: Vec<Option<Wire>> = bundles.iter().flat_map(Bundle::iter).map(Some).collect();
        assigned.resize(wires, None);
        Self { builder, wires: assigned, gates_left: limits.gates }
    }

    fn gate(&mut self, mut line: Line<'_>) -> Result<(), CircuitError> {
        let operands = line.number(usize::MAX, "a number is too large")?;
        let results = line.number(usize::MAX, "a number is too large")?;
        let name = line.words.next_back().ok_or_else(|| line.error("the name of the gate is missing"))?;
        if operands.checked_add(results) != Some(line.words.clone().count()) {
            return Err(line.error("not as many wires as the gate says"));
        }
        let gates_left = self.gates_left.checked_sub(results);
        self.gates_left = gates_left.ok_or_else(|| line.error("more gates than the limit"))?;

        match (name, operands, results) {
            ("XOR", 2, 1) => {
                let (x, y) = (self.operand(&mut line)?, self.operand(&mut line)?);
                let wire = self.builder.xor(x, y);
                self.assign(&mut line, wire)
            }
            ("AND", 2, 1) => {
                let (x, y) = (self.operand(&mut line)?, self.operand(&mut line)?);
                let wire = self.builder.and(x, y);
                self.assign(&mut line, wire)
            }
            ("INV", 1, 1) => {
                let x = self.operand(&mut line)?;
                let wire = self.builder.negate(x);
                self.assign(&mut line, wire)
            }
            ("EQ", 1, 1) => {
                let bit = line.number(1, "a constant is 0 or 1")?;
                self.assign(&mut line, Wire::constant(bit == 1))
            }
            ("EQW", 1, 1) => {
                let wire = self.operand(&mut line)?;
                self.assign(&mut line, wire)
            }
            ("MAND", _, 1..) if operands.checked_sub(results) == Some(results) => {
                self.many_and(line, results)
            }
            ("XOR" | "AND" | "INV" | "EQ" | "EQW" | "MAND", ..) => {
                Err(line.error("a gate with the wrong number of wires"))
            }
            _ => Err(line.error("an unknown gate")),
        }
    }

    /// The rest of a `MAND`. Its line has been found to have `3 * count` numbers, so `count` is no larger than the text.
    fn many_and(&mut self, mut line: Line<'_>, count: usize) -> Result<(), CircuitError> {
        let mut operands =
            || -> Result<Vec<Wire>, CircuitError> { (0..count).map(|_| self.operand(&mut line)).collect() };
        let (left, right) = (operands()?, operands()?);
        for (x, y) in left.into_iter().zip(right) {
            let wire = self.builder.and(x, y);
            self.assign(&mut line, wire)?;
        }
        Ok(())
    }

    fn operand(&self, line: &mut Line<'_>) -> Result<Wire, CircuitError> {
        let index = line.number(usize::MAX, "a number is too large")?;
        let wire = self.wires.get(index).ok_or_else(|| line.error("a wire beyond the number of wires"))?;
        wire.ok_or_else(|| line.error("a wire is used before it is assigned"))
    }

    fn assign(&mut self, line: &mut Line<'_>, wire: Wire) -> Result<(), CircuitError> {
        let index = line.number(usize::MAX, "a number is too large")?;
        let place =
            self.wires.get_mut(index).ok_or_else(|| line.error("a wire beyond the number of wires"))?;
        match place.replace(wire) {
            None => Ok(()),
            Some(_) => Err(line.error("a wire is assigned twice")),
        }
    }

    /// The last wires are the outputs; the header bounds their number by that of all wires.
    fn finish(mut self, outputs: &[usize]) -> Result<Circuit, CircuitError> {
        let wires: Option<Vec<Wire>> = self.wires.into_iter().collect();
        let wires = wires.ok_or(CircuitError { line: 0, what: "a wire is never assigned" })?;
        let mut start = wires.len() - outputs.iter().sum::<usize>();
        for width in outputs {
            let bundle = wires[start..start + width].iter().copied().collect();
            self.builder.output("", &bundle);
            start += width;
        }
        Ok(self.builder.finish())
    }
}

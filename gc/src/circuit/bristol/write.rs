//! Writes Bristol fashion.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::circuit::{Circuit, Gate, Port};

/// The circuit in Bristol fashion.
///
/// Outputs must be the last wires, in order. A gate whose result is an output assigns that wire at once; an output that
/// is an input, or the same as an earlier output, is a copy (`EQW`). Reading the text gives back the circuit, without the
/// names of its inputs and outputs.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "writing to a string does not fail")]
pub fn write(circuit: &Circuit) -> String {
    let mut text = String::new();
    write_to(circuit, &mut text).expect("writing to a string does not fail");
    text
}

fn write_to(circuit: &Circuit, text: &mut String) -> fmt::Result {
    let Numbering { gates, copies } = Numbering::new(circuit);
    let lines = gates.len() + copies.len();
    writeln!(text, "{lines} {}", circuit.input_count() + lines)?;
    ports(text, circuit.inputs())?;
    ports(text, circuit.outputs())?;
    writeln!(text)?;
    for gate in gates {
        match gate {
            Gate::Xor { a, b, out } => writeln!(text, "2 1 {a} {b} {out} XOR")?,
            Gate::And { a, b, out } => writeln!(text, "2 1 {a} {b} {out} AND")?,
            Gate::Not { a, out } => writeln!(text, "1 1 {a} {out} INV")?,
            Gate::Zero { out } => writeln!(text, "1 1 0 {out} EQ")?,
        }
    }
    for (from, to) in copies {
        writeln!(text, "1 1 {from} {to} EQW")?;
    }
    Ok(())
}

fn ports(text: &mut String, ports: &[Port]) -> fmt::Result {
    write!(text, "{}", ports.len())?;
    for port in ports {
        write!(text, " {}", port.width())?;
    }
    writeln!(text)
}

/// The gates over wires that are numbered as the format wants it, and the copies (from, to) that make outputs.
struct Numbering {
    gates: Vec<Gate>,
    copies: Vec<(u32, u32)>,
}

impl Numbering {
    fn new(circuit: &Circuit) -> Self {
        let inputs = u32::try_from(circuit.input_count()).expect("fewer than 2^31 wires");
        let (mut gates, outputs) = single_assignment(circuit, inputs);

        // The first output that is the result of a gate takes its place; the others are copies.
        let mut output_of: Vec<Option<usize>> = alloc::vec![None; gates.len()];
        let mut copied = Vec::new();
        for (position, &wire) in outputs.iter().enumerate() {
            match wire.checked_sub(inputs).map(|gate| &mut output_of[gate as usize]) {
                Some(place @ None) => *place = Some(position),
                Some(Some(_)) | None => copied.push((wire, position)),
            }
        }

        // Other results follow the inputs, and outputs come last.
        let total = inputs as usize + gates.len() + copied.len();
        let first_output = total - outputs.len();
        let mut next = inputs as usize;
        let mut number: Vec<u32> = (0..inputs).collect();
        for output in output_of {
            let wire = output.map_or(next, |position| first_output + position);
            next += usize::from(output.is_none());
            number.push(u32::try_from(wire).expect("fewer than 2^32 wires"));
        }

        for gate in &mut gates {
            *gate = gate.rename(|wire| number[wire as usize], number[gate.out() as usize]);
        }
        let copies = copied.into_iter().map(|(wire, position)| {
            let to = u32::try_from(first_output + position).expect("fewer than 2^32 wires");
            (number[wire as usize], to)
        });
        Self { copies: copies.collect(), gates }
    }
}

/// The gates over wires instead of slots, gate `i` assigning wire `inputs + i`, and the wires of the outputs.
fn single_assignment(circuit: &Circuit, inputs: u32) -> (Vec<Gate>, Vec<u32>) {
    let mut in_slot: Vec<u32> = (0..inputs).collect();
    in_slot.resize(circuit.slot_count(), 0);
    let number = |(wire, gate): (u32, &Gate)| {
        let renamed = gate.rename(|slot| in_slot[slot as usize], wire);
        in_slot[gate.out() as usize] = wire;
        renamed
    };
    let gates = (inputs..).zip(circuit.gates()).map(number).collect();
    (gates, circuit.output_slots().iter().map(|&slot| in_slot[slot as usize]).collect())
}

//! What the builder promises about every circuit, checked gate by gate.

use muse_gc::circuit::{Circuit, Gate};

/// What is known about the bit in a slot: which value it is, up to negation.
#[derive(Clone, Copy, PartialEq)]
enum Content {
    Constant,
    /// A value with this number, or its negation.
    Value(usize),
}

/// Panics if the circuit breaks a promise of the `circuit` module: slots in range and written before they are read; no XOR
/// or AND of constants, of one wire with itself or of a wire with its negation; no gate whose result nothing reads.
pub(crate) fn check(circuit: &Circuit) {
    let mut slots = vec![None; circuit.slot_count()];
    for (input, slot) in slots.iter_mut().take(circuit.input_count()).enumerate() {
        *slot = Some((Content::Value(input), None));
    }
    let mut read = vec![false; circuit.gates().len()];
    let mut ands = 0;

    for (index, gate) in circuit.gates().iter().enumerate() {
        let operands: Vec<Content> = gate
            .operands()
            .map(|slot| {
                let (content, made_by): (Content, Option<usize>) =
                    slots[slot as usize].expect("written before it is read");
                if let Some(gate) = made_by {
                    read[gate] = true;
                }
                content
            })
            .collect();
        let content = match gate {
            Gate::Xor { .. } | Gate::And { .. } => {
                assert!(!operands.contains(&Content::Constant), "a constant operand in gate {index}");
                assert!(operands[0] != operands[1], "one value twice in gate {index}");
                ands += usize::from(matches!(gate, Gate::And { .. }));
                Content::Value(circuit.input_count() + index)
            }
            Gate::Not { .. } => operands[0],
            Gate::Zero { .. } => Content::Constant,
        };
        slots[gate.out() as usize] = Some((content, Some(index)));
    }

    for &slot in circuit.output_slots() {
        if let (_, Some(gate)) = slots[slot as usize].expect("an output is written") {
            read[gate] = true;
        }
    }
    assert!(read.iter().all(|&read| read), "a dead gate");
    assert_eq!(ands, circuit.and_count());
    assert_eq!(circuit.inputs().iter().map(|port| port.width()).sum::<usize>(), circuit.input_count());
    assert_eq!(circuit.outputs().iter().map(|port| port.width()).sum::<usize>(), circuit.output_count());
}

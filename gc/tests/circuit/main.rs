//! Circuits in the clear: what they compute, what they cost, and how they are read and written.

mod arithmetic;
mod bristol;
mod builder;
mod garbled;
mod invariants;
mod library;
mod relu;

use muse_gc::circuit::Circuit;

/// The low `width` bits of a number, least significant first.
fn bits(value: u128, width: usize) -> Vec<bool> {
    (0..width).map(|i| value >> i & 1 == 1).collect()
}

/// The number with these bits, least significant first.
fn number(bits: &[bool]) -> u128 {
    bits.iter().rev().fold(0, |sum, &bit| 2 * sum + u128::from(bit))
}

/// The circuit's output on these inputs, all bundles taken together as one number.
fn run(circuit: &Circuit, inputs: &[u128]) -> u128 {
    let ports = circuit.inputs();
    assert_eq!(inputs.len(), ports.len());
    let inputs: Vec<bool> = inputs.iter().zip(ports).flat_map(|(&x, port)| bits(x, port.width())).collect();
    number(&circuit.evaluate_plain(&inputs))
}

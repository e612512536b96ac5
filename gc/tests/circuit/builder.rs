//! Random programs of the builder against their direct evaluation.

use muse_gc::circuit::{Builder, Bundle, Wire, bristol};
use proptest::prelude::*;

use crate::invariants;

/// One step: an operation, and which earlier wires it takes.
pub(crate) type Step = (u8, usize, usize, usize);

pub(crate) const INPUTS: usize = 5;

/// Builds the program and evaluates it directly, on 64 instances at once. The first wires are both constants and the
/// inputs, so that much of a random program folds.
pub(crate) fn interpret(steps: &[Step], inputs: [u64; INPUTS]) -> (Builder, Vec<Wire>, Vec<u64>) {
    let mut b = Builder::new();
    let bundle = b.input("x", INPUTS);
    let mut wires = vec![Wire::ZERO, Wire::ONE];
    let mut values = vec![0, !0];
    wires.extend(bundle.wires());
    values.extend(inputs);
    for &(operation, i, j, k) in steps {
        let [i, j, k] = [i, j, k].map(|index| index % wires.len());
        let (x, y, z) = (wires[i], wires[j], wires[k]);
        let (u, v, w) = (values[i], values[j], values[k]);
        let (wire, value) = match operation % 7 {
            0 => (b.xor(x, y), u ^ v),
            1 => (b.and(x, y), u & v),
            2 => (b.negate(x), !u),
            3 => (b.or(x, y), u | v),
            4 => (b.mux(z, x, y), (u & !w) | (v & w)),
            5 => (b.full_adder(x, y, z).1, (u & v) | (u & w) | (v & w)),
            _ => (b.full_subtractor(x, y, z).1, (!u & v) | (!u & w) | (v & w)),
        };
        wires.push(wire);
        values.push(value);
    }
    (b, wires, values)
}

proptest! {
    #[test]
    fn programs_compute_what_they_say(
        steps in prop::collection::vec(any::<Step>(), 0..60),
        outputs in prop::collection::vec(any::<usize>(), 0..8),
        inputs in any::<[u64; INPUTS]>(),
    ) {
        let (mut b, wires, values) = interpret(&steps, inputs);
        let chosen: Vec<usize> = outputs.iter().map(|i| i % wires.len()).collect();
        b.output("y", &chosen.iter().map(|&i| wires[i]).collect());
        let circuit = b.finish();
        invariants::check(&circuit);
        prop_assert!(circuit.and_count() <= steps.len());

        let expected: Vec<u64> = chosen.iter().map(|&i| values[i]).collect();
        prop_assert_eq!(circuit.evaluate_plain_x64(&inputs), expected.clone());
        let first = inputs.map(|word| word & 1 == 1);
        let expected: Vec<bool> = expected.iter().map(|word| word & 1 == 1).collect();
        prop_assert_eq!(circuit.evaluate_plain(&first), expected);

        let again = bristol::parse(&bristol::write(&circuit)).unwrap();
        prop_assert_eq!(again.gates(), circuit.gates());
        prop_assert_eq!(again.output_slots(), circuit.output_slots());
        prop_assert_eq!(again.slot_count(), circuit.slot_count());
    }
}

#[test]
fn constants_inputs_and_repeated_wires_are_outputs() {
    let mut b = Builder::new();
    let x = b.input("x", 2);
    let unused = b.input("unused", 3);
    let not_x = b.negate(x[0]);
    b.output("o", &[Wire::ZERO, Wire::ONE, x[1], x[1], not_x, unused[2], Wire::ONE].into_iter().collect());
    let circuit = b.finish();
    invariants::check(&circuit);
    assert_eq!(circuit.and_count(), 0);
    // Zero, its negation and the negation of x0.
    assert_eq!(circuit.gates().len(), 3);
    for x in 0..4u128 {
        let [x0, x1] = [x & 1 == 1, x >> 1 == 1];
        let expected = [false, true, x1, x1, !x0, true, true];
        assert_eq!(circuit.evaluate_plain(&[x0, x1, false, false, true]), expected);
    }
}

#[test]
fn a_circuit_may_be_empty() {
    let circuit = Builder::new().finish();
    invariants::check(&circuit);
    assert!(circuit.evaluate_plain(&[]).is_empty());
    assert_eq!(circuit.slot_count(), 0);
}

#[test]
fn dead_gates_and_repeated_gates_cost_nothing() {
    let mut b = Builder::new();
    let x = b.input("x", 3);
    let first = b.and(x[0], x[1]);
    let same = b.and(x[1], x[0]);
    let _dead = b.and(x[1], x[2]);
    let sum = b.xor(first, x[2]);
    let back = b.xor(sum, same);
    assert_eq!(back, x[2]);
    b.output("o", &sum.into());
    let circuit = b.finish();
    assert_eq!(circuit.and_count(), 1);
    assert_eq!(circuit.gates().len(), 2);
}

#[test]
#[should_panic(expected = "one value per input bit")]
fn too_few_inputs_are_refused() {
    let mut b = Builder::new();
    b.input("x", 3);
    let _ = b.finish().evaluate_plain(&[true]);
}

#[test]
#[should_panic(expected = "bundles of one width")]
fn widths_must_agree() {
    let mut b = Builder::new();
    let (x, y) = (b.input("x", 3), b.input("y", 4));
    b.add(&x, &y);
}

#[test]
fn ports_keep_names_and_order() {
    let mut b = Builder::new();
    let x = b.input("x", 3);
    let none = b.input("none", 0);
    b.output("first", &x.slice(1..2));
    b.output("second", &Bundle::concat(&x, &none));
    let circuit = b.finish();
    let names = |ports: &[muse_gc::circuit::Port]| -> Vec<(String, usize)> {
        ports.iter().map(|port| (port.name().to_string(), port.width())).collect()
    };
    assert_eq!(names(circuit.inputs()), [("x".to_string(), 3), ("none".to_string(), 0)]);
    assert_eq!(names(circuit.outputs()), [("first".to_string(), 1), ("second".to_string(), 3)]);
    assert_eq!(circuit.output_slots(), [1, 0, 1, 2]);
}

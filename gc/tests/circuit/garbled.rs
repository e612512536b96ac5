//! The same circuits under garbling: what the evaluator's labels stand for is what the circuit computes in the clear.

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_gc::circuit::{Builder, Circuit, Wire, library, relu};
use muse_gc::evaluate::Evaluator;
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::{Block, Delta, ZeroLabels};
use proptest::prelude::*;

use crate::builder::{INPUTS, Step, interpret};
use crate::{bits, number};

/// Garbles and evaluates the circuit on these inputs, an instance for each, and compares with the clear.
fn check(circuit: &Circuit, inputs: &[Vec<bool>]) {
    let mut rng = Prg::from_seed([7; 32]);
    let delta = Delta::random(&mut rng);
    let tweaks = Tweaks::new(Domain::Gate, &RunId::new(SessionId::from_bytes([1; 32]), 2), 3);
    let garbler = Garbler::new(circuit, &delta, &tweaks);

    let flat: Vec<u8> = inputs.iter().flatten().map(|&bit| bit.into()).collect();
    let zeros = ZeroLabels::random(flat.len(), &mut rng);
    let active = zeros.active(&flat, &delta);
    let mut tables = vec![0; inputs.len() * garbler.table_len()];
    let mut zero_outputs = vec![Block::default(); inputs.len() * circuit.output_count()];
    garbler.garble(5, zeros.as_slice(), &mut tables, &mut zero_outputs);
    let mut outputs = vec![Block::default(); zero_outputs.len()];
    Evaluator::new(circuit, &tweaks).evaluate(5, active.as_slice(), &tables, &mut outputs);

    let expected: Vec<bool> = inputs.iter().flat_map(|bits| circuit.evaluate_plain(bits)).collect();
    let labels =
        expected.iter().zip(&zero_outputs).map(|(&bit, &zero)| zero ^ delta.block().masked(bit.into()));
    assert!(labels.eq(outputs), "an output label that stands for another bit");
}

/// Instances of random bits.
fn random_inputs(circuit: &Circuit, instances: usize) -> Vec<Vec<bool>> {
    let mut rng = Prg::from_seed([9; 32]);
    let mut bit = || Block::random(&mut rng).0 & 1 == 1;
    (0..instances).map(|_| (0..circuit.input_count()).map(|_| bit()).collect()).collect()
}

#[test]
fn library_circuits() {
    let circuits = [
        library::aes128(),
        library::sha256_compress(),
        library::argmax(5, 9),
        library::multiplier(8),
        library::equality(16),
    ];
    for circuit in circuits {
        check(&circuit, &random_inputs(&circuit, 3));
    }
}

/// Appendix C.1 of FIPS 197, from labels to ciphertext.
#[test]
fn aes_of_the_standard() {
    let reversed = |text: u128| bits(text.swap_bytes(), 128);
    let circuit = library::aes128();
    let input =
        [reversed(0x000102030405060708090a0b0c0d0e0f), reversed(0x00112233445566778899aabbccddeeff)].concat();
    assert_eq!(number(&circuit.evaluate_plain(&input)).swap_bytes(), 0x69c4e0d86a7b0430d8cdb78070b4c55a);
    check(&circuit, &[input]);
}

#[test]
fn relus_of_every_shift() {
    for k in 0..=relu::MAX_SHIFT {
        let circuit = relu::relu(k);
        check(&circuit, &random_inputs(&circuit, 9));
    }
}

#[test]
fn constant_and_copied_outputs() {
    let mut b = Builder::new();
    let x = b.input("x", 2);
    let not_x = b.negate(x[0]);
    let and = b.and(x[0], x[1]);
    let outputs = [Wire::ZERO, Wire::ONE, x[0], not_x, and, and, b.negate(and), Wire::ONE];
    b.output("o", &outputs.into_iter().collect());
    check(&b.finish(), &(0..4).map(|x| bits(x, 2)).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn random_programs(
        steps in prop::collection::vec(any::<Step>(), 1..60),
        count in 1usize..8,
        instances in 1usize..=17,
    ) {
        let (mut b, wires, _) = interpret(&steps, [0; INPUTS]);
        b.output("y", &wires.iter().rev().take(count).copied().collect());
        let circuit = b.finish();
        check(&circuit, &random_inputs(&circuit, instances));
    }
}

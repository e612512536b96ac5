//! Random circuits against evaluation in the clear, any number of instances, any split, any engine.

use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_gc::circuit::{Builder, Circuit, Wire};
use muse_gc::evaluate::Evaluator;
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::{Block, Delta, ZeroLabels};
use muse_gc::shares::{LabelsToAuthenticatedShares, LabelsToShares};
use proptest::prelude::*;

use crate::support::{SESSION, engines, rng, run, tweaks};

/// A circuit from a list of (operation, operand, operand): operands index the wires made so far.
fn circuit(inputs: usize, gates: &[(u8, usize, usize)]) -> Circuit {
    let mut builder = Builder::new();
    let mut wires: Vec<Wire> = builder.input("x", inputs).iter().collect();
    for &(operation, a, b) in gates {
        let (a, b) = (wires[a % wires.len()], wires[b % wires.len()]);
        wires.push(match operation % 8 {
            0..=2 => builder.and(a, b),
            3 | 4 => builder.xor(a, b),
            5 => builder.or(a, b),
            6 => builder.negate(a),
            _ => Wire::constant(operation >= 128),
        });
    }
    let outputs = wires.split_off(wires.len().saturating_sub(12));
    builder.output("z", &outputs.into_iter().collect());
    builder.finish()
}

fn gates() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    prop::collection::vec((any::<u8>(), 0_usize..1000, 0_usize..1000), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn garbled_equals_plain(inputs in 1_usize..20, gates in gates(), instances in 1_usize..=20, seed: u64) {
        let circuit = circuit(inputs, &gates);
        let bits: Vec<bool> = (0..inputs * instances).map(|i| (seed >> (i % 61)) & 1 == 1).collect();
        let plain: Vec<bool> = bits.chunks(inputs).flat_map(|bits| circuit.evaluate_plain(bits)).collect();
        prop_assert_eq!(run(&circuit, &bits, seed), plain);
    }

    #[test]
    fn any_split_and_any_engine_give_the_same_bytes(
        gates in gates(), instances in 1_usize..=20, first in 0_u64..1 << 31, cut in 0_usize..=20, seed: u64,
    ) {
        let circuit = circuit(9, &gates);
        let mut rng = rng(seed);
        let delta = Delta::random(&mut rng);
        let inputs = ZeroLabels::random(9 * instances, &mut rng);
        let inputs = inputs.as_slice();
        let outputs = circuit.output_count();
        let whole = tweaks(Domain::Gate);
        let garbler = Garbler::new(&circuit, &delta, &whole);
        let mut tables = vec![0; instances * garbler.table_len()];
        let mut zeros = vec![Block::ZERO; instances * outputs];
        garbler.garble(first, inputs, &mut tables, &mut zeros);
        let mut active = vec![Block::ZERO; instances * outputs];
        Evaluator::new(&circuit, &whole).evaluate(first, inputs, &tables, &mut active);

        let cut = cut.min(instances);
        for engine in engines() {
            let tweaks = whole.clone().with_engine(engine);
            let garbler = Garbler::new(&circuit, &delta, &tweaks);
            let mut ours = (vec![0; tables.len()], vec![Block::ZERO; zeros.len()], vec![Block::ZERO; zeros.len()]);
            for range in [0..cut, cut..instances] {
                let at = |stride: usize| range.start * stride..range.end * stride;
                let first = first + range.start as u64;
                let tables = &mut ours.0[at(garbler.table_len())];
                garbler.garble(first, &inputs[at(9)], tables, &mut ours.1[at(outputs)]);
                Evaluator::new(&circuit, &tweaks).evaluate(first, &inputs[at(9)], tables, &mut ours.2[at(outputs)]);
            }
            prop_assert!(ours == (tables.clone(), zeros.clone(), active.clone()), "{:?}", engine);
        }
    }

    #[test]
    fn shares_do_not_depend_on_split_or_engine(
        outputs in 1_usize..40, instances in 1_usize..=70, first in 0_u64..1 << 31, cut in 0_usize..=70, seed: u64,
    ) {
        let mut rng = rng(seed);
        let session = SessionId::from_bytes(SESSION);
        let weights: Vec<Fp> = (0..outputs as u64).map(|i| Fp::new(seed.wrapping_mul(i + 1))).collect();
        let delta = Delta::random(&mut rng);
        let alpha = Fp::new(seed);
        let zeros = ZeroLabels::random(outputs * instances, &mut rng);
        let zeros = zeros.as_slice();

        let value = LabelsToShares::new(weights.clone(), &RunId::new(session, 3), 1);
        let both = LabelsToAuthenticatedShares::new(weights, &RunId::new(session, 3), 1);
        let elements = |n| vec![Fp::ZERO; n];
        let (mut value_rows, mut rho) = (vec![0; instances * value.row_len()], elements(instances));
        value.garble(first, zeros, &delta, &mut value_rows, &mut rho);
        let mut rows = vec![0; instances * both.row_len()];
        let (mut rho2, mut kappa) = (elements(instances), elements(instances));
        both.garble(first, zeros, &delta, alpha, &mut rows, &mut rho2, &mut kappa);
        prop_assert!(rho == rho2, "the share is the same with and without its MAC");
        let (mut w, mut w2, mut m) = (elements(instances), elements(instances), elements(instances));
        value.evaluate(first, zeros, &value_rows, &mut w).unwrap();
        both.evaluate(first, zeros, &rows, &mut w2, &mut m).unwrap();
        prop_assert!(w == w2);

        let cut = cut.min(instances);
        for engine in engines() {
            let (value, both) = (value.clone().with_engine(engine), both.clone().with_engine(engine));
            for range in [0..cut, cut..instances] {
                let at = |stride: usize| range.start * stride..range.end * stride;
                let (first, count) = (first + range.start as u64, range.len());
                let zeros = &zeros[at(outputs)];
                let mut part = vec![0; count * value.row_len()];
                let (mut part_rho, mut part_kappa) = (elements(count), elements(count));
                value.garble(first, zeros, &delta, &mut part, &mut part_rho);
                prop_assert!(part == value_rows[at(value.row_len())] && part_rho == rho[at(1)], "{:?}", engine);
                let mut part = vec![0; count * both.row_len()];
                both.garble(first, zeros, &delta, alpha, &mut part, &mut part_rho, &mut part_kappa);
                prop_assert!(part == rows[at(both.row_len())] && part_kappa == kappa[at(1)], "{:?}", engine);
                let (mut part_w, mut part_m) = (elements(count), elements(count));
                both.evaluate(first, zeros, &part, &mut part_w, &mut part_m).unwrap();
                prop_assert!(part_w == w[at(1)] && part_m == m[at(1)], "{:?}", engine);
            }
        }
    }

    #[test]
    fn batched_hashes_are_single_hashes(
        per_instance in 1_usize..7, instances in 1_usize..=40, first in 0_u64..1 << 31, index in 0_u32..1 << 31, seed: u64,
    ) {
        let mut rng = rng(seed);
        let labels = ZeroLabels::random(per_instance * instances, &mut rng);
        let delta = Delta::random(&mut rng);
        let portable = tweaks(Domain::Cds);
        for engine in engines() {
            let tweaks = Tweaks::clone(&portable).with_engine(engine);
            let mut out = [(); 2].map(|()| vec![Fp::ZERO; labels.len()]);
            let [out0, out1] = &mut out;
            tweaks.hash_pairs_to_field_batch(first, index, per_instance, labels.as_slice(), &delta, out0, out1);
            let mut single = vec![Fp::ZERO; labels.len()];
            tweaks.hash_to_field_batch(first, index, per_instance, labels.as_slice(), &mut single);
            for (at, &label) in labels.as_slice().iter().enumerate() {
                let instance = first + (at / per_instance) as u64;
                let index = index + (at % per_instance) as u32;
                let hashes = [label, label ^ delta.block()].map(|label| portable.hash_to_field(instance, index, label));
                prop_assert_eq!([out0[at], out1[at]], hashes);
                prop_assert_eq!(single[at], hashes[0]);
            }
        }
    }
}

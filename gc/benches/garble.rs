//! Garbling and evaluation of the ReLU circuit, and hashing of labels to field elements, on every engine of this CPU.
//!
//! `cargo bench -p muse-gc --bench garble`; items are AND gates, or hashes.

use divan::counter::ItemsCount;
use muse_field::Fp;
use muse_field::id::SessionId;
use muse_gc::circuit::relu::relu;
use muse_gc::evaluate::Evaluator;
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Engine, Tweaks};
use muse_gc::label::{Block, Delta};

const INSTANCES: usize = 256;

fn main() {
    divan::main();
}

/// The engines of this CPU, the portable one first.
fn engines() -> Vec<Engine> {
    Engine::ALL.into_iter().filter(|engine| engine.is_available()).collect()
}

fn tweaks(domain: Domain, engine: Engine) -> Tweaks {
    Tweaks::new(domain, &SessionId::from_bytes([7; 32]), 0, 0).with_engine(engine)
}

/// Arbitrary blocks.
fn blocks(count: usize) -> Vec<Block> {
    (0..count as u128)
        .map(|i| Block((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
        .collect()
}

#[divan::bench(args = engines())]
fn garble_relu(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let circuit = relu(8);
    let delta = Delta::from_block(blocks(1)[0]);
    let tweaks = tweaks(Domain::Gate, *engine);
    let garbler = Garbler::new(&circuit, &delta, &tweaks);
    let inputs = blocks(INSTANCES * circuit.input_count());
    let mut tables = vec![0; INSTANCES * garbler.table_len()];
    let mut outputs = vec![Block::ZERO; INSTANCES * circuit.output_count()];
    bencher
        .counter(ItemsCount::new(INSTANCES * circuit.and_count()))
        .bench_local(|| garbler.garble(0, &inputs, &mut tables, &mut outputs));
}

#[divan::bench(args = engines())]
fn evaluate_relu(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let circuit = relu(8);
    let tweaks = tweaks(Domain::Gate, *engine);
    let evaluator = Evaluator::new(&circuit, &tweaks);
    let inputs = blocks(INSTANCES * circuit.input_count());
    let tables = vec![0x5a; INSTANCES * evaluator.table_len()];
    let mut outputs = vec![Block::ZERO; INSTANCES * circuit.output_count()];
    bencher
        .counter(ItemsCount::new(INSTANCES * circuit.and_count()))
        .bench_local(|| evaluator.evaluate(0, &inputs, &tables, &mut outputs));
}

#[divan::bench(args = engines())]
fn hash_to_field(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let tweaks = tweaks(Domain::Cds, *engine);
    let labels = blocks(INSTANCES * 44);
    let mut out = vec![Fp::ZERO; labels.len()];
    bencher
        .counter(ItemsCount::new(labels.len()))
        .bench_local(|| tweaks.hash_to_field_batch(0, 0, 44, &labels, &mut out));
}

#[divan::bench(args = engines())]
fn hash_pairs_to_field(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let tweaks = tweaks(Domain::Cds, *engine);
    let delta = Delta::from_block(blocks(1)[0]);
    let labels = blocks(INSTANCES * 44);
    let (mut out0, mut out1) = (vec![Fp::ZERO; labels.len()], vec![Fp::ZERO; labels.len()]);
    bencher
        .counter(ItemsCount::new(2 * labels.len()))
        .bench_local(|| tweaks.hash_pairs_to_field_batch(0, 0, 44, &labels, &delta, &mut out0, &mut out1));
}

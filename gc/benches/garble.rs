//! Garbling, evaluation, conversion to shares, sealing and hashing, on every engine of this CPU.
//!
//! `cargo bench -p muse-gc --bench garble`; items are AND gates, hashes, or rows.

use divan::counter::{BytesCount, ItemsCount};
use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_gc::circuit::relu::{output_weights, relu};
use muse_gc::evaluate::Evaluator;
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Engine, Tweaks};
use muse_gc::label::{Block, Delta};
use muse_gc::seal::SealKey;
use muse_gc::shares::LabelsToAuthenticatedShares;

const INSTANCES: usize = 256;

fn main() {
    divan::main();
}

/// The engines of this CPU, the portable one first.
fn engines() -> Vec<Engine> {
    Engine::available().collect()
}

fn tweaks(domain: Domain, engine: Engine) -> Tweaks {
    Tweaks::new(domain, &RunId::new(SessionId::from_bytes([7; 32]), 0), 0).with_engine(engine)
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
fn seal(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let key = SealKey::random(&mut Prg::from_seed([3; 32]));
    let mut bytes = vec![0; 1 << 20];
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| key.apply_with(*engine, 0, &mut bytes));
}

/// Rows of the client-malicious protocol, two elements for each of 36 output bits; items are rows.
#[divan::bench(args = engines())]
fn garble_authenticated_rows(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let weights = output_weights(8);
    let labels = blocks(INSTANCES * weights.len());
    let delta = Delta::from_block(labels[0]);
    let session = SessionId::from_bytes([7; 32]);
    let conversion =
        LabelsToAuthenticatedShares::new(weights, &RunId::new(session, 0), 0).with_engine(*engine);
    let mut rows = vec![0; INSTANCES * conversion.row_len()];
    let (mut rho, mut kappa) = (vec![Fp::ZERO; INSTANCES], vec![Fp::ZERO; INSTANCES]);
    bencher
        .counter(ItemsCount::new(labels.len()))
        .bench_local(|| conversion.garble(0, &labels, &delta, Fp::new(5), &mut rows, &mut rho, &mut kappa));
}

#[divan::bench(args = engines())]
fn evaluate_authenticated_rows(bencher: divan::Bencher<'_, '_>, engine: &Engine) {
    let weights = output_weights(8);
    let labels = blocks(INSTANCES * weights.len());
    let session = SessionId::from_bytes([7; 32]);
    let conversion =
        LabelsToAuthenticatedShares::new(weights, &RunId::new(session, 0), 0).with_engine(*engine);
    let rows = vec![0; INSTANCES * conversion.row_len()];
    let (mut w, mut m) = (vec![Fp::ZERO; INSTANCES], vec![Fp::ZERO; INSTANCES]);
    bencher
        .counter(ItemsCount::new(labels.len()))
        .bench_local(|| conversion.evaluate(0, &labels, &rows, &mut w, &mut m));
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

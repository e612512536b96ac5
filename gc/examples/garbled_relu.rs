//! A garbled ReLU with both sides in memory: `cargo run --release -p muse-gc --example garbled_relu`.
//!
//! The parties hold additive shares of v modulo p and end with additive shares of max(v, 0) / 2^8, rounded down.
#![allow(clippy::print_stdout)]

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS};
use muse_gc::circuit::relu::{output_weights, relu};
use muse_gc::evaluate::Evaluator;
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::{ActiveLabels, Block, Delta, ZeroLabels};
use muse_gc::seal::SealKey;
use muse_gc::shares::LabelsToShares;

fn main() -> Result<(), muse_gc::Error> {
    // v = y - t; a program draws the server's randomness from the operating system and hashes its handshake to the session.
    let (rng, session) = (&mut Prg::from_seed([1; 32]), SessionId::from_bytes([2; 32]));
    let (values, y) = ([1_000_000_u64, MODULUS - 1_000_000, 0], [123_456_789, 5, MODULUS - 1]);
    let t = [0, 1, 2].map(|j| (y[j] + MODULUS - values[j]) % MODULUS);

    // Public: the circuit (122 AND), where it stands in the protocol, and how its outputs become shares.
    let (circuit, tweaks) = (relu(8), Tweaks::new(Domain::Gate, &RunId::new(session, 0), 0));
    let conversion = LabelsToShares::new(output_weights(8), &RunId::new(session, 0), 0);

    // Server, before the inputs are known: labels, tables and rows, sealed. The labels of y go by correlated OT.
    let delta = Delta::random(rng);
    let [y_zeros, t_zeros] = [(); 2].map(|()| ZeroLabels::random(3 * 44, rng));
    let inputs = ZeroLabels::join(&[(&y_zeros, 44), (&t_zeros, 44)]);
    let garbler = Garbler::new(&circuit, &delta, &tweaks);
    let mut tables = vec![0; 3 * garbler.table_len()];
    let mut output_zeros = vec![Block::ZERO; 3 * circuit.output_count()];
    garbler.garble(0, inputs.as_slice(), &mut tables, &mut output_zeros);
    let (mut rows, mut rho) = (vec![0; 3 * conversion.row_len()], [Fp::ZERO; 3]);
    conversion.garble(0, &output_zeros, &delta, &mut rows, &mut rho);
    let seal = SealKey::random(rng);
    seal.apply(0, &mut tables);
    seal.apply(tables.len() as u64, &mut rows);

    // Online: the labels of t and the key of the seal.
    let y_labels = y_zeros.active_integers(&y, 44, &delta);
    let t_labels = t_zeros.active_integers(&t, 44, &delta);

    // Client: opens, evaluates, converts.
    seal.apply(tables.len() as u64, &mut rows);
    seal.apply(0, &mut tables);
    let mut outputs = vec![Block::ZERO; 3 * circuit.output_count()];
    let inputs = ActiveLabels::join(&[(&y_labels, 44), (&t_labels, 44)]);
    Evaluator::new(&circuit, &tweaks).evaluate(0, inputs.as_slice(), &tables, &mut outputs);
    let mut w = [Fp::ZERO; 3];
    conversion.evaluate(0, &outputs, &rows, &mut w)?;

    let sums = [0, 1, 2].map(|j| (w[j] + rho[j]).to_u64());
    assert_eq!(sums, [1_000_000 >> 8, 0, 0]);
    println!("relu of {values:?}: {sums:?}");
    Ok(())
}

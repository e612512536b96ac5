//! The shipped networks in the clear: quantise, evaluate real digits, compare with their labels, and time it.
//!
//! `cargo run --release -p muse-inference --example plaintext`
#![allow(clippy::print_stdout)]

use muse::model::{Architecture, FixedPoint, ModelError, plaintext, shipped};
use muse_field::Fp;
use std::time::Instant;

fn main() -> Result<(), ModelError> {
    let samples = shipped::mnist_samples();
    let trained = shipped::mnist_float();
    for frac_bits in [4, 6, 8, 10, 12] {
        let network = trained.quantize(FixedPoint::new(frac_bits)?)?;
        let architecture = network.architecture();
        let (mut right, start) = (0, Instant::now());
        for index in 0..samples.len() {
            let input = architecture.encode_bytes(samples.image(index))?;
            let logits = plaintext::forward(&network, &input);
            right += usize::from(Architecture::argmax_vartime(&logits) == Some(samples.label(index).into()));
        }
        let each = start.elapsed() / 100;
        println!("MNIST, f = {frac_bits:2}: {right} of {} digits right, {each:.2?} each", samples.len());
    }

    let network = shipped::cifar10();
    let input = vec![Fp::ZERO; network.architecture().input().elements()];
    let start = Instant::now();
    let logits = plaintext::forward(&network, &input);
    println!("CIFAR-10: {} logits of a black image in {:.0?}", logits.len(), start.elapsed());
    if let Some(warning) = network.range_warning() {
        println!("{warning}");
    }
    Ok(())
}

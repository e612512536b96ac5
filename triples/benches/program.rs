//! Speed of the steps of programs with both parties on one core, messages through their encodings, what they use up dealt before.
//! `items` are values.

use divan::Bencher;
use divan::counter::ItemsCount;
use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_test_support::triples::program::{Deal, Program, Supply};
use muse_triples::Error;
use muse_triples::program::{Engine, Linear};

fn main() {
    divan::main();
}

#[derive(Clone, Copy)]
enum Step {
    Input,
    Multiply,
    Bits,
    Output,
}

/// One step on so many values, between two malicious parties.
struct One(Step, usize);

impl Program for One {
    type Output = ();

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<(), Error> {
        let Self(step, count) = *self;
        let x = E::Share::zeros(count);
        match step {
            Step::Input => drop(engine.input(Party::First, count, &vec![Fp::ONE; count]).await?),
            Step::Multiply => drop(engine.multiply(&x, &x).await?),
            Step::Bits => drop(engine.random_bits(count).await?),
            Step::Output => drop(engine.output(x).await?),
        }
        Ok(())
    }
}

fn two_sided(bencher: Bencher<'_, '_>, step: Step, count: usize) {
    let supply = match step {
        Step::Input => Supply(0, [count, 0]),
        Step::Multiply | Step::Bits => Supply(count, [0; 2]),
        Step::Output => Supply(0, [0; 2]),
    };
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| Deal::new(supply))
        .bench_local_values(|deal| deal.run(&One(step, count), &mut |_, _, _| ()).unwrap());
}

#[divan::bench(args = [1, 100, 10_000])]
fn input(bencher: Bencher<'_, '_>, count: usize) {
    two_sided(bencher, Step::Input, count);
}

#[divan::bench(args = [1, 100, 10_000])]
fn multiply(bencher: Bencher<'_, '_>, count: usize) {
    two_sided(bencher, Step::Multiply, count);
}

#[divan::bench(args = [1, 100, 10_000])]
fn random_bits(bencher: Bencher<'_, '_>, count: usize) {
    two_sided(bencher, Step::Bits, count);
}

#[divan::bench(args = [1, 100, 10_000])]
fn output(bencher: Bencher<'_, '_>, count: usize) {
    two_sided(bencher, Step::Output, count);
}

//! One program in every setting.

use muse_field::{Fp, MODULUS};
use muse_mac::spdz::Party;
use muse_test_support::triples::engine::element;
use muse_test_support::triples::program::{Program, Supply, clear, client_malicious, two_sided};
use muse_triples::Error;
use muse_triples::program::{Engine, Linear};
use proptest::prelude::*;

/// A step on a vector and the one before.
#[derive(Clone, Debug)]
enum Op {
    Add,
    Sub,
    Scale(Fp),
    Constant(Fp),
    Reverse,
    Multiply,
    Input(Party, Fp),
    Bits,
    Masked,
    Output,
    OutputTo(Party),
}

struct Ops {
    x: Vec<Fp>,
    y: Vec<Fp>,
    ops: Vec<Op>,
}

impl Program for Ops {
    /// All that was opened.
    type Output = Vec<Vec<Fp>>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let n = self.x.len();
        let mut x = engine.input(Party::First, n, &self.x).await?;
        let mut y = engine.input(Party::Second, n, &self.y).await?;
        let mut opened = Vec::new();
        for op in &self.ops {
            let old = x.copy();
            match *op {
                Op::Add => x.add(&y),
                Op::Sub => x.sub(&y),
                Op::Scale(factor) => x = x.times(&vec![factor; n]),
                Op::Constant(constant) => x.add(&engine.constants(&vec![constant; n])),
                Op::Reverse => x = x.map(|column| column.iter().rev().copied().collect()),
                Op::Multiply => x = engine.multiply(&x, &y).await?,
                Op::Input(party, value) => x.add(&engine.input(party, n, &vec![value; n]).await?),
                Op::Bits => {
                    // b (b - 1) = 0 for bits.
                    let bits = engine.random_bits(n).await?;
                    let other = bits.minus(&engine.constants(&vec![Fp::ONE; n]));
                    x.add(&engine.multiply(&bits, &other).await?);
                }
                Op::Masked => opened.push(engine.open_masked(x.copy()).await?),
                Op::Output => opened.push(engine.output(x.copy()).await?),
                Op::OutputTo(party) => opened.push(engine.output_to(party, x.copy()).await?),
            }
            y = old;
        }
        opened.push(engine.output(E::Share::concat(vec![x, y])).await?);
        Ok(opened)
    }
}

impl Ops {
    /// Enough for every program.
    fn supply(&self) -> Supply {
        let steps = (2 * self.ops.len() + 2) * self.x.len() + self.ops.len();
        Supply(steps, [steps; 2])
    }

    fn agrees(&self) {
        let (wanted, _) = clear(self);
        let runs = [two_sided(self, self.supply()), client_malicious(self, self.supply(), &mut |_, _, _| ())];
        for run in runs {
            let opened = run.unwrap();
            let to: Vec<_> = self
                .ops
                .iter()
                .filter(|op| matches!(op, Op::Masked | Op::Output | Op::OutputTo(_)))
                .collect();
            for (party, opened) in [Party::First, Party::Second].into_iter().zip(opened) {
                for (i, values) in opened.iter().enumerate() {
                    match to.get(i) {
                        Some(Op::OutputTo(other)) if *other != party => assert!(values.is_empty()),
                        _ => assert_eq!(values, &wanted[i], "{party:?}, opening {i} of {:?}", self.ops),
                    }
                }
            }
        }
    }
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::First), Just(Party::Second)]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        Just(Op::Add),
        Just(Op::Sub),
        element().prop_map(Op::Scale),
        element().prop_map(Op::Constant),
        Just(Op::Reverse),
        Just(Op::Multiply),
        (party(), element()).prop_map(|(party, value)| Op::Input(party, value)),
        Just(Op::Bits),
        Just(Op::Masked),
        Just(Op::Output),
        party().prop_map(Op::OutputTo),
    ]
}

proptest! {
    #[test]
    fn any_program_has_one_result_in_every_setting(
        inputs in proptest::collection::vec((element(), element()), 0..6),
        ops in proptest::collection::vec(op(), 0..12),
    ) {
        let (x, y) = inputs.into_iter().unzip();
        Ops { x, y, ops }.agrees();
    }
}

#[test]
fn every_step_once() {
    let ops = vec![
        Op::Multiply,
        Op::Bits,
        Op::Masked,
        Op::Output,
        Op::Input(Party::First, Fp::new(5)),
        Op::Input(Party::Second, Fp::new(MODULUS - 2)),
        Op::Constant(Fp::new(7)),
        Op::Scale(Fp::new(3)),
        Op::OutputTo(Party::First),
        Op::OutputTo(Party::Second),
    ];
    let of = |values: [u64; 4]| values.map(Fp::new).to_vec();
    Ops { x: of([0, 1, MODULUS - 1, 9]), y: of([5, 6, 7, MODULUS / 2]), ops }.agrees();
}

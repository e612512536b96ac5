//! A program with every kind of step, in both settings.

use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_test_support::triples::program::{Program, Supply, client_malicious, two_sided};
use muse_triples::Error;
use muse_triples::program::compare::less_than_any;
use muse_triples::program::relu::relu_floor;
use muse_triples::program::{Engine, Linear};

use super::{secret_inputs, shown};

/// Inputs, products, bits, a masked opening, results for both and for either.
struct Everything(Vec<Fp>);

impl Program for Everything {
    type Output = [Vec<Fp>; 5];

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let n = self.0.len();
        let x = engine.input(Party::First, n, &self.0).await?;
        let y = engine.input(Party::Second, n, &self.0).await?;
        let product = engine.multiply(&x, &y).await?;
        let bits = engine.random_bits(n).await?;
        let masked = engine.open_masked(bits.minus(&bits)).await?;
        let all = engine.output(bits).await?;
        let first = engine.output_to(Party::First, product.copy()).await?;
        let second = engine.output_to(Party::Second, product.minus(&x)).await?;
        Ok([masked, all, first, second, engine.output(product).await?])
    }
}

#[test]
fn programs_of_both_settings() {
    let values = secret_inputs();
    let n = values.len();
    let program = Everything(values.clone());
    let supply = Supply(3 * n, [3 * n, 3 * n]);
    let values = shown(values);
    let squares: Vec<Fp> = values.iter().map(|&x| x * x).collect();
    let differences: Vec<Fp> = values.iter().map(|&x| x * x - x).collect();
    for run in [two_sided(&program, supply), client_malicious(&program, supply, &mut |_, _, _| ())] {
        let [one, other] = run.unwrap().map(|opened| opened.map(shown));
        assert_eq!([&one[0], &other[0]], [&vec![Fp::ZERO; n]; 2]);
        assert_eq!(one[1], other[1]);
        assert!(one[1].iter().all(|&bit| bit == Fp::ZERO || bit == Fp::ONE));
        assert_eq!([&one[2], &other[3]], [&squares, &differences]);
        assert!(one[3].is_empty() && other[2].is_empty());
        assert_eq!([&one[4], &other[4]], [&squares; 2]);
    }
}

/// ReLU and comparison of sums of both parties' values.
struct Gadgets(Vec<Fp>);

impl Program for Gadgets {
    type Output = [Vec<Fp>; 2];

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let n = self.0.len();
        let x = engine.input(Party::First, n, &self.0).await?;
        let y = engine.input(Party::Second, n, &self.0).await?;
        let sum = x.plus(&y);
        let less = less_than_any(engine, &y, &sum).await?;
        let kept = relu_floor(engine, &sum, 1).await?;
        Ok([engine.output(less).await?, engine.output(kept).await?])
    }
}

#[test]
fn gadgets_of_both_settings() {
    let values = secret_inputs();
    let program = Gadgets(values.clone());
    let supply = Supply(2000, [1200, 10]);
    // 0, 1, 5, -1, and (p-1)/2, which is negative: twice that is -1.
    let values = shown(values);
    let expected = [
        values.iter().map(|&x| Fp::new(u64::from(x.to_signed() < x.double().to_signed()))).collect(),
        [0, 1, 5, 0, 0].map(Fp::new).to_vec(),
    ];
    for run in [two_sided(&program, supply), client_malicious(&program, supply, &mut |_, _, _| ())] {
        for opened in run.unwrap() {
            assert_eq!(opened.map(shown), expected);
        }
    }
}

//! A program with every kind of step, in both settings.

use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_test_support::triples::program::{Program, Supply, client_malicious, two_sided};
use muse_triples::Error;
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

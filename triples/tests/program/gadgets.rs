//! Signs, comparisons and ReLU in every setting.

use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_test_support::triples::engine::extremes;
use muse_test_support::triples::program::{Program, Supply, clear, client_malicious, two_sided};
use muse_triples::Error;
use muse_triples::program::{Engine, Linear, compare, relu};

/// The truncation of the ReLU.
const SHIFT: u32 = 9;

/// Signs of x, whether x < y, and the ReLU of x.
struct Gadgets {
    x: Vec<Fp>,
    y: Vec<Fp>,
}

impl Program for Gadgets {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let n = self.x.len();
        let x = engine.input(Party::First, n, &self.x).await?;
        let y = engine.input(Party::Second, n, &self.y).await?;
        let negative = compare::negative(engine, &x).await?;
        let less = compare::less_than_any(engine, &x, &y).await?;
        let relu = relu::relu_floor(engine, &x, SHIFT).await?;
        engine.output(E::Share::concat(vec![negative, less, relu])).await
    }
}

#[test]
fn gadgets_have_one_result_in_every_setting() {
    let x = extremes();
    let y: Vec<Fp> = x.iter().rev().copied().collect();
    let signed = |of: &[Fp]| -> Vec<i64> { of.iter().map(|value| value.to_signed()).collect() };
    let (xs, ys) = (signed(&x), signed(&y));
    let bit = |bit| Fp::new(u64::from(bit));
    let negative = xs.iter().map(|&x| bit(x < 0));
    let less = xs.iter().zip(&ys).map(|(x, y)| bit(x < y));
    let relu = xs.iter().map(|&x| Fp::from_i64(x.max(0) >> SHIFT));
    let wanted: Vec<Fp> = negative.chain(less).chain(relu).collect();

    let program = Gadgets { x, y };
    let (result, used) = clear(&program);
    assert_eq!(result, wanted);
    let n = program.x.len();
    // Bits are made of triples in both settings; of one random value each, and one a step, where the client is malicious.
    let triples = usize::try_from(used.products + used.bits).unwrap();
    let supply = Supply(triples, [n, n]);
    assert_eq!(two_sided(&program, supply).unwrap(), [wanted.clone(), wanted.clone()]);
    let bits = usize::try_from(used.bits).unwrap();
    let supply = Supply(triples, [n + bits + 3, 0]);
    let run = client_malicious(&program, supply, &mut |_, _, _| ());
    assert_eq!(run.unwrap(), [wanted.clone(), wanted]);
}

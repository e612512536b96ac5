//! Inference as a program: equal to the plaintext oracle in every layer, and as expensive as its architecture says.

#![allow(clippy::unwrap_used, reason = "tests")]

use muse::model::{
    Activation, InputSpec, Layer, LayerSpec, LinearShape, Network, Normalisation, plaintext, shipped,
};
use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS};
use muse_lab::inference::{Cost, PRODUCTS, RELUS, infer, layer};
use muse_mac::spdz::Party;
use muse_test_support::triples::cable::Run;
use muse_test_support::triples::program::{Program, Supply, client_malicious, in_the_clear, two_sided};
use muse_triples::Error;
use muse_triples::program::clear::Clear;
use muse_triples::program::{Engine, Used};
use rand_core::Rng;

/// A program in the clear, and what it used up.
fn clear<T>(program: impl AsyncFnOnce(&mut Clear) -> Result<T, Error>) -> Result<(T, Used), Error> {
    in_the_clear(Clear::new(Prg::from_seed([1; 32])), program)
}

fn inferred(network: &Network, input: &[Fp]) -> (Vec<Fp>, Used) {
    clear(async |engine: &mut Clear| infer(engine, network.architecture(), Some(network), input).await)
        .unwrap()
}

/// Small weights of either sign, and biases.
fn filled(shape: LinearShape, activation: Option<Activation>, rng: &mut Prg) -> Layer {
    let mut small = |bits: u32| i64::from(rng.next_u32().cast_signed() >> (32 - bits));
    let weights = (0..shape.weights()).map(|_| small(8)).collect();
    let bias = (0..shape.out_channels).map(|_| small(18)).collect();
    let name = format!("{}x{}", shape.inputs(), shape.outputs());
    Layer::new(LayerSpec::with_default_bound(name, shape, activation, 8), weights, bias).unwrap()
}

const fn conv(
    in_channels: usize,
    side: usize,
    out_channels: usize,
    kernel: usize,
    padding: usize,
) -> LinearShape {
    LinearShape { in_channels, height: side, width: side, out_channels, kernel, padding, stride: 1 }
}

/// The shape of the shipped MNIST network, scaled down: two convolutions with pooling, two dense layers.
fn scaled_down() -> Network {
    let rng = &mut Prg::from_seed([2; 32]);
    let pooled = Some(Activation { shift: 8, sum_pool: Some(2) });
    let layers = vec![
        filled(conv(1, 14, 3, 5, 2), pooled, rng),
        filled(
            LinearShape { stride: 2, ..conv(3, 7, 4, 3, 1) },
            Some(Activation { shift: 10, sum_pool: None }),
            rng,
        ),
        filled(LinearShape::dense(64, 10), Some(Activation { shift: 0, sum_pool: None }), rng),
        filled(LinearShape::dense(10, 5), None, rng),
    ];
    let input = InputSpec { channels: 1, height: 14, width: 14, normalisation: Normalisation::UnitInterval };
    Network::new("small".into(), input, 8, Vec::new(), layers).unwrap()
}

/// Pixels, any elements, and extremes.
fn inputs(count: usize) -> [Vec<Fp>; 4] {
    let rng = &mut Prg::from_seed([3; 32]);
    let ends = [0, 1, (MODULUS - 1) / 2 - 1, (MODULUS - 1) / 2, MODULUS - 1];
    [
        (0..count).map(|_| Fp::new(u64::from(rng.next_u32() & 255))).collect(),
        (0..count).map(|_| Fp::new(rng.next_u64())).collect(),
        (0..count).map(|at| Fp::new(ends[at % ends.len()])).collect(),
        vec![Fp::ZERO; count],
    ]
}

#[test]
fn every_layer_is_that_of_the_plaintext_oracle() {
    let network = scaled_down();
    let architecture = network.architecture();
    for input in inputs(196) {
        let mut expected = Vec::new();
        let hook = &mut |point, values: &mut [Fp]| {
            if let plaintext::Point::Output(_) = point {
                expected.push(values.to_vec());
            }
        };
        let outputs = plaintext::forward_with(architecture, 0, network.layers(), input.clone(), hook);
        let all = async |engine: &mut Clear| {
            let mut x = engine.input(Party::First, input.len(), &input).await?;
            let mut found = Vec::new();
            for index in 0..4 {
                x = layer(engine, architecture, index, Some(network.layer(index)), &x).await?;
                found.push(x.0.clone());
            }
            Ok(found)
        };
        assert_eq!(clear(all).unwrap().0, expected);
        assert!(expected.iter().all(|layer| !layer.is_empty()));
        assert_eq!(inferred(&network, &input).0, outputs);
    }
}

#[test]
fn the_cost_is_known_from_the_architecture() {
    let network = scaled_down();
    let cost = Cost::of(network.architecture());
    for input in inputs(196) {
        assert_eq!(inferred(&network, &input).1, cost.total());
    }
    // 14 x 14 places and kernels of 5 x 5 that lose rows and columns at the edges: (12 * 5 + 2 * 4 + 2 * 3 - 2 * 2 + ..) a side.
    let along: u64 = (0..14u64).map(|place| (place + 3).min(14) - place.saturating_sub(2)).sum();
    assert_eq!(cost.layers[0].linear.products, 3 * along * along);
    assert_eq!(cost.layers[0].linear.inputs, [0, 75 + 3]);
    assert_eq!(cost.layers[0].relu.products, 53 * 3 * 196);
    assert_eq!(cost.total().inputs[0], 196);
    assert!(cost.drawn_again() < 0.01);
}

/// Either party has what is its own.
struct Apart<'a>(&'a Network, &'a [Fp]);

impl Program for Apart<'_> {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Vec<Fp>, Error> {
        let Self(network, input) = *self;
        let (own, input) = match engine.party() {
            Party::First => (None, input),
            Party::Second => (Some(network), &[][..]),
        };
        infer(engine, network.architecture(), own, input).await
    }
}

/// The client has the oracle's result and the server none, in both settings, and nothing of the preprocessing is left over or missing.
#[test]
fn both_settings_give_the_client_the_result() {
    let network = scaled_down();
    let cost = Cost::of(network.architecture());
    let triples = cost.total().triples() as usize;
    let masks = cost.masks().map(|count| count as usize);
    let randoms = cost.randoms() as usize;
    for input in &inputs(196)[..3] {
        let (program, expected) = (Apart(&network, input), plaintext::forward(&network, input));
        let [client, server] = two_sided(&program, Supply(triples, masks)).unwrap();
        assert_eq!((client, server), (expected.clone(), vec![]));
        let [client, server] =
            client_malicious(&program, Supply(triples, [randoms, 0]), &mut |_, _, _| ()).unwrap();
        assert_eq!((client, server), (expected, vec![]));
    }
    let program = Apart(&network, &inputs(196)[0]);
    // One of them says so; the other one may still wait for it.
    let too_little = |run: Run<Vec<Fp>>| {
        assert!([0, 1].iter().any(|&party| matches!(run.error(party), Some(Error::Exhausted(_)))));
    };
    too_little(two_sided(&program, Supply(triples - 1, masks)));
    too_little(two_sided(&program, Supply(triples, [masks[0] - 1, masks[1]])));
    too_little(two_sided(&program, Supply(triples, [masks[0], masks[1] - 1])));
    too_little(client_malicious(&program, Supply(triples - 1, [randoms, 0]), &mut |_, _, _| ()));
    too_little(client_malicious(&program, Supply(triples, [randoms - 1, 0]), &mut |_, _, _| ()));
}

/// More products and ReLUs than a step takes.
#[test]
fn large_layers_are_computed_in_pieces() {
    let rng = &mut Prg::from_seed([4; 32]);
    let shape = LinearShape::dense(40, RELUS + 5);
    let layers = vec![
        filled(shape, Some(Activation { shift: 3, sum_pool: None }), rng),
        filled(LinearShape::dense(RELUS + 5, 2), None, rng),
    ];
    let input = InputSpec { channels: 40, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    let network = Network::new("wide".into(), input, 8, Vec::new(), layers).unwrap();
    assert!(shape.weights() > 2 * PRODUCTS);
    let input = &inputs(40)[0];
    let (found, used) = inferred(&network, input);
    assert_eq!(found, plaintext::forward(&network, input));
    let cost = Cost::of(network.architecture());
    assert_eq!(used, cost.total());
    assert_eq!(cost.layers[0].linear.steps, 1 + 3);
}

#[test]
fn another_network_or_input_is_misuse() {
    let (network, other) = (scaled_down(), shipped::mnist());
    let input = &inputs(196)[0];
    let program = async |engine: &mut Clear| infer(engine, network.architecture(), Some(&other), input).await;
    assert!(matches!(clear(program), Err(Error::Misuse(_))));
    let program =
        async |engine: &mut Clear| infer(engine, network.architecture(), Some(&network), &input[1..]).await;
    assert!(matches!(clear(program), Err(Error::Misuse(_))));
}

#[test]
fn the_shipped_networks_cost_what_is_known() {
    let cost = Cost::of(shipped::mnist().architecture()).total();
    assert_eq!((cost.products, cost.bits, cost.triples()), (1_214_620, 454_960, 1_669_580));
    assert_eq!((cost.inputs, cost.masked, cost.outputs, cost.steps), ([784, 33_542], 10_340, 10_350, 116));
    let cost = Cost::of(shipped::cifar10().architecture()).total();
    assert_eq!((cost.products, cost.bits, cost.triples()), (66_715_392, 7_614_464, 74_329_856));
    assert_eq!(
        (cost.inputs, cost.masked, cost.outputs, cost.steps),
        ([3072, 164_954], 173_056, 173_066, 1714)
    );
}

/// The shipped MNIST network, whole.
#[test]
fn the_shipped_network_in_the_clear() {
    let (network, samples) = (shipped::mnist(), shipped::mnist_samples());
    let input = network.architecture().encode_bytes(samples.image(0)).unwrap();
    let (found, used) = inferred(&network, &input);
    assert_eq!(found, plaintext::forward(&network, &input));
    let again = used.bits / 44 - 10_340;
    assert_eq!(used, Cost::of(network.architecture()).total_with(again, again.min(1)));
}

/// The same between two parties in one process, in both settings.
#[test]
#[ignore = "some seconds, and hundreds of megabytes"]
fn the_shipped_network_in_both_settings() {
    let (network, samples) = (shipped::mnist(), shipped::mnist_samples());
    let input = network.architecture().encode_bytes(samples.image(0)).unwrap();
    let (program, expected) = (Apart(&network, &input), plaintext::forward(&network, &input));
    let cost = Cost::of(network.architecture());
    // Enough for ten masks that are drawn again, one by one.
    let triples = cost.total_with(10, 10).triples() as usize;
    let randoms = cost.randoms() as usize + 10 * 45;
    for two in [true, false] {
        let start = std::time::Instant::now();
        let run = if two {
            two_sided(&program, Supply(triples, cost.masks().map(|count| count as usize)))
        } else {
            client_malicious(&program, Supply(triples, [randoms, 0]), &mut |_, _, _| ())
        };
        println!(
            "both parties and the dealer: {:?}, {:?} bytes, {} messages",
            start.elapsed(),
            run.bytes(),
            run.rounds
        );
        let [client, server] = run.unwrap();
        assert_eq!((client, server), (expected.clone(), vec![]));
    }
}

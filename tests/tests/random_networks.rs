//! Small networks of random shape, weights and inputs, extremes included: the secure result equals the plaintext oracle exactly.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use muse::Protocol;
use muse::model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation, limits, plaintext};
use muse::plan::Party;
use muse_field::{Fp, MODULUS};
use muse_he::encode::LinearShape;
use proptest::prelude::*;

/// What a random layer is made from; sizes are reduced to what fits.
#[derive(Clone, Debug)]
struct Recipe {
    dense: bool,
    out_channels: usize,
    kernel: usize,
    padding: usize,
    stride: usize,
    shift: u32,
    pool: bool,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let sizes = (any::<bool>(), 1..5_usize, 1..4_usize, 0..2_usize, 1..3_usize);
    (sizes, 0..=14_u32, any::<bool>()).prop_map(
        |((dense, out_channels, kernel, padding, stride), shift, pool)| Recipe {
            dense,
            out_channels,
            kernel,
            padding: padding.min(kernel - 1),
            stride,
            shift,
            pool,
        },
    )
}

/// Weights: mostly of the size real ones have, some at the extremes.
fn weight(f: u32) -> impl Strategy<Value = i64> {
    let most = 1_i64 << (f + 2);
    prop_oneof![4 => -most..=most, 1 => Just(0), 1 => Just(most), 1 => Just(-most), 1 => Just((1 << 31) - 1)]
}

/// Inputs: pixels, and anything else in the field.
fn input() -> impl Strategy<Value = u64> {
    let half = (MODULUS - 1) / 2;
    prop_oneof![
        4 => 0..=4096_u64,
        1 => 0..MODULUS,
        1 => prop_oneof![Just(0), Just(1), Just(MODULUS - 1), Just(half - 1), Just(half), Just(half + 1)],
    ]
}

/// Biases: any value in the signed range, often such that the sum sits at an edge.
fn bias() -> impl Strategy<Value = i64> {
    let half = (MODULUS / 2).cast_signed();
    prop_oneof![3 => -(1_i64 << 24)..1 << 24, 1 => Just(0), 1 => Just(-half - 1), 1 => Just(half - 1), 1 => Just(-1)]
}

/// Shapes that follow one another.
fn specs(input: &InputSpec, recipes: &[Recipe]) -> Vec<LayerSpec> {
    let (mut channels, mut height, mut width) = (input.channels, input.height, input.width);
    let last = recipes.len() - 1;
    let mut specs = Vec::new();
    for (i, recipe) in recipes.iter().enumerate() {
        let fits =
            recipe.kernel <= height + 2 * recipe.padding && recipe.kernel <= width + 2 * recipe.padding;
        let shape = if recipe.dense || i == last || !fits {
            LinearShape::dense(channels * height * width, recipe.out_channels)
        } else {
            LinearShape {
                in_channels: channels,
                height,
                width,
                out_channels: recipe.out_channels,
                kernel: recipe.kernel,
                padding: recipe.padding,
                stride: recipe.stride,
            }
        };
        (channels, height, width) = (shape.out_channels, shape.out_height(), shape.out_width());
        let pools = recipe.pool && i != last && height >= 2 && width >= 2;
        if pools {
            (height, width) = (height / 2, width / 2);
        }
        let activation =
            (i != last).then_some(Activation { shift: recipe.shift, sum_pool: pools.then_some(2) });
        let name = format!("layer {i}");
        // The largest that may be declared: extreme weights exceed the default.
        let l1_bound = limits::L1_BOUND;
        specs.push(LayerSpec { name, shape, activation, l1_bound });
    }
    specs
}

fn layer(spec: LayerSpec, f: u32) -> impl Strategy<Value = (LayerSpec, Vec<i64>, Vec<i64>)> {
    let (outputs, fan_in) = (spec.shape.out_channels, spec.shape.taps());
    let weights = prop::collection::vec(weight(f), outputs * fan_in);
    (Just(spec), weights, prop::collection::vec(bias(), outputs))
}

fn case() -> impl Strategy<Value = (Network, Vec<Fp>)> {
    let image = (1..4_usize, 1..8_usize, 1..8_usize);
    (image, 4..=12_u32, prop::collection::vec(recipe(), 1..4)).prop_flat_map(
        |((channels, height, width), f, recipes)| {
            let spec = InputSpec { channels, height, width, normalisation: Normalisation::UnitInterval };
            let layers: Vec<_> = specs(&spec, &recipes).into_iter().map(|spec| layer(spec, f)).collect();
            let inputs = prop::collection::vec(input(), spec.elements());
            (layers, inputs).prop_map(move |(layers, inputs)| {
                let layers =
                    layers.into_iter().map(|(spec, weights, bias)| Layer::new(spec, weights, bias).unwrap());
                let network =
                    Network::new("random".into(), spec.clone(), f, Vec::new(), layers.collect()).unwrap();
                (network, inputs.into_iter().map(Fp::new).collect())
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn secure_equals_plaintext((network, input) in case(), baseline: bool) {
        let expected = plaintext::forward(&network, &input);
        let protocol = if baseline { Protocol::SemiHonest } else { Protocol::ClientMalicious };
        let (mut client, serving) = common::session_in(protocol, network);
        let ticket = client.preprocess().unwrap();
        let logits = client.infer_elements(ticket, &input).unwrap();
        prop_assert_eq!(logits.elements(), &expected[..]);
        common::assert_predicted(client.plan(), &client.stats(), Party::Client);
        drop(client);
        serving.join().unwrap().unwrap();
    }
}

/// An image that does not fit one polynomial: 10,000 pixels at N = 8192, so that blocks overlap and elements occur twice.
#[test]
fn an_image_larger_than_the_ring_is_exact() {
    let f = 6;
    let first = LinearShape {
        in_channels: 1,
        height: 100,
        width: 100,
        out_channels: 2,
        kernel: 5,
        padding: 1,
        stride: 5,
    };
    let pooled = first.out_height() / 2 * (first.out_width() / 2);
    let second = LinearShape::dense(2 * pooled, 3);
    let layer = |shape: LinearShape, activation| {
        let spec = LayerSpec::with_default_bound("layer".into(), shape, activation, f);
        let taps = shape.out_channels * spec.shape.taps();
        let weights = (0..taps).map(|i| (i as i64 * 53 + 17) % 65 - 32).collect();
        Layer::new(spec, weights, (0..shape.out_channels).map(|i| 1000 - i as i64 * 900).collect()).unwrap()
    };
    let layers = vec![layer(first, Some(Activation { shift: f, sum_pool: Some(2) })), layer(second, None)];
    let spec = InputSpec { channels: 1, height: 100, width: 100, normalisation: Normalisation::UnitInterval };
    let network = Network::new("large image".into(), spec, f, Vec::new(), layers).unwrap();

    let image: Vec<u8> = (0..10_000_usize).map(|i| (i * i % 251) as u8).collect();
    let input = network.architecture().encode_bytes(&image).unwrap();
    let expected = plaintext::forward(&network, &input);
    let (mut client, serving) = common::session(network);
    assert!(client.plan().layers()[0].layout.input_count() > 1, "several ciphertexts for one channel");
    let ticket = client.preprocess().unwrap();
    assert_eq!(client.infer_elements(ticket, &input).unwrap().elements(), &expected[..]);
    drop(client);
    serving.join().unwrap().unwrap();
}

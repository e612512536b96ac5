//! The fast evaluator against a slow one, written from the definition in 128-bit integers.

use muse_field::{Fp, MODULUS};
use muse_model::test_util::{Random, input, network, recipe};
use muse_model::{Layer, Network, plaintext};
use proptest::prelude::*;

const P: i128 = MODULUS as i128;

/// One output of a convolution at a time, straight from the definition; dense layers are its special case.
fn linear_over_the_integers(layer: &Layer, x: &[i128]) -> Vec<i128> {
    let s = layer.shape();
    let mut y = Vec::new();
    for o in 0..s.out_channels {
        for i in 0..s.out_height() {
            for j in 0..s.out_width() {
                let mut sum = 0i128;
                for c in 0..s.in_channels {
                    for a in 0..s.kernel {
                        for b in 0..s.kernel {
                            let (row, column) = (i * s.stride + a, j * s.stride + b);
                            let inside = (s.padding..s.padding + s.height).contains(&row)
                                && (s.padding..s.padding + s.width).contains(&column);
                            if inside {
                                let w =
                                    layer.weights()[((o * s.in_channels + c) * s.kernel + a) * s.kernel + b];
                                let at = (c * s.height + row - s.padding) * s.width + column - s.padding;
                                sum += i128::from(w) * x[at];
                            }
                        }
                    }
                }
                y.push(sum);
            }
        }
    }
    y
}

/// `M x + b` over the integers.
fn exact(layer: &Layer, x: &[i128]) -> Vec<i128> {
    let plane = layer.shape().out_height() * layer.shape().out_width();
    let with_bias = |(at, v): (usize, i128)| v + i128::from(layer.bias()[at / plane]);
    linear_over_the_integers(layer, x).into_iter().enumerate().map(with_bias).collect()
}

fn forward(network: &Network, input: &[Fp]) -> Vec<u64> {
    let mut x: Vec<i128> = input.iter().map(|v| i128::from(v.to_u64())).collect();
    for layer in network.layers() {
        let s = layer.shape();
        let (height, width) = (s.out_height(), s.out_width());
        x = exact(layer, &x).into_iter().map(|v| v.rem_euclid(P)).collect();
        let Some(activation) = layer.activation() else { continue };
        for v in &mut x {
            *v = if *v < (P - 1) / 2 { *v / (1 << activation.shift) } else { 0 };
        }
        if activation.sum_pool == Some(2) {
            let at = |c: usize, i: usize, j: usize| x[(c * height + i) * width + j];
            let mut pooled = Vec::new();
            for c in 0..s.out_channels {
                for i in 0..height / 2 {
                    for j in 0..width / 2 {
                        let (i, j) = (2 * i, 2 * j);
                        let sum = at(c, i, j) + at(c, i, j + 1) + at(c, i + 1, j) + at(c, i + 1, j + 1);
                        pooled.push(sum % P);
                    }
                }
            }
            x = pooled;
        }
    }
    x.into_iter().map(|v| v as u64).collect()
}

fn numbers(values: &[Fp]) -> Vec<u64> {
    values.iter().map(|v| v.to_u64()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn networks_of_every_shape(recipe in recipe()) {
        let (network, input) = (network(&recipe), input(&recipe));
        prop_assert_eq!(numbers(&plaintext::forward(&network, &input)), forward(&network, &input));
    }

    #[test]
    fn linear_maps_are_linear_and_public_maps_commute_with_sharing(recipe in recipe()) {
        let (network, x) = (network(&recipe), input(&recipe));
        let mut random = Random(recipe.seed ^ 1);
        let layer = network.layer(0);
        let mask: Vec<Fp> = x.iter().map(|_| Fp::new(random.word())).collect();
        let rest: Vec<Fp> = x.iter().zip(&mask).map(|(x, r)| *x - *r).collect();
        let parts = (plaintext::linear(layer, &mask), plaintext::linear(layer, &rest));
        let sums: Vec<Fp> = parts.0.iter().zip(&parts.1).map(|(a, b)| *a + *b).collect();
        let whole = plaintext::linear(layer, &x);
        prop_assert_eq!(&sums, &whole);

        let architecture = network.architecture();
        let pool = |v: &[Fp]| architecture.apply_public_map(0, v);
        let pooled: Vec<Fp> = pool(&parts.0).iter().zip(pool(&parts.1)).map(|(a, b)| *a + b).collect();
        prop_assert_eq!(pooled, pool(&whole));
    }
}

proptest! {
    /// Pixels stay inside the worst case, and those chosen by the signs of a dense layer's weights reach it.
    #[test]
    fn worst_cases_are_worst_cases(recipe in recipe()) {
        let network = network(&recipe);
        let layer = network.layer(0);
        let mut random = Random(recipe.seed);
        let worst = &muse_model::bounds::worst_case(&network)[0];
        let plane = layer.shape().outputs() / worst.len();
        let encode = |pixels: &[u8]| -> Vec<i128> {
            let elements = network.architecture().encode_bytes(pixels).unwrap();
            elements.into_iter().map(|v| i128::from(v.to_signed())).collect()
        };
        let inputs = layer.shape().inputs();
        for fixed in [None, None, None, Some(0), Some(255)] {
            let pixels: Vec<u8> = (0..inputs).map(|_| fixed.unwrap_or(random.word() as u8)).collect();
            for (at, v) in exact(layer, &encode(&pixels)).into_iter().enumerate() {
                let range = worst[at / plane];
                prop_assert!(range.low <= v && v <= range.high);
            }
        }
        if layer.spec().is_dense() {
            let row = &layer.weights()[..layer.shape().taps()];
            let towards = |sign: i64| -> Vec<u8> { row.iter().map(|w| if w * sign > 0 { 255 } else { 0 }).collect() };
            prop_assert_eq!(exact(layer, &encode(&towards(1)))[0], worst[0].high);
            prop_assert_eq!(exact(layer, &encode(&towards(-1)))[0], worst[0].low);
        }
    }

    /// Nor does a whole network leave its worst case where nothing wraps.
    #[test]
    fn worst_cases_hold_in_every_layer(recipe in recipe()) {
        let network = network(&recipe);
        let worst = muse_model::bounds::worst_case(&network);
        let mut random = Random(!recipe.seed);
        let inputs = network.layer(0).shape().inputs();
        let pixels: Vec<u8> = (0..inputs).map(|_| [0, 255, random.word() as u8][random.word() as usize % 3]).collect();
        let mut x = network.architecture().encode_bytes(&pixels).unwrap();
        for (index, (layer, worst)) in network.layers().iter().zip(&worst).enumerate() {
            if worst.iter().any(|range| range.high >= muse_model::bounds::RANGE || range.low < -muse_model::bounds::RANGE) {
                break;
            }
            let mut values = plaintext::affine(layer, &x);
            let plane = values.len() / worst.len();
            for (at, v) in values.iter().enumerate() {
                let range = worst[at / plane];
                prop_assert!((range.low..=range.high).contains(&i128::from(v.to_signed())));
            }
            let Some(activation) = layer.activation() else { break };
            plaintext::relu(activation, &mut values);
            x = network.architecture().apply_public_map(index, &values);
        }
    }
}

/// Weights at the largest l1 norm there is, inputs at the largest element: the 64-bit sums must not overflow (tests check that).
#[test]
fn sums_at_their_bound() {
    use muse_he::encode::LinearShape;
    use muse_model::{InputSpec, LayerSpec, Normalisation, limits};
    let shape = LinearShape::dense(512, 2);
    let spec = LayerSpec { name: "full".into(), shape, activation: None, l1_bound: limits::L1_BOUND };
    let weights: Vec<i64> = [1, -1].iter().flat_map(|sign| vec![sign * (limits::WEIGHT - 1); 512]).collect();
    let layer = Layer::new(spec, weights, vec![0, 0]).unwrap();
    let input = InputSpec { channels: 512, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    let network = Network::new("full".into(), input, 4, Vec::new(), vec![layer]).unwrap();
    let x = vec![Fp::new(MODULUS - 1); 512];
    assert_eq!(numbers(&plaintext::forward(&network, &x)), forward(&network, &x));
}

/// The ends of the signed range: the last value that is kept and the first that is not.
#[test]
fn relu_at_the_ends_of_the_range() {
    use muse_model::Activation;
    let half = MODULUS / 2;
    for shift in [0, 10, 12, 22] {
        let mut values = [0, 1, half - 1, half, half + 1, MODULUS - 1].map(Fp::new);
        plaintext::relu(&Activation { shift, sum_pool: None }, &mut values);
        assert_eq!(values.map(Fp::to_u64), [0, 1 >> shift, (half - 1) >> shift, 0, 0, 0]);
    }
}

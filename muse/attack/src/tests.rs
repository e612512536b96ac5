//! The attack against the plaintext network behind the same interface: exact, whatever the shape.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::{Event, Failure, Options, Oracle, Query, Stolen, geometry, run};
use muse::{
    Error, Protocol,
    model::{
        Activation, Architecture, InputSpec, Layer, LayerSpec, LinearShape, Network, Normalisation,
        plaintext, shipped,
    },
    transport::TransportError,
};
use muse_field::Fp;
use proptest::prelude::*;

/// Answers like a server, in the clear.
struct Plain<'a>(&'a Network);

impl Oracle for Plain<'_> {
    fn architecture(&self) -> &Architecture {
        self.0.architecture()
    }

    fn protocol(&self) -> Protocol {
        Protocol::SemiHonest
    }

    fn ask(&mut self, query: &Query) -> Result<Vec<Fp>, Error> {
        Ok(query.answer(self.0))
    }
}

/// Aborts at the query with this number, from 0.
struct Aborting<'a> {
    plain: Plain<'a>,
    protocol: Protocol,
    at: u64,
}

impl Oracle for Aborting<'_> {
    fn architecture(&self) -> &Architecture {
        self.plain.architecture()
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn ask(&mut self, query: &Query) -> Result<Vec<Fp>, Error> {
        match self.at.checked_sub(1) {
            Some(left) => {
                self.at = left;
                self.plain.ask(query)
            }
            None => Err(TransportError::PeerAborted.into()),
        }
    }
}

#[test]
fn an_abort_is_a_refusal_only_where_shares_are_checked() {
    let network = shipped::mnist();
    for (protocol, at, refused) in [
        (Protocol::ClientMalicious, 0, true),
        (Protocol::SemiHonest, 0, false),
        (Protocol::ClientMalicious, 3, false),
        (Protocol::SemiHonest, 3, false),
    ] {
        let mut oracle = Aborting { plain: Plain(&network), protocol, at };
        let failure = run(&mut oracle, &Options::default(), &mut |_| {}).unwrap_err();
        assert_eq!(failure.is_refused(), refused, "{protocol:?}, query {at}: {failure}");
        let aborted = matches!(failure, Failure::Session(Error::Transport(TransportError::PeerAborted)));
        assert!(refused || aborted, "{failure:?}");
    }
}

/// The attack, and how often a check failed.
fn steal(network: &Network, pack: usize) -> (Stolen, usize) {
    let mut again = 0;
    let stolen = run(&mut Plain(network), &Options { pack, ..Options::default() }, &mut |event| {
        if matches!(event, Event::Again { .. }) {
            again += 1;
        }
    });
    (stolen.unwrap(), again)
}

#[track_caller]
fn assert_equal(stolen: &Stolen, network: &Network) {
    for (ours, theirs) in stolen.layers.iter().zip(&network.layers()[stolen.first..]) {
        assert_eq!(ours.bias(), theirs.bias(), "biases of {}", ours.name());
        assert_eq!(ours.weights(), theirs.weights(), "weights of {}", ours.name());
    }
}

#[test]
fn the_shipped_network_is_recovered_exactly() {
    let network = shipped::mnist();
    let (stolen, again) = steal(&network, 4);
    assert_equal(&stolen, &network);
    assert_eq!((stolen.layers.len(), stolen.unreachable, again), (4, 0, 0));
    assert!((1200..1400).contains(&stolen.queries), "{} queries", stolen.queries);
}

/// What a random layer is made from; sizes are reduced to what fits.
#[derive(Clone, Debug)]
struct Recipe {
    dense: bool,
    channels: usize,
    kernel: usize,
    padding: usize,
    stride: usize,
    pool: bool,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let sizes = (any::<bool>(), 1..5_usize, 1..4_usize, 0..2_usize, 1..3_usize, any::<bool>());
    sizes.prop_map(|(dense, channels, kernel, padding, stride, pool)| Recipe {
        dense,
        channels,
        kernel,
        padding: padding.min(kernel - 1),
        stride,
        pool,
    })
}

/// A network of these layers and one to `classes` outputs, with weights and biases as training leaves them: of the size of one half, some
/// larger.
fn network(recipes: &[Recipe], classes: usize, mut draw: impl FnMut() -> u64) -> Network {
    let frac_bits = 8;
    let input = InputSpec { channels: 2, height: 7, width: 6, normalisation: Normalisation::UnitInterval };
    let (mut channels, mut height, mut width) = (2, 7, 6);
    let mut layers = Vec::new();
    for (index, recipe) in recipes.iter().map(Some).chain([None]).enumerate() {
        let dense = |channels: usize| LinearShape::dense(channels * height * width, classes);
        let shape = match recipe {
            Some(r) if !r.dense && height.min(width) + 2 * r.padding >= r.kernel && height * width > 1 => {
                LinearShape {
                    in_channels: channels,
                    height,
                    width,
                    out_channels: r.channels,
                    kernel: r.kernel,
                    padding: r.padding,
                    stride: r.stride,
                }
            }
            Some(r) => LinearShape { out_channels: 3 * r.channels, ..dense(channels) },
            None => dense(channels),
        };
        let (rows, columns) = (shape.out_height(), shape.out_width());
        let pool = recipe.is_some_and(|r| r.pool) && rows >= 2 && columns >= 2;
        let activation = recipe
            .map(|_| Activation { shift: frac_bits + if pool { 2 } else { 0 }, sum_pool: pool.then_some(2) });
        (channels, height, width) = (shape.out_channels, rows, columns);
        if pool {
            (height, width) = (rows / 2, columns / 2);
        }
        let spec = LayerSpec::with_default_bound(format!("layer{index}"), shape, activation, frac_bits);
        // Odd, hence neither 0, which in a net as small as these may hide part of a layer, nor 2^f: a jump of half the field is the one
        // that cannot be shifted to one side.
        let weights = (0..shape.weights()).map(|_| match draw() % 16 {
            0 => (draw() % 400).cast_signed() * 2 - 399,
            _ => (draw() % 128).cast_signed() * 2 - 127,
        });
        let weights = weights.collect();
        let bias = (0..shape.out_channels).map(|_| (draw() % 100_001).cast_signed() - 50_000).collect();
        layers.push(Layer::new(spec, weights, bias).unwrap());
    }
    Network::new("random".into(), input, frac_bits, Vec::new(), layers).unwrap()
}

/// What can be told apart is equal: all but what no output depends on, which is zero.
fn assert_recovered(stolen: &Stolen, network: &Network) {
    let mut unknown = 0;
    for (ours, theirs) in stolen.layers.iter().zip(network.layers()) {
        let all = ours.weights().iter().zip(theirs.weights()).chain(ours.bias().iter().zip(theirs.bias()));
        for (our, their) in all {
            assert!(our == their || *our == 0, "{our} for {their} in {}", ours.name());
            unknown += usize::from(our != their);
        }
    }
    assert!(unknown <= stolen.unreachable, "{unknown} of {}", stolen.unreachable);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_networks_are_recovered(
        recipes in proptest::collection::vec(recipe(), 1..4),
        (classes, pack) in (2..6_usize, 1..5_usize),
        seed in any::<u64>(),
    ) {
        let mut state = seed | 1;
        let network = network(&recipes, classes, || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        });
        let (stolen, _) = steal(&network, pack);
        assert_recovered(&stolen, &network);
        // And the copy is as good, also where something stayed unknown.
        let copy = stolen.into_network().unwrap().unwrap();
        let input: Vec<Fp> = (0..84).map(|i| Fp::new((i * (seed % 1009)) % 257)).collect();
        prop_assert_eq!(plaintext::forward(&copy, &input), plaintext::forward(&network, &input));
    }
}

#[test]
fn a_weight_larger_than_any_before_is_found_by_the_check() {
    // All weights are small but one of the last ones read.
    let spec = |name: &str, inputs, outputs, activation| {
        LayerSpec::with_default_bound(name.into(), LinearShape::dense(inputs, outputs), activation, 8)
    };
    let activation = Some(Activation { shift: 8, sum_pool: None });
    let mut weights: Vec<i64> = (0..600).map(|i| (i * 7) % 15 - 7).collect();
    weights[599] = 9_000;
    weights[150] = -9_000;
    let first = Layer::new(spec("first", 60, 10, activation), weights, vec![5; 10]).unwrap();
    let last: Vec<i64> = (0..100).map(|i| (i * i * 31) % 211 - 105).collect();
    let last = Layer::new(spec("last", 10, 10, None), last, vec![0; 10]).unwrap();
    let input = InputSpec { channels: 1, height: 6, width: 10, normalisation: Normalisation::UnitInterval };
    let network = Network::new("uneven".into(), input, 8, Vec::new(), vec![first, last]).unwrap();
    let (stolen, again) = steal(&network, 4);
    assert_equal(&stolen, &network);
    assert!(again > 0, "they were packed too tightly, and that was noticed");
}

#[test]
fn what_pooling_and_strides_drop_is_known() {
    let image = |height, width, kernel, stride| LinearShape {
        in_channels: 1,
        height,
        width,
        out_channels: 1,
        kernel,
        padding: 0,
        stride,
    };
    let activation = |sum_pool| Some(Activation { shift: 4, sum_pool });
    let spec = |shape, activation| LayerSpec::with_default_bound("layer".into(), shape, activation, 4);
    let layers = vec![
        spec(image(5, 5, 1, 1), activation(Some(2))),
        spec(image(2, 2, 1, 2), activation(None)),
        spec(LinearShape::dense(1, 1), None),
    ];
    let input = InputSpec { channels: 1, height: 5, width: 5, normalisation: Normalisation::UnitInterval };
    let architecture = Architecture::new("net".into(), input, 4, Vec::new(), layers).unwrap();
    let readable = geometry::readable(&architecture);
    let seen: Vec<usize> = (0..25).filter(|&output| readable[0][output]).collect();
    assert_eq!(seen, [0, 1, 5, 6], "the first block of four: the stride takes no other");
    assert_eq!(readable[1], [true]);
    assert_eq!(geometry::locations(&architecture.layer(0).shape, &readable[0], (0, 0)).len(), 1);
}

#[test]
fn every_input_sees_what_sees_it() {
    // Against the definition, for strides and padding.
    for (kernel, padding, stride) in [(3, 1, 1), (3, 0, 2), (2, 1, 3), (5, 2, 2)] {
        let shape =
            LinearShape { in_channels: 2, height: 6, width: 7, out_channels: 3, kernel, padding, stride };
        let count = i64::try_from(shape.weights()).unwrap();
        let spec = LayerSpec::with_default_bound("layer".into(), shape, None, 12);
        let layer = Layer::new(spec, (1..=count).collect(), vec![0; 3]).unwrap();
        for input in 0..shape.inputs() {
            let mut unit = vec![Fp::ZERO; shape.inputs()];
            unit[input] = Fp::ONE;
            let column = plaintext::linear(&layer, &unit);
            let touched = geometry::touched(&shape, &[input]);
            for (output, weight) in column.iter().enumerate() {
                assert_eq!(geometry::coefficient(&layer, output, input), weight.to_signed());
                assert_eq!(touched.contains(&output), *weight != Fp::ZERO);
            }
            let (channel, y, x) = geometry::pixel(&shape, input);
            assert_eq!(geometry::input_index(&shape, channel, y, x), input);
            for (position, tap) in geometry::seen(&shape, y, x) {
                let weight = channel * kernel * kernel + tap + 1;
                assert_eq!(column[position].to_signed(), i64::try_from(weight).unwrap());
            }
        }
    }
}

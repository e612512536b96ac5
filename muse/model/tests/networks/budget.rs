//! The noise budget of both shipped networks, at every precision.

use muse_he::budget::Budget;
use muse_he::encode::{Layout, LinearShape, NetworkCost};
use muse_model::{FixedPoint, LayerFault, ModelError, shipped};

const N: usize = 8192;

/// Replies with values decrypt, and so will those with MACs, under the default l1 bounds and both kinds of proof.
#[test]
fn default_bounds_leave_room_for_the_noise() {
    for float in [shipped::mnist_float(), shipped::cifar10_float()] {
        for frac_bits in 4..=12 {
            let network = float.quantize_lossy(FixedPoint::new(frac_bits).unwrap()).unwrap();
            let layers = network.architecture().layers();
            let shapes: Vec<LinearShape> = layers.iter().map(|layer| layer.shape).collect();
            let cost = NetworkCost::of(N, &shapes).unwrap();
            for repetitions in [Budget::INTERACTIVE, Budget::FIAT_SHAMIR] {
                let budget = Budget::new(N, cost.inputs + 1, cost.replies).with_repetitions(repetitions);
                for (index, layer) in layers.iter().enumerate() {
                    let layout = Layout::best(N, layer.shape, index + 1 == layers.len()).unwrap();
                    let l1 = layout.max_l1(layer.l1_bound);
                    assert!(budget.needed_bits(l1).unwrap() <= 190, "{}", layer.name);
                    budget.flood(l1).unwrap();
                    budget.scalar_flood().unwrap();
                    budget.output_mac(l1, layout.max_taps()).unwrap();
                }
            }
        }
    }
}

/// The first layer of the MNIST network is small enough for the cheaper MAC even at the default bound.
#[test]
fn the_first_mnist_layer_keeps_the_cheap_mac() {
    use muse_he::budget::OutputMac;
    let network = shipped::mnist();
    let layer = network.layer(0).spec();
    let layout = Layout::best(N, layer.shape, false).unwrap();
    let mac = Budget::new(N, 5, 29).output_mac(layout.max_l1(layer.l1_bound), layout.max_taps()).unwrap();
    assert!(matches!(mac, OutputMac::Scalar(_)));
}

/// The largest bound that can be declared still leaves room in a small network; a larger one is refused by the layer's name.
#[test]
fn declared_bounds_have_a_limit() {
    use muse_model::{InputSpec, Layer, LayerSpec, Network, Normalisation, limits};
    let declare = |l1_bound| {
        let shape = LinearShape::dense(64, 128);
        let spec = LayerSpec { name: "wide".into(), shape, activation: None, l1_bound };
        let layer = Layer::new(spec, vec![1; 64 * 128], vec![0; 128])?;
        let input =
            InputSpec { channels: 64, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
        Network::new("wide".into(), input, 8, Vec::new(), vec![layer])
    };
    declare(limits::L1_BOUND).unwrap();
    let error = declare(limits::L1_BOUND + 1).unwrap_err();
    assert!(matches!(error, ModelError::Layer { fault: LayerFault::L1Bound(_), .. }), "{error}");
    assert!(error.to_string().contains("\"wide\""), "{error}");
}

//! The shipped networks: exact logits on real images, quantisation, bounds.

use muse_model::{
    Architecture, FixedPoint, LayerFault, Model, ModelError, Network, Samples, bounds, plaintext, shipped,
};
use std::time::Instant;

/// Every sample's logits, bit for bit; how many samples are classified right.
fn check(network: &Network, samples: &Samples) -> usize {
    let architecture = network.architecture();
    let right = (0..samples.len()).filter(|&index| {
        let input = architecture.encode_bytes(samples.image(index)).expect("an image of the right size");
        let logits = plaintext::forward(network, &input);
        let signed: Vec<i64> = logits.iter().map(|v| v.to_signed()).collect();
        assert_eq!(signed, samples.logits(index), "sample {index}");
        Architecture::argmax_vartime(&logits) == Some(samples.label(index).into())
    });
    right.count()
}

#[test]
fn mnist_samples_exactly() {
    let (network, samples) = (shipped::mnist(), shipped::mnist_samples());
    assert_eq!((network.architecture().relu_count(), samples.len()), (10_340, 100));
    assert_eq!(network.architecture().output_scale_bits(), 20);
    assert!(check(&network, &samples) >= 99);
}

/// Real images are read from the file named by `MUSE_CIFAR10_SAMPLES`; they may not be shipped.
#[test]
fn cifar10_samples_exactly() {
    let network = shipped::cifar10();
    assert_eq!(network.architecture().relu_count(), 173_056);
    let Ok(path) = std::env::var("MUSE_CIFAR10_SAMPLES") else {
        println!("skipped: set MUSE_CIFAR10_SAMPLES to a safetensors file of CIFAR-10 samples");
        return;
    };
    let samples = Samples::from_bytes(&std::fs::read(path).unwrap(), network.architecture().input()).unwrap();
    let start = Instant::now();
    let right = check(&network, &samples);
    println!("{right} of {} right, {:.0?} an image", samples.len(), start.elapsed() / samples.len() as u32);
    assert!(right * 100 >= samples.len() * 75);
}

fn assert_same(quantised: &Network, fixed: &Network) {
    assert_eq!(quantised.architecture(), fixed.architecture());
    for (ours, theirs) in quantised.layers().iter().zip(fixed.layers()) {
        assert_eq!(ours.weights(), theirs.weights(), "{}", theirs.name());
        assert_eq!(ours.bias(), theirs.bias(), "{}", theirs.name());
    }
}

#[test]
fn quantising_the_float_networks_gives_the_fixed_ones() {
    let fixed = FixedPoint::new(10).unwrap();
    assert_same(&shipped::mnist_float().quantize(fixed).unwrap(), &shipped::mnist());
    assert_same(&shipped::cifar10_float().quantize(fixed).unwrap(), &shipped::cifar10());
}

#[test]
fn labels_survive_other_precisions() {
    let samples = shipped::mnist_samples();
    let float = shipped::mnist_float();
    for (frac_bits, least) in [(4, 90), (6, 98), (8, 99), (12, 99)] {
        let network = float.quantize(FixedPoint::new(frac_bits).unwrap()).unwrap();
        let right = (0..samples.len()).filter(|&index| {
            let input = network.architecture().encode_bytes(samples.image(index)).unwrap();
            let logits = plaintext::forward(&network, &input);
            Architecture::argmax_vartime(&logits) == Some(samples.label(index).into())
        });
        let right = right.count();
        assert!(right >= least, "f = {frac_bits}: {right} of {}", samples.len());
    }
}

#[test]
fn default_bounds_hold_at_every_precision() {
    for float in [shipped::mnist_float(), shipped::cifar10_float()] {
        for frac_bits in 4..=12 {
            let network = float.quantize_lossy(FixedPoint::new(frac_bits).unwrap()).unwrap();
            for layer in network.layers() {
                let most = 16.0 * (layer.shape().taps() as f64).sqrt() * f64::from(1 << frac_bits);
                let bound = layer.spec().l1_bound;
                assert!(bound.is_power_of_two() && bound as f64 >= most && (bound as f64) < 3.0 * most);
            }
        }
    }
}

#[test]
fn bounds_follow_their_formula() {
    assert_eq!(bounds::default_l1_bound(25, 10), 1 << 17);
    assert_eq!(bounds::default_l1_bound(27, 10), 1 << 17);
    assert_eq!(bounds::default_l1_bound(256, 10), 1 << 18);
    assert_eq!(bounds::default_l1_bound(576, 10), 1 << 19);
    assert_eq!(bounds::default_l1_bound(1024, 8), 1 << 17);
    assert_eq!(bounds::default_l1_bound(1, 4), 1 << 8);
    assert_eq!(bounds::default_l1_bound(usize::MAX, u32::MAX), 1 << 29);
}

#[test]
fn worst_case_ranges() {
    // No value of the shipped networks can leave the range, whatever the image.
    for (network, bits) in [(shipped::mnist(), 30), (shipped::cifar10(), 41)] {
        assert_eq!(network.range_warning(), None);
        assert!(network.architecture().reach().pixels);
        let worst = bounds::worst_case(&network);
        let most = worst.iter().flatten().map(|range| range.magnitude()).max().unwrap();
        assert_eq!(most.ilog2(), bits, "{}", network.architecture().name());
    }
}

#[test]
fn weights_above_the_bound_are_refused_with_advice() {
    let mut float = shipped::mnist_float();
    float.layers[1].weights[0] = 1000.0;
    let error = float.quantize(FixedPoint::new(10).unwrap()).unwrap_err();
    let ModelError::Layer { layer, fault: LayerFault::L1Norm { bound, needed } } = &error else {
        panic!("{error}")
    };
    assert_eq!((layer.as_str(), *bound), ("conv2", 1 << 19));
    assert!(error.to_string().contains(&format!("\"l1_bound\": {needed}")), "{error}");
    let declare = |float: &mut Model, bound| {
        float.layers[1].l1_bound = Some(muse_model::DeclaredBound { bound, frac_bits: 10 });
    };
    declare(&mut float, *needed);
    for frac_bits in 4..=12 {
        float.quantize(FixedPoint::new(frac_bits).unwrap()).unwrap();
    }
    for bound in [0, u64::MAX] {
        declare(&mut float, bound);
        let error = float.quantize(FixedPoint::new(10).unwrap()).unwrap_err();
        assert!(matches!(error, ModelError::Layer { fault: LayerFault::L1Bound(_), .. }), "{error}");
    }
}

#[test]
fn debug_output_shows_no_weights() {
    let network = shipped::mnist();
    let shown = format!("{network:?} {:?} {:?}", network.layers(), shipped::mnist_float());
    assert!(!shown.contains("weights") && !shown.contains("bias"), "{shown}");
}

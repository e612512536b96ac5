use super::*;
use crate::{
    accounts::{Component, Phase},
    model::{
        Activation, FixedPoint, FloatLayer, InputSpec, LayerSpec, Model, Normalisation, limits, shipped,
    },
    plan::ReluPlan,
};
use core::f64::consts::E;
use muse_he::encode::LinearShape;
use safetensors::{Dtype, tensor::TensorView};

#[test]
fn the_parts_of_a_report_add_up() {
    for network in [shipped::mnist(), shipped::cifar10()] {
        let report = Report::new(&network).unwrap();
        for costs in &report.protocols {
            let phases = [Phase::Preprocessing, Phase::Online].map(|phase| costs.phase(phase).unwrap());
            let by_phase: u64 = phases.iter().map(|phase| phase.bytes.total()).sum();
            let by_layer: u64 = costs.layers.iter().chain([&costs.shared]).map(LayerCosts::total).sum();
            assert_eq!(by_phase, by_layer, "{}", costs.protocol);
            for phase in &costs.phases {
                let sum = |of: fn(&Bytes) -> u64| phase.components.iter().map(|part| of(&part.bytes)).sum();
                let bytes = Bytes { to_server: sum(|b| b.to_server), to_client: sum(|b| b.to_client) };
                assert_eq!(bytes, phase.bytes);
            }
            // What belongs to no layer is not worth a bar.
            assert!(costs.shared.total() < 1000, "{:?}", costs.shared);
        }
        assert_eq!(report.totals.relus, network.architecture().relu_count() as u64);
        assert_eq!(report.protocol(Protocol::SemiHonest).unwrap().tries, None);
    }
}

#[test]
fn the_mnist_network_in_numbers() {
    let report = Report::new(&shipped::mnist()).unwrap();
    let conv1 = &report.layers[0];
    assert_eq!((conv1.kind, conv1.input, conv1.output), ("convolution", [1, 28, 28], [16, 24, 24]));
    assert_eq!((conv1.kernel, conv1.stride, conv1.padding, conv1.weights), (5, 1, 0, 400));
    assert_eq!((conv1.relus, conv1.shift, conv1.pool), (9216, Some(10), Some(2)));
    assert_eq!(conv1.multiplications, 9216 * 25);
    // The circuits' sizes are asserted by the crate that makes them.
    let gates = |shift| muse_gc::circuit::relu::relu(shift).and_count() as u64;
    assert_eq!(report.totals.and_gates, 9216 * gates(10) + 1124 * gates(12));
    let last = &report.layers[3];
    assert_eq!((last.kind, last.relus, last.shift, last.noise.output_macs), ("dense", 0, None, None));

    let malicious = report.protocol(Protocol::ClientMalicious).unwrap();
    let garbled = malicious.phase(Phase::Preprocessing).unwrap().component(Component::Garbling);
    // Tables of two 16-byte rows a gate and rows of two elements a bit, in three layers of two frames, and the end.
    let bits = [(9216, 10), (1124, 12)].map(|(count, shift)| (count, ReluPlan::BITS as u64 - shift));
    let rows: u64 = bits.iter().map(|(count, bits)| count * (2 * bits * 44).div_ceil(8)).sum();
    assert_eq!(garbled.to_client, 32 * report.totals.and_gates + rows + 7 * 2);
    assert_eq!(malicious.phase(Phase::Online).unwrap().flights, 8);
}

#[test]
fn what_is_about_weights_is_for_the_owner() {
    // With two bits more than it is shipped with.
    let network = shipped::cifar10_float().quantize(FixedPoint::new(12).unwrap()).unwrap();
    let public = Report::of_architecture(network.architecture()).unwrap();
    assert!(public.layers.iter().all(|layer| layer.owner.is_none()));
    assert!(public.warnings.is_empty());
    let mut full = Report::new(&network).unwrap();
    assert_eq!(full.warnings.len(), 1, "an image could leave the range");
    for layer in &full.layers {
        let owner = layer.owner.unwrap();
        assert!(owner.largest_l1 > 0 && owner.largest_l1 <= layer.l1_bound);
        assert!((owner.worst_case_bits + owner.range_headroom_bits - 43.0).abs() < 0.01);
        // The network was loaded, so it fits.
        for room in [layer.noise.values, layer.noise.input_macs].into_iter().chain(layer.noise.output_macs) {
            assert_eq!(room.needed_bits + room.headroom_bits, room.available_bits);
        }
    }
    let warned = full.layers.iter().find(|layer| layer.owner.unwrap().range_headroom_bits < 0.0).unwrap();
    assert!(full.warnings[0].contains(&format!("{:?}", warned.name)), "{}", full.warnings[0]);
    full.layers.iter_mut().for_each(|layer| layer.owner = None);
    full.warnings.clear();
    assert_eq!(full, public);
}

#[test]
fn tries_are_geometric() {
    assert_eq!((costs::quantile(0.5), costs::quantile(0.99)), (2, 11));
    let report = Report::new(&shipped::mnist()).unwrap();
    let malicious = report.protocol(Protocol::ClientMalicious).unwrap();
    let tries = malicious.tries.unwrap();
    // A commitment, a challenge and a rejection, with their heads.
    assert_eq!((tries.bytes, tries.flights), (Bytes { to_server: 36, to_client: 10 }, 2));
    let one = malicious.phase(Phase::Preprocessing).unwrap();
    let Expected { bytes, round_trips } = malicious.expected(Phase::Preprocessing);
    assert!((bytes - one.bytes.total() as f64 - (E - 1.0) * 46.0).abs() < 1e-6);
    assert!((round_trips - 6.0 - (E - 1.0)).abs() < 1e-9);
    let chance = (1..=64).map(|_| 1.0 - 1.0 / E).product::<f64>();
    assert!(chance < 2f64.powi(-42), "an honest proof hardly ever reaches the limit");
}

/// Sizes at the limits: a report or an error, never a panic (overflow is one in tests).
#[test]
fn hostile_numbers_do_not_overflow() {
    let side = 2048;
    let conv = LinearShape {
        in_channels: 1,
        height: side,
        width: side,
        out_channels: 1,
        kernel: 1,
        padding: 0,
        stride: 1,
    };
    let relu = |shift| Some(Activation { shift, sum_pool: Some(2) });
    let small = LinearShape { height: side / 2, width: side / 2, ..conv };
    let wide = LinearShape::dense(1 << 16, 1 << 10);
    let input = |channels, height, width| InputSpec {
        channels,
        height,
        width,
        normalisation: Normalisation::UnitInterval,
    };
    for l1_bound in [1, 1 << 20, limits::L1_BOUND] {
        let spec = |shape, activation| LayerSpec { name: "layer".into(), shape, activation, l1_bound };
        let cases = [
            (input(1, side, side), vec![spec(conv, relu(22)), spec(small, None)]),
            (input(1 << 16, 1, 1), vec![spec(wide, None)]),
        ];
        for (input, layers) in cases {
            let architecture = Architecture::new("huge".into(), input, 12, Vec::new(), layers).unwrap();
            match Report::of_architecture(&architecture) {
                Ok(report) => {
                    let total: u64 = report.protocols[0].layers.iter().map(LayerCosts::total).sum();
                    assert!(total > 4_000_000, "{total}");
                }
                Err(error) => assert!(matches!(error, Error::Budget(_)), "{error}"),
            }
        }
    }
}

/// A machine that takes no time for anything.
fn instant() -> Calibration {
    let relu = ReluTimes { labels: 0.0, garbling: 0.0, evaluation: 0.0 };
    Calibration {
        threads: 1,
        encrypt: 0.0,
        product: 0.0,
        reply: 0.0,
        input_mac: 0.0,
        decrypt: 0.0,
        proof_try: 0.0,
        proof_verify: 0.0,
        multiply: 0.0,
        setup: 0.0,
        malicious: relu,
        baseline: relu,
    }
}

/// With a kernel that takes a second and nothing else that takes any time, an estimate counts the kernel's uses.
#[test]
fn estimates_are_counts_times_seconds() {
    let network = shipped::mnist();
    let report = Report::new(&network).unwrap();
    let link = Link { bits_per_second: 8e6, round_trip_seconds: 0.5 };
    let works = |protocol, change: &dyn Fn(&mut Calibration)| {
        let mut calibration = instant();
        change(&mut calibration);
        let plan = Plan::new(protocol, network.architecture().clone()).unwrap();
        let estimate = Estimate::new(&plan, &calibration, link).unwrap();
        estimate.phases.iter().map(|phase| phase.work).collect::<Vec<_>>()
    };
    let (full, base) = (Protocol::ClientMalicious, Protocol::SemiHonest);
    let (inputs, replies) = (report.totals.input_ciphertexts as f64, report.totals.replies as f64);
    let (relus, last) = (report.totals.relus as f64, report.layers[3].replies as f64);
    let products: u64 = report.layers.iter().map(|layer| layer.products).sum();

    assert_eq!(works(full, &|c| c.setup = 1.0), [1.0, 0.0, 0.0]);
    assert_eq!(works(full, &|c| c.encrypt = 1.0), [0.0, inputs, 0.0]);
    assert_eq!(works(base, &|c| c.product = 1.0), [0.0, products as f64, 0.0]);
    assert_eq!(works(base, &|c| c.reply = 1.0), [0.0, replies, 0.0]);
    assert_eq!(works(full, &|c| c.reply = 1.0), [0.0, 2.0 * replies - last, 0.0]);
    assert_eq!(works(full, &|c| c.input_mac = 1.0), [0.0, inputs, 0.0]);
    assert_eq!(works(base, &|c| c.input_mac = 1.0), [0.0, 0.0, 0.0]);
    assert_eq!(works(base, &|c| c.decrypt = 1.0), [0.0, replies, 0.0]);
    assert_eq!(works(full, &|c| c.decrypt = 1.0), [0.0, 2.0 * replies - last + inputs, 0.0]);
    assert_eq!(works(full, &|c| c.proof_try = 1.0), [0.0, (inputs + 1.0) * E, 0.0]);
    assert_eq!(works(full, &|c| c.proof_verify = 1.0), [0.0, inputs + 1.0, 0.0]);
    assert_eq!(works(base, &|c| c.proof_verify = 1.0), [0.0, 0.0, 0.0]);
    assert_eq!(works(full, &|c| c.malicious.labels = 1.0), [0.0, relus, 0.0]);
    assert_eq!(works(base, &|c| c.baseline.garbling = 1.0), [0.0, relus, 0.0]);
    assert_eq!(works(full, &|c| c.malicious.evaluation = 1.0), [0.0, 0.0, relus]);
    assert_eq!(works(full, &|c| c.multiply = 1.0), [0.0, 0.0, report.totals.multiplications as f64]);
    // Batches of eight: 2, 6, 4 and 1 replies are 1, 3, 2 and 1 turns of two threads.
    let halved = |c: &mut Calibration| (c.threads, c.reply) = (2, 1.0);
    assert_eq!(works(base, &halved), [0.0, 7.0, 0.0]);

    let plan = Plan::new(full, network.architecture().clone()).unwrap();
    let estimate = Estimate::new(&plan, &instant(), link).unwrap();
    for phase in &estimate.phases {
        let Expected { bytes, round_trips } = report.protocol(full).unwrap().expected(phase.phase);
        assert!((phase.total() - bytes / 1e6 - round_trips / 2.0).abs() < 1e-9, "{phase:?}");
    }
}

/// A dense network of two outputs that differ in the second decimal.
fn close_call(weight: f32) -> Model {
    let layer = FloatLayer {
        name: "fc".into(),
        shape: LinearShape::dense(1, 2),
        weights: vec![weight, weight + 0.02],
        bias: vec![0.0; 2],
        relu: false,
        average_pool: None,
        l1_bound: None,
    };
    let input = InputSpec { channels: 1, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    Model { name: "close call".into(), input, classes: Vec::new(), layers: vec![layer] }
}

fn file(images: &[u8], shape: &[usize], labels: &[u8]) -> Vec<u8> {
    let images = TensorView::new(Dtype::U8, shape.to_vec(), images).unwrap();
    let labels = TensorView::new(Dtype::U8, vec![labels.len()], labels).unwrap();
    safetensors::serialize([("images", images), ("labels", labels)], None).unwrap()
}

#[test]
fn the_least_precision_that_agrees_is_found() {
    let model = close_call(0.5);
    let bytes = file(&[255, 255, 255], &[3, 1, 1, 1], &[1, 1, 0]);
    let images = LabelledImages::from_bytes(&bytes, &model.input, 2).unwrap();
    let accuracy = Accuracy::measure(&model, &images).unwrap();
    assert_eq!((accuracy.images, accuracy.float_correct), (3, 2));
    // 0.5 and 0.52 are both 8/16; with one bit more they are 16/32 and 17/32.
    assert_eq!(accuracy.least_that_agrees, Some(5));
    let results: Vec<_> =
        accuracy.precisions.iter().map(|precision| precision.results.as_ref().unwrap()).collect();
    assert_eq!((results[0].agree, results[0].correct), (0, 1));
    assert_eq!((results[1].agree, results[1].correct), (3, 2));
    assert!((results[0].largest_error - 0.02).abs() < 1e-6);
    assert_eq!(results[0].largest_value_bits, 7.0);
    assert!(results.iter().all(|results| results.range_warning.is_none()));
    assert_eq!(Accuracy::measure(&model, &images.first(1)).unwrap().images, 1);
}

#[test]
fn precisions_that_do_not_fit_say_why() {
    let model = close_call(20.0);
    let images = LabelledImages::from_bytes(&file(&[9], &[1, 1, 1, 1], &[0]), &model.input, 2).unwrap();
    let accuracy = Accuracy::measure(&model, &images).unwrap();
    assert_eq!(accuracy.least_that_agrees, None);
    for precision in &accuracy.precisions {
        assert!(precision.results.is_none());
        let reason = precision.refused.as_ref().unwrap();
        assert!(reason.contains("\"fc\"") && reason.contains("l1_bound"), "{reason}");
    }
}

/// The shipped digits: every f agrees, and every bit brings the outputs closer.
#[test]
fn the_shipped_digits() {
    let images = LabelledImages::shipped_mnist();
    assert_eq!(images.len(), 100);
    let accuracy = Accuracy::measure(&shipped::mnist_float(), &images.first(20)).unwrap();
    let errors =
        accuracy.precisions.iter().map(|precision| precision.results.as_ref().unwrap().largest_error);
    assert!(errors.clone().zip(errors.skip(1)).all(|(wide, close)| close < 0.75 * wide));
    assert_eq!((accuracy.float_correct, accuracy.least_that_agrees), (20, Some(4)));
}

#[test]
fn images_that_do_not_fit_are_refused() {
    let input = close_call(0.5).input;
    let refused = |bytes: &[u8]| LabelledImages::from_bytes(bytes, &input, 2).unwrap_err().to_string();
    assert!(refused(b"no tensors").contains("is a text, not labelled images"), "{}", refused(b"no tensors"));
    let wrong_shape = refused(&file(&[1, 2], &[1, 1, 1, 2], &[0]));
    assert!(wrong_shape.contains("\"images\""), "{wrong_shape}");
    let wrong_count = refused(&file(&[1, 2], &[2, 1, 1, 1], &[0]));
    assert!(wrong_count.contains("\"images\""), "{wrong_count}");
    let wrong_label = refused(&file(&[1, 2], &[2, 1, 1, 1], &[0, 2]));
    assert!(wrong_label.contains("number 1 is 2, the network has 2 outputs"), "{wrong_label}");
    let none = refused(&file(&[], &[0, 1, 1, 1], &[]));
    assert!(none.contains("there are none"), "{none}");
}

//! Deviations in one value, before it is encrypted, hashed or sent: everything else is as if the client were honest.

use crate::harness::{Outcome, deviating, infer};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use muse::{
    Fault,
    model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation},
    transport::Tag,
};
use muse_attack::deviate::{Deviate, Honest};
use muse_field::{Fp, MODULUS};
use muse_gc::label::Block;
use muse_he::{
    encode::{LinearShape, Place},
    encrypt::FreshCiphertext,
    params::Params,
};

fn structure_of(layer: usize) -> impl Fn(&Fault) -> bool {
    move |fault| matches!(fault, Fault::Structure { layer: found } if *found == layer)
}

fn opening(fault: &Fault) -> bool {
    matches!(fault, Fault::Mac(muse_mac::error::Check::Opening))
}

fn disclosure(fault: &Fault) -> bool {
    matches!(fault, Fault::Disclosure(muse_cds::Check::Value))
}

/// Adds one to a coefficient of a packed mask.
struct Packed {
    layer: usize,
    tile: usize,
    position: usize,
}

impl Deviate for Packed {
    fn packed_mask(&self, layer: usize, tile: usize, coefficients: &mut [Fp]) {
        if (layer, tile) == (self.layer, self.tile) {
            coefficients[self.position] += Fp::ONE;
        }
    }
}

/// A convolution with zeros around its image, a pooled convolution, a dense layer.
fn three_layers() -> Network {
    let f = 6;
    let conv = |channels, side, out| LinearShape {
        in_channels: channels,
        height: side,
        width: side,
        out_channels: out,
        kernel: 3,
        padding: 1,
        stride: 1,
    };
    let relu = |sum_pool| Some(Activation { shift: f, sum_pool });
    let specs =
        [(conv(1, 6, 2), relu(Some(2))), (conv(2, 3, 2), relu(None)), (LinearShape::dense(18, 3), None)];
    let layers = specs.map(|(shape, activation)| {
        let spec = LayerSpec::with_default_bound("layer".into(), shape, activation, f);
        let weights = (0..shape.out_channels * spec.shape.taps()).map(|i| i as i64 * 7 % 31 - 15).collect();
        Layer::new(spec, weights, vec![5; shape.out_channels]).unwrap()
    });
    let input = InputSpec { channels: 1, height: 6, width: 6, normalisation: Normalisation::UnitInterval };
    Network::new("three".into(), input, f, Vec::new(), layers.into()).unwrap()
}

/// In every layer, the first and the last included: the border around an image, which enters outputs, and the coefficient
/// farthest from all elements.
#[test]
fn padding_that_is_not_zero_is_caught_in_every_layer() {
    let n = Params::default().n();
    let network = three_layers();
    let last = network.architecture().layers().len() - 1;
    for (layer, spec) in network.architecture().layers().iter().enumerate() {
        let layout = muse_he::encode::Layout::best(n, spec.shape, layer == last).unwrap();
        let zero = |position: &usize| matches!(layout.place(0, *position), Place::Zero);
        let border = (0..n).find(zero).expect("something is zero");
        let far = (0..n).rev().find(zero).expect("something is zero");
        for position in [border, far] {
            let outcome =
                infer(three_layers(), Packed { layer, tile: 0, position }, Box::new(|_, _, _, _| {}));
            outcome.refused(structure_of(layer), Tag::MaskMacs);
        }
    }
    let honest = infer(network, Honest, Box::new(|_, _, _, _| {}));
    assert!(honest.client.is_ok() && honest.server.is_ok());
}

/// A convolution over 100 x 100 pixels, which take two overlapping ciphertexts, with few outputs.
fn with_copies() -> Network {
    let shape = LinearShape { height: 100, width: 100, stride: 7, ..LinearShape::dense(1, 1) };
    let shape = LinearShape { kernel: 7, ..shape };
    let f = 6;
    let activation = Some(Activation { shift: f, sum_pool: None });
    let first = LayerSpec::with_default_bound("wide".into(), shape, activation, f);
    let outputs = shape.outputs();
    let last = LayerSpec::with_default_bound("last".into(), LinearShape::dense(outputs, 2), None, f);
    let weights = |n: usize| (0..n as i64).map(|i| i * 7 % 31 - 15).collect::<Vec<_>>();
    let layers = vec![
        Layer::new(first, weights(49), vec![0]).unwrap(),
        Layer::new(last, weights(2 * outputs), vec![1, 2]).unwrap(),
    ];
    let input =
        InputSpec { channels: 1, height: 100, width: 100, normalisation: Normalisation::UnitInterval };
    Network::new("copies".into(), input, f, Vec::new(), layers).unwrap()
}

#[test]
fn copies_that_differ_are_caught() {
    let network = with_copies();
    let shape = network.architecture().layer(0).shape;
    let layout = muse_he::encode::Layout::best(Params::default().n(), shape, false).unwrap();
    let (tile, position) = (0..layout.input_count())
        .find_map(|tile| {
            let copy = |place| matches!(place, Place::Copy { .. });
            Some((tile, layout.places(tile).position(copy)?))
        })
        .expect("the image takes several ciphertexts");
    let honest = infer(with_copies(), Honest, Box::new(|_, _, _, _| {}));
    assert!(honest.client.is_ok() && honest.server.is_ok());
    let outcome = infer(network, Packed { layer: 0, tile, position }, Box::new(|_, _, _, _| {}));
    outcome.refused(structure_of(0), Tag::MaskMacs);
}

/// Changes one MAC that goes into a hash.
struct Mac {
    what: What,
    layer: usize,
}

#[derive(Clone, Copy)]
enum What {
    Structure,
    Share,
    Opened,
}

impl Deviate for Mac {
    fn structure(&self, layer: usize, macs: &mut [Fp]) {
        if matches!(self.what, What::Structure) && layer == self.layer {
            macs[0] += Fp::ONE;
        }
    }

    fn share_macs(&self, macs: &mut [Fp]) {
        if matches!(self.what, What::Share) {
            macs[4] += Fp::ONE;
        }
    }

    fn opened(&self, _: usize, _: &mut [Fp], macs: &mut [Fp]) {
        if matches!(self.what, What::Opened) {
            macs[0] += Fp::ONE;
        }
    }
}

#[test]
fn a_wrong_mac_of_padding_is_caught() {
    for layer in [0, 1] {
        deviating(Mac { what: What::Structure, layer }).refused(structure_of(layer), Tag::MaskMacs);
    }
}

#[test]
fn a_wrong_mac_of_a_share_is_caught() {
    deviating(Mac { what: What::Share, layer: 0 }).refused(disclosure, Tag::Disclosure);
}

#[test]
fn a_right_value_with_a_wrong_mac_is_caught() {
    deviating(Mac { what: What::Opened, layer: 0 }).refused(opening, Tag::OnlineLabels);
}

/// Opens something else than what its MACs are for.
struct Opened(Change);

/// What happens to values and MACs.
type Change = fn(&mut [Fp], &mut [Fp]);

impl Deviate for Opened {
    fn opened(&self, _: usize, values: &mut [Fp], macs: &mut [Fp]) {
        (self.0)(values, macs);
    }
}

#[test]
fn a_wrong_value_with_the_right_mac_is_caught() {
    let changes: [Change; 4] = [
        |values, _| values[0] += Fp::ONE,
        |values, _| values[4] = -values[4],
        |values, _| values.swap(0, 1),
        |values, macs| {
            values[2] += Fp::ONE;
            macs[2] += Fp::ONE;
        },
    ];
    for change in changes {
        deviating(Opened(change)).refused(opening, Tag::OnlineLabels);
    }
}

/// Asks for labels of other bits than those of its share.
struct Choices(fn(&mut [u64]));

impl Deviate for Choices {
    fn choices(&self, values: &mut [u64]) {
        (self.0)(values);
    }
}

/// The attack of MUSE, section 2, starts with this: a shifted share.
#[test]
fn a_shifted_share_is_caught_before_any_table_leaves() {
    let changes: [fn(&mut [u64]); 4] = [
        |values| values[0] = (values[0] + 1) % MODULUS,
        |values| values[4] = (values[4] + (1 << 30)) % MODULUS,
        |values| values[2] ^= 1 << 43,
        |values| values.fill(0),
    ];
    for change in changes {
        deviating(Choices(change)).refused(disclosure, Tag::Disclosure);
    }
}

/// A layer so wide that one of its shares has two 44-bit representations about every 16th time.
fn wide() -> Network {
    let f = 6;
    let spec = |name: &str, inputs, outputs, activation| {
        LayerSpec::with_default_bound(name.into(), LinearShape::dense(inputs, outputs), activation, f)
    };
    let first = spec("first", 1, 8192, Some(Activation { shift: f, sum_pool: None }));
    let layers = vec![
        Layer::new(first, (0..8192).map(|i| i % 64 - 32).collect(), vec![0; 8192]).unwrap(),
        Layer::new(spec("last", 8192, 1, None), vec![1; 8192], vec![0]).unwrap(),
    ];
    let input = InputSpec { channels: 1, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    Network::new("wide".into(), input, f, Vec::new(), layers).unwrap()
}

/// Asks for the labels of y + p instead of y as soon as it has a y for which that is below 2^44. The MACs, which are modulo p, do not
/// tell the two apart; the circuit would, and zero an activation that should be positive.
struct Redundant(Arc<AtomicBool>);

impl Deviate for Redundant {
    fn choices(&self, values: &mut [u64]) {
        if let Some(value) = values.iter_mut().find(|value| **value < (1 << 44) - MODULUS) {
            *value += MODULUS;
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_second_representation_of_a_share_is_caught() {
    let cheated = Arc::new(AtomicBool::new(false));
    let outcome: Outcome =
        crate::harness::infer_often(wide(), Redundant(cheated.clone()), Box::new(|_, _, _, _| {}), 250);
    assert!(cheated.load(Ordering::SeqCst), "with probability 2^-21 there was no chance to cheat");
    let range = |fault: &Fault| matches!(fault, Fault::Disclosure(muse_cds::Check::Range));
    outcome.refused(range, Tag::Disclosure);
}

/// A ciphertext that is another one than its maker proves things about: one changed residue of its transform is an error in every
/// coefficient.
struct Another;

impl Deviate for Another {
    fn ciphertext(&self, layer: usize, _: usize, ciphertext: FreshCiphertext) -> FreshCiphertext {
        if layer != 1 {
            return ciphertext;
        }
        let mut bytes = muse_field::wire::to_vec(&ciphertext);
        bytes[1000] ^= 1;
        muse_field::wire::from_slice(Params::default().n(), &bytes).unwrap()
    }
}

#[test]
fn a_ciphertext_that_is_not_what_is_proven_is_caught_before_anything_is_returned() {
    let unproven = |fault: &Fault| matches!(fault, Fault::Proof(muse_zk::Check::WellFormed));
    deviating(Another).refused(unproven, Tag::ProofChallenge);
}

/// Evaluates with a label that is none of the two of its wire.
struct WrongLabel;

impl Deviate for WrongLabel {
    fn labels(&self, _: usize, labels: &mut [Block]) {
        labels[3].0 ^= 1 << 70;
    }
}

#[test]
fn a_wrong_label_ends_in_a_wrong_mac() {
    deviating(WrongLabel).refused(opening, Tag::OnlineLabels);
}

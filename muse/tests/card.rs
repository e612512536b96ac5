//! The card: round trips, canonicity, hostile bytes.

use muse::card::{Card, CardError};
use muse::model::{
    Activation, Architecture, InputSpec, LayerSpec, ModelError, Normalisation, limits, shipped,
};
use muse_field::wire::DecodeError;
use muse_he::encode::LinearShape;
use muse_model::test_util::{Random, network, recipe};
use proptest::prelude::*;

fn card_of(architecture: &Architecture) -> Card {
    Card::new(architecture.clone()).expect("short names")
}

#[test]
fn shipped_networks_fit() {
    for (network, length) in [(shipped::mnist(), 133), (shipped::cifar10(), 303)] {
        let card = card_of(network.architecture());
        let bytes = card.to_bytes();
        assert!(bytes.len() < length, "{} bytes", bytes.len());
        assert_eq!(Card::from_bytes(&bytes).unwrap().architecture(), network.architecture());
    }
}

/// The format is part of the protocol: this changes only together with the protocol's version.
#[test]
fn the_bytes_of_a_card() {
    let bytes = card_of(shipped::mnist().architecture()).to_bytes();
    let mut want = b"\x04\x05mnist\x0a\x00".to_vec();
    for word in [1u32, 28, 28] {
        want.extend(word.to_le_bytes());
    }
    want.extend(10u16.to_le_bytes());
    for digit in b'0'..=b'9' {
        want.extend([1, digit]);
    }
    want.push(4);
    want.extend(b"\x05conv1\x01\x10\0\0\0\x05\x00\x01\x02\x0a");
    want.extend((1u64 << 17).to_le_bytes());
    want.extend(b"\x05conv2\x01\x10\0\0\0\x05\x00\x01\x02\x0c");
    want.extend((1u64 << 19).to_le_bytes());
    want.extend(b"\x03fc1\x00\x64\0\0\0\x01\x0c");
    want.extend((1u64 << 18).to_le_bytes());
    want.extend(b"\x03fc2\x00\x0a\0\0\0\x00");
    want.extend((1u64 << 18).to_le_bytes());
    // Exact for all pixels, and for numbers below 2^22.
    want.extend([1, 22]);
    // No weights were lost.
    want.push(0);
    assert_eq!(bytes, want);
}

#[test]
fn every_prefix_and_every_suffix_is_refused() {
    let bytes = card_of(shipped::mnist().architecture()).to_bytes();
    for length in 0..bytes.len() {
        assert!(Card::from_bytes(&bytes[..length]).is_err());
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Card::from_bytes(&longer), Err(CardError::Malformed(DecodeError::TrailingBytes)));
    let too_long = vec![0; Card::MAX_BYTES + 1];
    assert_eq!(Card::from_bytes(&too_long), Err(CardError::Malformed(DecodeError::Length)));
}

#[test]
fn names_that_terminals_act_on_are_refused() {
    let bytes = card_of(shipped::mnist().architecture()).to_bytes();
    let at = bytes.windows(5).position(|w| w == b"conv1").unwrap();
    for name in [*b"\x1b[2J ", *b"a\nb c", *b"\xe2\x80\xaeab", *b"\xc2\x9b31m"] {
        let mut bytes = bytes.clone();
        bytes[at..at + 5].copy_from_slice(&name);
        let error = Card::from_bytes(&bytes).unwrap_err();
        assert!(matches!(error, CardError::Refused(ModelError::Name { role: "layer", .. })), "{error}");
        assert!(error.peer_at_fault() && !error.to_string().chars().any(char::is_control));
    }
    let mut bytes = bytes;
    bytes[at] = 0xff;
    assert_eq!(Card::from_bytes(&bytes), Err(CardError::Malformed(DecodeError::NotCanonical)));
}

#[test]
fn huge_numbers_are_refused_before_they_size_anything() {
    let bytes = card_of(shipped::mnist().architecture()).to_bytes();
    // Input channels, height and width; the number of classes; output channels of the first layer.
    let first = bytes.windows(5).position(|w| w == b"conv1").unwrap() + 6;
    for (from, to) in [(9, 13), (13, 17), (17, 21), (9, 21), (21, 23), (first, first + 4)] {
        let mut bytes = bytes.clone();
        bytes[from..to].fill(0xff);
        assert!(Card::from_bytes(&bytes).is_err());
    }
}

#[test]
fn a_dense_layer_has_one_encoding() {
    let bytes = card_of(shipped::mnist().architecture()).to_bytes();
    let at = bytes.windows(3).position(|w| w == b"fc2").unwrap() + 3;
    let mut other = bytes[..at].to_vec();
    other.push(1);
    other.extend_from_slice(&bytes[at + 1..at + 5]);
    other.extend([1, 0, 1]);
    other.extend_from_slice(&bytes[at + 5..]);
    assert_eq!(Card::from_bytes(&other), Err(CardError::Malformed(DecodeError::NotCanonical)));
}

#[test]
fn too_many_long_names_do_not_fit() {
    let network = shipped::mnist();
    let input = network.architecture().input().clone();
    let mut layers = network.architecture().layers().to_vec();
    layers[3].shape.out_channels = 2000;
    let classes = (0..2000).map(|i| format!("{i:0>64}")).collect();
    let architecture = Architecture::new("wide".into(), input, 10, classes, layers).unwrap();
    let error = Card::new(architecture).unwrap_err();
    assert!(matches!(error, CardError::TooLong(_)) && !error.peer_at_fault(), "{error}");
}

/// 64 convolutions of 32 x 32 images; all but the last with a ReLU per output.
#[test]
fn too_many_relus_are_refused() {
    let deep = |channels: usize| {
        let (height, width, kernel) = (32, 32, 3);
        let shape = LinearShape {
            in_channels: channels,
            height,
            width,
            out_channels: channels,
            kernel,
            padding: 1,
            stride: 1,
        };
        let layer = |index: usize| {
            let activation = (index < 63).then_some(Activation { shift: 8, sum_pool: None });
            LayerSpec { name: format!("conv{index}"), shape, activation, l1_bound: 1 }
        };
        let input = InputSpec { channels, height, width, normalisation: Normalisation::UnitInterval };
        Architecture::new("deep".into(), input, 8, Vec::new(), (0..64).map(layer).collect())
    };
    const { assert!(63 * 65 * 1024 <= limits::RELUS && 63 * 66 * 1024 > limits::RELUS) };
    assert_eq!(deep(65).unwrap().relu_count(), 63 * 65 * 1024);
    assert_eq!(deep(66), Err(ModelError::TooManyRelus));
}

/// The shipped network with a mean and a standard deviation.
fn normalised() -> Architecture {
    let plain = shipped::mnist();
    let plain = plain.architecture();
    let normalisation = Normalisation::mean_std(&[0.1307], &[0.3081]).expect("sane");
    let input = InputSpec { normalisation, ..plain.input().clone() };
    Architecture::new("mnist".into(), input, 10, plain.classes().to_vec(), plain.layers().to_vec())
        .expect("as shipped")
}

#[test]
fn the_bytes_of_a_normalisation() {
    let plain = card_of(shipped::mnist().architecture()).to_bytes();
    let bytes = card_of(&normalised()).to_bytes();
    let numbers = [0.1307f64.to_le_bytes(), 0.3081f64.to_le_bytes()].concat();
    assert_eq!(
        bytes,
        [&plain[..8], &[1], &plain[9..21], &numbers, &plain[21..plain.len() - 3], &[0, 0, 0]].concat()
    );
    assert_eq!(Card::from_bytes(&bytes).unwrap().into_architecture(), normalised());
}

/// One bit at the end: whether weights were lost.
#[test]
fn the_bytes_of_a_loss() {
    let plain = shipped::mnist().architecture().clone();
    let lossy = card_of(&plain.clone().with_losses(true)).to_bytes();
    let mut bytes = card_of(&plain).to_bytes();
    let last = bytes.len() - 1;
    bytes[last] = 1;
    assert_eq!(lossy, bytes);
    let read = Card::from_bytes(&bytes).unwrap().into_architecture();
    assert!(read.is_lossy() && read != plain);
    bytes[last] = 2;
    assert_eq!(Card::from_bytes(&bytes), Err(CardError::Malformed(DecodeError::OutOfRange)));
}

#[test]
fn hostile_normalisations_are_refused() {
    let bytes = card_of(&normalised()).to_bytes();
    let with = |mean: f64, std: f64| {
        let mut bytes = bytes.clone();
        bytes[21..29].copy_from_slice(&mean.to_le_bytes());
        bytes[29..37].copy_from_slice(&std.to_le_bytes());
        Card::from_bytes(&bytes)
    };
    assert!(with(-1024.0, 4096.0).is_ok());
    let nan = f64::NAN;
    for (mean, std) in
        [(nan, 1.0), (0.0, nan), (0.0, 0.0), (0.0, -1.0), (1e300, 1.0), (0.0, f64::INFINITY), (0.0, 1e-300)]
    {
        let error = with(mean, std).unwrap_err();
        assert!(
            matches!(error, CardError::Refused(ModelError::Normalisation(_))) && error.peer_at_fault(),
            "{error}"
        );
    }
    assert_eq!(with(-0.0, 1.0), Err(CardError::Malformed(DecodeError::NotCanonical)));
    for length in 0..bytes.len() {
        assert!(Card::from_bytes(&bytes[..length]).is_err());
    }
    // Another kind, and a number of channels whose numbers are not there.
    let mut other = bytes.clone();
    other[8] = 0xff;
    assert_eq!(Card::from_bytes(&other), Err(CardError::Malformed(DecodeError::OutOfRange)));
    for channels in [2u32, 3, 1 << 16, u32::MAX] {
        let mut other = bytes.clone();
        other[9..13].copy_from_slice(&channels.to_le_bytes());
        assert!(Card::from_bytes(&other).is_err(), "{channels}");
    }
}

proptest! {
    #[test]
    fn round_trip(recipe in recipe()) {
        let architecture = network(&recipe).architecture().clone();
        let bytes = card_of(&architecture).to_bytes();
        prop_assert_eq!(Card::from_bytes(&bytes).unwrap().into_architecture(), architecture);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Card::from_bytes(&bytes);
    }

    #[test]
    fn what_is_accepted_is_an_encoding(recipe in recipe(), changes in 1..4usize, seed in any::<u64>()) {
        let mut bytes = card_of(network(&recipe).architecture()).to_bytes();
        let mut random = Random(seed);
        for _ in 0..changes {
            let at = random.word() as usize % bytes.len();
            match random.word() % 4 {
                0 => bytes[at] = random.word() as u8,
                1 => bytes[at] ^= 1 << (random.word() % 8),
                2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.word() as usize % 5],
                _ => { bytes.remove(at); }
            }
        }
        if let Ok(card) = Card::from_bytes(&bytes) {
            prop_assert_eq!(card.to_bytes(), bytes);
        }
    }
}

//! Files, good and hostile.

use muse_model::{LayerFault, ModelError, Network, Normalisation, limits, shipped};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const JSON: &str = include_str!("../../networks/mnist.json");
const FIXED: &[u8] = include_bytes!("../../networks/mnist-fixed.safetensors");

fn networks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("networks")
}

#[test]
fn from_files_of_both_kinds() {
    let json = networks().join("mnist.json");
    let network = Network::open(&json).unwrap();
    let float = Network::from_files(&json, &networks().join("mnist.safetensors")).unwrap();
    assert_eq!(network.architecture(), float.architecture());
    assert_eq!(network.architecture(), shipped::mnist().architecture());
    assert_eq!(network.layer(2).weights(), float.layer(2).weights());
}

#[test]
fn errors_name_the_file() {
    let (json, other) = (networks().join("mnist.json"), networks().join("cifar10.safetensors"));
    for (error, file) in [
        (Network::open(&networks().join("absent.json")).unwrap_err(), "absent.json"),
        (Network::open(&networks().join("README.md")).unwrap_err(), "README.md"),
        (Network::from_files(&json, &other).unwrap_err(), "cifar10.safetensors"),
        (Network::from_files(&json, &json).unwrap_err(), "mnist.json"),
        (Network::open(&networks()).unwrap_err(), "networks"),
    ] {
        let line = error.to_string();
        assert!(line.contains(file) && !line.chars().any(char::is_control), "{line}");
    }
    let missing = Network::from_files(&json, &other).unwrap_err().to_string();
    assert!(missing.contains("conv1.weight") && missing.contains("shape"), "{missing}");
}

/// The shipped description with one change; what the loader says.
fn changed(from: &str, to: &str) -> ModelError {
    let compact = JSON.replace([' ', '\n'], "");
    assert!(compact.contains(from), "{from}");
    Network::from_bytes(compact.replacen(from, to, 1).as_bytes(), FIXED).expect_err(to)
}

#[test]
fn bad_descriptions_are_refused_by_name() {
    let layer = |from: &str, to: &str, name: &str| -> LayerFault {
        let error = changed(from, to);
        let ModelError::Layer { layer, fault } = error else { panic!("{from} -> {to}: {error}") };
        assert_eq!(layer, name, "{from} -> {to}");
        fault
    };
    assert!(matches!(layer("\"pad\":0", "\"pad\":5", "conv1"), LayerFault::Size("padding")));
    assert!(matches!(layer("\"stride\":1", "\"stride\":0", "conv1"), LayerFault::Size("stride")));
    assert!(matches!(layer("\"shift\":10", "\"shift\":23", "conv1"), LayerFault::Shift(23)));
    assert!(matches!(
        layer("\"shift\":12,\"sum_pool\":2", "\"sum_pool\":2", "conv2"),
        LayerFault::MissingShift
    ));
    assert!(matches!(layer("\"sum_pool\":2", "\"sum_pool\":3", "conv1"), LayerFault::Pool));
    assert!(matches!(layer("\"relu\":true", "\"relu\":false", "conv1"), LayerFault::Activation));
    assert!(matches!(layer("\"name\":\"fc2\"", "\"name\":\"fc1\"", "fc1"), LayerFault::SameName));
    assert!(matches!(layer("[100,256]", "[100,255]", "fc1"), LayerFault::DoesNotFollow { .. }));
    assert!(matches!(layer("[16,1,5,5]", "[16,1,5,4]", "conv1"), LayerFault::WeightShape));
    assert!(matches!(layer("[16,1,5,5]", "[16,1,29,29]", "conv1"), LayerFault::KernelTooLarge));
    assert!(matches!(
        layer("[10,100]", "[10,100],\"relu\":true,\"shift\":10", "fc2"),
        LayerFault::Activation
    ));
    assert!(matches!(
        layer("[10,100]", "[10,100],\"l1_bound\":9", "fc2"),
        LayerFault::L1Norm { bound: 9, .. }
    ));
    assert!(matches!(layer("[10,100]", "[10,100],\"l1_bound\":0", "fc2"), LayerFault::L1Bound(0)));
    let huge = format!("[{},1,5,5]", u64::MAX);
    assert!(matches!(layer("[16,1,5,5]", &huge, "conv1"), LayerFault::Size("number of output channels")));
    let huge = format!("\"pad\":{}", u64::MAX);
    assert!(matches!(layer("\"pad\":0", &huge, "conv1"), LayerFault::Size("padding")));

    let side = u64::MAX;
    assert!(matches!(changed("[1,28,28]", &format!("[{side},{side},{side}]")), ModelError::InputSize { .. }));
    assert!(matches!(changed("\"frac_bits\":10", "\"frac_bits\":13"), ModelError::FracBits(13)));
    assert!(matches!(changed("\"0\",\"1\"", "\"0\""), ModelError::ClassCount { classes: 9, outputs: 10 }));
    assert!(matches!(changed("\"conv1\"", "\"a\\u001b[2J\""), ModelError::Name { role: "layer", .. }));
    assert!(matches!(changed("\"mnist\"", "\"\""), ModelError::Name { role: "model", .. }));
    assert!(matches!(changed("\"CHW\"", "\"HWC\""), ModelError::Syntax(_)));
    assert!(matches!(changed("\"conv2\"", "\"conv9\""), ModelError::Tensor { .. }));
}

#[test]
fn a_normalisation_can_be_described() {
    let compact = JSON.replace([' ', '\n'], "");
    let with = |normalisation: &str| {
        let json = compact.replacen("\"CHW\"", &format!("\"CHW\",\"normalisation\":{normalisation}"), 1);
        Network::from_bytes(json.as_bytes(), FIXED)
    };
    let network = with(r#"{"mean":[0.1307],"std":[0.3081]}"#).unwrap();
    let want = Normalisation::mean_std(&[0.1307], &[0.3081]).unwrap();
    assert_eq!(network.architecture().input().normalisation, want);
    assert_eq!(shipped::mnist().architecture().input().normalisation, Normalisation::UnitInterval);
    for wrong in [
        r#"{"mean":[0.1,0.2],"std":[0.3,0.3]}"#,
        r#"{"mean":[0.1],"std":[]}"#,
        r#"{"mean":[0.1],"std":[0]}"#,
        r#"{"mean":[1025],"std":[1]}"#,
        // Of pixels from 0 to 255; of both; of neither.
        r#"{"mean":[123.675],"std":[58.395]}"#,
        r#"{"mean":[123.675],"std":[0.229]}"#,
        r#"{"mean":[0.485],"std":[58.395]}"#,
        r#"{"mean":[5],"std":[4]}"#,
    ] {
        assert!(matches!(with(wrong), Err(ModelError::Normalisation(_))), "{wrong}");
    }
    // Whoever says so gets it.
    let odd = with(r#"{"mean":[123.675],"std":[0.229],"of":"pixels / 255"}"#).unwrap();
    let want = Normalisation::mean_std(&[123.675], &[0.229]).unwrap();
    assert_eq!(odd.architecture().input().normalisation, want);
    for wrong in
        [r#"{"mean":[0.1]}"#, r#"{"mean":[1e999],"std":[1]}"#, r#"{"mean":[0],"std":[1],"scale":2}"#, "1"]
    {
        assert!(matches!(with(wrong), Err(ModelError::Syntax(_))), "{wrong}");
    }
}

#[test]
fn oversized_files_are_refused() {
    let long = vec![b' '; limits::DESCRIPTION_BYTES as usize + 1];
    assert!(matches!(Network::from_bytes(&long, FIXED), Err(ModelError::TooLarge(_))));
    let claim = |length: u64| [&length.to_le_bytes()[..], b"{"].concat();
    let with = |tensors: &[u8]| Network::from_bytes(JSON.as_bytes(), tensors);
    assert!(matches!(with(&claim(limits::TENSOR_HEADER_BYTES + 1)), Err(ModelError::TooLarge(_))));
    // So large a length is none: it is said of other files that they are.
    assert!(matches!(with(&claim(u64::MAX)), Err(ModelError::Syntax(_))));
    assert!(matches!(with(&limits::TENSOR_HEADER_BYTES.to_le_bytes()), Err(ModelError::Syntax(_))));
    let nested = "[".repeat(500_000);
    assert!(matches!(Network::from_bytes(nested.as_bytes(), FIXED), Err(ModelError::Syntax(_))));
}

proptest! {
    #[test]
    fn damaged_tensors_never_panic(at in 0..1024usize, byte in any::<u8>(), cut in any::<prop::sample::Index>(), truncate in any::<bool>()) {
        let mut tensors = FIXED.to_vec();
        tensors[at] = byte;
        if truncate {
            tensors.truncate(cut.index(FIXED.len()));
        }
        if let Err(error) = Network::from_bytes(JSON.as_bytes(), &tensors) {
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }

    #[test]
    fn damaged_descriptions_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut json = JSON.as_bytes().to_vec();
        json[at.index(JSON.len())] = byte;
        if let Err(error) = Network::from_bytes(&json, FIXED) {
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}

//! Networks written and read again.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use core::sync::atomic::{AtomicUsize, Ordering};
use muse_model::{
    FixedPoint, FloatLayer, InputSpec, Layer, LayerSpec, LinearShape, Model, ModelError, Network,
    Normalisation, Units, save, shipped,
};
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

/// A folder that is new, and vanishes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("muse-save-{}-{number}", process::id()));
        fs::create_dir(&path).expect("nobody else's");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn assert_same_after_saving(network: &Network) {
    let folder = Folder::new();
    let json = network.save(&folder.path("new")).unwrap();
    let copy = Network::open(&json).unwrap();
    assert_eq!(copy.architecture(), network.architecture());
    assert_eq!(copy.losses(), network.losses());
    for (ours, theirs) in copy.layers().iter().zip(network.layers()) {
        assert_eq!(ours.weights(), theirs.weights(), "{}", theirs.name());
        assert_eq!(ours.bias(), theirs.bias(), "{}", theirs.name());
    }
}

/// One dense layer on one pixel for each of these names.
fn chain(name: &str, layers: &[&str], normalisation: Normalisation) -> Network {
    let layer = |(index, name): (usize, &&str)| {
        let activation =
            (index + 1 < layers.len()).then_some(muse_model::Activation { shift: 8, sum_pool: None });
        let spec = LayerSpec::with_default_bound((*name).into(), LinearShape::dense(1, 1), activation, 8);
        Layer::new(spec, vec![7], vec![-9]).unwrap()
    };
    let input = InputSpec { channels: 1, height: 1, width: 1, normalisation };
    let classes = vec!["\"quoted\" \\ Würfel".to_owned()];
    Network::new(name.into(), input, 8, classes, layers.iter().enumerate().map(layer).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_saved_is_what_is_read(recipe in muse_model::test_util::recipe()) {
        assert_same_after_saving(&muse_model::test_util::network(&recipe));
    }

    #[test]
    fn means_and_deviations_are_read_to_the_last_bit(mean in -1.0..2.0_f64, std in 0.001..2.0_f64) {
        let normalisation = Normalisation::mean_std(&[mean], &[std]).unwrap();
        assert_same_after_saving(&chain("one", &["fc"], normalisation));
        let [mean, std] = [mean * 255.0, std * 255.0];
        let own = Normalisation::in_network(&[mean], &[std]).unwrap();
        assert_same_after_saving(&chain("own", &["fc"], own));
    }

    /// All numbers there can be, in all units, whatever they look like.
    #[test]
    fn normalisations_are_read_as_they_were_saved(
        mean in prop_oneof![-1024.0..1024.0_f64, -1.0..2.0_f64, 8.0..300.0_f64],
        std in prop_oneof![1.0 / 4096.0..4096.0_f64, 0.01..2.0_f64, 32.0..300.0_f64],
        kind in 0..4,
    ) {
        let outside = Normalisation::mean_std(&[mean], &[std]).unwrap();
        let Normalisation::MeanStd(stats) = outside.clone() else { unreachable!() };
        let own = |units| Normalisation::InNetwork { stats: stats.clone(), units };
        let normalisation = match kind {
            0 => outside,
            1 => own(Units::Levels),
            2 => own(Units::Bytes),
            _ => own(Units::Unknown),
        };
        assert_same_after_saving(&chain("any", &["fc"], normalisation));
    }
}

/// Half of the second layer's magnitudes round to zero at four bits, and all of the third's.
#[test]
fn losses_are_remembered() {
    let layer = |name: &str, weights: Vec<f32>, relu| FloatLayer {
        name: name.into(),
        shape: LinearShape::dense(weights.len(), 1),
        weights,
        bias: vec![1.0],
        relu,
        average_pool: None,
        l1_bound: None,
    };
    let input = InputSpec { channels: 1, height: 1, width: 2, normalisation: Normalisation::UnitInterval };
    let layers = vec![
        layer("whole", vec![0.75, -0.02], true),
        layer("none", vec![0.02], true),
        layer("last", vec![0.5], false),
    ];
    let model = Model { name: "lossy".into(), input, classes: Vec::new(), layers };
    let fixed = FixedPoint::new(4).unwrap();
    let error = model.quantize(fixed).unwrap_err().to_string();
    assert!(error.contains("layer \"none\"") && error.contains("round to zero"), "{error}");
    let network = model.quantize_lossy(fixed).unwrap();
    let names: Vec<_> = network.losses().iter().map(|loss| loss.layer.as_str()).collect();
    assert_eq!(names, ["none"], "a fortieth of the first layer is rounding");
    assert!(network.architecture().is_lossy());
    assert_same_after_saving(&network);
    let network = model.quantize(FixedPoint::new(12).unwrap()).unwrap();
    assert!(network.losses().is_empty() && !network.architecture().is_lossy());
    assert_same_after_saving(&network);
}

/// A part of the weights, which the integers do not show.
#[test]
fn a_partial_loss_is_remembered() {
    let weights = vec![0.5, 0.02, 0.02, 0.02, 0.02, 0.02];
    let layer = FloatLayer {
        name: "part".into(),
        shape: LinearShape::dense(6, 1),
        weights,
        bias: vec![0.0],
        relu: false,
        average_pool: None,
        l1_bound: None,
    };
    let input = InputSpec { channels: 1, height: 1, width: 6, normalisation: Normalisation::UnitInterval };
    let model = Model { name: "part".into(), input, classes: Vec::new(), layers: vec![layer] };
    let network = model.quantize(FixedPoint::new(4).unwrap()).unwrap();
    assert!(network.architecture().is_lossy());
    assert!((network.losses()[0].share - 1.0 / 6.0).abs() < 1e-6, "{:?}", network.losses());
    assert_same_after_saving(&network);
}

#[test]
fn the_shipped_networks_survive() {
    assert_same_after_saving(&shipped::mnist());
    assert_same_after_saving(&shipped::cifar10());
}

/// The one line of an error.
fn line(result: Result<impl core::fmt::Debug, ModelError>) -> String {
    let text = result.unwrap_err().to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    text
}

#[test]
fn nothing_is_overwritten() {
    let (network, folder) = (chain("package", &["fc"], Normalisation::UnitInterval), Folder::new());
    fs::write(folder.path("package.json"), "mine").unwrap();
    let text = line(network.save(&folder.0));
    assert!(
        text.ends_with("cannot be written: the folder is not empty; name a new or an empty one"),
        "{text}"
    );
    assert_eq!(line(save::check_folder(&folder.0)), text);
    assert_eq!(fs::read(folder.path("package.json")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);

    let text = line(network.save(&folder.path("package.json")));
    assert!(text.contains("package.json: cannot be written") && text.contains("name a new"), "{text}");
    assert_eq!(fs::read(folder.path("package.json")).unwrap(), b"mine");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let (network, folder) = (chain("package", &["fc"], Normalisation::UnitInterval), Folder::new());
    let (out, elsewhere) = (folder.path("out"), folder.path("elsewhere"));
    fs::create_dir(&out).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("package.json")).unwrap();
    line(network.save(&out));
    std::os::unix::fs::symlink(&elsewhere, folder.path("nowhere")).unwrap();
    line(save::check_folder(&folder.path("nowhere")));
    line(network.save(&folder.path("nowhere")));
    assert!(!elsewhere.exists());
}

#[test]
fn the_name_does_not_leave_the_folder() {
    for (name, file) in
        [("../up", "___up.json"), ("/etc/passwd", "_etc_passwd.json"), ("..", "__.json"), ("a.b", "a_b.json")]
    {
        let folder = Folder::new();
        let network = chain(name, &["fc"], Normalisation::UnitInterval);
        let json = network.save(&folder.0).unwrap();
        assert_eq!(json, folder.path(file));
        assert_eq!(json.parent(), Some(Path::new(&folder.0)));
        assert_eq!(Network::open(&json).unwrap().architecture().name(), name);
    }
}

#[test]
fn layers_that_could_not_be_told_apart_are_refused() {
    let (network, folder) = (chain("twins", &["fc", "fc"], Normalisation::UnitInterval), Folder::new());
    let text = line(network.save(&folder.path("new")));
    assert_eq!(text, "layer \"fc\": another layer has this name");
    assert!(!folder.path("new").exists(), "nothing was begun");
}

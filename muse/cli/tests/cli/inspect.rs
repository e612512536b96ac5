//! `muse inspect`: tables for people, JSON for programs, a picture, and one line for what is wrong.

use crate::program::{Folder, failure, run, stdout};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::Value;

/// Files of the shipped networks, in the repository.
fn shipped(file: &str) -> String {
    format!("{}/../model/networks/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn json(arguments: &[&str]) -> Value {
    let output = run(&[&["inspect", "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn tables_teach_and_fit_a_terminal() {
    for (network, relus) in [("mnist", "10,340"), ("cifar10", "173,056")] {
        let output = run(&["inspect", "--shipped", network, "--no-time"]);
        assert_eq!(output.status.code(), Some(0));
        let text = stdout(&output);
        for part in ["LAYERS", "CIPHERTEXTS AND CIRCUITS", "ROOM", "BYTES", "SUMS", "2.72 tries", relus] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // Only the digits come with images.
        assert_eq!(text.contains("ACCURACY"), network == "mnist");
        assert!(!text.contains("TIME"));
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn the_estimate_is_there_unless_it_is_not_wanted() {
    let output = run(&["inspect", "--shipped", "mnist", "--bandwidth", "250.5", "--latency", "3"]);
    let text = stdout(&output);
    assert!(text.contains("TIME, AN ESTIMATE") && text.contains("250.5 Mbit/s, 3 ms"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn json_is_complete() {
    let found = json(&["--shipped", "mnist", "--no-time"]);
    let report = &found["report"];
    assert_eq!(report["totals"]["relus"], 10_340);
    assert_eq!(report["layers"].as_array().expect("layers").len(), 4);
    assert_eq!(report["layers"][0]["owner"]["largest_l1"], 8_925);
    let modes = report["modes"].as_array().expect("modes");
    assert_eq!(
        (modes[0]["mode"].as_str(), modes[1]["mode"].as_str()),
        (Some("client-malicious"), Some("semi-honest"))
    );
    for mode in modes {
        let preprocessing = &mode["phases"][1];
        assert_eq!(preprocessing["phase"], "Preprocessing");
        assert!(preprocessing["bytes"]["to_client"].as_u64().expect("bytes") > 40_000_000);
    }
    assert_eq!(found["time"], Value::Null);
    assert_eq!(found["accuracy"]["images"], 100);
    assert_eq!(found["accuracy"]["precisions"].as_array().expect("precisions").len(), 9);
}

#[test]
fn files_and_samples_of_ones_own() {
    let (model, samples) = (shipped("mnist.json"), shipped("mnist-samples.safetensors"));
    let found = json(&[&model, "--no-time", "--samples", &samples, "--first", "7"]);
    assert_eq!(found["report"]["totals"]["relus"], 10_340);
    assert_eq!(found["accuracy"]["images"], 7);
    let found = json(&["--shipped", "cifar10", "--frac-bits", "8", "--no-time"]);
    assert_eq!(found["report"]["frac_bits"], 8);
}

#[test]
fn the_picture_names_every_layer() {
    let folder = Folder::new("inspect-svg");
    let path = folder.path("bytes.svg");
    let path = path.to_str().expect("text");
    assert_eq!(run(&["inspect", "--shipped", "cifar10", "--no-time", "--svg", path]).status.code(), Some(0));
    let picture = std::fs::read_to_string(path).expect("written");
    assert!(picture.starts_with("<svg"), "{picture}");
    for name in ["conv1", "conv7", "fc1", "garbled circuits", "mode client-malicious"] {
        assert!(picture.contains(name), "{name}");
    }
    let line =
        failure(&run(&["inspect", "--shipped", "mnist", "--no-time", "--svg", "/no/such/folder/a.svg"]), 1);
    assert!(line.contains("cannot write /no/such/folder/a.svg"), "{line}");
}

/// Names come from a file: in a picture they are text, whatever is in them.
#[test]
fn names_are_no_markup() {
    let folder = Folder::new("inspect-names");
    let description = std::fs::read_to_string(shipped("mnist.json")).expect("readable");
    std::fs::write(folder.path("net.json"), description.replace("\"mnist\"", "\"<a&'b>\""))
        .expect("writable");
    std::fs::copy(shipped("mnist.safetensors"), folder.path("net.safetensors")).expect("writable");
    let (model, picture) = (folder.path("net.json"), folder.path("net.svg"));
    let arguments =
        ["inspect", model.to_str().expect("text"), "--no-time", "--svg", picture.to_str().expect("text")];
    assert_eq!(run(&arguments).status.code(), Some(0));
    let text = std::fs::read_to_string(&picture).expect("written");
    assert!(text.contains("&lt;a&amp;") && !text.contains("<a&"), "{text}");
}

#[test]
fn what_is_wrong_is_one_line() {
    let line = failure(&run(&["inspect", "no-such-model.json"]), 1);
    assert!(line.contains("no-such-model.json"), "{line}");
    let line = failure(&run(&["inspect", &shipped("mnist.safetensors")]), 1);
    assert!(line.contains("mnist.safetensors"), "{line}");
    let mnist = ["inspect", "--shipped", "mnist", "--no-time", "--samples"];
    let line = failure(&run(&[&mnist[..], &["no-such-file"]].concat()), 1);
    assert!(line.contains("no-such-file"), "{line}");
    // Images of another network.
    let samples = shipped("mnist-samples.safetensors");
    let cifar = ["inspect", "--shipped", "cifar10", "--no-time", "--samples", &samples];
    let line = failure(&run(&cifar), 1);
    assert!(line.contains("mnist-samples.safetensors") && line.contains("\"images\""), "{line}");

    // Accuracy needs real weights.
    let folder = Folder::new("inspect-fixed");
    for (from, to) in [("mnist.json", "net.json"), ("mnist-fixed.safetensors", "net-fixed.safetensors")] {
        std::fs::copy(shipped(from), folder.path(to)).expect("writable");
    }
    let model = folder.path("net.json");
    let model = model.to_str().expect("text");
    assert_eq!(run(&["inspect", model, "--no-time"]).status.code(), Some(0));
    let line = failure(&run(&["inspect", model, "--no-time", "--samples", &samples]), 1);
    assert!(line.contains("real weights") && line.contains("NAME.safetensors"), "{line}");
}

/// A network of one weight per output, which is large; the description allows such weights.
fn large_weights(folder: &Folder) -> String {
    let json = r#"{ "name": "large", "frac_bits": 10, "input": { "shape": [1, 1, 1] },
        "layers": [ { "name": "fc", "op": "fc", "weight_shape": [2, 1], "l1_bound": 1099511627776 } ] }"#;
    let (weights, biases) = ([4_194_304f32, -5.0].map(f32::to_le_bytes).concat(), [0; 8]);
    let view = |shape: &[usize], data| TensorView::new(Dtype::F32, shape.to_vec(), data).expect("valid");
    let tensors = [("fc.weight", view(&[2, 1], &weights)), ("fc.bias", view(&[2], &biases))];
    let bytes = safetensors::serialize(tensors, None).expect("valid");
    std::fs::write(folder.path("net.safetensors"), bytes).expect("writable");
    std::fs::write(folder.path("net.json"), json).expect("writable");
    folder.path("net.json").to_str().expect("text").to_owned()
}

/// What would do is said although what was asked for does not.
#[test]
fn a_network_that_does_not_fit_says_what_would() {
    let folder = Folder::new("inspect-unfit");
    let model = large_weights(&folder);
    let output = run(&["inspect", &model]);
    let line = failure(&output, 1);
    assert!(line.contains("layer \"fc\": a weight is too large"), "{line}");
    assert_eq!(stdout(&output), "large: fits at f = 4 to 8\n");
    assert_eq!(run(&["inspect", &model, "--frac-bits", "8", "--no-time"]).status.code(), Some(0));
    failure(&run(&["inspect", &model, "--frac-bits", "9", "--no-time"]), 1);

    // With images, how accurate it is there.
    let view = |shape: &[usize], data| TensorView::new(Dtype::U8, shape.to_vec(), data).expect("valid");
    let tensors = [("images", view(&[2, 1, 1, 1], &[9, 200])), ("labels", view(&[2], &[0, 1]))];
    let samples = folder.path("samples.safetensors");
    std::fs::write(&samples, safetensors::serialize(tensors, None).expect("valid")).expect("writable");
    let arguments = ["inspect", &model, "--quiet", "--samples", samples.to_str().expect("text")];
    let output = run(&arguments);
    failure(&output, 1);
    let text = stdout(&output);
    assert!(text.contains("ACCURACY") && text.contains("get 1 of 2 images right"), "{text}");
    let output = run(&[&arguments[..], &["--json"]].concat());
    assert_eq!(failure(&output, 1), line);
    let found: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(found["fits"], Value::from(vec![4, 5, 6, 7, 8]));
    assert_eq!(found["accuracy"]["float_correct"], 1);
    assert!(found["refused"].as_str().is_some_and(|reason| line.ends_with(reason)), "{found}");

    // Where no f would do, that is said; where f is not at fault, nothing.
    let json = std::fs::read_to_string(&model).expect("just written");
    std::fs::write(&model, json.replace("1099511627776", "4")).expect("writable");
    let output = run(&["inspect", &model, "--frac-bits", "8"]);
    assert!(failure(&output, 1).contains("l1_bound"));
    assert_eq!(stdout(&output), "large: fits at no f from 4 to 12\n");
    let classes = folder.path("nine.txt");
    std::fs::write(&classes, "x\n".repeat(9)).expect("writable");
    let output = run(&["inspect", &shipped("mnist.onnx"), "--classes", classes.to_str().expect("text")]);
    assert!(failure(&output, 1).contains("9 class names for 10 outputs"));
    assert_eq!(stdout(&output), "");
}

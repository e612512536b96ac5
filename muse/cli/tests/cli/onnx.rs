//! Networks from ONNX files.

use crate::program::{Folder, Serving, failure, run, stderr, stdout};
use rten_onnx::onnx::ModelProto;
use std::path::{Path, PathBuf};

fn networks(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/networks").join(file);
    path.to_str().expect("plain name").to_owned()
}

fn write(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path(name);
    std::fs::write(&path, content).expect("writable");
    path.to_str().expect("plain name").to_owned()
}

/// The shipped MNIST network with all weights of one layer multiplied.
fn scaled(layer: &str, factor: f32) -> Vec<u8> {
    let mut model =
        ModelProto::parse_buf(&std::fs::read(networks("mnist.onnx")).expect("there")).expect("valid");
    let graph = model.graph.as_mut().expect("it has a graph");
    let weights =
        graph.initializer.iter_mut().find(|tensor| tensor.name.as_deref() == Some(layer)).expect("there");
    for word in weights.raw_data.as_ref().expect("there").borrow_mut().as_chunks_mut().0 {
        *word = (f32::from_le_bytes(*word) * factor).to_le_bytes();
    }
    model.write_buf().expect("memory is enough")
}

#[test]
fn a_network_from_pytorch_is_served() {
    let names = networks("digits.txt");
    let server = Serving::start(&[&networks("mnist.onnx"), "--classes", &names, "--sessions", "1"]);
    let output = run(&["infer", "--connect", &server.address, "--sample", "0", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let label = muse::model::shipped::mnist_samples().label(0);
    assert!(stdout(&output).contains(&format!(": {label} (logit ")), "{}", stdout(&output));
    assert_eq!(server.exit_code(), Some(0));
}

/// Who has nothing but an ONNX file can load it whatever its weights: the error says what to type, and that works.
#[test]
fn large_weights_need_a_bound_and_the_error_says_which() {
    let folder = Folder::new("onnx-bound");
    let file = write(&folder, "large.ONNX", scaled("fc2.weight", 100.0));
    let line = failure(&run(&["serve", &file]), 1);
    assert!(line.contains("large.ONNX: layer \"fc2\"") && line.contains("public bound"), "{line}");
    let (_, argument) = line.split_once("--l1-bound ").expect("what to type");
    assert!(argument.starts_with("fc2=") && line.contains("every client will learn"), "{line}");
    let server = Serving::start(&[&file, "--l1-bound", argument]);
    assert!(!server.address.is_empty());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = Folder::new("onnx-options");
    let onnx = networks("mnist.onnx");
    let json = networks("mnist.json");
    let (nine, hole) = (write(&folder, "nine.txt", "x\n".repeat(9)), write(&folder, "hole.txt", "a\n\nb\n"));
    let empty = write(&folder, "empty.txt", "");
    let large = write(&folder, "large.txt", vec![b'x'; 1 << 20]);
    let maxpool = write(&folder, "max.onnx", max_pool());
    // Larger than a description may be; its first file has a name as PyTorch gives it.
    let head = [b"PK\x03\x04".as_slice(), &[0; 22], &[13, 0, 0, 0], b"grey/data.pkl"].concat();
    let archive = [head, vec![0; 3 << 20]].concat();
    let (checkpoint, renamed) =
        (write(&folder, "grey.pt", &archive[..5000]), write(&folder, "grey.onnx", &archive));
    let weights =
        write(&folder, "weights.onnx", std::fs::read(networks("mnist.safetensors")).expect("there"));
    let line = failure(&run(&["inspect", &write(&folder, "large.pt", &archive), "--no-time"]), 1);
    assert!(line.contains("large.pt: is a PyTorch checkpoint"), "{line}");
    let cases: [(&[&str], &str); 20] = [
        (&[&json, "--classes", &nine], "--classes is for NAME.onnx: write \"classes\" into"),
        (&[&json, "--l1-bound", "fc2=9"], "write \"l1_bound\" into"),
        (&[&json, "--mean", "0.5", "--std", "0.5"], "write \"normalisation\" into"),
        (&[&onnx, "--classes", &nine], "9 class names for 10 outputs: see --classes"),
        (&[&onnx, "--classes", &hole], "hole.txt: line 2 is empty"),
        (&[&onnx, "--classes", &empty], "empty.txt: no names in it"),
        (&[&onnx, "--classes", &large], "large.txt: larger than"),
        (&[&onnx, "--classes", "absent.txt"], "absent.txt: cannot be read"),
        (&[&onnx, "--mean", "0.5,0.5", "--std", "0.5,0.5"], "1 of each, please"),
        (&[&onnx, "--mean", "nan", "--std", "0.5"], "normalisation: "),
        (&[&onnx, "--l1-bound", "conv9=9"], "there is no layer \"conv9\"; there are: conv1, conv2, fc1, fc2"),
        (&[&onnx, "--l1-bound", "conv1=9"], "above the public bound 9"),
        (&[&maxpool], "max.onnx: MaxPool node \"conv1_pool\": max pooling is not supported"),
        (&["absent.onnx"], "absent.onnx: cannot be read"),
        (&[&checkpoint], "grey.pt: is a PyTorch checkpoint: export the network with torch.onnx.export"),
        (&[&renamed], "grey.onnx: is a PyTorch checkpoint: export the network with torch.onnx.export"),
        (
            &[&networks("mnist.safetensors")],
            "mnist.safetensors: is a safetensors file: weights without layers: give the .json beside it",
        ),
        (&[&weights], "weights.onnx: is a safetensors file: weights without layers"),
        (&[&networks(".")], ": a folder: name the network's file in it, NAME.onnx or NAME.json"),
        (
            &[&onnx, "--classes", &checkpoint],
            "grey.pt: is a PyTorch checkpoint, not a text file with one name a line",
        ),
    ];
    for (arguments, expected) in cases {
        let line = failure(&run(&[&["serve"], arguments].concat()), 1);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
}

/// Numbers for normalisation are of pixels from 0 to 1 or from 0 to 255, and which is told from both; what is neither is refused.
#[test]
fn normalisation_is_of_one_unit() {
    let onnx = networks("mnist.onnx");
    for (mean, std) in [("a", "0.5"), ("0.5;0.5", "0.5"), ("0.5", "")] {
        let output =
            run(&["inspect", &onnx, "--no-time", &format!("--mean={mean}"), &format!("--std={std}")]);
        assert_eq!(output.status.code(), Some(2), "{mean} {std}");
        assert!(stderr(&output).contains("numbers separated by commas, please"), "{}", stderr(&output));
    }
    for (mean, std) in [("2.5", "0.25"), ("0.5", "2.5"), ("1000", "0.5"), ("-1.01", "0.5")] {
        let options = [&format!("--mean={mean}"), &format!("--std={std}")];
        let line = failure(&run(&["inspect", &onnx, "--no-time", options[0], options[1]]), 1);
        assert!(line.contains("--mean and --std"), "{line}");
    }
    // The same network, whichever the units.
    let [levels, bytes] = [("0.1307", "0.3081"), ("33.3285", "78.5655")].map(|(mean, std)| {
        let output = run(&["inspect", &onnx, "--no-time", "--mean", mean, "--std", std]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    });
    assert_eq!(levels, bytes);
}

/// The weights of a network as PyTorch exports it by default are in a second file, which is found beside the first.
#[test]
fn a_network_in_two_files_is_inspected() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/onnx");
    let read = |file: &str| std::fs::read(tests.join(file)).expect("there");
    let folder = Folder::new("onnx-two");
    let file = write(&folder, "module-default.onnx", read("module-default.onnx"));
    let line = failure(&run(&["serve", &file]), 1);
    assert!(
        line.contains("module-default.onnx.data: cannot be read") && line.contains("_data=False"),
        "{line}"
    );
    write(&folder, "module-default.onnx.data", read("module-default.onnx.data"));
    let output = run(&["inspect", &file, "--no-time"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let end =
        "\naccuracy: give labelled images with --samples FILE (images: uint8 N x C x H x W, labels: N)\n";
    assert!(stdout(&output).ends_with(end), "{}", stdout(&output));
    // Not for those who have given them.
    let output = run(&["inspect", "--shipped", "mnist", "--no-time"]);
    assert!(!stdout(&output).contains("give labelled images"), "{}", stdout(&output));
}

fn max_pool() -> Vec<u8> {
    let mut model =
        ModelProto::parse_buf(&std::fs::read(networks("mnist.onnx")).expect("there")).expect("valid");
    let pools = model.graph.as_mut().expect("it has a graph").node.iter_mut();
    pools
        .filter(|node| node.op_type.as_deref() == Some("AveragePool"))
        .for_each(|node| node.op_type = Some("MaxPool".into()));
    model.write_buf().expect("memory is enough")
}

#[test]
fn precision_can_be_chosen_where_weights_are_floats() {
    let folder = Folder::new("onnx-precision");
    let json: PathBuf = folder.path("net.json");
    for (from, to) in [("mnist.json", "net.json"), ("mnist-fixed.safetensors", "net-fixed.safetensors")] {
        std::fs::copy(networks(from), folder.path(to)).expect("copied");
    }
    let json = json.to_str().expect("plain name");
    let line = failure(&run(&["serve", json, "--frac-bits", "8"]), 1);
    assert!(line.contains("--frac-bits needs float weights"), "{line}");
    std::fs::copy(networks("mnist-fixed.safetensors"), folder.path("net.safetensors")).expect("copied");
    let line = failure(&run(&["serve", json, "--frac-bits", "8"]), 1);
    assert!(line.contains("--frac-bits needs float weights"), "{line}");
    std::fs::copy(networks("mnist.safetensors"), folder.path("net.safetensors")).expect("copied");
    let samples = networks("mnist-samples.safetensors");
    for source in [&[json][..], &["--shipped", "mnist"], &[&networks("mnist.onnx")]] {
        let rest = ["--frac-bits", "5", "--no-time", "--json", "--samples", &samples, "--first", "1"];
        let output = run(&[&["inspect"], source, &rest].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let found: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        assert_eq!(found["report"]["frac_bits"], 5, "{source:?}");
    }
}

/// Accuracy is measured with the weights of the file, on images of the same network.
#[test]
fn a_network_from_pytorch_is_inspected() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/onnx");
    let text = |file: &str| tests.join(file).to_str().expect("plain name").to_owned();
    let (model, samples) = (text("module.onnx"), text("module.safetensors"));
    let output = run(&["inspect", &model, "--samples", &samples, "--no-time", "--json", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(found["accuracy"]["images"], 8);
    assert_eq!(found["accuracy"]["precisions"].as_array().expect("precisions").len(), 9);
}

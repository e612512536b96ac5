//! Two processes that follow the protocol.

use crate::program::{Folder, Serving, failure, run, stderr, stdout, write_png};
use muse::model::{Network, plaintext};
use safetensors::{Dtype, tensor::TensorView};
use std::path::{Path, PathBuf};

/// Writes a network for images of 6 x 6: a convolution with pooling and a dense layer to three classes.
pub(crate) fn small_network(folder: &Folder) -> PathBuf {
    let json = r#"{ "name": "small", "input": { "shape": [1, 6, 6], "layout": "CHW" }, "classes": ["ant", "bee", "cow"],
        "frac_bits": 8, "layers": [
        { "name": "conv", "op": "conv", "weight_shape": [2, 1, 3, 3], "pad": 0, "stride": 1, "relu": true, "shift": 8,
          "sum_pool": 2 },
        { "name": "fc", "op": "fc", "weight_shape": [3, 8] } ] }"#;
    write_network(folder, "small", json, &[("conv", &[2, 1, 3, 3]), ("fc", &[3, 8])])
}

/// Writes a description and weights for its layers.
pub(crate) fn write_network(folder: &Folder, name: &str, json: &str, layers: &[(&str, &[usize])]) -> PathBuf {
    let weights = |n: i32| (0..n).flat_map(|i| ((i * 37) % 101 - 50).to_le_bytes()).collect::<Vec<u8>>();
    let biases = |n: i64| (0..n).flat_map(|i| (i * 1000 - 700).to_le_bytes()).collect::<Vec<u8>>();
    let tensors: Vec<_> = layers
        .iter()
        .flat_map(|(layer, shape)| {
            let count: usize = shape.iter().product();
            [
                (format!("{layer}.weight"), Dtype::I32, shape.to_vec(), weights(count as i32)),
                (format!("{layer}.bias"), Dtype::I64, vec![shape[0]], biases(shape[0] as i64)),
            ]
        })
        .collect();
    let views = tensors.iter().map(|(name, dtype, shape, data)| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), data).expect("valid"))
    });
    let bytes = safetensors::serialize(views, None).expect("valid");
    std::fs::write(folder.path(&format!("{name}-fixed.safetensors")), bytes).expect("writable");
    let path = folder.path(&format!("{name}.json"));
    std::fs::write(&path, json).expect("writable");
    path
}

/// What the network says in the clear.
fn expected_class(model: &Path, pixels: &[u8]) -> String {
    let network = Network::open(model).expect("just written");
    let input = network.architecture().encode_bytes(pixels).expect("of its size");
    let logits = plaintext::forward(&network, &input);
    let index = muse::model::Architecture::argmax_vartime(&logits).expect("three outputs");
    let real =
        logits[index].to_signed() as f64 / f64::from(network.architecture().output_scale_bits()).exp2();
    format!("{} (logit {real:.3})", network.architecture().classes()[index])
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("plain name")
}

#[test]
fn a_client_gets_the_classes_of_its_images() {
    let folder = Folder::new("classes");
    let model = small_network(&folder);
    let images: [Vec<u8>; 2] = [(0..36).map(|i| i * 7).collect(), (0..36).map(|i| 255 - i * 5).collect()];
    let mut lines = Vec::new();
    for (i, pixels) in images.iter().enumerate() {
        let path = folder.path(&format!("{i}.png"));
        write_png(&path, 6, 6, pixels);
        lines.push(format!("{}: {}", text(&path), expected_class(&model, pixels)));
    }
    let mut server = Serving::start(&[text(&model), "--sessions", "2"]);

    let (one, two) = (folder.path("0.png"), folder.path("1.png"));
    let output = run(&["infer", "--connect", &server.address, text(&one), text(&two), "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().collect::<Vec<_>>(), lines);
    assert!(stderr(&output).is_empty());

    let ended = server.wait_for("ended");
    assert!(ended["error"].is_null(), "{ended}");
    assert!(!ended["stats"]["rows"].as_array().expect("a list").is_empty(), "{ended}");

    // An image of another size costs the server nothing but a session.
    let wrong = folder.path("wrong.png");
    write_png(&wrong, 6, 5, &[0; 30]);
    let line = failure(&run(&["infer", "--connect", &server.address, text(&wrong)]), 1);
    assert!(line.contains("has 6 x 5 pixels but the network takes 6 x 6"), "{line}");
    server.wait_for("ended");
    assert_eq!(server.exit_code(), Some(0), "after the two sessions it was asked for");
}

#[test]
fn logits_and_costs_are_shown_on_request() {
    let folder = Folder::new("logits");
    let model = small_network(&folder);
    let image = folder.path("image.png");
    write_png(&image, 6, 6, &[200; 36]);
    let server = Serving::start(&[text(&model)]);
    let output = run(&["infer", "--connect", &server.address, text(&image), "--logits", "--stats"]);
    let shown = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for part in [
        "  ant ",
        "  bee ",
        "  cow ",
        "client, 1 inference ",
        "preprocessing",
        "online",
        "round trips",
        "total",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let line = failure(&run(&["infer", "--connect", &server.address, "--sample", "0"]), 1);
    assert!(line.contains("--sample images are 1 x 28 x 28 digits"), "{line}");
}

#[test]
fn the_demo_shows_digits_equality_and_costs() {
    let output = run(&["demo", "--count", "2"]);
    let (shown, remarks) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(0), "{remarks}");
    for part in [
        "predicted 4, label 4          predicted 3, label 3\n",
        "label predicted:           2 of 2\n",
        "equal to plaintext result: 2 of 2 (every output, bit for bit)\n",
        "client, 2 inferences ",
        "server, 2 inferences ",
        "  = per inference  ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("@@@%%*#@@@===*@#"), "a digit in ASCII: {shown}");
    assert!(!shown.contains('\u{1b}') && !remarks.contains('\u{1b}'), "no escape codes outside a terminal");
    assert!(remarks.contains("mode client-malicious") && remarks.contains("image 2 of 2: "), "{remarks}");
    let quiet = run(&["demo", "--count", "1", "--quiet", "--threads", "1"]);
    assert_eq!((quiet.status.code(), stderr(&quiet).as_str()), (Some(0), ""));
}

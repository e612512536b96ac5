//! `muse evaluate`: processes that really run, and files that hold what they took.

use muse::{
    Network,
    model::{Activation, InputSpec, Layer, LayerSpec, LinearShape, Normalisation},
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The program with these arguments, to its end.
fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_muse-lab")).args(arguments).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// The one line on standard error of a program that failed with `code`.
fn failure(output: &Output, code: i32) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "one line, please: {text}");
    text
}

fn text(path: &Path) -> &str {
    path.to_str().expect("plain name")
}

/// A convolution with 32 ReLUs, pooled, and a dense layer.
fn small_network(folder: &Path) -> PathBuf {
    let convolution = LinearShape {
        in_channels: 1,
        height: 6,
        width: 6,
        out_channels: 2,
        kernel: 3,
        padding: 0,
        stride: 1,
    };
    let layer = |name: &str, shape: LinearShape, biases: usize, activation: Option<Activation>| {
        let spec = LayerSpec::with_default_bound(name.into(), shape, activation, 8);
        let weights = (0..shape.weights()).map(|i| (i as i64 * 37) % 101 - 50).collect();
        Layer::new(spec, weights, vec![5; biases]).expect("a layer")
    };
    let pooled = Some(Activation { shift: 8, sum_pool: Some(2) });
    let layers = vec![layer("conv", convolution, 2, pooled), layer("fc", LinearShape::dense(8, 3), 3, None)];
    let input = InputSpec { channels: 1, height: 6, width: 6, normalisation: Normalisation::UnitInterval };
    let network = Network::new("small".into(), input, 8, Vec::new(), layers).expect("a network");
    network.save(&folder.join("network")).expect("writable")
}

#[test]
fn a_small_network_is_measured_and_written_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = small_network(folder.path());
    let (out, page) = (folder.path().join("out"), folder.path().join("page.md"));
    let common = ["--model", text(&model), "--runs", "2", "--threads", "1", "--quiet"];
    let files = ["--out", text(&out), "--document", text(&page)];
    let output = run(&[&["evaluate", "table3", "--rtt", "2ms"], &common[..], &files].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = stdout(&output);
    for part in ["TABLE 3", "own: small", "linear: ACG, with proofs", "2 ms", "1 thread for each party"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // Nothing is published about it.
    assert!(!shown.contains("faster"), "{shown}");

    let json = std::fs::read_to_string(out.join("results.json")).expect("written");
    let results: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(results["machine"]["runs"], 2);
    let rows = results["experiments"][0]["rows"].as_array().expect("rows");
    let csv = std::fs::read_to_string(out.join("results.csv")).expect("written");
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let find = |item: &str, system: &str, link: &str| {
        let found = rows.iter().find(|row| {
            let is = |field: &str, value: &str| row[field] == value;
            is("item", item) && is("system", system) && is("link", link)
        });
        found.unwrap_or_else(|| panic!("{item}, {system}, {link}: {json}"))
    };
    for system in ["semi-honest", "client-malicious"] {
        let [direct, slow] = ["loopback", "2 ms"].map(|link| find("online", system, link));
        // 32 ReLUs; the connection changes no byte. Two round trips of it take 4 ms at least.
        assert!(direct["bytes"]["median"].as_f64().expect("bytes") > 32.0 * 704.0);
        assert_eq!(direct["bytes"], slow["bytes"]);
        assert_eq!(direct["round_trips"]["median"], 2.0);
        assert!(slow["seconds"]["min"].as_f64().expect("seconds") >= 0.004, "{slow}");
    }
    let figure = std::fs::read(out.join("table3.png")).expect("written");
    assert!(figure.starts_with(b"\x89PNG"));

    // What somebody wrote into the page survives another experiment and a renewal.
    let written = std::fs::read_to_string(&page).expect("written");
    assert!(written.contains("](out/table3.svg)") && written.contains("<!-- end of table3 -->"), "{written}");
    std::fs::write(&page, written + "\nBy hand.\n").expect("writable");
    let output = run(&[&["evaluate", "links", "--rtt", "0ms"], &common[..], &files].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains("measured/it") && stdout(&output).contains("100 Mbit/s"));
    let page = std::fs::read_to_string(&page).expect("written");
    for part in ["By hand.", "<!-- muse evaluate: table3 -->", "<!-- muse evaluate: links -->"] {
        assert_eq!(page.matches(part).count(), 1, "{part}: {page}");
    }
}

#[test]
fn what_cannot_be_measured_or_written_is_one_line_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = failure(&run(&["evaluate", "online", "--model", "no-such-model.json"]), 1);
    assert!(line.contains("no-such-model.json"), "{line}");
    let line = failure(&run(&["evaluate", "online", "--model", "net.onnx"]), 1);
    assert!(line.contains("NAME.json"), "{line}");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("writable");
    let line = failure(&run(&["evaluate", "online", "--out", text(&file.join("under"))]), 1);
    assert!(line.contains("cannot make the folder"), "{line}");
}

#[test]
fn overdrive_infers_the_same_in_both_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = small_network(folder.path());
    let common = ["--model", text(&model), "--runs", "1", "--threads", "2", "--quiet"];
    // The parties compare the result with the plaintext network's, and fail if it differs.
    let output = run(&[&["evaluate", "fig9"], &common[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = stdout(&output);
    for part in
        ["FIGURE 9", "own: small", "Overdrive, malicious on both sides", "Overdrive, client-malicious"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("computed"), "a small network really runs: {shown}");
}

//! Files that are not what they seem: each is called what it is, and what is advised is done and helps.

use crate::both::text;
use crate::program::{Folder, Serving, failure, run, stderr, stdout};
use muse::model::{Model, plaintext};
use muse::{FixedPoint, Image};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn files(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(files(name)).expect("there")
}

fn write(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> String {
    std::fs::write(folder.path(name), content).expect("writable");
    text(&folder.path(name)).to_owned()
}

fn inspect(arguments: &[&str]) -> std::process::Output {
    run(&[&["inspect", "--no-time", "--quiet"], arguments].concat())
}

fn refused(arguments: &[&str]) -> String {
    failure(&inspect(arguments), 1)
}

fn taken(arguments: &[&str]) {
    let output = inspect(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
}

#[test]
fn pointers_of_git_lfs_everywhere() {
    let folder = Folder::new("lfs");
    let pointer = read("../model/tests/readers/lfs-pointer");
    let mnist = text(&files("../model/networks/mnist.onnx")).to_owned();
    let json = write(&folder, "net.json", read("../model/networks/mnist.json"));
    let fixed = write(&folder, "net-fixed.safetensors", &pointer);
    let onnx = write(&folder, "net.onnx", &pointer);
    let description = write(&folder, "other.json", &pointer);
    let samples = write(&folder, "samples.safetensors", &pointer);
    let names = write(&folder, "names.txt", &pointer);
    let image = write(&folder, "p.png", &pointer);
    let connect = ["infer", "--connect", "127.0.0.1:1", &image];
    let said = "is a Git LFS pointer, not the file: git lfs pull";
    let cases: [(&[&str], &str); 5] = [
        (&[&onnx], "net.onnx: "),
        (&[&json], "net-fixed.safetensors: "),
        (&[&description], "other.json: "),
        (&[&mnist, "--samples", &samples], "samples.safetensors: "),
        (&[&mnist, "--classes", &names], "names.txt: "),
    ];
    for (arguments, file) in cases {
        let line = refused(arguments);
        assert!(line.ends_with(&format!("{file}{said}")), "{line}");
    }
    let line = failure(&run(&connect), 1);
    assert!(line.ends_with(&format!("p.png {said}")), "{line}");
    // What `git lfs pull` does: the files are put in the places of their pointers.
    std::fs::write(&onnx, read("../model/networks/mnist.onnx")).expect("writable");
    std::fs::write(&fixed, read("../model/networks/mnist-fixed.safetensors")).expect("writable");
    std::fs::write(&samples, read("../model/networks/mnist-samples.safetensors")).expect("writable");
    std::fs::write(&names, read("../model/networks/digits.txt")).expect("writable");
    taken(&[&onnx]);
    taken(&[&json]);
    taken(&[&mnist, "--samples", &samples, "--first", "1"]);
    taken(&[&mnist, "--classes", &names]);
}

/// PowerShell and Notepad write a mark before the first character, or two bytes a character.
#[test]
fn marks_of_byte_orders_are_skipped() {
    let folder = Folder::new("marks");
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(order).collect()
    };
    let names = "a\r\nb\r\nW\u{fc}rfel\r\n";
    let description = String::from_utf8(read("../model/networks/mnist.json")).expect("text");
    write(&folder, "net.safetensors", read("../model/networks/mnist.safetensors"));
    let onnx = text(&files("../model/tests/readers/opset-8.onnx")).to_owned();
    for encode in [|text: &str| format!("\u{feff}{text}").into_bytes(), |text: &str| text.as_bytes().to_vec()]
    {
        taken(&[&onnx, "--classes", &write(&folder, "names.txt", encode(names))]);
        taken(&[&write(&folder, "net.json", encode(&description))]);
    }
    for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        taken(&[&onnx, "--classes", &write(&folder, "names.txt", wide(names, order))]);
        taken(&[&write(&folder, "net.json", wide(&description, order))]);
    }
    let server = Serving::start(&[
        &onnx,
        "--classes",
        &write(&folder, "names.txt", format!("\u{feff}{names}")),
        "--mode",
        "semi-honest",
    ]);
    let image = text(&files("../model/tests/readers/cnpy.npy")).to_owned();
    let output = run(&[
        "infer",
        "--connect",
        &server.address,
        "--mode",
        "semi-honest",
        "--top",
        "3",
        "--json",
        &image,
    ]);
    let object: Value = serde_json::from_str(stdout(&output).trim_end()).expect("one object");
    let classes: Vec<&str> =
        object["top"].as_array().expect("three").iter().filter_map(|one| one["class"].as_str()).collect();
    assert!(["a", "b", "W\u{fc}rfel"].iter().all(|name| classes.contains(name)), "{object}");
}

#[test]
fn samples_of_another_kind() {
    let folder = Folder::new("samples");
    let onnx = text(&files("../model/networks/mnist.onnx")).to_owned();
    let array = text(&files("../model/tests/readers/cnpy.npy")).to_owned();
    let png = write(&folder, "p.png", b"\x89PNG\r\n\x1a\n rest");
    let table = write(&folder, "labels.csv", "image,label\n0,1\n");
    let noise = write(&folder, "noise", [0xfe, 0xed, 1, 2, 3, 4, 5, 6, 7, 8]);
    let wanted =
        "not labelled images: give a safetensors file with images (uint8, N x C x H x W) and labels (N): ";
    for (file, what) in [
        (&array, "is a NumPy array (.npy)"),
        (&png, "is a PNG picture"),
        (&table, "is a text"),
        (&onnx, "is an ONNX network"),
    ] {
        let line = refused(&[&onnx, "--samples", file]);
        assert!(line.contains(what) && line.contains(wanted) && !line.contains("1048576"), "{line}");
    }
    let line = refused(&[&onnx, "--samples", &noise]);
    assert!(line.contains("not a safetensors file"), "{line}");
}

/// An ONNX file is one whatever it is called; and a file that is called one may be none.
#[test]
fn networks_by_other_names() {
    let folder = Folder::new("names-of-networks");
    let onnx = read("../model/tests/readers/opset-8.onnx");
    for name in ["model.pb", "model.onnx.bak", "model (1).onnx.txt", "model", "model.json"] {
        let file = write(&folder, name, &onnx);
        taken(&[&file, "--frac-bits", "8"]);
        taken(&[&file]);
    }
    for (name, content, expected) in [
        ("page.onnx", &b"<!DOCTYPE html><html>"[..], "page.onnx: is a web page, not the file"),
        ("empty.onnx", b"", "empty.onnx: is empty: copy or download it again"),
        ("empty.json", b"", "empty.json: is empty"),
        ("error.onnx", b"<?xml version=\"1.0\"?>", "is an XML document"),
        ("net.h5", b"\x89HDF\r\n\x1a\n", "is an HDF5 file: load it in Keras and export it: model.export("),
        ("net.tflite", b"\x1c\0\0\0TFL3", "python3 -m tf2onnx.convert --tflite THIS --output net.onnx"),
        ("cut.onnx", &onnx[..300], "cut.onnx: not a readable ONNX model: it ends too early"),
        ("net.yaml", b"layers: 3", "net.yaml: is a text: neither an ONNX file nor a description in JSON"),
    ] {
        let line = refused(&[&write(&folder, name, content)]);
        assert!(line.contains(expected), "{line}");
    }
}

/// The command that the error names is run.
#[cfg(unix)]
#[test]
fn compressed_files_are_unpacked_as_advised() {
    let folder = Folder::new("gzip");
    let onnx = write(&folder, "net.onnx", read("../model/tests/readers/opset-8.onnx"));
    let packed = text(&folder.path("packed.onnx")).to_owned();
    let shell = |command: &str| {
        let status = std::process::Command::new("sh").args(["-c", command, "sh", &onnx, &packed]).status();
        assert!(status.expect("a shell").success(), "{command}");
    };
    shell("gzip < \"$1\" > \"$2\"");
    let line = refused(&[&packed]);
    assert!(line.ends_with("packed.onnx: is compressed by gzip: gunzip < THIS > THE-FILE"), "{line}");
    shell("gunzip < \"$2\" > \"$1\"");
    taken(&[&onnx]);
}

/// Arrays as cnpy and NumPy under Python 2 write them, through both programs: the 64 bytes at their ends are the pixels.
#[test]
fn arrays_of_other_writers_are_classified() {
    let onnx = files("../model/tests/readers/opset-8.onnx");
    let network =
        Model::from_onnx(&onnx).and_then(|model| model.quantize(FixedPoint::new(10)?)).expect("a good file");
    let server = Serving::start(&[text(&onnx), "--mode", "semi-honest"]);
    for name in ["cnpy.npy", "python2.npy"] {
        let file = files("../model/tests/readers").join(name);
        let bytes = std::fs::read(&file).expect("there");
        let image = Image::new(1, 8, 8, bytes[bytes.len() - 64..].to_vec()).expect("an image");
        let input = network.architecture().encode(&image).expect("of its size");
        let expected: Vec<i64> = plaintext::forward(&network, &input).iter().map(|v| v.to_signed()).collect();
        let output =
            run(&["infer", "--connect", &server.address, "--mode", "semi-honest", "--json", text(&file)]);
        let object: Value = serde_json::from_str(stdout(&output).trim_end())
            .unwrap_or_else(|_| panic!("{}", stderr(&output)));
        assert_eq!(object["integers"], Value::from(expected), "{name}");
    }
}

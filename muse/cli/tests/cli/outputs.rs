//! Results that do not arrive.

use crate::both::{text, write_network};
use crate::program::{Folder, Serving, muse};
use std::process::{Output, Stdio};

const INSPECT: &[&str] = &["inspect", "--shipped", "mnist", "--no-time"];

/// Runs a program whose output nobody reads.
fn unread(arguments: &[&str]) -> Output {
    // Gone before the program starts: what it writes first may be all that it writes.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = muse(arguments).stdout(writer).stderr(Stdio::piped()).spawn().expect("it starts");
    child.wait_with_output().expect("it ends")
}

/// As `| head` does it: no word, and the exit code that shells give to who is ended by it.
#[cfg(unix)]
#[test]
fn a_reader_that_went_away_is_141() {
    for arguments in [
        INSPECT,
        &["inspect", "--shipped", "mnist", "--no-time", "--json"],
        &["--help"],
        &["help", "serve"],
        &["--version"],
    ] {
        let output = unread(arguments);
        assert_eq!(output.status.code(), Some(141), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
    }
}

/// A full disk, say: one line, and not the exit code of success, for every command that prints results.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_takes_nothing_is_a_failure() {
    let folder = Folder::new("full");
    let json = r#"{ "name": "dot", "frac_bits": 8, "input": { "shape": [1, 28, 28] },
        "layers": [ { "name": "fc", "op": "fc", "weight_shape": [2, 784] } ] }"#;
    let model = write_network(&folder, "dot", json, &[("fc", &[2, 784])]);
    let server = Serving::start(&[text(&model), "--mode", "semi-honest"]);
    let infer = ["infer", "--connect", &server.address, "--mode", "semi-honest", "--sample", "0", "--quiet"];
    let demo = ["demo", "--mode", "semi-honest", "--count", "1", "--quiet"];
    for arguments in
        [INSPECT, &infer, &[&infer[..], &["--json"]].concat(), &demo, &["--help"], &["--version"]]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let output = muse(arguments).stdout(full).output().expect("it starts");
        let line = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {line}");
        assert!(
            line.starts_with("muse: cannot write to standard output: ") && line.lines().count() == 1,
            "{line}"
        );
    }
}

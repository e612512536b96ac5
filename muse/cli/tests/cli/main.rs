//! The command line as its users see it: output, exit codes, two processes that talk.

mod program;

mod answers;
mod attack;
mod both;
mod hostile;
mod inputs;
mod inspect;
#[cfg(unix)]
mod interrupt;
mod notes;
mod onnx;
mod outputs;
mod readers;
mod serving;

use program::{failure, muse, run, stderr, stdout};
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

#[test]
fn help_teaches() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "muse demo",
        "muse serve --shipped mnist",
        "muse infer",
        "Exit codes",
        "A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for command in ["demo", "serve", "infer", "inspect", "attack", "evaluate"] {
        assert_eq!(run(&["help", command]).status.code(), Some(0), "{command}");
    }
    assert!(stdout(&run(&["--version"])).starts_with("muse 0."));
}

#[test]
fn wrong_arguments_are_2() {
    for arguments in [&["nonsense"][..], &[], &["serve"], &["demo", "--count", "0"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stdout(&output).is_empty() && !stderr(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn nobody_listening_is_3() {
    let line = failure(&run(&["infer", "--connect", "127.0.0.1:1", "--sample", "0"]), 3);
    assert!(line.starts_with("muse: cannot connect to 127.0.0.1:1: "), "{line}");
    assert!(line.ends_with("is a server listening there?"), "{line}");
}

#[test]
fn what_cannot_be_served_is_1() {
    let line = failure(&run(&["serve", "no-such-model.json", "--mode", "semi-honest"]), 1);
    assert!(line.contains("no-such-model.json"), "{line}");
    let line =
        failure(&run(&["serve", "--shipped", "mnist", "--mode", "semi-honest", "--listen", "nowhere"]), 1);
    assert!(line.contains("cannot listen on nowhere") && line.contains("--listen ADDRESS:PORT"), "{line}");
}

#[test]
fn a_server_can_be_tied_to_its_parent() {
    let mut command =
        muse(&["serve", "--shipped", "mnist", "--mode", "semi-honest", "--listen", "127.0.0.1:0"]);
    let mut child = command
        .args(["--until-stdin-closes", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("readable");
    assert!(line.starts_with("listening on 127.0.0.1:") && line.ends_with(", network mnist\n"), "{line}");
    drop(child.stdin.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

//! A server that is asked for too much, or that nobody listens to: it serves, or says why not.

use crate::{
    both::{small_network, text},
    program::{Folder, Serving, failure, muse, run, stderr, stdout, write_png},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
};

/// An image for the small network.
fn image(folder: &Folder) -> String {
    let path = folder.path("image.png");
    write_png(&path, 6, 6, &[100; 36]);
    text(&path).to_owned()
}

/// A client that is turned away: so many connections have come that the lines about them would fill any pipe, were they written one by
/// one.
fn come_and_go(address: &str, times: usize) {
    for _ in 0..times {
        let mut stream = TcpStream::connect(address).expect("it accepts");
        let _ = stream.write_all(b"GET /");
        let _ = stream.read(&mut [0; 10]);
    }
}

/// Nobody reads the log, which fills up: sessions are served all the same, and a request to end is heard.
#[cfg(unix)]
#[test]
fn a_log_that_nobody_reads_changes_nothing() {
    let folder = Folder::new("stalled-log");
    let (model, image) = (small_network(&folder), image(&folder));
    let serve = ["serve", text(&model), "--listen", "127.0.0.1:0", "--json", "-q"];
    let mut command = muse(&serve);
    command.args(["--max-sessions-per-minute", "100000"]);
    // Both streams are one pipe, as in `muse serve 2>&1 | less`.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    command.stdout(writer.try_clone().expect("a pipe")).stderr(writer);
    let mut child = command.spawn().expect("the program starts");
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    reader.read_line(&mut line).expect("it listens");
    let listening: serde_json::Value = serde_json::from_str(&line).expect("an event");
    let address = listening["address"].as_str().expect("text");
    // From here on nobody reads. A session is some two kilobytes of log, a pipe holds 64.
    come_and_go(address, 500);
    let infer = ["infer", "-q", "--connect", address, &image];
    for _ in 0..40 {
        let output = run(&infer);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let term = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(term.expect("kill starts").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("text");
    let whole = rest.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
    assert!(whole.count() > 10, "what fits was written");
}

/// A thousand connections of an address that come to nothing are a line, and another one at the end.
#[test]
fn refusals_are_summed_up() {
    let folder = Folder::new("sums");
    let (model, image) = (small_network(&folder), image(&folder));
    // The second connection that is not summed up ends it.
    let mut server = Serving::start(&[text(&model), "--sessions", "301"]);
    come_and_go(&server.address, 300);
    let line = failure(&run(&["infer", "--connect", &server.address, &image]), 6);
    assert!(line.contains("; wait ") && line.contains("--max-sessions-per-minute"), "{line}");
    come_and_go(&server.address, 1);
    let ended = server.event();
    assert_eq!(ended["event"], "ended");
    assert_eq!(server.event()["event"], "turned-away");
    let sum = server.event();
    assert_eq!(sum["event"], "repeated");
    assert_eq!((sum["address"].as_str(), sum["times"].as_u64()), (Some("127.0.0.1"), Some(300)), "{sum}");
    assert_eq!(server.exit_code(), Some(0));
}

/// `for f in *.png; do muse infer $f; done`
#[test]
fn a_shell_loop_hears_what_to_do() {
    let folder = Folder::new("loop");
    let (model, image) = (small_network(&folder), image(&folder));
    let server = Serving::start(&[text(&model), "--max-sessions-per-minute", "2"]);
    let infer = ["infer", "-q", "--connect", &server.address, &image];
    // Two at once, then one every half minute.
    let turned_away = (0..50).map(|_| run(&infer)).find(|output| output.status.code() != Some(0));
    let line = failure(&turned_away.expect("one too many"), 6);
    assert!(line.starts_with("muse: turned away: this address has started as many sessions as"), "{line}");
    for advice in ["wait ", "takes many images and folders", "--max-sessions-per-minute"] {
        assert!(line.contains(advice), "{line}");
    }
}

#[test]
fn numbers_that_cannot_be_meant_are_2() {
    for arguments in [
        &["inspect", "--shipped", "mnist", "--threads", "20000"][..],
        &["inspect", "--shipped", "mnist", "--threads", "99999999999999"],
        &["serve", "--shipped", "mnist", "--max-connections", "1000000"],
        &["infer", "--sample", "0", "--top", "1000000000000"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains("a whole number from 1 to "), "{}", stderr(&output));
    }
    let output = muse(&["inspect", "--shipped", "mnist"]).env("RAYON_NUM_THREADS", "20000").output();
    let line = failure(&output.expect("it starts"), 1);
    assert_eq!(line, "muse: RAYON_NUM_THREADS=20000: 1024 threads at most, please");
}

/// Threads take address space; without enough of it the program ends at once, instead of listening and never serving.
#[cfg(target_os = "linux")]
#[test]
fn threads_that_do_not_come_end_the_program() {
    let script = "ulimit -v 900000; exec \"$0\" \"$@\"";
    let program = env!("CARGO_BIN_EXE_muse");
    for threads in [&["--threads", "1024"][..], &[]] {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script, program, "serve", "--shipped", "mnist", "--listen", "127.0.0.1:0"]);
        command.args(threads).env("RAYON_NUM_THREADS", "1024").stdin(Stdio::null());
        let output = command.output().expect("a shell");
        let line = failure(&output, 1);
        assert!(line.contains("cannot start the threads that compute: "), "{line}");
        assert!(stdout(&output).is_empty(), "it never listened");
    }
}

/// Nothing is written to a closed log, and nothing depends on it.
#[cfg(unix)]
#[test]
fn a_closed_log_changes_nothing() {
    let folder = Folder::new("closed-log");
    let (model, image) = (small_network(&folder), image(&folder));
    let mut server = Serving::start(&[text(&model), "--sessions", "3"]);
    server.close_log();
    for _ in 0..3 {
        let output = run(&["infer", "-q", "--connect", &server.address, &image]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    assert_eq!(server.exit_code(), Some(0));
}

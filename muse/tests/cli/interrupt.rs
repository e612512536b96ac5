//! Ctrl-C ends the program in good order.

use super::{
    both::{small_network, text},
    program::{Folder, Serving, muse, run, write_png},
};
use core::time::Duration;
use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
};

fn interrupt(process: u32) {
    let status = Command::new("kill").args(["-INT", &process.to_string()]).status().expect("kill starts");
    assert!(status.success());
}

#[test]
fn a_server_without_clients_ends_at_once_and_well() {
    let serving = Serving::start(&["--shipped", "mnist"]);
    interrupt(serving.id());
    assert_eq!(serving.exit_code(), Some(0));
}

#[test]
fn a_server_with_a_client_ends_at_the_second_interrupt() {
    let folder = Folder::new("interrupt");
    let mut serving =
        Serving::start(&[text(&small_network(&folder)), "--timeout", "3600", "--grace", "3600"]);
    // A client that connects and says nothing.
    let silent = TcpStream::connect(&serving.address).expect("it listens");
    // Whoever is served after it shows that its thread runs.
    let image = folder.path("image.png");
    write_png(&image, 6, 6, &[100; 36]);
    let infer = ["infer", "--connect", &serving.address, text(&image)];
    assert_eq!(run(&infer).status.code(), Some(0));
    serving.wait_for("ended");
    interrupt(serving.id());
    // It takes no more clients, but does not leave the one it has.
    while TcpStream::connect(&serving.address).is_ok() {
        thread::sleep(Duration::from_millis(10));
    }
    interrupt(serving.id());
    // The connections above came and went.
    while serving.wait_for("ended")["error"] != "cancelled" {}
    assert_eq!(serving.exit_code(), Some(0));
    drop(silent);
}

#[test]
fn clients_have_only_so_long_to_finish() {
    let mut serving = Serving::start(&["--shipped", "mnist", "--timeout", "3600", "--grace", "0.1"]);
    // A client that stays for ever and never says a word.
    let silent = TcpStream::connect(&serving.address).expect("it listens");
    let sample = ["infer", "--connect", &serving.address.clone(), "--sample", "0"];
    assert_eq!(run(&sample).status.code(), Some(0));
    serving.wait_for("ended");
    interrupt(serving.id());
    while serving.wait_for("ended")["error"] != "cancelled" {}
    assert_eq!(serving.exit_code(), Some(0));
    drop(silent);
}

#[test]
fn a_client_says_so_and_returns_130() {
    let mut child = muse(&["demo", "--count", "100"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("image 1 of 100")), "it works");
    interrupt(child.id());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let last = lines.last().expect("a last word");
    assert_eq!(last, "muse: interrupted; the session and its preprocessing are gone");
}

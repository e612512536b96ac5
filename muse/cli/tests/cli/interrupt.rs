//! Ctrl-C ends the program in good order.

use super::{
    both::{small_network, text},
    program::{Folder, Serving, muse},
};
use core::time::Duration;
use muse::{
    Protocol,
    handshake::Hello,
    transport::{FRAME_VERSION, Tag},
};
use muse_field::prg::Prg;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
};

fn interrupt(process: u32) {
    let status = Command::new("kill").args(["-INT", &process.to_string()]).status().expect("kill starts");
    assert!(status.success());
}

/// A connection that has a place: its hello has been answered.
fn says_hello(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let hello = Hello::new(Protocol::default(), &mut Prg::from_seed([1; 32])).to_bytes();
    stream.write_all(&[&[FRAME_VERSION, Tag::ClientHello as u8], &hello[..]].concat()).expect("connected");
    stream.read_exact(&mut [0; 1]).expect("an answer");
    stream
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
    // A client that says hello and nothing else.
    let silent = says_hello(&serving.address);
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
    // A client that stays for ever and says nothing but hello.
    let silent = says_hello(&serving.address);
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

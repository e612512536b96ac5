//! Peers that do not follow the protocol: one line, no panic, no hang, and a server that keeps serving.

use crate::program::{Serving, failure, run, stdout};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// Bytes that no client of this release would start with.
const NONSENSE: [&[u8]; 6] = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"",
    &[0],
    &[1],
    // A hello of another program, a frame of another version, an abort.
    &[1, 1, b'O', b'T', b'H', b'E', b'R', 0, 0, 0, 9, 9, 1],
    &[1, 255],
];

/// A server that answers each connection with `bytes` and hangs up.
fn answering(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound").to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    address
}

#[test]
fn a_server_survives_them_all() {
    let mut server = Serving::start(&["--shipped", "mnist", "--timeout", "5"]);
    for bytes in NONSENSE {
        let mut stream = TcpStream::connect(&server.address).expect("it still accepts");
        stream.write_all(bytes).expect("it still reads");
        stream.shutdown(std::net::Shutdown::Write).expect("connected");
        let mut answer = Vec::new();
        // A reset is an answer as well.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.len() < 200, "no more than a hello and an abort, not {} bytes", answer.len());
    }
    // One line for all of them.
    let ended = server.wait_for("ended");
    let error = ended["error"].as_str().expect("a reason");
    assert!(!error.contains('\n'), "{error}");
    let output = run(&["infer", "--connect", &server.address, "--sample", "0", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "it serves as before");
    let shown = stdout(&output);
    assert!(shown.starts_with("sample 0 (labelled 4): 4 (logit "), "{shown}");
    assert_eq!(server.event()["event"], "started");
}

#[test]
fn a_client_reports_them_in_one_line() {
    for bytes in NONSENSE {
        let address = answering(bytes.to_vec());
        failure(&run(&["infer", "--connect", &address, "--sample", "0", "--timeout", "10"]), 3);
    }
    let line =
        failure(&run(&["infer", "--connect", &answering(b"HTTP/1.1 400".to_vec()), "--sample", "0"]), 3);
    assert!(line.contains("it is another release or no muse program"), "{line}");
    let line = failure(&run(&["infer", "--connect", &answering(vec![1, 255]), "--sample", "0"]), 3);
    assert!(line.starts_with("muse: the server closed the connection without a reason"), "{line}");
}

#[test]
fn a_client_gives_up_on_silence() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound").to_string();
    let line = failure(&run(&["infer", "--connect", &address, "--sample", "0", "--timeout", "0.2"]), 3);
    assert_eq!(line, "muse: timed out while waiting for its next message");
    drop(listener);
}

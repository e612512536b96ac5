//! The transport against good, bad, slow and absent peers, in memory and over TCP.

mod shaped;

use core::time::Duration;
use muse::transport::{
    FRAME_VERSION, Framed, Limits, Memory, Pipe, Tag, Tcp, Transport, TransportError, memory, recv_flow,
    send_flow,
};
use muse_test_support::transport::Tap;
use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// Both ends of a TCP connection.
fn tcp_pair(limits: Limits) -> (Tcp, Tcp) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound").to_string();
    let one = Tcp::connect(&address, limits).expect("listening");
    let other = Tcp::from_stream(listener.accept().expect("connected").0, limits).expect("connected");
    (one, other)
}

/// A TCP connection with a bare socket at the other end.
fn tcp_and_socket(limits: Limits) -> (Tcp, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let socket = TcpStream::connect(listener.local_addr().expect("bound")).expect("listening");
    (Tcp::from_stream(listener.accept().expect("connected").0, limits).expect("connected"), socket)
}

/// This side with a peer that sends just `bytes` and hangs up.
fn after(bytes: &[u8]) -> Memory {
    let (mut peer, pipe) = memory::pipes();
    if !bytes.is_empty() {
        assert_eq!(peer.write(bytes, Duration::from_secs(1)).expect("room"), bytes.len());
    }
    Framed::new(pipe, Limits::default())
}

fn short(millis: u64) -> Limits {
    Limits::with_timeout(Duration::from_millis(millis))
}

/// Bytes that differ along a long body.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8).collect()
}

/// Frames of many sizes both ways, each checked, ended by an empty one.
fn talk(mut one: impl Transport + Send + 'static, mut other: impl Transport) {
    const SIZES: [usize; 8] = [0, 1, 2, 100, 65_533, 65_536, 65_537, 3_000_001];
    let thread = thread::spawn(move || {
        for len in SIZES {
            one.send(Tag::Trees, &pattern(len)).expect("sent");
            assert_eq!(one.recv(Tag::Replies, len).expect("answered"), pattern(len));
        }
        one.send(Tag::Bye, &[]).expect("sent");
        one.flush().expect("sent");
    });
    for len in SIZES {
        let body = other.recv(Tag::Trees, len).expect("received");
        other.send(Tag::Replies, &body).expect("answered");
    }
    assert!(other.recv(Tag::Bye, 0).expect("received").is_empty());
    thread.join().expect("no panic");
}

#[test]
fn frames_of_all_sizes_arrive() {
    let (one, other) = memory::pair();
    talk(one, other);
    let (one, other) = tcp_pair(Limits::default());
    talk(one, other);
    let (one, other) = memory::pair();
    talk(Box::new(one) as Box<dyn Transport + Send>, Tap::new(other, |_, _, _, _| {}));
}

/// A pipe that moves a few bytes at a time and is interrupted now and then, as sockets may be.
struct Stutter(memory::MemoryPipe, u64);

impl Stutter {
    fn next(&mut self) -> u64 {
        self.1 = self.1.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.1 >> 40
    }

    /// How much of `len` bytes to move; nothing is an interruption.
    fn part(&mut self, len: usize) -> io::Result<usize> {
        let sizes = [0, 1, 2, 3, 700, 40_000];
        match sizes[(self.next() % 6) as usize] {
            0 => Err(io::ErrorKind::Interrupted.into()),
            size => Ok(size.min(len)),
        }
    }
}

impl Pipe for Stutter {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let n = self.part(out.len())?;
        self.0.read(&mut out[..n], patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let n = self.part(bytes.len())?;
        self.0.write(&bytes[..n], patience)
    }

    fn close(&mut self) {
        self.0.close();
    }
}

#[test]
fn short_reads_and_writes_change_nothing() {
    let (one, other) = memory::pipes();
    let framed = |pipe| Framed::new(pipe, Limits::default());
    talk(framed(Stutter(one, 1)), framed(Stutter(other, 2)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Whatever a peer sends, each call ends with the frame it asked for or an error, and errors are final.
    #[test]
    fn arbitrary_bytes_are_frames_or_errors(bytes: Vec<u8>, len in 0usize..20) {
        let mut link = after(&bytes);
        let head_and_body = 2 + len;
        for taken in (0..bytes.len() / head_and_body + 2).map(|i| i * head_and_body) {
            let frame = bytes.get(taken..taken + head_and_body);
            let good = frame.filter(|frame| frame[..2] == [FRAME_VERSION, Tag::Replies as u8]);
            match (link.recv(Tag::Replies, len), good) {
                (Ok(body), Some(frame)) => proptest::prop_assert_eq!(&body[..], &frame[2..]),
                (Err(_), None) => {
                    proptest::prop_assert!(link.recv(Tag::Replies, len).is_err());
                    break;
                }
                (got, expected) => proptest::prop_assert!(false, "{got:?} for {expected:?}"),
            }
        }
    }
}

#[test]
fn flows_keep_their_chunks() {
    let total = 1_000_003;
    let (mut one, mut other) = tcp_pair(Limits::default());
    let thread = thread::spawn(move || {
        let (body, mut at) = (pattern(total), 0);
        send_flow::<TransportError>(&mut one, Tag::GarbledTables, total as u64, &mut [0; 1000], |chunk| {
            chunk.copy_from_slice(&body[at..at + chunk.len()]);
            at += chunk.len();
            Ok(())
        })
        .expect("sent");
        send_flow::<TransportError>(&mut one, Tag::OtColumns, 0, &mut [], |_| {
            unreachable!("nothing to send")
        })
        .expect("sent");
        one.flush().expect("sent");
    });
    let (mut body, mut sizes) = (Vec::new(), Vec::new());
    recv_flow::<TransportError>(&mut other, Tag::GarbledTables, total as u64, &mut [0; 4096], |chunk| {
        sizes.push(chunk.len());
        body.extend_from_slice(chunk);
        Ok(())
    })
    .expect("received");
    assert!(body == pattern(total));
    assert_eq!(sizes.pop(), Some(total % 4096), "the rest comes last");
    assert!(sizes.iter().all(|&n| n == 4096), "every other chunk is the whole buffer");
    recv_flow::<TransportError>(&mut other, Tag::OtColumns, 0, &mut [], |_| unreachable!("nothing"))
        .expect("received");
    thread.join().expect("no panic");
}

/// Whoever wraps a transport sees a part for every piece, and none besides.
#[test]
fn a_flow_is_written_in_pieces_that_are_not_empty() {
    let (one, mut other) = memory::pair();
    let mut parts = Vec::new();
    let mut one = Tap::new(one, |_, _, offset, part: &mut [u8]| parts.push((offset, part.len())));
    send_flow::<TransportError>(&mut one, Tag::GarbledTables, 10, &mut [0; 4], |_| Ok(())).expect("sent");
    send_flow::<TransportError>(&mut one, Tag::OtColumns, 0, &mut [0; 4], |_| Ok(())).expect("sent");
    one.flush().expect("sent");
    drop(one);
    assert_eq!(parts, [(0, 4), (4, 4), (8, 2)]);
    assert_eq!(other.recv(Tag::GarbledTables, 10).expect("received"), [0; 10]);
}

#[test]
fn a_flow_stops_at_the_callers_error_and_abort_does_not_forge_its_body() {
    let (mut one, mut other) = memory::pair();
    let failed = send_flow(&mut one, Tag::GarbledTables, 10, &mut [7; 4], |_| {
        Err(TransportError::TimedOut { during: "making it up" })
    });
    assert!(matches!(failed, Err(TransportError::TimedOut { during: "making it up" })));
    one.abort();
    assert!(matches!(other.recv(Tag::GarbledTables, 10), Err(TransportError::Closed { .. })));
}

#[test]
fn what_is_no_frame_or_another_one_is_named() {
    let error = after(b"GET / HTTP/1.1\r\n\r\n").recv(Tag::ClientHello, 75).expect_err("no frame");
    assert!(matches!(error, TransportError::Version { theirs: b'G' }));
    assert_eq!(
        error.to_string(),
        "the peer's frames have version 71, this program's 1: it is another release or no muse program"
    );
    assert!(error.peer_at_fault());

    let error = after(&[FRAME_VERSION, Tag::Trees as u8]).recv(Tag::PublicKey, 5).expect_err("another");
    assert_eq!(error.to_string(), "expected PublicKey but the peer sent Trees");
    assert!(error.peer_at_fault());

    let error = after(&[FRAME_VERSION, 254]).recv(Tag::PublicKey, 5).expect_err("unknown");
    assert_eq!(error.to_string(), "expected PublicKey but the peer sent an unknown message (tag 254)");
    assert!(error.peer_at_fault());
}

#[test]
fn a_truncated_frame_is_a_closed_connection() {
    let whole = [FRAME_VERSION, Tag::Infer as u8, 1, 2, 3];
    for len in 0..whole.len() {
        let error = after(&whole[..len]).recv(Tag::Infer, 3).expect_err("truncated");
        assert!(matches!(error, TransportError::Closed { .. }), "{error}");
        assert!(!error.peer_at_fault());
    }
    assert_eq!(after(&whole).recv(Tag::Infer, 3).expect("whole"), [1, 2, 3]);
}

#[test]
fn any_byte_where_a_head_is_due_is_handled() {
    for byte in 0..=u8::MAX {
        let received = after(&[FRAME_VERSION, byte]).recv(Tag::Bye, 0);
        match Tag::from_byte(byte) {
            Some(Tag::Bye) => assert!(received.is_ok()),
            Some(Tag::Abort) => assert!(matches!(received, Err(TransportError::PeerAborted))),
            Some(tag) => {
                assert!(
                    matches!(received, Err(TransportError::Unexpected { received, .. }) if received == tag)
                );
            }
            None => assert!(
                matches!(received, Err(TransportError::UnknownTag { received, .. }) if received == byte)
            ),
        }
    }
}

#[test]
fn an_abort_is_heard_in_place_of_any_frame_and_is_the_last_word() {
    for pair in [memory_boxed(), tcp_boxed()] {
        let (mut one, mut other) = pair;
        one.send(Tag::InferenceId, &[1]).expect("buffered");
        one.abort();
        assert_eq!(other.recv(Tag::InferenceId, 1).expect("sent before"), [1]);
        assert!(matches!(other.recv(Tag::Replies, 9), Err(TransportError::PeerAborted)));
        assert!(
            matches!(other.recv(Tag::Replies, 9), Err(TransportError::Closed { .. })),
            "no more after an error"
        );
        assert!(matches!(other.send(Tag::Bye, &[]), Err(TransportError::Closed { .. })));
        assert!(matches!(one.send(Tag::Bye, &[]), Err(TransportError::Closed { .. })));
        one.abort();
        other.abort();
    }
}

type Boxed = Box<dyn Transport>;

fn memory_boxed() -> (Boxed, Boxed) {
    let (one, other) = memory::pair();
    (Box::new(one), Box::new(other))
}

fn tcp_boxed() -> (Boxed, Boxed) {
    let (one, other) = tcp_pair(Limits::default());
    (Box::new(one), Box::new(other))
}

#[test]
fn an_abort_reaches_a_peer_that_is_still_sending() {
    let (mut one, mut other) = tcp_pair(Limits::default());
    let thread = thread::spawn(move || {
        // Far more than the sockets hold: the sender is stuck, then finds the connection gone.
        one.send(Tag::GarbledTables, &vec![0; 64 << 20]).and_then(|()| one.recv(Tag::TicketReady, 0))
    });
    other.recv_tag(&[Tag::GarbledTables]).expect("begun");
    other.abort();
    let error = thread.join().expect("no panic").expect_err("aborted");
    assert!(matches!(error, TransportError::PeerAborted | TransportError::Closed { .. }), "{error}");
}

#[test]
fn silence_times_out() {
    let (mut one, _other) = memory::pair_with(short(100));
    assert!(matches!(one.recv(Tag::Card, 1), Err(TransportError::TimedOut { .. })));
    let (mut one, _other) = tcp_pair(short(100));
    assert!(matches!(one.recv(Tag::Card, 1), Err(TransportError::TimedOut { .. })));
    let (mut one, _other) = tcp_pair(Limits { idle: Duration::from_millis(100), ..Limits::default() });
    let error = one.recv_request(&[Tag::Infer, Tag::Bye]).expect_err("nobody asks");
    assert_eq!(error.to_string(), "timed out while waiting for its next message");
}

#[test]
fn a_dripping_peer_is_cut_off() {
    let limits = Limits { min_rate: 1000, ..short(400) };
    let (mut one, mut socket) = tcp_and_socket(limits);
    let thread = thread::spawn(move || {
        let _ = socket.write_all(&[FRAME_VERSION, Tag::MaskedInput as u8]);
        // A byte well within each time-out: 1000 of them would take 100 seconds.
        while socket.write_all(&[0]).is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    // 0.4 s and 1 s for 1000 bytes are allowed.
    assert!(matches!(one.recv(Tag::MaskedInput, 1000), Err(TransportError::TimedOut { .. })));
    drop(one);
    thread.join().expect("no panic");
}

#[test]
fn a_peer_that_does_not_read_is_cut_off() {
    let (mut one, _socket) = tcp_and_socket(Limits { min_rate: u64::MAX, ..short(100) });
    let error = one.send(Tag::GarbledTables, &vec![0; 64 << 20]).expect_err("the sockets fill up");
    assert!(matches!(error, TransportError::TimedOut { .. }), "{error}");
    let (mut one, _other) = memory::pair_with(short(100));
    let error = one.send(Tag::GarbledTables, &vec![0; 2 << 20]).expect_err("the lane fills up");
    assert!(matches!(error, TransportError::TimedOut { .. }), "{error}");
}

#[test]
fn nobody_there_is_one_line() {
    let free = TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").to_string();
    let error = Tcp::connect(&free, Limits::default()).expect_err("nobody listens");
    let line = error.to_string();
    assert!(line.starts_with(&format!("cannot connect to {free}: ")), "{line}");
    assert!(line.ends_with("is a server listening there?") && !line.contains('\n'), "{line}");
    assert!(Tcp::connect("no port", Limits::default()).is_err());
}

#[test]
fn a_tap_alters_the_frame_it_is_told_to() {
    let (one, mut other) = memory::pair();
    let mut one = Tap::new(one, |tag, before, offset, part: &mut [u8]| {
        if tag == Tag::OtAnswer && before == 1 && offset == 0 {
            part[0] ^= 1;
        }
    });
    for _ in 0..3 {
        one.send(Tag::OtAnswer, &[4, 4]).expect("sent");
    }
    one.flush().expect("sent");
    for expected in [4, 5, 4] {
        assert_eq!(other.recv(Tag::OtAnswer, 2).expect("received"), [expected, 4]);
    }
    assert_eq!(one.sent().len(), 3);
}

#[test]
fn the_wire_is_what_the_documentation_says() {
    let (mut one, mut socket) = tcp_and_socket(Limits::default());
    one.send(Tag::InferenceId, &[9, 8]).expect("sent");
    one.send(Tag::TicketReady, &[]).expect("sent");
    one.abort();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).expect("closed");
    assert_eq!(bytes, [1, 17, 9, 8, 1, 25, 1, 255]);
}

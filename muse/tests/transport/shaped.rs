//! Latency and bandwidth that are not there: late, but never lost, reordered, or in the way of time-outs and ends. Times are
//! checked from below only.

use super::{pattern, short, talk};
use core::time::Duration;
use muse::{
    progress::Cancel,
    transport::{Limits, Link, Pipe, Shaped, ShapedTcp, Tag, Tcp, Transport, TransportError, memory},
};
use std::{io, net::TcpListener, sync::Mutex, sync::mpsc, thread, time::Instant};

/// Both ends of a TCP connection, shaped at the first.
fn pair(limits: Limits, link: Link) -> (ShapedTcp, Tcp) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound").to_string();
    let one = ShapedTcp::connect(&address, limits, link).expect("listening");
    (one, Tcp::from_stream(listener.accept().expect("connected").0, limits).expect("connected"))
}

fn link(bits_per_second: f64, round_trip_seconds: f64) -> Link {
    Link { bits_per_second, round_trip_seconds }
}

#[test]
fn frames_of_all_sizes_arrive() {
    for link in [Link::default(), link(f64::INFINITY, 0.002), link(1e9, 0.001), link(400e6, 0.0)] {
        let (one, other) = pair(Limits::default(), link);
        talk(one, other);
        let (one, other) = memory::pair_over(link, Limits::default());
        talk(one, other);
    }
}

/// Questions that wait for answers pay the round trip each; so do bytes the bandwidth.
#[test]
fn a_session_takes_at_least_what_the_link_takes() {
    let round_trip = 0.02;
    for shaped_at_one_end in [true, false] {
        let link = link(16e6, round_trip);
        let (mut one, mut other): (Box<dyn Transport>, Box<dyn Transport + Send>) = if shaped_at_one_end {
            let (one, other) = pair(Limits::default(), link);
            (Box::new(one), Box::new(other))
        } else {
            let (one, other) = memory::pair_over(link, Limits::default());
            (Box::new(one), Box::new(other))
        };
        let peer = thread::spawn(move || {
            for _ in 0..5 {
                other.recv(Tag::Infer, 8).expect("received");
                other.send(Tag::LastShare, &[0; 4]).expect("sent");
            }
            other.send(Tag::Replies, &[0; 200_000]).expect("sent");
            other.flush().expect("sent");
        });
        let start = Instant::now();
        for _ in 0..5 {
            one.send(Tag::Infer, &[0; 8]).expect("sent");
            one.recv(Tag::LastShare, 4).expect("answered");
        }
        let asked = start.elapsed();
        one.recv(Tag::Replies, 200_000).expect("received");
        peer.join().expect("no panic");
        assert!(asked >= Duration::from_secs_f64(5.0 * round_trip), "{asked:?}");
        // 200 kB at 2 MB a second.
        assert!(start.elapsed() >= asked + Duration::from_millis(80), "{:?}", start.elapsed());
    }
}

/// A writer runs ahead: far more than a round trip's worth of bytes is taken without an answer.
#[test]
fn writes_do_not_wait_for_the_link() {
    let (mut one, mut other) = pair(short(50), link(f64::INFINITY, 100.0));
    for _ in 0..40 {
        one.send(Tag::Trees, &[7; 100_000]).expect("taken at once, or this would time out");
    }
    one.flush().expect("taken");
    // And nothing of it has arrived.
    assert!(matches!(other.recv_tag(&[Tag::Trees]), Err(TransportError::TimedOut { .. })));
    // Nobody waits for what is still on its way.
    core::mem::forget(one);
}

#[test]
fn time_outs_and_cancelling_are_those_of_the_transport() {
    let (mut one, _other) = pair(short(100), link(1e9, 0.01));
    assert!(matches!(one.recv(Tag::Card, 1), Err(TransportError::TimedOut { .. })));

    // Nobody reads: the line and the sockets fill up.
    let (mut one, _other) = pair(Limits { min_rate: u64::MAX, ..short(100) }, link(1e9, 0.01));
    let error = one.send(Tag::GarbledTables, &vec![0; 64 << 20]).expect_err("full");
    assert!(matches!(error, TransportError::TimedOut { .. }), "{error}");

    let (mut one, _other) = pair(Limits::with_timeout(Duration::from_secs(3600)), link(1e9, 0.01));
    let cancel = Cancel::new();
    one.cancel_with(cancel.clone());
    let waiting = thread::spawn(move || one.recv(Tag::Card, 1));
    cancel.cancel();
    assert!(matches!(waiting.join().expect("no panic"), Err(TransportError::Cancelled)));
}

#[test]
fn an_abort_arrives_after_what_was_sent_before_either_way() {
    let (mut one, mut other) = pair(Limits::default(), link(1e9, 0.01));
    one.send(Tag::Trees, &pattern(300_000)).expect("sent");
    one.abort();
    assert!(other.recv(Tag::Trees, 300_000).expect("sent before") == pattern(300_000));
    assert!(matches!(other.recv(Tag::Bye, 0), Err(TransportError::PeerAborted)));

    let (mut one, mut other) = pair(Limits::default(), link(1e9, 0.01));
    other.send(Tag::Trees, &pattern(300_000)).expect("sent");
    other.abort();
    assert!(one.recv(Tag::Trees, 300_000).expect("sent before") == pattern(300_000));
    assert!(matches!(one.recv(Tag::Bye, 0), Err(TransportError::PeerAborted)));
}

/// A last message that is followed by the end of this side arrives.
#[test]
fn a_farewell_arrives() {
    let (mut one, mut other) = pair(Limits::default(), link(1e9, 0.05));
    one.send(Tag::Bye, &[]).expect("sent");
    one.flush().expect("sent");
    drop(one);
    other.recv(Tag::Bye, 0).expect("received");
    assert!(matches!(other.recv(Tag::Bye, 0), Err(TransportError::Closed { .. })));
}

#[test]
fn a_peer_that_is_gone_is_noticed() {
    let (mut one, other) = pair(Limits::default(), link(1e9, 0.01));
    drop(other);
    assert!(matches!(one.recv(Tag::Card, 1), Err(TransportError::Closed { .. })));
    let (mut one, other) = pair(Limits::default(), link(1e9, 0.01));
    drop(other);
    let error = one.send(Tag::GarbledTables, &vec![0; 64 << 20]).expect_err("nobody takes it");
    assert!(matches!(error, TransportError::Closed { .. } | TransportError::Io { .. }), "{error}");
}

/// A pipe that says when it is dropped.
struct Marked(Mutex<mpsc::Sender<()>>);

impl Pipe for Marked {
    fn read(&mut self, _: &mut [u8], patience: Duration) -> io::Result<usize> {
        thread::sleep(patience.min(Duration::from_millis(10)));
        Err(io::ErrorKind::TimedOut.into())
    }

    fn write(&mut self, bytes: &[u8], _: Duration) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn close(&mut self) {}
}

impl Drop for Marked {
    fn drop(&mut self) {
        let _ = self.0.lock().map(|sender| sender.send(()));
    }
}

#[test]
fn the_threads_end_with_the_connection() {
    let (sender, ended) = mpsc::channel();
    let marked = || Marked(Mutex::new(sender.clone()));
    drop(Shaped::new(marked(), marked(), Link::default()).expect("threads"));
    for _ in 0..2 {
        ended.recv_timeout(Duration::from_secs(60)).expect("a thread let go of its pipe");
    }
}

#[test]
fn links_that_are_none_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound").to_string();
    for link in [link(0.0, 0.1), link(f64::NAN, 0.1), link(1e6, -0.1), link(1e6, f64::INFINITY)] {
        let error = ShapedTcp::connect(&address, Limits::default(), link).expect_err("no link");
        assert!(matches!(error, TransportError::Io { .. }), "{error}");
    }
}

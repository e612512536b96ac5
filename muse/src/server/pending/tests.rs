use super::*;
use alloc::{collections::VecDeque, sync::Arc};
use core::net::Ipv4Addr;
use std::sync::Mutex;

/// A stream that a test fills.
#[derive(Clone, Debug, Default)]
struct Fake(Arc<Mutex<VecDeque<u8>>>);

impl Fake {
    fn put(&self, bytes: &[u8]) {
        self.0.lock().unwrap().extend(bytes);
    }
}

impl Read for Fake {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.0.lock().unwrap();
        if bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        bytes.read(out)
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
const MILLI: Duration = Duration::from_millis(1);

fn peer(n: usize) -> SocketAddr {
    (Ipv4Addr::from_bits(n as u32), 77).into()
}

fn hello() -> HelloFrame {
    let mut bytes = [7; HEAD + Hello::LEN];
    bytes[..2].copy_from_slice(&[FRAME_VERSION, Tag::ClientHello as u8]);
    bytes
}

/// Looks whenever it is time to, until somebody leaves; how long after `start` that was.
fn wait(pending: &mut Pending<Fake>, start: Instant) -> (Leaving<Fake>, Duration) {
    loop {
        let due = pending.due().expect("somebody waits");
        if let Some(leaving) = pending.poll(due).pop() {
            return (leaving, due - start);
        }
        assert!(pending.due().is_none_or(|next| next > due), "time passes");
    }
}

#[test]
fn a_hello_is_taken_in_pieces_and_no_byte_more() {
    let (start, stream) = (Instant::now(), Fake::default());
    let mut pending = Pending::new(PATIENCE);
    assert!(pending.add(stream.clone(), peer(1), start).is_none());
    assert!(pending.poll(start).is_empty());
    for (number, byte) in hello().into_iter().enumerate() {
        stream.put(&[byte]);
        let last = number + 1 == hello().len();
        if last {
            stream.put(b"more");
        }
        let leaving = pending.poll(start + (1 + number as u32) * 50 * MILLI);
        assert_eq!(leaving.len(), usize::from(last), "byte {number}");
        for leaving in leaving {
            assert!(matches!(leaving.outcome, Outcome::Hello(bytes) if bytes == hello()));
        }
    }
    assert_eq!(stream.0.lock().unwrap().len(), 4);
    assert!(pending.due().is_none());
}

#[test]
fn who_says_nothing_or_drips_leaves_when_its_time_is_over() {
    for bytes in [0, 1, 2, 76] {
        let (start, stream) = (Instant::now(), Fake::default());
        stream.put(&hello()[..bytes]);
        let mut pending = Pending::new(PATIENCE);
        pending.add(stream, peer(1), start);
        let (leaving, after) = wait(&mut pending, start);
        let Outcome::Failed(TransportError::TimedOut { .. }) = leaving.outcome else { panic!("{leaving:?}") };
        assert_eq!(after, PATIENCE, "{bytes}");
    }
    // A byte at every look does not buy a moment.
    let (start, stream) = (Instant::now(), Fake::default());
    let mut pending = Pending::new(60 * MILLI);
    pending.add(stream.clone(), peer(1), start);
    for byte in hello() {
        stream.put(&[byte]);
        let due = pending.due().unwrap();
        if let Some(leaving) = pending.poll(due).pop() {
            assert!(matches!(leaving.outcome, Outcome::Failed(TransportError::TimedOut { .. })));
            assert_eq!(due - start, 60 * MILLI);
            return;
        }
    }
    panic!("it was heard out");
}

#[test]
fn what_is_no_hello_leaves_at_once() {
    let cases: [(&[u8], &str); 4] = [
        (b"GET / HTTP/1.1", "the peer's frames have version 71"),
        (&[FRAME_VERSION, Tag::Abort as u8], "the peer aborted"),
        (&[FRAME_VERSION, Tag::Preprocess as u8], "expected ClientHello but the peer sent Preprocess"),
        (&[FRAME_VERSION, 254], "unknown message (tag 254)"),
    ];
    for (bytes, message) in cases {
        let (start, stream) = (Instant::now(), Fake::default());
        stream.put(bytes);
        let mut pending = Pending::new(PATIENCE);
        pending.add(stream, peer(1), start);
        let leaving = pending.poll(start);
        let Outcome::Failed(error) = &leaving[0].outcome else { panic!("{leaving:?}") };
        assert!(error.to_string().contains(message), "{error}");
    }
    let mut pending = Pending::new(PATIENCE);
    pending.add(io::empty(), peer(1), Instant::now());
    let leaving = pending.poll(Instant::now());
    assert!(matches!(leaving[0].outcome, Outcome::Failed(TransportError::Closed { .. })));
}

#[test]
fn a_silent_connection_is_looked_at_about_a_hundred_times() {
    let start = Instant::now();
    let mut pending = Pending::new(PATIENCE);
    pending.add(Fake::default(), peer(1), start);
    let mut looks = 0;
    while let Some(due) = pending.due() {
        assert!(looks == 0 || due - start <= PATIENCE);
        pending.poll(due);
        looks += 1;
    }
    assert!((100..120).contains(&looks), "{looks}");
}

#[test]
fn one_address_pushes_out_its_own() {
    let start = Instant::now();
    let mut pending = Pending::new(PATIENCE);
    let honest = Fake::default();
    pending.add(honest.clone(), peer(1), start);
    for number in 0..10_000 {
        let pushed = pending.add(Fake::default(), peer(2), start);
        assert_eq!(pushed.is_some(), number >= CANDIDATES_PER_ADDRESS, "{number}");
        assert!(
            pushed.is_none_or(|pushed| pushed.peer == peer(2) && matches!(pushed.outcome, Outcome::Crowded))
        );
    }
    honest.put(&hello());
    assert!(pending.poll(start).iter().any(|leaving| leaving.peer == peer(1)));
    assert!(pending.candidates.len() <= CANDIDATES_PER_ADDRESS);
}

/// IPv6 addresses of one /64 are one address here as well.
#[test]
fn a_network_of_ipv6_pushes_out_its_own() {
    let start = Instant::now();
    let mut pending = Pending::new(PATIENCE);
    for number in 0..10_000u16 {
        pending.add(Fake::default(), format!("[2001:db8::{number:x}]:7").parse().unwrap(), start);
    }
    assert_eq!(pending.candidates.len(), CANDIDATES_PER_ADDRESS);
}

#[test]
fn in_a_full_room_the_address_with_most_connections_pays() {
    let start = Instant::now();
    let mut pending = Pending::new(PATIENCE);
    pending.add(Fake::default(), peer(1), start);
    for number in 0..CANDIDATES - 1 {
        // Eight addresses share it; one has a connection more than the others.
        assert!(pending.add(Fake::default(), peer(2 + number % 9), start).is_none());
    }
    for number in 0..100 {
        let pushed = pending.add(Fake::default(), peer(1000 + number), start).expect("full");
        assert_ne!(pushed.peer, peer(1), "has but one");
        assert!(pushed.peer.ip() < peer(1000).ip());
    }
    assert_eq!(pending.candidates.len(), CANDIDATES);
    // With one each, the longest waiting leaves: as many as may wait have to come before a newcomer does.
    let mut pending = Pending::new(PATIENCE);
    for number in 0..2 * CANDIDATES {
        let pushed = pending.add(Fake::default(), peer(number), start);
        assert_eq!(pushed.map(|pushed| pushed.peer), number.checked_sub(CANDIDATES).map(peer));
    }
}

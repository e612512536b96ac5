//! Clients that take what others need: places, hellos, time, sessions. Addresses are those of this machine, of which Linux has many. No test
//! asserts how long anything takes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use muse_tests::common;

use alloc::sync::Arc;
use common::{limits, tiny};
use core::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use muse::{
    Client, ClientConfig, Error, Protocol, Server, ServerConfig,
    channel::Channel,
    handshake::{HandshakeError, Hello, Refused},
    model::plaintext,
    server::{Event, Monitor, Refusal, Stop},
    transport::{FRAME_VERSION, Framed, Limits, Tag, Tcp, Transport, TransportError, memory},
};
use muse_field::{Fp, prg::Prg, wire::Decode};
use muse_test_support::forward;
use muse_zk::wellformed::{Challenge, ProofShape};
use socket2::{Domain, Socket, Type};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
    thread::{self, JoinHandle},
};

/// A server of the tiny network, to its end.
struct Running {
    address: SocketAddr,
    stop: Stop,
    serving: Option<JoinHandle<Result<(), Error>>>,
}

impl Running {
    fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), Stop::new(&listener).unwrap());
        let server = Server::new(tiny(), config).unwrap();
        let serving = thread::spawn({
            let stop = stop.clone();
            move || server.serve_until(listener, &stop)
        });
        Self { address, stop, serving: Some(serving) }
    }

    /// A connection from the address 127.0.0.`host`.
    fn connect(&self, host: u8) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0)).into()).unwrap();
        socket.connect(&self.address.into()).unwrap();
        socket.into()
    }

    fn client(&self, host: u8) -> Result<Client, Error> {
        Client::over(Tcp::from_stream(self.connect(host), limits()).unwrap(), ClientConfig::default())
    }

    /// A client that says hello and nothing else. It has its place when it has its answer.
    fn stalled(&self, host: u8) -> TcpStream {
        let mut stream = self.connect(host);
        let hello = Hello::new(Protocol::default(), &mut Prg::from_seed([host; 32])).to_bytes();
        stream.write_all(&[&[FRAME_VERSION, Tag::ClientHello as u8], &hello[..]].concat()).unwrap();
        stream.read_exact(&mut [0; 1]).unwrap();
        stream
    }

    fn end(mut self) {
        self.stop.stop();
        self.serving.take().unwrap().join().unwrap().unwrap();
    }
}

const INPUT: [Fp; 6] = [Fp::ONE; 6];

/// An inference from the beginning to the end.
fn is_served<T: Channel>(client: Result<Client<T>, Error>) {
    let mut client = client.unwrap();
    let ticket = client.preprocess().unwrap();
    let logits = client.infer_elements(ticket, &INPUT).unwrap();
    assert_eq!(logits.elements(), plaintext::forward(&tiny(), &INPUT));
    client.close();
}

/// Hears of refusals and ends.
struct Ears(Mutex<mpsc::Sender<String>>);

impl Ears {
    fn new() -> (Arc<Self>, mpsc::Receiver<String>) {
        let (sender, heard) = mpsc::channel();
        (Arc::new(Self(Mutex::new(sender))), heard)
    }
}

impl Monitor for Ears {
    fn event(&self, _peer: SocketAddr, event: &Event<'_>) {
        let line = match event {
            Event::TurnedAway { reason } => format!("refused: {reason}"),
            Event::Ended { error: Some(error), .. } => format!("ended: {error}"),
            Event::Ended { .. } => "ended".to_owned(),
            Event::Started | Event::Preprocessed { .. } | Event::Inferred { .. } | _ => return,
        };
        let _ = self.0.lock().unwrap().send(line);
    }
}

/// One after the other, and each at its first try.
fn thirty_three_are_served(server: &Running) {
    (0..33).for_each(|n| is_served(server.client(100 + n)));
}

#[test]
fn honest_clients_are_served_beside_two_silent_addresses() {
    let server = Running::start(ServerConfig::default());
    // More than there are places, or room for an address, from both.
    let silent: Vec<_> = (0..100).map(|n| server.connect(2 + n % 2)).collect();
    thirty_three_are_served(&server);
    drop(silent);
    server.end();
}

#[test]
fn honest_clients_are_served_beside_two_addresses_that_say_hello_and_stop() {
    let server = Running::start(ServerConfig::default());
    let stalled: Vec<_> = (0..8).map(|n| server.stalled(2 + n % 2)).collect();
    for host in [2, 3] {
        let error = server.client(host).unwrap_err();
        assert!(matches!(error, Error::TurnedAway(Some(Refused::AddressFull))), "{error}");
    }
    thirty_three_are_served(&server);
    drop(stalled);
    server.end();
}

/// Places are full of clients that have a session and ask for nothing: those leave, the longest idle first.
#[test]
fn idle_sessions_give_way_to_newcomers() {
    let (ears, heard) = Ears::new();
    let mut config = ServerConfig::default();
    config.max_connections = 4;
    config.max_connections_per_address = 2;
    config.give_way = Duration::ZERO;
    config.monitor = ears;
    let server = Running::start(config);
    let mut idle: Vec<_> = [2, 2, 3, 3]
        .map(|host| {
            let mut client = server.client(host).unwrap();
            let ticket = client.preprocess().unwrap();
            (client, ticket)
        })
        .into();
    is_served(server.client(4));
    let (mut first, ticket) = idle.remove(0);
    assert!(first.infer_elements(ticket, &INPUT).is_err());
    for (mut client, ticket) in idle {
        client.infer_elements(ticket, &INPUT).unwrap();
    }
    server.end();
    let ended: Vec<_> = heard.try_iter().filter(|line| line.starts_with("ended: ")).collect();
    assert_eq!(ended, [format!("ended: {}", Error::GaveWay)]);
}

/// Addresses that hold a quarter of the places each, with nothing idle, and that take every place again that becomes free.
#[test]
fn four_patient_addresses_keep_nobody_out() {
    let mut config = ServerConfig::default();
    config.give_way = Duration::ZERO;
    config.max_sessions_per_minute = ServerConfig::MAX_RATE;
    let server = Running::start(config);
    let mut patient: Vec<_> = (0..16).map(|n| server.stalled(2 + n % 4)).collect();
    for n in 0..12 {
        is_served(server.client(100 + n));
        patient.push(server.stalled(2 + n % 4));
    }
    drop(patient);
    server.end();
}

/// Everything of it is finished, and later than its bytes need.
#[test]
fn who_is_always_just_in_time_is_charged() {
    let (ears, heard) = Ears::new();
    let mut config = ServerConfig::default();
    // Two at once; a second of waiting costs ten. No byte needs any time.
    config.max_sessions_per_minute = 2;
    config.limits.min_rate = u64::MAX;
    config.monitor = ears;
    let server = Running::start(config);
    let (sender, _paused) = mpsc::channel();
    let (go_on, receiver) = mpsc::channel();
    let link = Tcp::from_stream(server.connect(2), limits()).unwrap();
    let late = Paused { inner: link, sender, receiver };
    let waker = thread::spawn(move || {
        for _ in 0..2 {
            thread::park_timeout(Duration::from_secs(2));
            go_on.send(()).unwrap();
        }
    });
    is_served(Client::over(late, ClientConfig::default()));
    waker.join().unwrap();
    assert_eq!(heard.recv().unwrap(), "ended");
    let error = server.client(2).unwrap_err();
    assert!(matches!(error, Error::TurnedAway(Some(Refused::Rate { .. }))), "{error}");
    server.end();
}

/// A client that has anything under way keeps its place, however full the server is, if it has no other.
#[test]
fn who_is_at_work_and_alone_does_not_give_way() {
    let mut config = ServerConfig::default();
    config.max_connections = 1;
    config.give_way = Duration::ZERO;
    let server = Running::start(config);
    let link = Tcp::from_stream(server.connect(2), limits()).unwrap();
    let (paused, go_on) = (mpsc::channel(), mpsc::channel());
    let (sender, receiver) = (paused.0, go_on.1);
    let slow = thread::spawn(move || {
        let mut client = Client::over(Paused { inner: link, sender, receiver }, ClientConfig::default())?;
        let ticket = client.preprocess()?;
        client.infer_elements(ticket, &INPUT).map(drop)
    });
    // An unanswered challenge, then an inference that has begun.
    for _ in [Tag::ProofResponses, Tag::MaskedActivations] {
        paused.1.recv().unwrap();
        let error = server.client(3).unwrap_err();
        assert!(matches!(error, Error::TurnedAway(Some(Refused::Full))), "{error}");
        go_on.0.send(()).unwrap();
    }
    slow.join().unwrap().unwrap();
    server.end();
}

/// Waits for a word before some messages.
struct Paused<T> {
    inner: T,
    sender: mpsc::Sender<()>,
    receiver: mpsc::Receiver<()>,
}

impl<T: Transport> Transport for Paused<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        if matches!(tag, Tag::ProofResponses | Tag::MaskedActivations) {
            self.inner.flush()?;
            self.sender.send(()).unwrap();
            self.receiver.recv().unwrap();
        }
        self.inner.begin_send(tag, len)
    }

    forward!(write, recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Paused<T> {
    forward!(begin_phase, cancel_with);
}

#[test]
fn connecting_and_leaving_is_charged_to_the_address() {
    let (ears, heard) = Ears::new();
    let mut config = ServerConfig::default();
    config.monitor = ears;
    let server = Running::start(config);
    for n in 0..20 {
        // Nothing, half a hello, another protocol, another version of this one.
        let mut stream = server.connect(2);
        let mut hello = Hello::new(Protocol::default(), &mut Prg::from_seed([1; 32])).to_bytes();
        hello[8] ^= 0x40;
        let words: [&[u8]; 4] = [
            b"",
            &[FRAME_VERSION, Tag::ClientHello as u8, 1],
            b"GET / HTTP/1.1\r\n\r\n",
            &[&[FRAME_VERSION, Tag::ClientHello as u8], &hello[..]].concat(),
        ];
        stream.write_all(words[n % 4]).unwrap();
        drop(stream);
        assert!(heard.recv().unwrap().starts_with("ended: "));
    }
    let error = server.client(2).unwrap_err();
    assert!(matches!(error, Error::TurnedAway(Some(Refused::Rate { seconds: 1..=3 }))), "{error}");
    let told = heard.recv().unwrap();
    assert!(told.contains("has started all the sessions it may"), "{told}");
    is_served(server.client(3));
    server.end();
}

/// A session for the rate is one that ends well; one that keeps a place waiting costs as many as it held others up.
#[test]
fn a_place_held_for_nothing_is_charged_to_the_address() {
    let (ears, heard) = Ears::new();
    let mut config = ServerConfig::default();
    // Two at once; a second of silence costs ten, a third of a session.
    config.max_sessions_per_minute = 2;
    config.limits = Limits { read: Duration::from_secs(1), ..Limits::default() };
    config.monitor = ears;
    let server = Running::start(config);
    let stalled = server.stalled(2);
    assert!(heard.recv().unwrap().contains("timed out"));
    let error = server.client(2).unwrap_err();
    assert!(matches!(error, Error::TurnedAway(Some(Refused::Rate { .. }))), "{error}");
    drop(stalled);
    server.end();
}

#[test]
fn who_ends_in_good_order_is_charged_for_sessions_only() {
    let server = Running::start(ServerConfig::default());
    (0..20).for_each(|_| is_served(server.client(2)));
    // A run of a shell loop too many, unless twenty took so long that it is none.
    if let Err(error) = server.client(2) {
        assert!(matches!(error, Error::TurnedAway(Some(Refused::Rate { seconds: 1..=3 }))), "{error}");
    }
    server.end();
}

#[test]
fn another_disclosure_is_named_and_takes_no_place() {
    let (ears, heard) = Ears::new();
    let mut config = ServerConfig::default();
    config.monitor = ears;
    let server = Running::start(config);
    let mut config = ClientConfig::default();
    config.protocol = Protocol::ClientMaliciousPublished;
    let error = Client::over(Tcp::from_stream(server.connect(2), limits()).unwrap(), config).unwrap_err();
    let default = Protocol::default() as u8;
    assert!(
        matches!(error, Error::Handshake(HandshakeError::Protocol { theirs }) if theirs == default),
        "{error}"
    );
    let theirs = HandshakeError::Protocol { theirs: 3 };
    assert_eq!(heard.recv().unwrap(), format!("ended: {}", Error::Handshake(theirs)));
    server.end();
}

/// In a full room the newcomer is told so, or the one it pushed out is.
#[test]
fn a_flood_pushes_out_its_own_connections() {
    let (ears, heard) = Ears::new();
    let mut config = ServerConfig::default();
    config.hello = Duration::from_secs(3600);
    config.monitor = ears;
    let server = Running::start(config);
    let silent = server.connect(3);
    let flood: Vec<_> = (0..100).map(|_| server.connect(2)).collect();
    for _ in 0..100 - 32 {
        assert_eq!(heard.recv().unwrap(), format!("refused: {}", Refusal::Crowded));
    }
    assert!(heard.try_recv().is_err(), "nobody else leaves");
    is_served(server.client(4));
    drop((flood, silent));
    server.end();
}

/// Commitments to nothing, each a moment after the last was due: the tries of a proof that is never made share the time of one
/// preprocessing.
#[test]
fn tries_without_a_proof_do_not_hold_a_place() {
    let second = Duration::from_secs(1);
    let server_limits = Limits { phase: 2 * second, ..Limits::with_timeout(3600 * second) };
    let (mine, theirs) = memory::pipes();
    let server = Server::new(tiny(), ServerConfig::default()).unwrap();
    let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, server_limits)));
    let link = Dawdling { inner: Framed::new(mine, limits()), silent: false };
    let mut client = Client::over(link, ClientConfig::default()).unwrap();
    assert!(client.preprocess().is_err());
    let error = serving.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::TimedOut { .. })), "{error}");
}

/// Answers every challenge with a rejection, and takes its time. All 63 together take longer than the server's patience.
struct Dawdling<T> {
    inner: T,
    silent: bool,
}

impl<T: Transport> Transport for Dawdling<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        if tag != Tag::ProofResponses {
            return self.inner.begin_send(tag, len);
        }
        self.silent = true;
        let plan = muse::plan::Plan::new(Protocol::ClientMalicious, tiny().architecture().clone()).unwrap();
        let bytes = Challenge::len_for(ProofShape::new(plan.budget()).unwrap());
        for _ in 0..200 {
            self.inner.send(Tag::ProofRejected, &[])?;
            self.inner.send(Tag::ProofCommitment, &[7; 32])?;
            self.inner.recv_tag(&[Tag::ProofChallenge])?;
            self.inner.read(&mut vec![0; bytes])?;
            thread::park_timeout(Duration::from_millis(60));
        }
        Err(TransportError::PeerAborted)
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        if self.silent { Ok(()) } else { self.inner.write(part) }
    }

    forward!(recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Dawdling<T> {
    forward!(begin_phase, cancel_with);
}

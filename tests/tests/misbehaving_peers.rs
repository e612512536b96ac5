//! Peers that speak another version, send garbage, cheat in oblivious transfer, close half-way or ask for too much: one error, no
//! panic, no hang, and a server that keeps serving.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use common::{Meddle, Meddled, client_config, limits, serve_with, server_config, session, session_in, tiny};
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Fault, MAX_INFERENCES, Protocol, Server, ServerConfig,
    accounts::{Component, Phase},
    handshake::{HandshakeError, Hello, Refused, VERSION},
    model::plaintext,
    server::Stop,
    transport::{Framed, Pipe, Tag, Transport, TransportError, memory::MemoryPipe},
};
use muse_field::{Fp, prg::Prg};
use muse_gc::error::Check;
use proptest::prelude::*;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// What a client hears of a server that gave up: that it did.
fn heard_abort(error: &Error) -> bool {
    matches!(error, Error::Transport(TransportError::PeerAborted))
}

/// Sends the server a hello with byte `at` changed: what it answers, before it ends the connection, and what it says itself.
fn with_changed_hello(at: usize) -> (Tag, Vec<u8>, Error) {
    let (pipe, serving) = common::serve(tiny());
    let mut link = Framed::new(pipe, limits());
    let mut hello = Hello::new(Protocol::default(), &mut Prg::from_seed([1; 32])).to_bytes();
    hello[at] ^= 0x40;
    link.send(Tag::ClientHello, &hello).unwrap();
    let tag = link.recv_tag(&[Tag::ServerHello, Tag::Refused]).unwrap();
    let mut answer = vec![0; if tag == Tag::Refused { Refused::LEN } else { Hello::LEN }];
    link.read(&mut answer).unwrap();
    assert!(
        matches!(link.recv_tag(&[Tag::Card]), Err(TransportError::PeerAborted)),
        "no card for a stranger"
    );
    (tag, answer, serving.join().unwrap().unwrap_err())
}

#[test]
fn a_hello_that_differs_ends_the_connection_and_is_answered_by_a_hello() {
    let cases = [
        (0, HandshakeError::Magic),
        (8, HandshakeError::Version { theirs: VERSION ^ 0x40 }),
        (43, HandshakeError::Parameters),
        (74, HandshakeError::Parameters),
    ];
    for (at, expected) in cases {
        let (tag, answer, error) = with_changed_hello(at);
        assert_eq!(tag, Tag::ServerHello);
        let theirs = Hello::decode_matching(answer[..].try_into().unwrap(), Protocol::default());
        assert!(theirs.is_ok(), "the client can tell what differs from the server's own hello");
        assert!(matches!(error, Error::Handshake(found) if found == expected), "byte {at}: {error}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[test]
fn a_hello_of_another_mode_is_answered_by_what_the_server_runs() {
    let theirs = Protocol::default() as u8;
    let (tag, answer, error) = with_changed_hello(10);
    assert_eq!(tag, Tag::Refused);
    assert_eq!(Refused::from_bytes(answer[..].try_into().unwrap()), Some(Refused::Protocol { theirs }));
    let other = HandshakeError::Protocol { theirs: theirs ^ 0x40 };
    assert!(matches!(error, Error::Handshake(found) if found == other), "{error}");
}

/// What a client makes of a refusal: each code that there is, and bytes that are none.
#[test]
fn a_client_understands_refusals_and_nothing_else() {
    let with = |body: [u8; Refused::LEN]| {
        let (mine, mut link) = muse::transport::memory::pair();
        let server = thread::spawn(move || {
            link.recv(Tag::ClientHello, Hello::LEN).unwrap();
            link.send(Tag::Refused, &body).unwrap();
            link.flush().unwrap();
        });
        let error = Client::over(mine, ClientConfig::default()).unwrap_err();
        server.join().unwrap();
        error
    };
    for refused in [Refused::Full, Refused::AddressFull, Refused::Rate { seconds: 40 }, Refused::Penalty] {
        assert!(matches!(with(refused.to_bytes()), Error::TurnedAway(Some(found)) if found == refused));
    }
    let published = with(Refused::Protocol { theirs: 3 }.to_bytes()).to_string();
    assert!(published.contains("client-malicious with the published disclosure"), "{published}");
    for body in [[0; 5], [6, 0, 0, 0, 0], [1, 1, 0, 0, 0], [3, 0, 0, 0, 0], [255; 5]] {
        assert!(matches!(with(body), Error::Peer(Fault::Malformed(_))), "{body:?}");
    }
}

#[test]
fn a_client_names_the_version_of_a_server_from_the_future() {
    let (mine, theirs) = muse::transport::memory::pair();
    let server = thread::spawn(move || {
        let mut link = theirs;
        link.recv(Tag::ClientHello, Hello::LEN).unwrap();
        let mut hello = Hello::new(Protocol::default(), &mut Prg::from_seed([1; 32])).to_bytes();
        hello[8] = VERSION as u8 + 1;
        link.send(Tag::ServerHello, &hello).unwrap();
        link.flush().unwrap();
    });
    let error = Client::over(mine, ClientConfig::default()).unwrap_err();
    assert!(error.to_string().contains(&format!("version {}", VERSION + 1)), "{error}");
    server.join().unwrap();
}

/// Flips one bit of the outgoing stream.
struct Flip {
    position: u64,
    bit: u8,
}

impl Meddle for Flip {
    fn outgoing(&mut self, position: u64, bytes: &mut Vec<u8>) -> bool {
        if let Some(byte) = self.position.checked_sub(position).and_then(|i| bytes.get_mut(i as usize)) {
            *byte ^= 1 << self.bit;
        }
        true
    }
}

/// Cuts the connection at a byte of the outgoing stream.
struct Cut(u64);

impl Meddle for Cut {
    fn outgoing(&mut self, position: u64, bytes: &mut Vec<u8>) -> bool {
        let left = self.0.saturating_sub(position);
        let go_on = (bytes.len() as u64) < left;
        bytes.truncate(left as usize);
        go_on
    }
}

/// A whole inference in the baseline with a client whose outgoing bytes are meddled with. (The suite of cheaters does the same to the
/// client-malicious mode.)
fn infer_meddled<M: Meddle>(meddler: M) -> (Result<Vec<Fp>, Error>, Result<(), Error>) {
    let (pipe, serving) = serve_with(tiny(), server_config(Protocol::SemiHonest));
    let outcome = infer_over(Framed::new(Meddled::new(pipe, meddler), limits()));
    (outcome, serving.join().expect("the server does not panic"))
}

fn infer_over<P: Pipe>(link: Framed<P>) -> Result<Vec<Fp>, Error> {
    let mut client = Client::over(link, client_config(Protocol::SemiHonest))?;
    let ticket = client.preprocess()?;
    Ok(client.infer_elements(ticket, &input())?.elements().to_vec())
}

fn input() -> [Fp; 6] {
    [64, 0, 3, 63, 17, 32].map(Fp::new)
}

/// Bytes that an honest client sends up to its claim of a ticket, and where its OT columns start.
fn honest_stream() -> (u64, u64) {
    let (mut client, _serving) = session_in(Protocol::SemiHonest, tiny());
    let ticket = client.preprocess().unwrap();
    let stats = client.stats();
    let transfer = stats.get(Phase::Preprocessing, Component::ObliviousTransfer).sent;
    let preprocessed = stats.total().sent;
    client.infer_elements(ticket, &input()).unwrap();
    (client.stats().total().sent, preprocessed - transfer)
}

#[test]
fn an_inconsistent_ot_receiver_is_caught_before_any_label_leaves() {
    let (_, columns) = honest_stream();
    // Bit 0 of the first row of one block of columns; behind the frame's head.
    let (outcome, served) = infer_meddled(Flip { position: columns + 2, bit: 0 });
    assert!(heard_abort(&outcome.unwrap_err()));
    assert!(matches!(served, Err(Error::Peer(Fault::Transfer(Check::CorrelatedOt)))), "{served:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 20, ..ProptestConfig::default() })]

    /// In the semi-honest mode a changed bit may go unnoticed and only spoil the client's own result; it never hangs or panics.
    #[test]
    fn a_flipped_bit_anywhere_is_survived(share in 0.0..1.0_f64, bit in 0..8_u8) {
        let (length, _) = HONEST.with(|honest| *honest);
        let position = (share * length as f64) as u64;
        let (_, served) = infer_meddled(Flip { position, bit });
        if let Err(error) = served {
            prop_assert!(!error.to_string().contains('\n'));
            prop_assert!(!matches!(error, Error::Internal(_)), "{error}");
        }
    }

    #[test]
    fn a_connection_cut_anywhere_ends_both_sides(share in 0.0..1.0_f64) {
        let (length, _) = HONEST.with(|honest| *honest);
        let (outcome, served) = infer_meddled(Cut((share * length as f64) as u64));
        prop_assert!(outcome.is_err());
        let error = served.unwrap_err();
        prop_assert!(matches!(error, Error::Transport(TransportError::Closed { .. })), "{error}");
        prop_assert!(!error.peer_at_fault(), "a lost connection is nobody's fault");
    }

    #[test]
    fn garbage_instead_of_a_hello_is_refused(garbage in prop::collection::vec(any::<u8>(), 0..300)) {
        let (mut pipe, serving) = common::serve(tiny());
        let mut rest = &garbage[..];
        while !rest.is_empty() {
            match pipe.write(rest, Duration::from_secs(5)) {
                Ok(n) => rest = &rest[n..],
                Err(_) => break,
            }
        }
        pipe.close();
        prop_assert!(serving.join().expect("no panic").is_err());
    }
}

thread_local! {
    static HONEST: (u64, u64) = honest_stream();
}

/// The server's stream changed on its way: the client must survive that too.
#[test]
fn a_client_survives_a_broken_server() {
    let (mut client, _serving) = session_in(Protocol::SemiHonest, tiny());
    let ticket = client.preprocess().unwrap();
    client.infer_elements(ticket, &input()).unwrap();
    let length = client.stats().total().received;
    for step in 0..40 {
        for meddler in 0..2 {
            let position = length * step / 40 + step % 3;
            let (mine, theirs) = muse::transport::memory::pipes();
            let server = Server::new(tiny(), server_config(Protocol::SemiHonest)).unwrap();
            let serving = thread::spawn(move || match meddler {
                0 => server.serve_connection(&mut Framed::new(
                    Meddled::new(theirs, Flip { position, bit: (step % 8) as u8 }),
                    limits(),
                )),
                _ => server.serve_connection(&mut Framed::new(Meddled::new(theirs, Cut(position)), limits())),
            });
            let outcome = infer_over(Framed::new(mine, limits()));
            assert!(meddler == 0 || outcome.is_err());
            let _ = serving.join().expect("the server does not panic");
        }
    }
}

/// Two inferences of one id would name two ciphertexts alike, and their difference would lose its mask.
#[test]
fn a_client_refuses_an_inference_id_twice() {
    // In the baseline: how many tries a proof takes, and so where the id comes, is random otherwise.
    let (mut client, _serving) = session_in(Protocol::SemiHonest, tiny());
    let _ticket = client.preprocess().unwrap();
    // The server's next frame carries the second id, 1, behind its head of two bytes.
    let position = client.stats().total().received + 2;

    let (mine, theirs) = muse::transport::memory::pipes();
    let server = Server::new(tiny(), server_config(Protocol::SemiHonest)).unwrap();
    let _serving = thread::spawn(move || {
        server.serve_connection(&mut Framed::new(Meddled::new(theirs, Flip { position, bit: 0 }), limits()))
    });
    let mut client = Client::over(Framed::new(mine, limits()), client_config(Protocol::SemiHonest)).unwrap();
    let _ticket = client.preprocess().unwrap();
    assert!(matches!(client.preprocess(), Err(Error::Peer(Fault::InferenceId))));
    assert!(matches!(client.preprocess(), Err(Error::SessionOver)));
}

#[test]
fn a_ticket_that_does_not_exist_ends_the_session() {
    let (pipe, serving) = common::serve(tiny());
    let mut client = Client::over(Framed::new(Claims(pipe), limits()), ClientConfig::default()).unwrap();
    let ticket = client.preprocess().unwrap();
    assert!(heard_abort(&client.infer_elements(ticket, &input()).unwrap_err()));
    assert!(matches!(client.preprocess(), Err(Error::SessionOver)));
    assert!(matches!(serving.join().unwrap(), Err(Error::Peer(Fault::Ticket))));
}

/// Claims another ticket than its own: the claim is the only frame of 10 bytes that leaves with the input behind it.
struct Claims(MemoryPipe);

impl Pipe for Claims {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> std::io::Result<usize> {
        self.0.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> std::io::Result<usize> {
        let mut bytes = bytes.to_vec();
        if bytes.starts_with(&[1, Tag::Infer as u8]) {
            bytes[2] ^= 1;
        }
        let length = bytes.len();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let n = self.0.write(rest, patience)?;
            rest = &rest[n..];
        }
        Ok(length)
    }

    fn close(&mut self) {
        self.0.close();
    }
}

#[test]
fn a_hoarder_of_tickets_is_cut_off() {
    let mut config = ServerConfig::default();
    config.max_tickets = 2;
    let (pipe, serving) = serve_with(tiny(), config);
    let mut client = Client::over(Framed::new(pipe, limits()), ClientConfig::default()).unwrap();
    let _kept = (client.preprocess().unwrap(), client.preprocess().unwrap());
    assert!(heard_abort(&client.preprocess().unwrap_err()));
    assert!(matches!(serving.join().unwrap(), Err(Error::Peer(Fault::TooManyTickets))));
}

#[test]
fn a_session_ends_with_its_last_inference() {
    // The limit is the same in both modes; the baseline reaches it sooner.
    let (mut client, serving) = session_in(Protocol::SemiHonest, tiny());
    let expected = plaintext::forward(&tiny(), &input());
    for _ in 0..MAX_INFERENCES {
        let ticket = client.preprocess().unwrap();
        assert_eq!(client.infer_elements(ticket, &input()).unwrap().elements(), &expected[..]);
    }
    // Nothing was sent, so the session ends in good order.
    assert!(matches!(client.preprocess(), Err(Error::Exhausted)));
    drop(client);
    serving.join().unwrap().unwrap();
}

/// The client's own limit is a courtesy; the server's is the one that counts.
#[test]
fn a_client_that_ignores_the_limit_of_inferences_is_cut_off() {
    let (pipe, serving) = serve_with(tiny(), server_config(Protocol::SemiHonest));
    let mut link = Framed::new(pipe, limits());
    let mut client = Client::over(&mut link, client_config(Protocol::SemiHonest)).unwrap();
    for _ in 0..MAX_INFERENCES {
        let ticket = client.preprocess().unwrap();
        client.infer_elements(ticket, &input()).unwrap();
    }
    // Without a farewell.
    core::mem::forget(client);
    link.send(Tag::Preprocess, &[]).unwrap();
    assert!(matches!(link.recv(Tag::InferenceId, 8), Err(TransportError::PeerAborted)));
    assert!(matches!(serving.join().unwrap(), Err(Error::Exhausted)));
}

#[test]
fn wrong_inputs_and_foreign_tickets_are_refused_before_anything_is_sent() {
    let (mut one, _s1) = session(tiny());
    let (mut other, _s2) = session(tiny());
    let ticket = one.preprocess().unwrap();
    assert!(matches!(other.infer_elements(ticket, &input()), Err(Error::ForeignTicket)));
    let ticket = one.preprocess().unwrap();
    assert!(matches!(
        one.infer_elements(ticket, &[Fp::ONE; 5]),
        Err(Error::InputLength { expected: 6, found: 5 })
    ));
    // Neither ended a session.
    let ticket = other.preprocess().unwrap();
    other.infer_elements(ticket, &input()).unwrap();
    let ticket = one.preprocess().unwrap();
    one.infer_elements(ticket, &input()).unwrap();
}

#[test]
fn a_network_too_large_for_the_client_is_refused_before_memory_is_taken() {
    let (pipe, serving) = common::serve(tiny());
    let mut config = ClientConfig::default();
    config.max_ticket_bytes = 1000;
    let error = Client::over(Framed::new(pipe, limits()), config).unwrap_err();
    assert!(matches!(error, Error::TicketTooLarge { needed: 1001.., allowed: 1000 }), "{error}");
    assert!(serving.join().unwrap().is_err());
}

#[test]
fn tickets_and_connections_print_nothing_secret() {
    let (mut client, _serving) = session(tiny());
    let ticket = client.preprocess().unwrap();
    assert_eq!(format!("{ticket:?}"), "Ticket(..)");
    let printed = format!("{client:?}");
    assert!(!printed.contains("inbox") && !printed.contains("outbox"), "{printed}");
}

/// More connections than there are places, which say nothing, have none: a client is served beside them, even at their address.
#[test]
fn a_crowd_that_says_nothing_has_no_place() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let mut config = ServerConfig::default();
    config.max_connections_per_address = 3;
    config.max_sessions_per_minute = 1000;
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });
    let crowd: Vec<_> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let mut client = Client::connect(&address, ClientConfig::default()).unwrap();
    drop(crowd);
    let ticket = client.preprocess().unwrap();
    client.infer_elements(ticket, &input()).unwrap();
    client.close();
    stop.stop();
    serving.join().unwrap().unwrap();
}

/// Over TCP: strangers of all kinds, then an honest client.
#[test]
fn the_server_keeps_serving() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let mut config = ServerConfig::default();
    config.limits = limits();
    config.limits.read = Duration::from_secs(2);
    config.max_connections_per_address = config.max_connections;
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });

    // A browser.
    let mut stranger = TcpStream::connect(&address).unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stranger.read_to_end(&mut answer);
    assert_eq!(answer, [1, Tag::Abort as u8], "a stranger hears that it is over and nothing else");
    // One who says nothing, one who hangs up, one who stops in the middle of a hello.
    let silent = TcpStream::connect(&address).unwrap();
    drop(TcpStream::connect(&address).unwrap());
    TcpStream::connect(&address).unwrap().write_all(&[1, Tag::ClientHello as u8, 77]).unwrap();

    let mut client = Client::connect(&address, ClientConfig::default()).unwrap();
    let ticket = client.preprocess().unwrap();
    let logits = client.infer_elements(ticket, &input()).unwrap();
    assert_eq!(logits.elements(), plaintext::forward(&tiny(), &input()));
    client.close();
    drop(silent);
    stop.stop();
    serving.join().unwrap().unwrap();
}

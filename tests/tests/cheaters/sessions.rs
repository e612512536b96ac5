//! What lives longer than a message: modes, tickets, sessions, and the server itself.

use crate::{
    common::{limits, serve_with, tiny},
    harness::Recorded,
};
use alloc::sync::Arc;
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Fault, Mode, Server, ServerConfig,
    deviate::Deviate,
    handshake::{HandshakeError, Hello},
    model::plaintext,
    plan::Plan,
    server::Stop,
    transport::{Framed, Pipe, Tag, Transport, TransportError, memory},
};
use muse_field::{Fp, prg::Prg, wire::Decode};
use muse_zk::wellformed::{Challenge, ProofShape};
use std::{io, net::TcpListener, sync::Mutex, thread};

const INPUT: [Fp; 6] = [Fp::ONE; 6];

/// Guesses alpha: opens a value that is off by one under a MAC that would be right for one alpha.
struct Guess(u64);

impl Deviate for Guess {
    fn opened(&self, _: usize, values: &mut [Fp], macs: &mut [Fp]) {
        values[0] += Fp::ONE;
        macs[0] += Fp::new(self.0);
    }
}

fn opening(error: &Error) -> bool {
    matches!(error, Error::Peer(Fault::Mac(muse_mac::error::Check::Opening)))
}

/// Several tickets are not several guesses: the first wrong one ends the session with all of them.
#[test]
fn a_failed_check_takes_all_tickets_along() {
    let (mine, theirs) = memory::pipes();
    let server = Server::new(tiny(), ServerConfig::default()).unwrap();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let record = sent.clone();
    let serving = thread::spawn(move || {
        server.serve_connection(&mut Recorded { inner: Framed::new(theirs, limits()), sent: record })
    });
    let mut link = Framed::new(mine, limits());
    let config = ClientConfig::default().with_deviation(Arc::new(Guess(12_345)));
    let mut client = Client::over(&mut link, config).unwrap();
    let mut tickets: Vec<_> = (0..3).map(|_| client.preprocess().unwrap()).collect();
    let error = client.infer(tickets.remove(0), &INPUT).unwrap_err();
    assert!(matches!(error, Error::Transport(TransportError::PeerAborted)), "{error}");
    // The client's library refuses to go on ...
    assert!(matches!(client.infer(tickets.remove(0), &INPUT), Err(Error::SessionOver)));
    drop(client);
    // ... and a client without such manners finds nobody there.
    assert!(link.send(Tag::Infer, &1_u64.to_le_bytes()).and_then(|()| link.flush()).is_err());
    assert!(opening(&serving.join().unwrap().unwrap_err()));
    let openings = sent.lock().unwrap().iter().filter(|&&tag| tag == Tag::OnlineLabels).count();
    assert_eq!(openings, 1, "one inference was begun, and none after the failed check");
}

/// Two claims at once, before the server has said a word about the first: they are served one after the other, and the failed check
/// of the first comes before anything of the second.
#[test]
fn claims_sent_ahead_die_with_the_first() {
    let (pipe, serving) = serve_with(tiny(), ServerConfig::default());
    let mut link = Framed::new(pipe, limits());
    let config = ClientConfig::default().with_deviation(Arc::new(Guess(7)));
    let mut client = Client::over(&mut link, config).unwrap();
    let tickets = [client.preprocess().unwrap(), client.preprocess().unwrap()];
    core::mem::forget(client);
    // Both claims with masked inputs; then, blindly, both openings.
    let masked = vec![0; muse_field::pack::packed_len(6)];
    let opening_bytes = vec![0; muse_field::pack::packed_len(5) + 32];
    link.send(Tag::Infer, &0_u64.to_le_bytes()).unwrap();
    link.send(Tag::MaskedInput, &masked).unwrap();
    link.send(Tag::MaskedActivations, &opening_bytes).unwrap();
    link.send(Tag::Infer, &1_u64.to_le_bytes()).unwrap();
    link.send(Tag::MaskedInput, &masked).unwrap();
    link.send(Tag::MaskedActivations, &opening_bytes).unwrap();
    link.recv_tag(&[Tag::OnlineLabels]).unwrap();
    let mut labels = vec![0; 16 + 5 * 44 * 16];
    link.read(&mut labels).unwrap();
    assert!(matches!(link.recv_tag(&[Tag::OnlineLabels, Tag::LastShare]), Err(TransportError::PeerAborted)));
    assert!(opening(&serving.join().unwrap().unwrap_err()));
    drop(tickets);
}

/// A stranger on another connection names somebody else's ticket: it learns nothing, and the owner's session is not touched.
#[test]
fn a_ticket_cannot_be_claimed_from_another_connection() {
    let server = Arc::new(Server::new(tiny(), ServerConfig::default()).unwrap());
    let connect = || {
        let (mine, theirs) = memory::pipes();
        let server = server.clone();
        let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits())));
        (Framed::new(mine, limits()), serving)
    };
    let (link, serving) = connect();
    let mut owner = Client::over(link, ClientConfig::default()).unwrap();
    let ticket = owner.preprocess().unwrap();

    let (mut link, stranger) = connect();
    let session = Client::over(&mut link, ClientConfig::default()).unwrap();
    core::mem::forget(session);
    link.send(Tag::Infer, &0_u64.to_le_bytes()).unwrap();
    link.send(Tag::MaskedInput, &vec![0; muse_field::pack::packed_len(6)]).unwrap();
    assert!(matches!(link.recv_tag(&[Tag::OnlineLabels]), Err(TransportError::PeerAborted)));
    assert!(matches!(stranger.join().unwrap(), Err(Error::Peer(Fault::Ticket))));

    let logits = owner.infer(ticket, &INPUT).unwrap();
    assert_eq!(logits.elements(), plaintext::forward(&tiny(), &INPUT));
    drop(owner);
    serving.join().unwrap().unwrap();
}

/// Sessions and tickets live in the memory of one connection: what a failed check killed is not revived by a new connection, nor by
/// a new server.
#[test]
fn a_dead_session_stays_dead() {
    let server = Server::new(tiny(), ServerConfig::default()).unwrap();
    for server in [server, Server::new(tiny(), ServerConfig::default()).unwrap()] {
        let server = Arc::new(server);
        let connect = || {
            let (mine, theirs) = memory::pipes();
            let server = server.clone();
            thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits())));
            Framed::new(mine, limits())
        };
        let config = ClientConfig::default().with_deviation(Arc::new(Guess(1)));
        let mut client = Client::over(connect(), config).unwrap();
        let tickets = [client.preprocess().unwrap(), client.preprocess().unwrap()];
        let [first, second] = tickets;
        assert!(client.infer(first, &INPUT).is_err());
        // The second ticket on a new connection: the library knows it as foreign, the server knows no such ticket.
        let mut link = connect();
        let mut again = Client::over(&mut link, ClientConfig::default()).unwrap();
        assert!(matches!(again.infer(second, &INPUT), Err(Error::ForeignTicket)));
        core::mem::forget(again);
        link.send(Tag::Infer, &1_u64.to_le_bytes()).unwrap();
        link.send(Tag::MaskedInput, &vec![0; muse_field::pack::packed_len(6)]).unwrap();
        assert!(matches!(link.recv_tag(&[Tag::OnlineLabels]), Err(TransportError::PeerAborted)));
    }
}

/// The mode is the server's, whichever the client would like, and in both directions.
#[test]
fn modes_are_not_negotiated() {
    for (servers, clients) in
        [(Mode::ClientMalicious, Mode::SemiHonest), (Mode::SemiHonest, Mode::ClientMalicious)]
    {
        let mut config = ServerConfig::default();
        config.mode = servers;
        let (pipe, serving) = serve_with(tiny(), config);
        let mut config = ClientConfig::default();
        config.mode = clients;
        let error = Client::over(Framed::new(pipe, limits()), config).unwrap_err();
        assert!(error.to_string().contains("another security mode"), "{error}");
        let error = serving.join().unwrap().unwrap_err();
        let named = matches!(
            error,
            Error::Handshake(HandshakeError::Mode { theirs }) if theirs == clients as u8
        );
        assert!(named, "{error}");
    }
    assert_eq!(ServerConfig::default().mode, Mode::ClientMalicious);
    assert_eq!(ClientConfig::default().mode, Mode::ClientMalicious);
}

/// Changes the byte that names the mode, in both hellos.
struct Downgrade {
    pipe: memory::MemoryPipe,
    read: u64,
    written: u64,
}

impl Downgrade {
    /// Where it is: behind the frame's head, the magic and the version.
    const MODE: u64 = 2 + 8 + 2;

    fn set(mode: Mode, position: u64, bytes: &mut [u8]) {
        if let Some(byte) = Self::MODE.checked_sub(position).and_then(|i| bytes.get_mut(i as usize)) {
            *byte = mode as u8;
        }
    }
}

impl Pipe for Downgrade {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let n = self.pipe.read(out, patience)?;
        Self::set(Mode::SemiHonest, self.read, &mut out[..n]);
        self.read += n as u64;
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let mut bytes = bytes.to_vec();
        Self::set(Mode::ClientMalicious, self.written, &mut bytes);
        self.written += bytes.len() as u64;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let n = self.pipe.write(rest, patience)?;
            rest = &rest[n..];
        }
        Ok(bytes.len())
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}

/// A client that claims the stronger mode in its hello and goes on in the weaker one: without a proof nothing is returned to it.
#[test]
fn a_client_that_goes_on_in_the_weaker_mode_gets_nothing() {
    let (mine, theirs) = memory::pipes();
    let server = Server::new(tiny(), ServerConfig::default()).unwrap();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let record = sent.clone();
    let serving = thread::spawn(move || {
        let mut brief = limits();
        brief.read = Duration::from_secs(1);
        server.serve_connection(&mut Recorded { inner: Framed::new(theirs, brief), sent: record })
    });
    let mut config = ClientConfig::default();
    config.mode = Mode::SemiHonest;
    let link = Framed::new(Downgrade { pipe: mine, read: 0, written: 0 }, limits());
    let mut client = Client::over(link, config).unwrap();
    assert!(client.preprocess().is_err());
    assert!(matches!(serving.join().unwrap(), Err(Error::Transport(_))));
    assert_eq!(sent.lock().unwrap().last(), Some(&Tag::InferenceId));
}

/// The hello of a client that names another mode gets the server's hello and nothing of its card.
#[test]
fn a_hello_in_another_mode_gets_no_card() {
    let (pipe, serving) = serve_with(tiny(), ServerConfig::default());
    let mut link = Framed::new(pipe, limits());
    let hello = Hello::new(Mode::SemiHonest, &mut Prg::from_seed([1; 32]));
    link.send(Tag::ClientHello, &hello.to_bytes()).unwrap();
    let mut theirs = [0; Hello::LEN];
    link.recv_into(Tag::ServerHello, &mut theirs).unwrap();
    assert!(matches!(link.recv_card(), Err(TransportError::PeerAborted)));
    assert!(serving.join().unwrap().is_err());
}

/// Asks for another try whatever the challenge is.
struct Rejecting<T> {
    inner: T,
    tries: Arc<Mutex<usize>>,
    silent: bool,
}

impl<T: Transport> Transport for Rejecting<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        if tag != Tag::ProofResponses {
            return self.inner.begin_send(tag, len);
        }
        // The honest part believes that it has answered; until the server has had enough, it hears of rejections.
        self.silent = true;
        loop {
            self.inner.send(Tag::ProofRejected, &[])?;
            self.inner.send(Tag::ProofCommitment, &[7; 32])?;
            *self.tries.lock().unwrap() += 1;
            self.inner.recv_tag(&[Tag::ProofChallenge])?;
            let mut challenge = vec![0; challenge_bytes()];
            self.inner.read(&mut challenge)?;
        }
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        if self.silent { Ok(()) } else { self.inner.write(part) }
    }

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.inner.recv_tag(tags)
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.inner.recv_request(tags)
    }

    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
        self.inner.read(part)
    }

    fn flush(&mut self) -> Result<(), TransportError> {
        self.inner.flush()
    }

    fn abort(&mut self) {
        self.inner.abort();
    }

    fn enter(&mut self, phase: muse::transport::Phase, component: muse::transport::Component) {
        self.inner.enter(phase, component);
    }

    fn pause(&mut self) {
        self.inner.pause();
    }

    fn stats(&self) -> muse::transport::Stats {
        self.inner.stats()
    }
}

fn challenge_bytes() -> usize {
    let plan = Plan::new(Mode::ClientMalicious, tiny().architecture().clone()).unwrap();
    Challenge::len_for(ProofShape::new(plan.budget()).unwrap())
}

#[test]
fn a_proof_has_64_tries() {
    let (pipe, serving) = serve_with(tiny(), ServerConfig::default());
    let tries = Arc::new(Mutex::new(0));
    let link = Rejecting { inner: Framed::new(pipe, limits()), tries: tries.clone(), silent: false };
    let mut client = Client::over(link, ClientConfig::default()).unwrap();
    assert!(client.preprocess().is_err());
    let error = serving.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Peer(Fault::Proof(muse_zk::Check::Tries))), "{error}");
    assert!((1..=64).contains(&*tries.lock().unwrap()), "{tries:?}");
}

/// Over TCP: a cheater is cut off, and an honest client connected all the while is served to its end.
#[test]
fn others_are_served_while_a_cheater_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let mut config = ServerConfig::default();
    config.limits = limits();
    // Both are at one address here.
    config.penalty = Duration::ZERO;
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });
    let expected = plaintext::forward(&tiny(), &INPUT);
    let mut honest = Client::connect(&address, ClientConfig::default()).unwrap();
    let ticket = honest.preprocess().unwrap();
    for guess in [0, 1] {
        let config = ClientConfig::default().with_deviation(Arc::new(Guess(guess)));
        let mut cheater = Client::connect(&address, config).unwrap();
        let bought = cheater.preprocess().unwrap();
        assert!(cheater.infer(bought, &INPUT).is_err());
    }
    assert_eq!(honest.infer(ticket, &INPUT).unwrap().elements(), &expected[..]);
    let ticket = honest.preprocess().unwrap();
    assert_eq!(honest.infer(ticket, &INPUT).unwrap().elements(), &expected[..]);
    honest.close();
    stop.stop();
    serving.join().unwrap().unwrap();
}

/// Over TCP: who was caught is turned away for a while.
#[test]
fn a_cheater_does_not_get_another_session_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let mut config = ServerConfig::default();
    config.limits = limits();
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });
    let config = ClientConfig::default().with_deviation(Arc::new(Guess(5)));
    let mut cheater = Client::connect(&address, config).unwrap();
    let ticket = cheater.preprocess().unwrap();
    assert!(cheater.infer(ticket, &INPUT).is_err());
    // The server notes it a moment after it has told the client.
    let mut tries = 0;
    while Client::connect(&address, ClientConfig::default()).is_ok() {
        assert!(tries < 50, "it is never turned away");
        tries += 1;
        thread::park_timeout(Duration::from_millis(20));
    }
    assert!(matches!(Client::connect(&address, ClientConfig::default()), Err(Error::TurnedAway)));
    stop.stop();
    serving.join().unwrap().unwrap();
}

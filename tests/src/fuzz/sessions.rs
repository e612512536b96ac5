//! Whole sessions of a tiny network with one hostile party.

use super::{
    decoders::one_line,
    duplex::{self, End},
    input::Input,
    script::{Script, Scripted},
};
use crate::network::tiny;
use muse::{
    Client, ClientConfig, Error, Protocol, Server, ServerConfig,
    channel::Channel,
    handshake::Hello,
    model::plaintext,
    transport::{FRAME_VERSION, Framed, Limits, Tag, Transport, TransportError},
};
use muse_field::{Fp, prg::Prg};
use std::{panic::resume_unwind, sync::LazyLock, thread};

/// `how, script` against a server: whatever a client does, the server ends, blames no bug of its own, and says nothing after "aborted".
pub fn server_session(data: &[u8]) {
    let mut input = Input::new(data);
    let how = How::new(input.u8());
    let (tested, hostile) = duplex::pair();
    let server = &SERVERS[usize::from(how.protocol == Protocol::SemiHonest)];
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let mut link = Watched::new(framed(tested));
            let ended = server.serve_connection(&mut link);
            link.ended(ended.as_ref().err());
            ended
        });
        let outcome = if how.raw {
            shout(hostile, Tag::ClientHello, how.protocol, input.rest());
            None
        } else {
            let script = Script::new(&mut input);
            let honest = script.is_empty();
            Some((honest, infer(Scripted::new(framed(hostile), script), how)))
        };
        let ended = serving.join().unwrap_or_else(|panic| resume_unwind(panic));
        let Some((true, outcome)) = outcome else { return };
        ended.unwrap();
        assert_eq!(outcome.unwrap(), expected());
    });
}

/// `how, script` against a client: whatever a server does, the client ends, blames no bug of its own, and says nothing after
/// "aborted".
pub fn client_session(data: &[u8]) {
    let mut input = Input::new(data);
    let how = How::new(input.u8());
    let (tested, hostile) = duplex::pair();
    thread::scope(|scope| {
        let inferring = scope.spawn(|| {
            let mut link = Watched::new(framed(tested));
            let outcome = infer(&mut link, how);
            link.ended(outcome.as_ref().err());
            outcome
        });
        let honest = if how.raw {
            shout(hostile, Tag::ServerHello, how.protocol, input.rest());
            false
        } else {
            let script = Script::new(&mut input);
            let honest = script.is_empty();
            let server = &SERVERS[usize::from(how.protocol == Protocol::SemiHonest)];
            // What becomes of the hostile party is its own affair.
            let _ = server.serve_connection(&mut Scripted::new(framed(hostile), script));
            honest
        };
        let outcome = inferring.join().unwrap_or_else(|panic| resume_unwind(panic));
        if honest {
            assert_eq!(outcome.unwrap(), expected());
        }
    });
}

/// What the first byte of an input says.
#[derive(Clone, Copy)]
struct How {
    protocol: Protocol,
    /// The rest of the input is all that the hostile party says, behind its hello.
    raw: bool,
    inferences: u8,
}

impl How {
    const fn new(byte: u8) -> Self {
        let protocol = if byte & 1 == 0 { Protocol::ClientMalicious } else { Protocol::SemiHonest };
        Self { protocol, raw: byte & 2 != 0, inferences: 1 + (byte >> 2 & 1) }
    }
}

static SERVERS: LazyLock<[Server; 2]> = LazyLock::new(|| {
    [Protocol::ClientMalicious, Protocol::SemiHonest].map(|protocol| {
        let mut config = ServerConfig::default();
        (config.protocol, config.max_tickets) = (protocol, 2);
        Server::new(tiny(), config).unwrap()
    })
});

fn framed(end: End) -> Framed<End> {
    Framed::new(end, Limits::default())
}

/// A client's part: some preprocessings, then as many inferences.
fn infer(link: impl Channel, how: How) -> Result<Vec<Fp>, Error> {
    let mut config = ClientConfig::default();
    config.protocol = how.protocol;
    // A card may claim much; the tiny network takes 4 MB.
    config.max_ticket_bytes = 16 << 20;
    // Whatever it promises to be exact for.
    config.allow_wrapping = true;
    let mut client = Client::over(link, config)?;
    let tickets = (0..how.inferences).map(|_| client.preprocess()).collect::<Result<Vec<_>, _>>()?;
    let mut result = Vec::new();
    for ticket in tickets {
        let inputs = client.architecture().layer(0).inputs();
        let input: Vec<Fp> = (0..inputs as u64).map(|i| Fp::new(i * 13 % 64)).collect();
        result = client.infer_elements(ticket, &input)?.elements().to_vec();
    }
    Ok(result)
}

fn expected() -> Vec<Fp> {
    let input: Vec<Fp> = (0..6).map(|i| Fp::new(i * 13 % 64)).collect();
    plaintext::forward(&tiny(), &input)
}

/// A party that says hello as it should, then these bytes, and hangs up.
fn shout(mut end: End, tag: Tag, protocol: Protocol, bytes: &[u8]) {
    let hello = Hello::new(protocol, &mut Prg::from_seed([7; 32])).to_bytes();
    let all = [&[FRAME_VERSION, tag as u8], &hello[..], bytes].concat();
    // The other side may have hung up already.
    let _ = end.push(&all);
}

/// The transport of the party under test: nothing is sent after the end.
struct Watched<T> {
    inner: T,
    over: bool,
}

impl<T: Transport> Watched<T> {
    const fn new(inner: T) -> Self {
        Self { inner, over: false }
    }

    /// How the party ended: in good order, or with an error that is no bug and an abort as its last word.
    fn ended(&self, error: Option<&Error>) {
        let Some(error) = error else { return };
        one_line(&error.to_string());
        assert!(!matches!(error, Error::Internal(_)), "{error}");
        assert!(self.over, "the connection is closed");
    }
}

impl<T: Transport> Transport for Watched<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        assert!(!self.over, "{tag} after the end");
        self.inner.begin_send(tag, len)
    }

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        assert!(!self.over, "waiting after the end");
        self.inner.recv_tag(tags)
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        assert!(!self.over, "waiting after the end");
        self.inner.recv_request(tags)
    }

    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
        assert!(part.len() <= BODY, "a body that a tiny network does not have");
        self.inner.read(part)
    }

    fn abort(&mut self) {
        self.over = true;
        self.inner.abort();
    }

    muse_test_support::forward!(write, flush);
}

impl<T: Channel> Channel for Watched<T> {
    muse_test_support::forward!(begin_phase, cancel_with);
}

/// The largest part of a body that a party of a session here may ask for at once.
const BODY: usize = 64 << 20;

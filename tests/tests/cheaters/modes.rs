//! The mode is the server's: it is never negotiated, in either direction.

use crate::{
    common::{limits, serve_with, tiny},
    harness::recorded,
};
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Protocol, ServerConfig,
    handshake::{HandshakeError, Hello, Refused},
    transport::{Framed, Pipe, Tag, Transport, TransportError, memory},
};
use muse_field::prg::Prg;
use std::io;

/// The mode is the server's, whichever the client would like, and in both directions.
#[test]
fn modes_are_not_negotiated() {
    for (servers, clients) in
        [(Protocol::ClientMalicious, Protocol::SemiHonest), (Protocol::SemiHonest, Protocol::ClientMalicious)]
    {
        let mut config = ServerConfig::default();
        config.protocol = servers;
        let (pipe, serving) = serve_with(tiny(), config);
        let mut config = ClientConfig::default();
        config.protocol = clients;
        let error = Client::over(Framed::new(pipe, limits()), config).unwrap_err();
        assert!(error.to_string().contains("another protocol"), "{error}");
        let error = serving.join().unwrap().unwrap_err();
        let named = matches!(
            error,
            Error::Handshake(HandshakeError::Protocol { theirs }) if theirs == clients as u8
        );
        assert!(named, "{error}");
    }
    assert_eq!(ServerConfig::default().protocol, Protocol::ClientMalicious);
    assert_eq!(ClientConfig::default().protocol, Protocol::ClientMalicious);
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

    fn set(protocol: Protocol, position: u64, bytes: &mut [u8]) {
        if let Some(byte) = Self::MODE.checked_sub(position).and_then(|i| bytes.get_mut(i as usize)) {
            *byte = protocol as u8;
        }
    }
}

impl Pipe for Downgrade {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let n = self.pipe.read(out, patience)?;
        Self::set(Protocol::SemiHonest, self.read, &mut out[..n]);
        self.read += n as u64;
        Ok(n)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let mut bytes = bytes.to_vec();
        Self::set(Protocol::ClientMalicious, self.written, &mut bytes);
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
    let mut brief = limits();
    brief.read = Duration::from_secs(1);
    let (mine, serving, sent) = recorded(tiny(), brief);
    let mut config = ClientConfig::default();
    config.protocol = Protocol::SemiHonest;
    let link = Framed::new(Downgrade { pipe: mine, read: 0, written: 0 }, limits());
    let mut client = Client::over(link, config).unwrap();
    assert!(client.preprocess().is_err());
    assert!(matches!(serving.join().unwrap(), Err(Error::Transport(_))));
    assert_eq!(sent.lock().unwrap().last(), Some(&Tag::InferenceId));
}

/// The hello of a client that names another mode is told the server's and gets nothing of its card.
#[test]
fn a_hello_in_another_mode_gets_no_card() {
    let (pipe, serving) = serve_with(tiny(), ServerConfig::default());
    let mut link = Framed::new(pipe, limits());
    let hello = Hello::new(Protocol::SemiHonest, &mut Prg::from_seed([1; 32]));
    link.send(Tag::ClientHello, &hello.to_bytes()).unwrap();
    let mut theirs = [0; Refused::LEN];
    link.recv_into(Tag::Refused, &mut theirs).unwrap();
    assert!(matches!(link.recv_tag(&[Tag::Card]), Err(TransportError::PeerAborted)));
    assert!(serving.join().unwrap().is_err());
}

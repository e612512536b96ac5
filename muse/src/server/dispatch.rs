//! The thread between accepting a connection and serving a client: it reads hellos, gives out places, and turns clients away.
//!
//! It never waits for a client: sockets do not block, and bytes that a client does not accept at once are dropped.

use super::{
    Event, Refusal, Shared,
    pending::{HelloFrame, Leaving, Outcome, Pending},
    session_loop::Place,
};
use crate::{
    Error,
    accounts::Stats,
    handshake::Hello,
    message::Tag,
    metered::{Connection as _, Metered},
    session::system_prg,
    steps,
    transport::{FRAME_VERSION, HEAD, Tcp},
};
use alloc::sync::Arc;
use core::net::SocketAddr;
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Instant,
};

/// A connection that was accepted.
pub(super) type Arrival = (TcpStream, SocketAddr);

/// Until no more arrive. Those whose hello has not come then are sent away.
pub(super) fn run(shared: &Arc<Shared>, arrivals: &Receiver<Arrival>) {
    let mut pending = Pending::new(shared.config.hello);
    loop {
        let arrival = match pending.due() {
            None => arrivals.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => arrivals.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match arrival {
            // A socket that cannot be told not to block would keep all others waiting.
            Ok((stream, peer)) if stream.set_nonblocking(true).is_ok() => {
                if let Some(leaving) = pending.add(stream, peer, Instant::now()) {
                    shared.settle(leaving);
                }
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        pending.poll(Instant::now()).into_iter().for_each(|leaving| shared.settle(leaving));
    }
    pending.into_streams().for_each(|stream| hang_up(stream, Tag::Abort, &[]));
}

impl Shared {
    /// Handles a connection that waits for its hello no longer.
    fn settle(self: &Arc<Self>, leaving: Leaving<TcpStream>) {
        let Leaving { stream, peer, outcome } = leaving;
        match outcome {
            Outcome::Hello(hello) => self.start_session(stream, peer, &hello, spawn),
            Outcome::Crowded => self.turn_away(stream, peer, Refusal::Crowded),
            Outcome::Failed(error) => {
                hang_up(stream, Tag::Abort, &[]);
                self.came_to_nothing(peer, &error.into());
            }
        }
    }

    /// Starts a thread for a client, if its hello is one and there is a place for it.
    fn start_session(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        frame: &HelloFrame,
        start: Start,
    ) {
        let protocol = self.config.protocol;
        let mut hello = [0; Hello::LEN];
        hello.copy_from_slice(&frame[HEAD..]);
        if let Err(error) = Hello::decode_matching(&hello, protocol) {
            match system_prg() {
                Ok(mut rng) => {
                    let (tag, body) = steps::handshake::answer(error, protocol, &mut rng);
                    hang_up(stream, tag, &body);
                }
                Err(_) => hang_up(stream, Tag::Abort, &[]),
            }
            return self.came_to_nothing(peer, &error.into());
        }
        // Check: no place before a hello.
        let place = match self.admission.admit(peer.ip()) {
            Ok(place) => place,
            Err(reason) => return self.turn_away(stream, peer, reason),
        };
        // A thread that does not start drops what it was given: so the client's stream follows when it has started.
        let (client, arrived) = sync_channel(1);
        let (shared, frame) = (self.clone(), *frame);
        // A panic in the thread would be a bug; it ends this connection and no other.
        let serve = move || {
            if let Ok(stream) = arrived.recv() {
                shared.serve(stream, peer, &frame, &place);
            }
            drop(place);
        };
        match start(format!("client {peer}"), Box::new(serve)) {
            // Whoever waits for it is there.
            Ok(()) => drop(client.send(stream)),
            Err(_) => self.turn_away(stream, peer, Refusal::NoThread),
        }
    }

    /// Serves a client to its end.
    fn serve(&self, stream: TcpStream, peer: SocketAddr, hello: &HelloFrame, place: &dyn Place) {
        let monitor = &*self.config.monitor;
        let mut link = match Tcp::after_hello(stream, self.config.limits, hello) {
            Ok(link) => Metered::new(link, self.config.observer.clone()),
            Err(error) => {
                monitor.event(peer, &Event::Ended { error: Some(&error.into()), stats: &Stats::default() });
                return;
            }
        };
        let result = self.serve_session(&mut link, place, &mut |event| monitor.event(peer, &event));
        let stats = link.stats();
        monitor.event(peer, &Event::Ended { error: result.as_ref().err(), stats: &stats });
    }

    fn turn_away(&self, stream: TcpStream, peer: SocketAddr, reason: Refusal) {
        hang_up(stream, Tag::Refused, &reason.told().to_bytes());
        self.config.monitor.event(peer, &Event::TurnedAway { reason });
    }

    /// A connection that never had a place.
    fn came_to_nothing(&self, peer: SocketAddr, error: &Error) {
        self.admission.no_hello(peer.ip());
        self.config.monitor.event(peer, &Event::Ended { error: Some(error), stats: &Stats::default() });
    }
}

/// Runs something in a thread of this name.
type Start = fn(String, Box<dyn FnOnce() + Send>) -> io::Result<()>;

fn spawn(name: String, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name(name).spawn(run).map(drop)
}

/// Says a last word if that can be said without waiting.
fn hang_up(mut stream: TcpStream, tag: Tag, body: &[u8]) {
    let mut frame = vec![FRAME_VERSION, tag as u8];
    frame.extend_from_slice(body);
    if tag == Tag::ServerHello {
        frame.extend_from_slice(&[FRAME_VERSION, Tag::Abort as u8]);
    }
    // The client may be gone; nothing depends on its hearing this.
    let _ = stream.write(&frame);
    let _ = stream.shutdown(Shutdown::Write);
    // With bytes unread, the system would reset the connection, and the client might lose what was said.
    let _ = stream.read(&mut [0; 4096]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Server,
        handshake::{Protocol, Refused},
        server::{Monitor, ServerConfig},
    };
    use muse_field::prg::Prg;
    use std::{net::TcpListener, sync::Mutex};

    /// What the operator hears.
    #[derive(Default)]
    struct Ears(Mutex<Vec<String>>);

    impl Monitor for Ears {
        fn event(&self, _peer: SocketAddr, event: &Event<'_>) {
            self.0.lock().unwrap().push(format!("{event:?}"));
        }
    }

    #[test]
    fn a_client_without_a_thread_hears_that_the_server_is_full() {
        let ears = Arc::new(Ears::default());
        let config = ServerConfig { max_connections: 1, monitor: ears.clone(), ..ServerConfig::default() };
        let server = Server::new(crate::model::shipped::mnist(), config).unwrap();
        let mut frame = [0; HEAD + Hello::LEN];
        frame[..2].copy_from_slice(&[FRAME_VERSION, Tag::ClientHello as u8]);
        frame[2..].copy_from_slice(&Hello::new(Protocol::default(), &mut Prg::from_seed([1; 32])).to_bytes());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // Twice: the place is free again.
        for times in 1..=2 {
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (stream, peer) = listener.accept().unwrap();
            stream.set_nonblocking(true).unwrap();
            server.shared.start_session(stream, peer, &frame, |_, _| Err(io::ErrorKind::WouldBlock.into()));
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).unwrap();
            let refused = Refused::Full.to_bytes();
            assert_eq!(heard, [&[FRAME_VERSION, Tag::Refused as u8], &refused[..]].concat());
            let told = format!("{:?}", Event::TurnedAway { reason: Refusal::NoThread });
            assert_eq!(*ears.0.lock().unwrap(), vec![told; times]);
        }
    }
}

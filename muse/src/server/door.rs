//! The thread between accepting a connection and serving a client: it hears hellos, gives places, and turns away.
//!
//! It never waits for anybody: sockets do not block, and what a client does not take at once it does not get.

use super::{
    Event, Refusal, Shared,
    conversation::Seat,
    room::{HelloFrame, Leaving, Outcome, Room},
};
use crate::{
    Error,
    accounts::Stats,
    handshake::Hello,
    message::Tag,
    session::system_prg,
    steps,
    transport::{FRAME_VERSION, HEAD, Tcp, Transport},
};
use alloc::sync::Arc;
use core::net::SocketAddr;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread,
    time::Instant,
};

/// A connection that was accepted.
pub(super) type Arrival = (TcpStream, SocketAddr);

/// Until no more arrive. Those whose hello has not come then are sent away.
pub(super) fn attend(shared: &Arc<Shared>, arrivals: &Receiver<Arrival>) {
    let mut room = Room::new(shared.config.hello);
    loop {
        let arrival = match room.due() {
            None => arrivals.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => arrivals.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match arrival {
            // A socket that cannot be told not to block would keep all others waiting.
            Ok((stream, peer)) if stream.set_nonblocking(true).is_ok() => {
                if let Some(leaving) = room.enter(stream, peer, Instant::now()) {
                    shared.settle(leaving);
                }
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        room.look(Instant::now()).into_iter().for_each(|leaving| shared.settle(leaving));
    }
    room.into_streams().for_each(|stream| hang_up(stream, Tag::Abort, &[]));
}

impl Shared {
    /// What becomes of a connection that leaves the room.
    fn settle(self: &Arc<Self>, leaving: Leaving<TcpStream>) {
        let Leaving { stream, peer, outcome } = leaving;
        match outcome {
            Outcome::Hello(hello) => self.welcome(stream, peer, &hello),
            Outcome::Crowded => self.turn_away(stream, peer, Refusal::Crowded),
            Outcome::Failed(error) => {
                hang_up(stream, Tag::Abort, &[]);
                self.came_to_nothing(peer, &error.into());
            }
        }
    }

    /// Starts a thread for a client, if its hello is one and there is a place for it.
    fn welcome(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, frame: &HelloFrame) {
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
        let place = match self.admission.admit(peer.ip()) {
            Ok(place) => place,
            Err(reason) => return self.turn_away(stream, peer, reason),
        };
        // A panic in the thread would be a bug; it ends this connection and no other.
        let (shared, frame) = (self.clone(), *frame);
        let serve = move || {
            shared.serve(stream, peer, &frame, &place);
            drop(place);
        };
        if thread::Builder::new().name(format!("client {peer}")).spawn(serve).is_err() {
            self.config.monitor.event(peer, &Event::TurnedAway { reason: Refusal::NoThread });
        }
    }

    /// Serves a client to its end.
    fn serve(&self, stream: TcpStream, peer: SocketAddr, hello: &HelloFrame, place: &dyn Seat) {
        let monitor = &*self.config.monitor;
        let mut link = match Tcp::after_hello(stream, self.config.limits, hello) {
            Ok(link) => link,
            Err(error) => {
                monitor.event(peer, &Event::Ended { error: Some(&error.into()), stats: &Stats::default() });
                return;
            }
        };
        let result = self.converse(&mut link, place, &mut |event| monitor.event(peer, &event));
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

//! The server: accepts clients, each in a thread of its own, and keeps serving whatever one of them does.

mod admission;

use crate::{
    Error,
    card::Card,
    error::Fault,
    handshake::{Cds, Mode, Protocol},
    model::Network,
    online,
    plan::Plan,
    preprocess,
    progress::{Cancel, Observer, Silent},
    rehearsal,
    session::system_prg,
    steps::{handshake, keys},
    ticket::ServerTicket,
    transport::{Component, FRAME_VERSION, Limits, Phase, Stats, Tag, Tcp, Transport},
};
use admission::{Admission, Admitted};
use alloc::{collections::BTreeMap, sync::Arc};
use core::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{
    io::{self, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// How a server behaves. `ServerConfig::default()` is what most want.
#[derive(Clone)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Fixed here, told to no one but in the handshake, where it must be equal.
    pub mode: Mode,
    /// How labels are disclosed in the client-malicious mode; fixed here as the mode is.
    pub cds: Cds,
    /// Whether clients may have triples and inputs made that nobody uses, to measure it ([`rehearsal`]). Needs the published disclosure.
    pub rehearsals: bool,
    /// Time-outs.
    pub limits: Limits,
    /// Connections served at once; further ones are turned away.
    pub max_connections: usize,
    /// Connections of one address served at once (IPv6: of one /64), so that one client cannot lock the others out.
    pub max_connections_per_address: usize,
    /// New sessions a minute from one address; further ones are turned away.
    pub max_sessions_per_minute: u32,
    /// How long an address is refused after its client failed a check, as no honest client does.
    pub penalty: Duration,
    /// Preprocessed inferences kept for one client.
    pub max_tickets: usize,
    /// Hears of progress.
    pub observer: Arc<dyn Observer>,
    /// Hears of clients.
    pub monitor: Arc<dyn Monitor>,
    /// Ends every session from outside; accepting clients is ended by [`Stop`].
    pub cancel: Cancel,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            cds: Cds::default(),
            rehearsals: false,
            limits: Limits::default(),
            max_connections: 16,
            max_connections_per_address: 8,
            max_sessions_per_minute: 20,
            penalty: Duration::from_secs(600),
            max_tickets: 16,
            observer: Arc::new(Silent),
            monitor: Arc::new(Unwatched),
            cancel: Cancel::new(),
        }
    }
}

impl ServerConfig {
    /// Mode and disclosure.
    const fn protocol(&self) -> Protocol {
        Protocol::new(self.mode, self.cds)
    }
}

impl core::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("mode", &self.mode)
            .field("cds", &self.cds)
            .field("limits", &self.limits)
            .field("max_connections", &self.max_connections)
            .field("max_connections_per_address", &self.max_connections_per_address)
            .field("max_sessions_per_minute", &self.max_sessions_per_minute)
            .field("penalty", &self.penalty)
            .field("max_tickets", &self.max_tickets)
            .finish_non_exhaustive()
    }
}

/// Hears what happens to clients. For the operator only: a client never learns why it was turned away.
pub trait Monitor: Send + Sync {
    /// Something happened to the client at `peer`. Called from the thread that serves it.
    fn event(&self, peer: SocketAddr, event: &Event<'_>) {
        let _ = (peer, event);
    }
}

/// What a [`Monitor`] hears.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Turned away, before anything was told to it.
    TurnedAway {
        /// Why.
        reason: Refusal,
    },
    /// Shook hands and set up a session.
    Started,
    /// An inference was preprocessed.
    Preprocessed {
        /// Its id.
        inference: u64,
    },
    /// An inference was served.
    Inferred {
        /// Its id.
        inference: u64,
    },
    /// The connection ended; everything kept for it is destroyed.
    Ended {
        /// Why, unless the client said goodbye.
        error: Option<&'a Error>,
        /// The server's accounts of it.
        stats: &'a Stats,
    },
}

/// Why a client was turned away. Displays as a clause; the client hears none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// [`ServerConfig::max_connections`], or more addresses than can be remembered.
    #[error("all places are taken")]
    Full,
    /// [`ServerConfig::max_connections_per_address`].
    #[error("its address has all the places it may have")]
    AddressFull,
    /// [`ServerConfig::max_sessions_per_minute`].
    #[error("its address has started all the sessions it may in this minute")]
    Rate,
    /// [`ServerConfig::penalty`].
    #[error("a client at its address failed a check a while ago")]
    Caught,
    /// The system has no thread for it.
    #[error("the system has no thread for it")]
    NoThread,
}

struct Unwatched;

impl Monitor for Unwatched {}

/// Serves one network.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    network: Network,
    plan: Plan,
    card: Vec<u8>,
    config: ServerConfig,
    admission: Arc<Admission>,
}

/// Ends [`Server::serve`] from another thread.
#[derive(Clone, Debug)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    address: SocketAddr,
}

impl Stop {
    /// For the server that will serve `listener`.
    ///
    /// # Errors
    /// [`Error::Listen`] if the listener has no address.
    pub fn new(listener: &TcpListener) -> Result<Self, Error> {
        let address = listener
            .local_addr()
            .map_err(|source| Error::Listen { address: "the given socket".into(), source })?;
        Ok(Self { flag: Arc::default(), address })
    }

    /// No client is accepted any more; those connected are served to their end, for which [`Server::serve_until`] waits.
    pub fn stop(&self) {
        self.flag.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a client. If that fails, the listener is gone, and so is the wait.
        let mut address = self.address;
        if address.ip().is_unspecified() {
            let loopback =
                if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
            address.set_ip(loopback);
        }
        let _ = TcpStream::connect_timeout(&address, WAKE);
    }
}

impl Server {
    /// Prepares to serve `network`: card, layouts, circuits, flooding.
    ///
    /// # Errors
    /// The network's names do not fit a card, or its public bounds do not fit the noise budget.
    pub fn new(network: Network, config: ServerConfig) -> Result<Self, Error> {
        let card = Card::new(network.architecture().clone())?;
        let plan = Plan::new(config.protocol(), network.architecture().clone())?;
        let admission = Arc::new(Admission::new(&config));
        let card = card.to_bytes();
        Ok(Self { shared: Arc::new(Shared { network, plan, card, config, admission }) })
    }

    /// Accepts clients until the process ends.
    ///
    /// # Errors
    /// [`Error::Listen`] when the socket fails.
    pub fn serve(&self, listener: TcpListener) -> Result<(), Error> {
        let never = Stop::new(&listener)?;
        self.serve_until(listener, &never)
    }

    /// Accepts clients until `stop` is used.
    ///
    /// A client that is gone already, too many open files, no memory for a thread: none of it ends the server.
    ///
    /// # Errors
    /// [`Error::Listen`] if the socket is none that listens.
    pub fn serve_until(&self, listener: TcpListener, stop: &Stop) -> Result<(), Error> {
        while !stop.flag.load(Ordering::SeqCst) {
            match listener.accept() {
                Ok(_) if stop.flag.load(Ordering::SeqCst) => break,
                Ok((stream, peer)) => self.shared.clone().welcome(stream, peer),
                Err(source) if source.kind() == io::ErrorKind::InvalidInput => {
                    return Err(Error::Listen { address: stop.address.to_string(), source });
                }
                // The lack of whatever was lacking is no shorter for asking at once again.
                Err(_) => thread::park_timeout(BACK_OFF),
            }
        }
        // Whoever comes now is refused at once, instead of waiting for an answer that never comes.
        drop(listener);
        self.shared.admission.wait_until_idle();
        Ok(())
    }

    /// Serves one client over a transport that is already connected, to its end. Limits of connections and rates do not apply.
    ///
    /// # Errors
    /// What ended the session, unless the client said goodbye. The client has been told "aborted" and no more.
    pub fn serve_connection(&self, link: &mut impl Transport) -> Result<(), Error> {
        self.shared.converse(link, &mut |_| {}, &mut || {})
    }
}

impl Shared {
    /// Starts a thread for a client, or turns it away before it costs one.
    fn welcome(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let monitor = self.config.monitor.clone();
        let admitted = match self.admission.admit(peer.ip()) {
            Ok(admitted) => admitted,
            Err(reason) => {
                turn_away(stream);
                monitor.event(peer, &Event::TurnedAway { reason });
                return;
            }
        };
        // A panic in the thread would be a bug; it ends this connection and no other.
        let serve = move || {
            self.attend(stream, peer, &admitted);
            drop(admitted);
        };
        if thread::Builder::new().name(format!("client {peer}")).spawn(serve).is_err() {
            monitor.event(peer, &Event::TurnedAway { reason: Refusal::NoThread });
        }
    }

    fn attend(&self, stream: TcpStream, peer: SocketAddr, place: &Admitted) {
        let monitor = &*self.config.monitor;
        let mut link = match Tcp::from_stream(stream, self.config.limits) {
            Ok(link) => link,
            Err(error) => {
                monitor.event(peer, &Event::Ended { error: Some(&error.into()), stats: &Stats::default() });
                return;
            }
        };
        let caught = &mut || place.caught();
        let result = self.converse(&mut link, &mut |event| monitor.event(peer, &event), caught);
        monitor.event(peer, &Event::Ended { error: result.as_ref().err(), stats: &link.stats() });
    }

    /// Serves one client. Whatever error ends it, the client hears "aborted" at most, and after `caught` was called if it cheated.
    fn converse(
        &self,
        link: &mut dyn Transport,
        report: &mut dyn FnMut(Event<'_>),
        caught: &mut dyn FnMut(),
    ) -> Result<(), Error> {
        // Session and tickets are gone when this returns.
        let result = self.run_session(link, report);
        if let Err(error) = &result {
            if error.is_failed_check() {
                caught();
            }
            link.abort();
        }
        link.pause();
        result
    }

    fn run_session(&self, link: &mut dyn Transport, report: &mut dyn FnMut(Event<'_>)) -> Result<(), Error> {
        let Self { network, plan, card, config, .. } = self;
        let observer = &*config.observer;
        let mut rng = system_prg()?;
        link.cancel_with(config.cancel.clone());
        let id = handshake::server(link, config.protocol(), card, &mut rng)?;
        let mut session = keys::server(link, id, plan, &mut rng)?;
        report(Event::Started);
        let mut tickets: BTreeMap<u64, ServerTicket> = BTreeMap::new();
        let all = [Tag::Preprocess, Tag::Infer, Tag::Bye, Tag::RehearseTriples, Tag::RehearseInputs];
        let requests = if config.rehearsals && plan.is_published() { &all[..] } else { &all[..3] };
        loop {
            let request = link.recv_request(requests)?;
            if request == Tag::Preprocess {
                if tickets.len() >= config.max_tickets {
                    return Err(Error::Peer(Fault::TooManyTickets));
                }
                let (next, ticket) = preprocess::server(session, network, plan, link, observer, &mut rng)?;
                session = next;
                let inference = ticket.inference;
                tickets.insert(inference, ticket);
                report(Event::Preprocessed { inference });
            } else if request == Tag::Infer {
                link.enter(Phase::Online, Component::Openings);
                let mut inference = [0; 8];
                link.read(&mut inference)?;
                let inference = u64::from_le_bytes(inference);
                // Claimed before the first online message is read: no ticket is ever used twice.
                let ticket = tickets.remove(&inference).ok_or(Error::Peer(Fault::Ticket))?;
                online::server(ticket, &session, network, plan, link, observer, &mut rng)?;
                report(Event::Inferred { inference });
            } else if request == Tag::Bye {
                return Ok(());
            } else {
                session = rehearsal::server(session, request, plan, link, &mut rng)?;
            }
        }
    }
}

/// Says "aborted" if that can be said without waiting, and hangs up.
fn turn_away(mut stream: TcpStream) {
    if stream.set_nonblocking(true).is_ok() {
        // The client may be gone; nothing depends on its hearing this.
        let _ = stream.write(&[FRAME_VERSION, Tag::Abort as u8]);
    }
}

/// How long waking the thread that accepts may take.
const WAKE: Duration = Duration::from_secs(1);

/// How long to wait after the system had nothing to accept a client with.
const BACK_OFF: Duration = Duration::from_millis(50);

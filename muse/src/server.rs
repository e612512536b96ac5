//! The server: accepts clients, each in a thread of its own, and keeps serving whatever one of them does.

mod admission;

use crate::{
    Error,
    card::Card,
    client::system_prg,
    error::Fault,
    handshake::Mode,
    model::Network,
    online,
    plan::Plan,
    preprocess::{self, server::ServerTicket},
    progress::{Observer, Silent},
    setup,
    transport::{Component, Limits, Phase, Stats, Tag, Tcp, Transport},
};
use admission::Admission;
use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// How a server behaves. `ServerConfig::default()` is what most want.
#[derive(Clone)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Fixed here, told to no one but in the handshake, where it must be equal.
    pub mode: Mode,
    /// Time-outs.
    pub limits: Limits,
    /// Connections served at once; further ones are turned away.
    pub max_connections: usize,
    /// New sessions a minute from one address; further ones are turned away.
    pub max_sessions_per_minute: u32,
    /// Preprocessed inferences kept for one client.
    pub max_tickets: usize,
    /// Hears of progress.
    pub observer: Arc<dyn Observer>,
    /// Hears of clients.
    pub monitor: Arc<dyn Monitor>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            mode: Mode::SemiHonest,
            limits: Limits::default(),
            max_connections: 16,
            max_sessions_per_minute: 60,
            max_tickets: 16,
            observer: Arc::new(Silent),
            monitor: Arc::new(Unwatched),
        }
    }
}

impl core::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("mode", &self.mode)
            .field("limits", &self.limits)
            .field("max_connections", &self.max_connections)
            .field("max_sessions_per_minute", &self.max_sessions_per_minute)
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
    /// Turned away: too many connections, or too many sessions from its address.
    TurnedAway,
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
    admission: Admission,
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

    /// No client is accepted any more; those connected are served to their end.
    pub fn stop(&self) {
        self.flag.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a client. If that fails, the listener is gone, and so is the wait.
        let _ = TcpStream::connect(self.address);
    }
}

impl Server {
    /// Prepares to serve `network`: card, layouts, circuits, flooding.
    ///
    /// # Errors
    /// The network's names do not fit a card, or its public bounds do not fit the noise budget.
    pub fn new(network: Network, config: ServerConfig) -> Result<Self, Error> {
        let card = Card::new(network.architecture().clone())?;
        let plan = Plan::new(network.architecture().clone())?;
        let admission = Admission::new(config.max_connections, config.max_sessions_per_minute);
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
    /// # Errors
    /// [`Error::Listen`] when the socket fails.
    pub fn serve_until(&self, listener: TcpListener, stop: &Stop) -> Result<(), Error> {
        loop {
            let (stream, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if is_the_clients(&error) => continue,
                Err(source) => return Err(Error::Listen { address: stop.address.to_string(), source }),
            };
            if stop.flag.load(Ordering::SeqCst) {
                return Ok(());
            }
            let shared = self.shared.clone();
            // A panic in the thread would be a bug; it ends this connection and no other.
            thread::Builder::new()
                .name(format!("client {peer}"))
                .spawn(move || shared.welcome(stream, peer))
                .map_err(|source| Error::Listen { address: stop.address.to_string(), source })?;
        }
    }

    /// Serves one client over a transport that is already connected, to its end.
    ///
    /// # Errors
    /// What ended the session, unless the client said goodbye. The client has been told "aborted" and no more.
    pub fn serve_connection(&self, link: &mut impl Transport) -> Result<(), Error> {
        self.shared.converse(link, &mut |_| {})
    }
}

impl Shared {
    fn welcome(&self, stream: TcpStream, peer: SocketAddr) {
        let monitor = &*self.config.monitor;
        let Ok(mut link) = Tcp::from_stream(stream, self.config.limits) else {
            return;
        };
        let Some(_admitted) = self.admission.admit(peer.ip()) else {
            monitor.event(peer, &Event::TurnedAway);
            link.abort();
            return;
        };
        let result = self.converse(&mut link, &mut |event| monitor.event(peer, &event));
        monitor.event(peer, &Event::Ended { error: result.as_ref().err(), stats: &link.stats() });
    }

    /// Serves one client. Whatever error ends it, the client hears "aborted" at most.
    fn converse(&self, link: &mut impl Transport, report: &mut dyn FnMut(Event<'_>)) -> Result<(), Error> {
        let result = self.run_session(link, report);
        if result.is_err() {
            link.abort();
        }
        link.pause();
        result
    }

    fn run_session(&self, link: &mut impl Transport, report: &mut dyn FnMut(Event<'_>)) -> Result<(), Error> {
        let Self { network, plan, card, config, .. } = self;
        let observer = &*config.observer;
        let mut rng = system_prg()?;
        let id = setup::server::handshake(link, config.mode, card, &mut rng)?;
        let mut session = setup::server::establish(link, id, plan, &mut rng)?;
        report(Event::Started);
        let mut tickets: BTreeMap<u64, ServerTicket> = BTreeMap::new();
        loop {
            match link.recv_request(&[Tag::Preprocess, Tag::Infer, Tag::Bye])? {
                Tag::Preprocess => {
                    if tickets.len() >= config.max_tickets {
                        return Err(Error::Peer(Fault::TooManyTickets));
                    }
                    let (next, inference, ticket) =
                        preprocess::server::run(session, network, plan, link, observer, &mut rng)?;
                    session = next;
                    tickets.insert(inference, ticket);
                    report(Event::Preprocessed { inference });
                }
                Tag::Infer => {
                    link.enter(Phase::Online, Component::Openings);
                    let mut inference = [0; 8];
                    link.read(&mut inference)?;
                    let inference = u64::from_le_bytes(inference);
                    // Claimed before the first online message is read: no ticket is ever used twice.
                    let ticket = tickets.remove(&inference).ok_or(Error::Peer(Fault::Ticket))?;
                    online::server::run(ticket, session.transfer.delta(), network, plan, link, observer)?;
                    report(Event::Inferred { inference });
                }
                _ => return Ok(()),
            }
        }
    }
}

/// Whether accepting failed because of one client that has gone already, not because of the socket.
fn is_the_clients(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::Interrupted
            | ErrorKind::TimedOut
    )
}

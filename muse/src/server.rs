//! The server: one thread reads hellos, and each client is served in its own thread. No client can stop the service for others.
//!
//! ```text
//! accept --> pending: 256 connections, a hello within 5 s --> place: 16 sessions, 4 of an address --> a thread of its own
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | `config`, `monitor` | what an operator configures, and what is reported |
//! | `pending`, `dispatch` | connections without a hello, and the thread that looks after them |
//! | `address`, `ledger`, `admission` | rates and penalties of addresses, how many addresses are remembered, and places |
//! | `session_loop` | a session from its hello to its end |

mod address;
mod admission;
mod config;
mod dispatch;
mod ledger;
mod monitor;
mod pending;
mod session_loop;

pub use self::{
    address::network_of,
    config::ServerConfig,
    monitor::{Event, Monitor, Refusal},
};

use crate::{
    Error,
    accounts::Stats,
    card::Card,
    channel::Channel,
    metered::{Connection as _, Metered},
    model::Network,
    plan::Plan,
    threads,
};
use admission::Admission;
use alloc::sync::Arc;
use core::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use session_loop::Unlimited;
use std::{
    io,
    net::{TcpListener, TcpStream},
    sync::mpsc::sync_channel,
    thread,
};

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
    /// The network's names do not fit a card, or its public bounds do not fit the noise budget; [`Error::Setting`] for a number of the
    /// configuration out of its range; [`Error::Thread`] if the system has no threads to compute with.
    pub fn new(network: Network, config: ServerConfig) -> Result<Self, Error> {
        config.check()?;
        threads::acquire()?;
        let card = Card::new(network.architecture().clone())?;
        let plan = Plan::new(config.protocol, network.architecture().clone())?;
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
    /// [`Error::Listen`] if the socket does not listen; [`Error::Thread`] if no thread can be started to read hellos.
    pub fn serve_until(&self, listener: TcpListener, stop: &Stop) -> Result<(), Error> {
        let (sender, arrivals) = sync_channel(ARRIVALS);
        let shared = self.shared.clone();
        let dispatcher = thread::Builder::new().name("hellos".into());
        let dispatcher =
            dispatcher.spawn(move || dispatch::run(&shared, &arrivals)).map_err(Error::Thread)?;
        let result = loop {
            if stop.flag.load(Ordering::SeqCst) {
                break Ok(());
            }
            match listener.accept() {
                Ok(_) if stop.flag.load(Ordering::SeqCst) => break Ok(()),
                Ok(arrival) => {
                    if sender.send(arrival).is_err() {
                        break Err(Error::Internal("the thread that hears hellos has ended".into()));
                    }
                }
                Err(source) if source.kind() == io::ErrorKind::InvalidInput => {
                    break Err(Error::Listen { address: stop.address.to_string(), source });
                }
                // The lack of whatever was lacking is no shorter for asking at once again.
                Err(_) => thread::park_timeout(BACK_OFF),
            }
        };
        // Whoever comes now is refused at once, instead of waiting for an answer that never comes; so is who has not said hello.
        drop((listener, sender));
        let dispatcher = dispatcher.join();
        self.shared.admission.wait_until_idle();
        dispatcher.map_err(|_| Error::Internal("the thread that hears hellos panicked".into())).and(result)
    }

    /// Serves one client over a transport that is already connected, to its end. Limits of places, rates and hellos do not apply, those of the
    /// transport do.
    ///
    /// # Errors
    /// What ended the session, unless the client said goodbye. The client has been told "aborted" and no more.
    pub fn serve_connection(&self, link: &mut impl Channel) -> Result<(), Error> {
        self.serve_counted(link).0
    }

    /// [`serve_connection`](Self::serve_connection), with this side's accounts.
    ///
    /// # Errors
    /// As there.
    pub fn serve_counted(&self, link: &mut impl Channel) -> (Result<(), Error>, Stats) {
        let unlimited = Unlimited(self.shared.config.cancel.clone());
        let mut link = Metered::new(link, self.shared.config.observer.clone());
        let result = self.shared.serve_session(&mut link, &unlimited, &mut |_| {});
        (result, link.stats())
    }
}

/// Connections that were accepted and not examined yet.
const ARRIVALS: usize = 64;

/// How long waking the thread that accepts may take.
const WAKE: Duration = Duration::from_secs(1);

/// How long to wait after the system had nothing to accept a client with.
const BACK_OFF: Duration = Duration::from_millis(50);

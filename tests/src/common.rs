//! Both parties in one process over an in-memory connection.

use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Protocol, Server, ServerConfig,
    accounts::{Component, Phase, Stats},
    model::Network,
    plan::{Party, Plan},
    transport::{
        Framed, Limits, Memory, Pipe,
        memory::{self, MemoryPipe},
    },
};
use muse_field::wire::Decode;
use muse_zk::wellformed::Commitment;
use std::{
    io,
    thread::{self, JoinHandle},
};

pub use crate::network::tiny;

/// A server thread for one connection; what it returns is what ended the connection on its side.
pub type Serving = JoinHandle<Result<(), Error>>;

/// Time-outs short enough that a test which waits for one ends soon, long enough for a busy machine.
pub fn limits() -> Limits {
    Limits { idle: Duration::from_secs(60), ..Limits::with_timeout(Duration::from_secs(60)) }
}

/// Serves one connection of `network` in a thread; the other end is the test's.
pub fn serve(network: Network) -> (MemoryPipe, Serving) {
    serve_with(network, ServerConfig::default())
}

pub fn serve_with(network: Network, mut config: ServerConfig) -> (MemoryPipe, Serving) {
    let (mine, theirs) = memory::pipes();
    config.limits = limits();
    let server = Server::new(network, config).unwrap();
    let thread = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits())));
    (mine, thread)
}

/// A server's settings in a mode.
pub fn server_config(protocol: Protocol) -> ServerConfig {
    let mut config = ServerConfig::default();
    config.protocol = protocol;
    config
}

/// A client's settings in a mode.
pub fn client_config(protocol: Protocol) -> ClientConfig {
    let mut config = ClientConfig::default();
    config.protocol = protocol;
    // Tests send what is compared with the same computation modulo p, in range or not.
    config.allow_wrapping = true;
    config
}

/// A client with a server of `network`, in the default mode.
pub fn session(network: Network) -> (Client<Memory>, Serving) {
    session_in(Protocol::default(), network)
}

/// A client with a server of `network`.
pub fn session_in(protocol: Protocol, network: Network) -> (Client<Memory>, Serving) {
    let (pipe, serving) = serve_with(network, server_config(protocol));
    (Client::over(Framed::new(pipe, limits()), client_config(protocol)).unwrap(), serving)
}

/// Fails unless a session of one inference cost a party exactly what its plan says.
pub fn assert_predicted(plan: &Plan, stats: &Stats, party: Party) {
    let [one, two] = [1, 2].map(|tries| plan.predicted(tries, party).unwrap());
    let challenges = |stats: &Stats| {
        let proofs = stats.get(Phase::Preprocessing, Component::Proofs);
        match party {
            Party::Client => proofs.received,
            Party::Server => proofs.sent,
        }
    };
    // Every try has one challenge, and the challenges are all that the server sends.
    let each = challenges(&two) - challenges(&one);
    let tries = if plan.is_authenticated() { challenges(stats) / each } else { 1 };
    let predicted = plan.predicted(u32::try_from(tries).unwrap(), party).unwrap();
    for phase in Phase::ALL {
        for component in Component::ALL {
            let [mut found, want] = [stats, &predicted].map(|stats| {
                let counters = stats.get(phase, component);
                [counters.sent, counters.received, counters.flights]
            });
            if component == Component::Triples {
                // Proofs of batches are predicted with one try each; a further try has these frames.
                let mut retry = [Commitment::len_for(()) as u64 + 4, each, 2];
                if party == Party::Server {
                    retry.swap(0, 1);
                }
                let retries = (found[2] - want[2]) / 2;
                found.iter_mut().zip(retry).for_each(|(found, of_one)| *found -= retries * of_one);
            }
            assert_eq!(found, want, "{phase:?}, {component:?}, {tries} tries");
        }
    }
}

/// What an unreliable or hostile connection does to the bytes that pass through a pipe.
pub trait Meddle: Send {
    /// Changes the bytes about to be written, the first of which is number `position` of the stream. `false` cuts the connection
    /// behind what is left in `bytes`.
    fn outgoing(&mut self, position: u64, bytes: &mut Vec<u8>) -> bool;
}

/// A pipe whose outgoing bytes are meddled with.
pub struct Meddled<M> {
    pub pipe: MemoryPipe,
    pub meddler: M,
    pub position: u64,
}

impl<M: Meddle> Meddled<M> {
    pub fn new(pipe: MemoryPipe, meddler: M) -> Self {
        Self { pipe, meddler, position: 0 }
    }
}

impl<M: Meddle> Pipe for Meddled<M> {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.pipe.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let mut changed = bytes.to_vec();
        let go_on = self.meddler.outgoing(self.position, &mut changed);
        self.position += bytes.len() as u64;
        let mut rest = &changed[..];
        while !rest.is_empty() {
            let n = self.pipe.write(rest, patience)?;
            rest = &rest[n..];
        }
        if go_on {
            Ok(bytes.len())
        } else {
            self.pipe.close();
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}

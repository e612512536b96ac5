//! Openings to the client, to the server, and to both, checked at once.

use alloc::vec::Vec;

use muse_field::Fp;
use muse_mac::{Authenticated, Claimed, Opening, ServerShare};
use zeroize::Zeroizing;

use super::client::Client;
use super::message::Shares;
use super::server::Server;
use crate::Error;
use crate::domain;

/// Client: awaits the server's shares of values that both get.
#[derive(Debug)]
pub struct AwaitShares(Shares);

/// Server: awaits the client's shares of values that both get.
#[derive(Debug)]
pub struct AwaitOpening(AwaitOpeningToServer);

/// Server: awaits the client's shares of values that only the server gets.
#[derive(Debug)]
pub struct AwaitOpeningToServer {
    server: Server,
    shared: ServerShare,
}

impl Client {
    /// Opens a vector to the server, who does [`open_to_server`](Server::open_to_server).
    ///
    /// # Errors
    /// [`Error::Exhausted`] after 2^32 - 1 steps.
    pub fn open_to_server(&mut self, shared: Authenticated) -> Result<Opening, Error> {
        Ok(shared.open(&self.steps.next(domain::ENGINE_OPEN_TO_SERVER)?))
    }

    /// Learns a vector from the server's message [`open_to_client`](Server::open_to_client), of as many shares.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message has another number.
    pub fn on_open_to_client(shared: &Authenticated, shares: Shares) -> Result<Vec<Fp>, Error> {
        shares.open(shared.values())
    }

    /// Opens a vector to both. The client's shares go first.
    ///
    /// # Errors
    /// [`Error::Exhausted`] after 2^32 - 1 steps.
    pub fn open(&mut self, shared: Authenticated) -> Result<(AwaitShares, Opening), Error> {
        let id = self.steps.next(domain::ENGINE_OPEN)?;
        Ok((AwaitShares(Shares::new(shared.values().to_vec())), shared.open(&id)))
    }
}

impl AwaitShares {
    /// The shape of the awaited message.
    #[must_use]
    pub const fn shape(&self) -> usize {
        self.0.as_slice().len()
    }

    /// The opened values.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message is not of this shape.
    pub fn on_shares(self, shares: Shares) -> Result<Vec<Fp>, Error> {
        shares.open(self.0.as_slice())
    }
}

impl Server {
    /// The server's shares, from which the client learns the vector.
    ///
    /// They depend on checked values only, which their type says: `Unchecked<ServerShare>` is not taken. And after a failed
    /// check of this program there is no server left to do it.
    #[must_use]
    pub fn open_to_client(&self, shared: ServerShare) -> Shares {
        Shares::new(shared.values().to_vec())
    }

    /// Learns a vector that the [client opens](Client::open_to_server) to the server.
    #[must_use]
    pub const fn open_to_server(self, shared: ServerShare) -> AwaitOpeningToServer {
        AwaitOpeningToServer { server: self, shared }
    }

    /// Opens a vector to both.
    #[must_use]
    pub const fn open(self, shared: ServerShare) -> AwaitOpening {
        AwaitOpening(self.open_to_server(shared))
    }
}

impl AwaitOpeningToServer {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.shared.len()
    }

    /// The opened values, if they fit their MACs.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Opening`](crate::Check::Opening) if not, [`Error::Misuse`] if the message is not
    /// of this shape.
    pub fn on_opening(self, claimed: Claimed) -> Result<(Server, Vec<Fp>), Error> {
        let (server, values, _) = self.check(domain::ENGINE_OPEN_TO_SERVER, claimed)?;
        Ok((server, values))
    }

    fn check(self, step: &'static str, claimed: Claimed) -> Result<(Server, Vec<Fp>, Column), Error> {
        let Self { mut server, shared } = self;
        let id = server.steps.next(step)?;
        let (own, keys) = shared.into_parts();
        let client = keys.verify(&server.key, &id, claimed)?;
        let values = Shares::new(client).open(&own)?;
        Ok((server, values, own))
    }
}

impl AwaitOpening {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.0.shape()
    }

    /// The opened values, if they fit their MACs, and the server's shares for the client.
    ///
    /// # Errors
    /// As for [`AwaitOpeningToServer::on_opening`].
    pub fn on_opening(self, claimed: Claimed) -> Result<(Server, Vec<Fp>, Shares), Error> {
        let (server, values, own) = self.0.check(domain::ENGINE_OPEN, claimed)?;
        Ok((server, values, Shares::new(own.to_vec())))
    }
}

/// Secret values.
type Column = Zeroizing<Vec<Fp>>;

//! [`ServerPlayer`].

use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_mac::ServerShare;
use muse_mac::spdz::Party;
use rand_core::CryptoRng;

use crate::Error;
use crate::engine::Server;
use crate::error::ENDED;
use crate::program::{Engine, Mailbox};

/// The server's side of a program. An error ends it: every later step is refused.
pub struct ServerPlayer<'m, R> {
    mailbox: &'m Mailbox,
    server: Option<Server>,
    rng: R,
}

impl<'m, R: CryptoRng> ServerPlayer<'m, R> {
    /// A server that has begun no step.
    #[must_use]
    pub const fn new(mailbox: &'m Mailbox, server: Server, rng: R) -> Self {
        Self { mailbox, server: Some(server), rng }
    }

    /// The server, to take further steps by itself; `None` after an error.
    #[must_use]
    pub fn into_inner(self) -> Option<Server> {
        self.server
    }

    fn take(&mut self) -> Result<Server, Error> {
        // Check: a failed check ends the program.
        self.server.take().ok_or(Error::Misuse(ENDED))
    }
}

impl<R: CryptoRng> Engine for ServerPlayer<'_, R> {
    type Share = ServerShare;

    fn party(&self) -> Party {
        Party::Second
    }

    fn constants(&self, values: &[Fp]) -> ServerShare {
        Server::input(values.to_vec())
    }

    async fn input(&mut self, owner: Party, count: usize, values: &[Fp]) -> Result<ServerShare, Error> {
        let mut server = self.take()?;
        let shares = match owner {
            Party::First => server.client_input(count, self.mailbox.receive(count).await?)?,
            Party::Second if values.len() != count => {
                return Err(Error::Misuse("as many values as announced"));
            }
            Party::Second => Server::input(values.to_vec()),
        };
        self.server = Some(server);
        Ok(shares)
    }

    async fn multiply(&mut self, x: &ServerShare, y: &ServerShare) -> Result<ServerShare, Error> {
        let wait = self.take()?.multiply(x, y)?;
        let message = self.mailbox.receive(wait.shape()).await?;
        let (server, product, reply) = wait.on_factors(message)?;
        self.mailbox.send(&reply);
        self.server = Some(server);
        Ok(product)
    }

    async fn random_bits(&mut self, count: usize) -> Result<ServerShare, Error> {
        let wait = self.take()?.random_bits(count);
        let request = self.mailbox.receive(wait.shape()).await?;
        let (wait, reply) = wait.on_request(request, &mut self.rng)?;
        self.mailbox.send(&reply);
        let (server, bits) = wait.on_proof(self.mailbox.receive(()).await?)?;
        self.server = Some(server);
        Ok(bits)
    }

    async fn open_masked(&mut self, x: ServerShare) -> Result<Vec<Fp>, Error> {
        self.output(x).await
    }

    async fn output(&mut self, x: ServerShare) -> Result<Vec<Fp>, Error> {
        let wait = self.take()?.open(x);
        let message = self.mailbox.receive(wait.shape()).await?;
        let (server, opened, reply) = wait.on_opening(message)?;
        self.mailbox.send(&reply);
        self.server = Some(server);
        Ok(opened)
    }

    async fn output_to(&mut self, party: Party, x: ServerShare) -> Result<Vec<Fp>, Error> {
        let server = self.take()?;
        let (server, opened) = match party {
            Party::First => {
                self.mailbox.send(&server.open_to_client(x));
                (server, Vec::new())
            }
            Party::Second => {
                let wait = server.open_to_server(x);
                let message = self.mailbox.receive(wait.shape()).await?;
                wait.on_opening(message)?
            }
        };
        self.server = Some(server);
        Ok(opened)
    }
}

impl<R> fmt::Debug for ServerPlayer<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerPlayer").field("server", &self.server).finish_non_exhaustive()
    }
}

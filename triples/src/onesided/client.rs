//! [`ClientPlayer`].

use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_mac::Authenticated;
use muse_mac::spdz::Party;
use rand_core::CryptoRng;

use crate::Error;
use crate::engine::Client;
use crate::error::ENDED;
use crate::program::{Engine, Mailbox};

/// The client's side of a program. An error ends it: every later step is refused.
pub struct ClientPlayer<'m, R> {
    mailbox: &'m Mailbox,
    client: Option<Client>,
    rng: R,
}

impl<'m, R: CryptoRng> ClientPlayer<'m, R> {
    /// A client that has begun no step.
    #[must_use]
    pub const fn new(mailbox: &'m Mailbox, client: Client, rng: R) -> Self {
        Self { mailbox, client: Some(client), rng }
    }

    /// The client, to take further steps by itself; `None` after an error.
    #[must_use]
    pub fn into_inner(self) -> Option<Client> {
        self.client
    }

    fn take(&mut self) -> Result<Client, Error> {
        // Check: a failed check ends the program.
        self.client.take().ok_or(Error::Misuse(ENDED))
    }
}

impl<R: CryptoRng> Engine for ClientPlayer<'_, R> {
    type Share = Authenticated;

    fn party(&self) -> Party {
        Party::First
    }

    /// Zeros: the server adds constants.
    fn constants(&self, values: &[Fp]) -> Authenticated {
        Client::server_input(values.len())
    }

    async fn input(&mut self, owner: Party, count: usize, values: &[Fp]) -> Result<Authenticated, Error> {
        let mut client = self.take()?;
        let shares = match owner {
            Party::First if values.len() != count => {
                return Err(Error::Misuse("as many values as announced"));
            }
            Party::First => {
                let (shares, message) = client.input(values)?;
                self.mailbox.send(&message);
                shares
            }
            Party::Second => Client::server_input(count),
        };
        self.client = Some(client);
        Ok(shares)
    }

    async fn multiply(&mut self, x: &Authenticated, y: &Authenticated) -> Result<Authenticated, Error> {
        let mut client = self.take()?;
        let (wait, message) = client.multiply(x, y)?;
        self.mailbox.send(&message);
        let reply = self.mailbox.receive(wait.shape()).await?;
        let product = wait.on_shares(reply)?;
        self.client = Some(client);
        Ok(product)
    }

    async fn random_bits(&mut self, count: usize) -> Result<Authenticated, Error> {
        let mut client = self.take()?;
        let (wait, message) = client.random_bits(count, &mut self.rng)?;
        self.mailbox.send(&message);
        let reply = self.mailbox.receive(wait.shape()).await?;
        let (bits, proof) = wait.on_reply(reply)?;
        self.mailbox.send(&proof);
        self.client = Some(client);
        Ok(bits)
    }

    async fn open_masked(&mut self, x: Authenticated) -> Result<Vec<Fp>, Error> {
        self.output(x).await
    }

    async fn output(&mut self, x: Authenticated) -> Result<Vec<Fp>, Error> {
        let mut client = self.take()?;
        let (wait, message) = client.open(x)?;
        self.mailbox.send(&message);
        let reply = self.mailbox.receive(wait.shape()).await?;
        let opened = wait.on_shares(reply)?;
        self.client = Some(client);
        Ok(opened)
    }

    async fn output_to(&mut self, party: Party, x: Authenticated) -> Result<Vec<Fp>, Error> {
        let mut client = self.take()?;
        let opened = match party {
            Party::First => Client::on_open_to_client(&x, self.mailbox.receive(x.len()).await?)?,
            Party::Second => {
                self.mailbox.send(&client.open_to_server(x)?);
                Vec::new()
            }
        };
        self.client = Some(client);
        Ok(opened)
    }
}

impl<R> fmt::Debug for ClientPlayer<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientPlayer").field("client", &self.client).finish_non_exhaustive()
    }
}

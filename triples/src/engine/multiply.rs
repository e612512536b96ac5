//! Multiplication of shared vectors with triples (Beaver, CRYPTO 1991), checked at once.
//!
//! ```text
//! client, [x_c], [y_c], [a_c], [b_c], [c_c]                       server, x_s, y_s, a_s, b_s, c_s, keys
//! multiply                    d_c = x_c - a_c, e_c = y_c - b_c
//!                             and a hash of their MACs
//!                           ----------------------------------->  AwaitFactors::on_factors: check
//! AwaitShares::on_shares     d_s = x_s - a_s, e_s = y_s - b_s
//!                           <-----------------------------------
//! z_c = c_c + d b_c + e a_c                                       z_s = c_s + d b_s + e a_s + d e
//! ```
//!
//! d and e are uniform. The product of shares made of changed `d_c` or `e_c` would tell about the factors, so no `z_s` exists before
//! the check.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::{Fp, vector};
use muse_mac::{Authenticated, Claimed, Keys, MacKey, Opening, OpeningId, ServerShare};

use super::client::Client;
use super::message::Shares;
use super::server::Server;
use crate::domain;
use crate::linear::Linear;
use crate::{ClientTriples, Error, ServerTriples};

/// Client: awaits the server's shares of the masked factors.
#[derive(Debug)]
pub struct AwaitShares {
    triples: ClientTriples,
    own: Shares,
}

/// Server: awaits the client's shares of the masked factors.
#[derive(Debug)]
pub struct AwaitFactors {
    server: Server,
    product: Product,
}

/// Server: a multiplication before the client's message.
#[derive(Debug)]
pub(super) struct Product {
    triples: ServerTriples,
    own: Shares,
    keys: Keys,
}

impl Client {
    /// Multiplies element by element. The server [does the same](Server::multiply).
    ///
    /// # Errors
    /// [`Error::Misuse`] unless the vectors have one length, [`Error::Exhausted`] unless there is a triple for each row.
    pub fn multiply(
        &mut self,
        x: &Authenticated,
        y: &Authenticated,
    ) -> Result<(AwaitShares, Opening), Error> {
        // The step counts when nothing can fail any more: the server has counted as many.
        let (product, masked) = self.mask(x, y)?;
        let id = self.steps.next(domain::ENGINE_FACTORS)?;
        Ok((product, masked.open(&id)))
    }

    /// The state of a multiplication, and the masked factors to be opened.
    pub(super) fn mask(
        &mut self,
        x: &Authenticated,
        y: &Authenticated,
    ) -> Result<(AwaitShares, Authenticated), Error> {
        let count = rows(x.len(), y.len())?;
        let triples = self.pool.take_triples(count)?;
        let masked = differences(x, triples.a(), y, triples.b());
        let own = Shares::new(masked.values().to_vec());
        Ok((AwaitShares { triples, own }, masked))
    }
}

impl AwaitShares {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        2 * self.triples.len()
    }

    /// The client's half of the product.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message is not of this shape.
    pub fn on_shares(self, shares: Shares) -> Result<Authenticated, Error> {
        let opened = shares.open(self.own.as_slice())?;
        let (d, e) = opened.split_at(self.triples.len());
        Ok(self.triples.product(d, e))
    }
}

impl Server {
    /// Multiplies element by element, as the [client](Client::multiply) does.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless the vectors have one length, [`Error::Exhausted`] unless there is a triple for each row.
    pub fn multiply(mut self, x: &ServerShare, y: &ServerShare) -> Result<AwaitFactors, Error> {
        let product = self.mask(x, y)?;
        Ok(AwaitFactors { server: self, product })
    }

    pub(super) fn mask(&mut self, x: &ServerShare, y: &ServerShare) -> Result<Product, Error> {
        let count = rows(x.len(), y.len())?;
        let triples = self.pool.take_triples(count)?;
        let (own, keys) = differences(x, triples.a(), y, triples.b()).into_parts();
        Ok(Product { triples, own: Shares::new(own.to_vec()), keys })
    }
}

impl AwaitFactors {
    /// The key of the MACs.
    pub(super) const fn key(&self) -> &MacKey {
        &self.server.key
    }

    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.product.shape()
    }

    /// Checks the client's shares; then the server's half of the product, and its shares for the client.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Opening`](crate::Check::Opening) if they do not fit their MACs, [`Error::Misuse`] if
    /// the message is not of this shape.
    pub fn on_factors(self, claimed: Claimed) -> Result<(Server, ServerShare, Shares), Error> {
        let Self { mut server, product } = self;
        let id = server.steps.next(domain::ENGINE_FACTORS)?;
        let (product, shares) = product.verify(&server.key, &id, claimed)?;
        Ok((server, product, shares))
    }
}

impl Product {
    pub(super) fn shape(&self) -> usize {
        self.keys.len()
    }

    /// The checked product, and what the client may see then.
    pub(super) fn verify(
        self,
        key: &MacKey,
        id: &OpeningId,
        claimed: Claimed,
    ) -> Result<(ServerShare, Shares), Error> {
        let Self { triples, own, keys } = self;
        let opened = keys.verify(key, id, claimed)?;
        Ok((finish(triples, &own, opened), own))
    }

    /// For a check that comes later: the triples, the server's shares, and the keys of the client's.
    pub(super) fn into_parts(self) -> (ServerTriples, Shares, Keys) {
        (self.triples, self.own, self.keys)
    }
}

/// The server's half of a product, from its own and the client's shares of the masked factors.
pub(super) fn finish(triples: ServerTriples, own: &Shares, mut claimed: Vec<Fp>) -> ServerShare {
    vector::add_assign(&mut claimed, own.as_slice());
    let (d, e) = claimed.split_at(triples.len());
    triples.product(d, e)
}

/// d = x - a, then e = y - b.
fn differences<V: Linear>(x: &V, a: &V, y: &V, b: &V) -> V {
    V::concat(vec![x.minus(a), y.minus(b)])
}

const fn rows(x: usize, y: usize) -> Result<usize, Error> {
    if x == y { Ok(x) } else { Err(Error::Misuse("factors of one length")) }
}

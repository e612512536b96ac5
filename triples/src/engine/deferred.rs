//! Openings without a hash, all checked by one flush.
//!
//! ```text
//! client                                                            server
//! multiply_deferred, open_deferred   shares, any number of steps
//!                                  ------------------------------>  Unchecked results
//!                                       Coin, 32 bytes
//! answer                           <------------------------------  flush
//!                                       Response, 6 bytes
//!                                  ------------------------------>  AwaitResponse::on_response -> Checked
//! ```
//!
//! The factors of a deferred multiplication are [`ServerShare`]s, not `Unchecked`, so the server's shares of the masked factors depend on
//! nothing unchecked and may go out. Its product is `Unchecked`: linear maps
//! ([`Unchecked::map`](muse_mac::check::Unchecked::map)) and openings to the server take it as it is, all else after the flush.
//!
//! ```
//! # use muse_mac::{Error, ServerShare, check::{Checked, Unchecked}};
//! # use muse_triples::engine::{Server, Shares};
//! fn after_the_flush(server: &Server, product: Unchecked<ServerShare>, checked: &Checked) -> Result<Shares, Error> {
//!     Ok(server.open_to_client(product.release(checked)?))
//! }
//! ```
//!
//! and not before:
//!
//! ```compile_fail,E0308
//! # use muse_mac::{ServerShare, check::Unchecked};
//! # use muse_triples::engine::{Server, Shares};
//! fn leak(server: &Server, unchecked: Unchecked<ServerShare>) -> Shares {
//!     server.open_to_client(unchecked)
//! }
//! ```
//!
//! ```compile_fail,E0308
//! # use muse_mac::{ServerShare, check::Unchecked};
//! # use muse_triples::engine::{Server, multiply::AwaitFactors};
//! fn leak(server: Server, x: &Unchecked<ServerShare>) -> AwaitFactors {
//!     server.multiply(x, x).unwrap()
//! }
//! ```

use alloc::vec::Vec;
use core::mem;

use muse_field::id::Coin;
use muse_field::{Fp, vector};
use muse_mac::check::{self, Batch, Checked, Response, Unchecked};
use muse_mac::{Authenticated, ServerShare};
use rand_core::CryptoRng;

use super::client::Client;
use super::message::Shares;
use super::multiply::{AwaitShares, Product, finish};
use super::server::Server;
use crate::Error;
use crate::domain;

/// Server: awaits the client's shares of masked factors, to be checked later.
#[derive(Debug)]
pub struct AwaitFactors {
    server: Server,
    product: Product,
}

/// Server: a flush whose challenge is out.
#[derive(Debug)]
pub struct AwaitResponse {
    server: Server,
    check: check::AwaitResponse,
}

impl Client {
    /// [`multiply`](Self::multiply) without the hash.
    ///
    /// # Errors
    /// As for `multiply`.
    pub fn multiply_deferred(
        &mut self,
        x: &Authenticated,
        y: &Authenticated,
    ) -> Result<(AwaitShares, Shares), Error> {
        let (product, masked) = self.mask(x, y)?;
        Ok((product, self.open_deferred(masked)))
    }

    /// Opens a vector to the server without the hash.
    #[must_use]
    pub fn open_deferred(&mut self, shared: Authenticated) -> Shares {
        Shares::new(self.opener.open(shared))
    }

    /// Answers the server's [flush](Server::flush), for all deferred openings since the last one.
    ///
    /// # Errors
    /// [`Error::Exhausted`] after 2^32 - 1 steps.
    pub fn answer(&mut self, challenge: &Coin) -> Result<Response, Error> {
        let id = self.steps.next(domain::ENGINE_FLUSH)?;
        Ok(mem::take(&mut self.opener).answer(&id, challenge))
    }
}

impl Server {
    /// [`multiply`](Self::multiply) with a check that comes later.
    ///
    /// # Errors
    /// As for `multiply`.
    pub fn multiply_deferred(mut self, x: &ServerShare, y: &ServerShare) -> Result<AwaitFactors, Error> {
        let product = self.mask(x, y)?;
        Ok(AwaitFactors { server: self, product })
    }

    /// Receives values that the client opens without the hash. The shape of the message is their number.
    ///
    /// `shared` is the result of a deferred step, or anything that [`defer`](Self::defer) has put beside those.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message is not of this shape, or `shared` was deferred before the last flush.
    pub fn open_deferred(
        &mut self,
        shared: Unchecked<ServerShare>,
        message: Shares,
    ) -> Result<Unchecked<Vec<Fp>>, Error> {
        let (own, keys) = shared.map(ServerShare::into_parts).unzip();
        let claimed = self.batch.receive_under(keys, message.into_inner())?;
        Ok(own.zip(claimed)?.map(|(own, mut claimed)| {
            vector::add_assign(&mut claimed, &own);
            claimed
        }))
    }

    /// Puts a checked value beside unchecked ones, to be computed with together.
    #[must_use]
    pub fn defer<T>(&self, value: T) -> Unchecked<T> {
        self.batch.wrap(value)
    }

    /// Asks for the check of all that was deferred.
    ///
    /// # Errors
    /// [`Error::Exhausted`] after 2^32 - 1 steps.
    pub fn flush(mut self, rng: &mut impl CryptoRng) -> Result<(AwaitResponse, Coin), Error> {
        let id = self.steps.next(domain::ENGINE_FLUSH)?;
        let batch = mem::replace(&mut self.batch, Batch::new(&self.key));
        let (check, challenge) = batch.challenge(&id, rng);
        Ok((AwaitResponse { server: self, check }, challenge))
    }
}

impl AwaitFactors {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.product.shape()
    }

    /// The unchecked product, and the server's shares of the masked factors, which depend on checked values only.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message is not of this shape.
    pub fn on_factors(self, message: Shares) -> Result<(Server, Unchecked<ServerShare>, Shares), Error> {
        let Self { mut server, product } = self;
        let (triples, own, keys) = product.into_parts();
        let opened = server.batch.receive(keys, message.into_inner())?;
        let product = opened.map(|opened| finish(triples, &own, opened));
        Ok((server, product, own))
    }
}

impl AwaitResponse {
    /// The verdict on all that was deferred.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Deferred`](crate::Check::Deferred) if anything was wrong; the unchecked values
    /// stay locked for ever.
    pub fn on_response(self, response: Response) -> Result<(Server, Checked), Error> {
        let checked = self.check.on_response(response)?;
        Ok((self.server, checked))
    }
}

//! Inputs of the client: `x - u` in the clear, against an authenticated random `[u]`.
//!
//! There is nothing to check: whatever the client sends, `[u] + (x - u)` is an authenticated value, and it is the client's input.

use alloc::vec::Vec;

use muse_field::{Fp, vector};
use muse_mac::{Authenticated, Keys, ServerShare};

use super::client::Client;
use super::message::Shares;
use super::server::Server;
use crate::Error;

impl Client {
    /// Puts values of the client in. The message hides them; the server [receives](Server::client_input) it.
    ///
    /// # Errors
    /// [`Error::Exhausted`] unless there is a random value for each.
    pub fn input(&mut self, values: &[Fp]) -> Result<(Authenticated, Shares), Error> {
        let mut shared = self.pool.take_randoms(values.len())?;
        let mut masked: Vec<Fp> = values.to_vec();
        vector::sub_assign(&mut masked, shared.values());
        shared.add_public_assign(&masked);
        Ok((shared, Shares::new(masked)))
    }
}

impl Server {
    /// Receives `count` values that the client puts in. The shape of the message is `count`.
    ///
    /// # Errors
    /// [`Error::Exhausted`] unless there is a random value for each, [`Error::Misuse`] unless the message has `count` values.
    pub fn client_input(&mut self, count: usize, message: Shares) -> Result<ServerShare, Error> {
        self.known_input(count, message).map(ServerShare::of_client)
    }

    /// The keys of the client's inputs.
    pub(super) fn known_input(&mut self, count: usize, message: Shares) -> Result<Keys, Error> {
        let masked = message.expect(count)?;
        let mut keys = self.pool.take_randoms(count)?;
        keys.add_public_assign(&self.key, &masked);
        Ok(keys)
    }
}

//! Random bits that neither party knows.
//!
//! ```text
//! client, bits b_c                                                 server, bits b_s
//! random_bits                Request: b_c - u; masked factors, hash
//!                          ------------------------------------>   AwaitRequest::on_request: check
//! AwaitReply::on_reply    Reply: seed; masked factors
//!                          <------------------------------------
//!                            proof that b_c b_c = b_c, 11 bytes
//!                          ------------------------------------>   AwaitProof::on_proof: check
//! ```
//!
//! The bit is `b_c xor b_s = b_c + b_s - 2 b_c b_s`. The server's bit makes it uniform whatever the client does, as long as the client's
//! is a bit, which the product proof says without a triple; its square needs none as the client knows it. Only `b_c b_s` is a
//! product of secrets of two parties. The client must fix its bits before it sees anything of the server's, and the server's
//! reply holds `b_s` under a triple's mask; so both go in one round. The reply depends on the seed and on that mask alone,
//! and on nothing the client sent.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::Fp;
use muse_mac::{Authenticated, ServerShare};
use muse_zk::product::Message;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::client::Client;
use super::known::{Proving, Statement, Verifying};
use super::message::{ClaimedRequest, Reply, Request};
use super::multiply::AwaitShares;
use super::server::Server;
use crate::Error;
use crate::domain;
use crate::linear::{Linear, of_server};

/// Client: awaits the seed, and the server's shares of masked factors.
#[derive(Debug)]
pub struct AwaitReply {
    product: AwaitShares,
    bits: Authenticated,
    proof: Proving,
}

/// Server: awaits the client's bits.
#[derive(Debug)]
pub struct AwaitRequest {
    server: Server,
    count: usize,
}

/// Server: awaits the proof that the client's bits are bits.
#[derive(Debug)]
pub struct AwaitProof {
    server: Server,
    proof: Verifying,
    shared: ServerShare,
}

impl Client {
    /// Makes `count` shared random bits, as the server [does](Server::random_bits).
    ///
    /// # Errors
    /// [`Error::Exhausted`] unless there are `count` triples and `count + 1` random values.
    pub fn random_bits(
        &mut self,
        count: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitReply, Request), Error> {
        self.pool.require(count, count.saturating_add(1))?;
        let id = self.steps.next(domain::ENGINE_BITS)?;
        let (bits, inputs) = self.input(&random(count, rng))?;
        let proof = self.statement(Statement::bits(&bits))?;
        let (product, factors) = self.mask(&bits, &Self::server_input(count))?;
        let request = Request { inputs, factors: factors.open(&id) };
        Ok((AwaitReply { product, bits, proof }, request))
    }
}

impl AwaitReply {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.product.shape()
    }

    /// The client's half of the bits, and the proof for the server.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message is not of this shape.
    pub fn on_reply(self, reply: Reply) -> Result<(Authenticated, Message), Error> {
        let proof = self.proof.prove(&reply.seed)?;
        let product = self.product.on_shares(reply.shares)?;
        let zeros = Client::server_input(self.bits.len());
        Ok((xor(self.bits, &zeros, &product), proof))
    }
}

impl Server {
    /// Makes `count` shared random bits.
    #[must_use]
    pub const fn random_bits(self, count: usize) -> AwaitRequest {
        AwaitRequest { server: self, count }
    }
}

impl AwaitRequest {
    /// The shape of the awaited message.
    #[must_use]
    pub const fn shape(&self) -> (usize, usize) {
        (self.count, self.count.saturating_mul(2))
    }

    /// Checks the masked factors and replies. The bits come after the proof.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Opening`](crate::Check::Opening) if the masked factors do not fit their MACs,
    /// [`Error::Misuse`] if the message is not of this shape, [`Error::Exhausted`] as for [`Client::random_bits`].
    pub fn on_request(
        self,
        request: ClaimedRequest,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitProof, Reply), Error> {
        let Self { mut server, count } = self;
        server.pool.require(count, count.saturating_add(1))?;
        let id = server.steps.next(domain::ENGINE_BITS)?;
        let bits = server.known_input(count, request.inputs)?;
        let (proof, seed) = server.statement(Statement::bits(&bits), rng)?;
        let own = of_server(random(count, rng));
        let client = ServerShare::of_client(bits);
        let product = server.mask(&client, &own)?;
        let (product, shares) = product.verify(&server.key, &id, request.factors)?;
        let shared = xor(client, &own, &product);
        Ok((AwaitProof { server, proof, shared }, Reply { seed, shares }))
    }
}

impl AwaitProof {
    /// The server's half of the bits, if the client's are bits.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Bits`](crate::Check::Bits) if not.
    pub fn on_proof(self, proof: Message) -> Result<(Server, ServerShare), Error> {
        self.proof.verify(&self.server.key, proof)?;
        Ok((self.server, self.shared))
    }
}

/// a + b - 2 a b.
fn xor<V: Linear>(mut a: V, b: &V, product: &V) -> V {
    a.add(b);
    a.axpy(-Fp::new(2), product);
    a
}

/// Uniform bits.
fn random(count: usize, rng: &mut impl CryptoRng) -> Zeroizing<Vec<Fp>> {
    let mut bytes = Zeroizing::new(vec![0; count.div_ceil(8)]);
    rng.fill_bytes(&mut bytes);
    let bits = (0..count).map(|i| Fp::new(u64::from(bytes[i / 8] >> (i % 8) & 1)));
    Zeroizing::new(bits.collect())
}

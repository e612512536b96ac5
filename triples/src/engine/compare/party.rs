//! Both parties of a comparison.

use alloc::vec;

use muse_field::Fp;
use muse_field::wire::message;
use muse_mac::{Authenticated, Claimed, Opening, ServerShare};
use muse_zk::product::Message;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::circuit::{Leaves, Level, Next};
use crate::Error;
use crate::domain;
use crate::engine::client::Client;
use crate::engine::known::{BITS, INPUTS, Proving, Statement, Verifying, inputs};
use crate::engine::message::{ClaimedRequest, Reply, Request, Shares};
use crate::engine::multiply;
use crate::engine::server::Server;
use crate::linear::{Linear, constant_keys, constants, of_server};

message! {
    /// The client's second message: the proof of its bits (11 bytes), then masked factors.
    #[derive(Debug)]
    pub sent struct Proven {
        proof: Message,
        factors: Opening,
    }
}

message! {
    /// A [`Proven`] that the server has received and not checked. The shape is the number of masked factors.
    #[derive(Debug)]
    pub received struct ProvenClaim(factors: usize) {
        proof: Message = (),
        factors: Claimed = factors,
    }
}

/// Client: awaits the seed of the proof, and the server's shares of the masked leaves.
#[derive(Debug)]
pub struct AwaitReply {
    proof: Proving,
    leaves: Leaves<Authenticated>,
    product: multiply::AwaitShares,
}

/// Client: awaits the server's shares of masked factors.
#[derive(Debug)]
pub struct AwaitShares {
    level: Level<Authenticated>,
    product: multiply::AwaitShares,
}

/// Client: what comes after a level.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it is taken apart at once")]
pub enum ClientStep {
    /// The next level, and the message for it.
    Level(AwaitShares, Opening),
    /// One where a value is negative, else zero.
    Done(Authenticated),
}

/// Server: awaits the client's bits.
#[derive(Debug)]
pub struct AwaitRequest {
    server: Server,
    x: ServerShare,
}

/// Server: awaits the proof that these are the bits of the client's shares.
#[derive(Debug)]
pub struct AwaitProven {
    proof: Verifying,
    next: AwaitFactors,
}

/// Server: awaits the client's shares of masked factors.
#[derive(Debug)]
pub struct AwaitFactors {
    level: Level<ServerShare>,
    product: multiply::AwaitFactors,
}

/// Server: what comes after a level.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it is taken apart at once")]
pub enum ServerStep {
    /// The next level.
    Level(AwaitFactors),
    /// One where a value is negative, else zero.
    Done(Server, ServerShare),
}

impl Client {
    /// Finds out which values are negative, as the server [does](Server::is_negative).
    ///
    /// # Errors
    /// [`Error::Exhausted`] unless there are 125 triples and 46 random values a value, and one more of these.
    pub fn is_negative(&mut self, x: &Authenticated) -> Result<(AwaitReply, Request), Error> {
        self.pool.require(triples(x.len()), randoms(x.len()))?;
        let id = self.steps.next(domain::ENGINE_COMPARE)?;
        let y = x.plus(x);
        let (known, message) = self.input(&inputs(y.values()))?;
        let one = constants(vec![Fp::ONE; x.len()]);
        let (statement, bits) = Statement::canonical(&y, &known, &one);
        let proof = self.statement(statement)?;
        let t = Self::server_input(BITS * x.len());
        let leaves = Leaves::new(bits, &t, Self::server_input(x.len()));
        let (x, y) = leaves.factors();
        let (product, factors) = self.mask(&x, &y)?;
        Ok((AwaitReply { proof, leaves, product }, Request { inputs: message, factors: factors.open(&id) }))
    }
}

impl AwaitReply {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.product.shape()
    }

    /// The proof and the next level.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message is not of this shape, [`Error::Exhausted`] as for [`Client::is_negative`].
    pub fn on_reply(self, client: &mut Client, reply: Reply) -> Result<(AwaitShares, Proven), Error> {
        let proof = self.proof.prove(&reply.seed)?;
        let level = self.leaves.next(&self.product.on_shares(reply.shares)?);
        let (next, factors) = AwaitShares::new(level, client)?;
        Ok((next, Proven { proof, factors }))
    }
}

impl AwaitShares {
    fn new(level: Level<Authenticated>, client: &mut Client) -> Result<(Self, Opening), Error> {
        let (x, y) = level.factors();
        let (product, message) = client.multiply(&x, &y)?;
        Ok((Self { level, product }, message))
    }

    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.product.shape()
    }

    /// The next level, or the client's half of the answer.
    ///
    /// # Errors
    /// As for [`AwaitReply::on_reply`].
    pub fn on_shares(self, client: &mut Client, shares: Shares) -> Result<ClientStep, Error> {
        Ok(match self.level.next(&self.product.on_shares(shares)?) {
            Next::Level(level) => {
                let (next, message) = Self::new(level, client)?;
                ClientStep::Level(next, message)
            }
            Next::Done(negative) => ClientStep::Done(negative),
        })
    }
}

impl Server {
    /// Finds out which values are negative: one where it is, else zero, shared.
    #[must_use]
    pub fn is_negative(self, x: &ServerShare) -> AwaitRequest {
        AwaitRequest { server: self, x: x.copy() }
    }
}

impl AwaitRequest {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        (INPUTS * self.x.len(), 2 * BITS * self.x.len())
    }

    /// Takes the client's bits and checks the masked leaves.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Opening`](crate::Check::Opening) if they do not fit their MACs,
    /// [`Error::Misuse`] if the message is not of this shape, [`Error::Exhausted`] as for [`Client::is_negative`].
    pub fn on_request(
        self,
        request: ClaimedRequest,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitProven, Reply), Error> {
        let Self { mut server, x } = self;
        let n = x.len();
        server.pool.require(triples(n), randoms(n))?;
        let id = server.steps.next(domain::ENGINE_COMPARE)?;
        let (s, y) = x.plus(&x).into_parts();
        let known = server.known_input(INPUTS * n, request.inputs)?;
        let one = constant_keys(&server.key, &vec![Fp::ONE; n]);
        let (statement, bits) = Statement::canonical(&y, &known, &one);
        let (proof, seed) = server.statement(statement, rng)?;
        let bits = bits.into_iter().map(ServerShare::of_client).collect();
        let leaves = Leaves::new(bits, &threshold(&s), of_server(vec![Fp::ONE; n]));
        let (x, y) = leaves.factors();
        let (product, shares) = server.mask(&x, &y)?.verify(&server.key, &id, request.factors)?;
        let next = AwaitFactors::new(leaves.next(&product), server)?;
        Ok((AwaitProven { proof, next }, Reply { seed, shares }))
    }
}

impl AwaitProven {
    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.next.shape()
    }

    /// Checks the proof and the level's masked factors.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Bits`](crate::Check::Bits) if the client's bits are not those of its shares, else as
    /// for [`AwaitFactors::on_factors`].
    pub fn on_proven(self, message: ProvenClaim) -> Result<(ServerStep, Shares), Error> {
        self.proof.verify(self.next.product.key(), message.proof)?;
        self.next.on_factors(message.factors)
    }
}

impl AwaitFactors {
    fn new(level: Level<ServerShare>, server: Server) -> Result<Self, Error> {
        let (x, y) = level.factors();
        Ok(Self { level, product: server.multiply(&x, &y)? })
    }

    /// The shape of the awaited message.
    #[must_use]
    pub fn shape(&self) -> usize {
        self.product.shape()
    }

    /// Checks the level's masked factors; then the next level or the server's half of the answer, and the message for the client.
    ///
    /// # Errors
    /// As for [`multiply::AwaitFactors::on_factors`]; [`Error::Exhausted`] as for [`Client::is_negative`].
    pub fn on_factors(self, claimed: Claimed) -> Result<(ServerStep, Shares), Error> {
        let (server, products, shares) = self.product.on_factors(claimed)?;
        let step = match self.level.next(&products) {
            Next::Level(level) => ServerStep::Level(Self::new(level, server)?),
            Next::Done(negative) => ServerStep::Done(server, negative),
        };
        Ok((step, shares))
    }
}

/// Triples for a comparison of `count` values: 44 leaves, 80 in the tree, one for the exclusive or.
#[must_use]
pub const fn triples(count: usize) -> usize {
    count.saturating_mul(BITS + 81)
}

/// Random values for a comparison of `count` values: 43 bits and 3 helpers a value, and a mask.
#[must_use]
pub const fn randoms(count: usize) -> usize {
    count.saturating_mul(INPUTS).saturating_add(1)
}

/// The bits of `t = p - 1 - s` with `s = 2 x_s + 1`, given `2 x_s`; each for all values. Constant time.
fn threshold(double: &[Fp]) -> ServerShare {
    let n = double.len();
    let mut bits = Zeroizing::new(vec![Fp::ZERO; BITS * n]);
    for (j, &double) in double.iter().enumerate() {
        // p - 1 - s does not wrap, as s is below p.
        let t = (Fp::NEG_ONE - (double + Fp::ONE)).to_u64();
        for i in 0..BITS {
            bits[i * n + j] = Fp::new(t >> i & 1);
        }
    }
    of_server(bits)
}

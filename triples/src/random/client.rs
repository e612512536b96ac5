//! The client's side: it multiplies Enc(alpha) by what it draws.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::id::{Coin, SessionId};
use muse_field::parallel;
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_he::encode::lift;
use muse_he::encrypt::Ciphertext;
use muse_he::keys::PublicKey;
use muse_he::reply::{Product, Reply};
use muse_he::ring::{FloodBound, Ring};
use muse_mac::{Authenticated, Opening};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Name, Setup, alpha_row, flood, server_rows};
use crate::Error;

/// Secret values.
type Column = Zeroizing<Vec<Fp>>;

/// The client of a session.
pub struct Client {
    session: SessionId,
    public_key: PublicKey,
    alpha: Ciphertext,
    flood: FloodBound,
    next: u64,
}

/// The client of a batch while it sends.
pub struct Sending<'a> {
    ring: &'a Ring,
    client: &'a Client,
    name: Name,
    /// Every group has a stream of its own.
    randomness: Prg,
    values: Column,
    macs: Column,
}

/// The client of a batch after all of its replies.
pub struct AwaitSeed {
    name: Name,
    values: Authenticated,
}

impl Client {
    /// Takes the server's message. It needs no proof: the server follows the protocol.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the message was decoded for another ring, or the ring has no room for the flooding.
    pub fn on_setup(ring: &Ring, session: SessionId, setup: Setup) -> Result<Self, Error> {
        let Setup { public_key, alpha } = setup;
        let public_key = public_key.receive(ring, server_rows(session))?.assume_well_formed();
        let alpha = alpha.receive(ring, alpha_row(session))?.assume_well_formed();
        Ok(Self { session, public_key, alpha, flood: flood(ring)?, next: 0 })
    }

    /// The next batch, of [`values`](super::values) values.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless there are 1 to [`MAX_GROUPS`](super::MAX_GROUPS) groups; [`Error::Exhausted`] after
    /// [`RunId::MAX_RUNS`](muse_field::id::RunId::MAX_RUNS) batches.
    pub fn start<'a>(
        &'a mut self,
        ring: &'a Ring,
        groups: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<Sending<'a>, Error> {
        let name = Name::next(self.session, &mut self.next, groups)?;
        // With their final capacity: growing would leave copies behind.
        let [values, macs] = [(); 2].map(|()| Zeroizing::new(Vec::with_capacity(groups * ring.n())));
        Ok(Sending { ring, client: self, name, randomness: Prg::from_rng(rng), values, macs })
    }
}

impl Sending<'_> {
    /// Groups that have not been sent.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.name.groups - self.values.len() / self.ring.n()
    }

    /// The replies of at most `count` more groups, in order; on all threads with the feature `parallel`.
    ///
    /// A product with a ciphertext and a reply each. The values are uniform.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the ring is not the one of the setup.
    pub fn replies(&mut self, count: usize) -> Result<Vec<Reply>, Error> {
        let first = self.name.groups - self.remaining();
        let groups = (first..first + count.min(self.remaining())).collect();
        let Self { ring, client, randomness, .. } = self;
        let made = parallel::map(groups, |_, group| -> Result<_, Error> {
            let rng = &mut randomness.substream(group as u64);
            let [mut values, mut macs] = [(); 2].map(|()| Zeroizing::new(vec![Fp::ZERO; ring.n()]));
            fill_uniform(&mut values, rng);
            fill_uniform(&mut macs, rng);
            let mut product = Product::zero(ring);
            product.add(&lift(ring, &values)?, &client.alpha);
            let all: Vec<usize> = (0..ring.n()).collect();
            let reply = product.respond(ring, &client.public_key, &macs, &all, client.flood, rng)?;
            Ok((reply, values, macs))
        });
        let mut replies = Vec::with_capacity(made.len());
        for made in made {
            let (reply, values, macs) = made?;
            self.values.extend_from_slice(&values);
            self.macs.extend_from_slice(&macs);
            replies.push(reply);
        }
        Ok(replies)
    }

    /// After the last group.
    ///
    /// # Errors
    /// [`Error::Misuse`] if groups remain.
    pub fn sent(self) -> Result<AwaitSeed, Error> {
        if self.remaining() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        Ok(AwaitSeed { name: self.name, values: Authenticated::new(self.values, self.macs)? })
    }
}

impl AwaitSeed {
    /// The authenticated values, and the opening of their combination, which uses the last one up.
    ///
    /// # Panics
    /// Never: a batch has a value.
    #[must_use]
    pub fn on_seed(self, seed: &Coin) -> (Authenticated, Opening) {
        let Self { name, mut values } = self;
        let opening = values.map(name.combination(seed, values.len())).open(&name.opening());
        drop(values.split_off(values.len() - 1));
        (values, opening)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("next", &self.next).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitSeed").field("name", &self.name).finish_non_exhaustive()
    }
}

//! The server's side: it encrypts alpha, decrypts keys, and checks.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::id::{Coin, SessionId};
use muse_field::parallel;
use muse_he::keys::SecretKey;
use muse_he::reply::{Reply, ReplyKey};
use muse_he::ring::Ring;
use muse_mac::{Claimed, Keys, MacKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Name, Setup, alpha_row, fits, server_rows};
use crate::Error;

/// The server of a session.
pub struct Server {
    session: SessionId,
    reply_key: ReplyKey,
    key: MacKey,
    next: u64,
}

/// The server of a batch while replies arrive.
pub struct AwaitReplies<'a> {
    ring: &'a Ring,
    server: Server,
    name: Name,
    keys: Zeroizing<Vec<Fp>>,
}

/// The server of a batch after its seed.
pub struct AwaitOpening {
    server: Server,
    name: Name,
    seed: Coin,
    keys: Keys,
}

impl Server {
    /// A fresh key pair, and alpha under it. Once a session.
    ///
    /// # Errors
    /// None in a ring that exists.
    pub fn setup(
        ring: &Ring,
        session: SessionId,
        key: &MacKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Setup), Error> {
        let secret = SecretKey::generate(ring, rng);
        let public_key = secret.public_key(ring, server_rows(session), rng);
        // The constant polynomial alpha multiplies every coefficient.
        let mut plaintext = Zeroizing::new(vec![Fp::ZERO; ring.n()]);
        plaintext[0] = key.expose();
        let alpha = secret.encrypt(ring, alpha_row(session), &plaintext, rng)?;
        let server = Self { session, reply_key: ReplyKey::new(ring, &secret)?, key: key.clone(), next: 0 };
        Ok((server, Setup { public_key, alpha }))
    }

    /// The next batch, of [`values`](super::values) values. It consumes the server, which comes back when the check has passed: after a
    /// failure there is nobody left to guess alpha from.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless there are 1 to [`MAX_GROUPS`](super::MAX_GROUPS) groups; [`Error::Exhausted`] after
    /// [`RunId::MAX_RUNS`](muse_field::id::RunId::MAX_RUNS) batches.
    pub fn start(mut self, ring: &Ring, groups: usize) -> Result<AwaitReplies<'_>, Error> {
        let name = Name::next(self.session, &mut self.next, groups)?;
        // With its final capacity: growing would leave copies behind.
        let keys = Zeroizing::new(Vec::with_capacity(groups * ring.n()));
        Ok(AwaitReplies { ring, server: self, name, keys })
    }
}

impl AwaitReplies<'_> {
    /// Groups that have not arrived.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.name.groups - self.keys.len() / self.ring.n()
    }

    /// The next groups, as many as there are replies; on all threads with the feature `parallel`. One decryption each.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they are more than remain, or were decoded for another ring.
    pub fn on_replies(mut self, replies: Vec<Reply>) -> Result<Self, Error> {
        if replies.len() > self.remaining() {
            return Err(Error::Misuse("replies for as many groups as there are"));
        }
        let Self { ring, server, .. } = &self;
        let opened = parallel::map(replies, |_, reply| -> Result<_, Error> {
            fits(ring, &reply)?;
            let all: Vec<usize> = (0..ring.n()).collect();
            Ok(server.reply_key.decrypt(ring, &reply, &all)?)
        });
        for opened in opened {
            // alpha x - m = -k.
            self.keys.extend(opened?.iter().map(|&value| -value));
        }
        Ok(self)
    }

    /// The seed of the check, once all replies are there.
    ///
    /// # Errors
    /// [`Error::Misuse`] if groups remain.
    pub fn challenge(self, rng: &mut impl CryptoRng) -> Result<(AwaitOpening, Coin), Error> {
        if self.remaining() > 0 {
            return Err(Error::Misuse("the replies of all groups"));
        }
        let seed = Coin::random(rng);
        let waiting = AwaitOpening { server: self.server, name: self.name, seed, keys: Keys::new(self.keys) };
        Ok((waiting, seed))
    }
}

impl AwaitOpening {
    /// The server, and the keys of the client's values, if the combination fits. The message was decoded for one value.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Opening`](crate::Check::Opening) if not: the session must end. [`Error::Misuse`] if the
    /// message was decoded for another number of values.
    pub fn on_opening(self, claimed: Claimed) -> Result<(Server, Keys), Error> {
        let Self { server, name, seed, mut keys } = self;
        // Check: random values fit their keys.
        keys.map(name.combination(&seed, keys.len())).verify(&server.key, &name.opening(), claimed)?;
        drop(keys.split_off(keys.len() - 1));
        Ok((server, keys))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("next", &self.next).finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitReplies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitReplies").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitOpening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitOpening").field("name", &self.name).finish_non_exhaustive()
    }
}

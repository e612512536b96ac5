//! The engine of [programs](crate::program) where **either** party may be malicious: the online phase of SPDZ (Damgård, Pastro, Smart, Zakarias,
//! CRYPTO 2012, figure 1) with the MAC check of two parties of [`muse_mac::spdz`].
//!
//! | step, on n values | bytes of either party | messages of either party, one after the other | triples | masks |
//! |---|---|---|---|---|
//! | [`input`](Engine::input) | the owner's 5.5 n | 1 | | n of the owner |
//! | [`multiply`](Engine::multiply) | 11 n | 1 | n | |
//! | [`random_bits`](Engine::random_bits) | 11 n | 2 | n | |
//! | [`open_masked`](Engine::open_masked) | 5.5 n, after a check | 1 | | |
//! | [`output`](Engine::output) | 5.5 n, between two checks | 1 | | |
//! | [`output_to`](Engine::output_to) | 5.5 n, between two checks | 1 | | n of the receiver |
//! | a check of all that was opened | 166 | 4 | | |
//!
//! Both parties speak at the same time. A check without anything opened before costs nothing.
//!
//! # What leaves before a check, and why it may
//!
//! Whoever shifts an opened `d = x - a` of a product by `t` turns the product into `x y + t y`: see it opened, and one knows about `y` what
//! nobody should. So **the only values that leave unchecked are masked by a value of a triple that masks nothing else**: `x - a` and `y - b` of
//! products, `b - a` and `a^2` of random bits, and `x - u` of an input with the owner's mask. They are uniform whatever was changed before
//! (`a^2`: the square of a uniform value that is used nowhere else until a check; changed to `a^2 + t a` or not, the other party can work
//! out all of it from what was sent), so they tell nothing. Before anything else goes, a masked value of the program or a result, all
//! openings so far are checked. Masks made of random bits need that too: who shifts the opened squares gets "bits" which are `(1 +- k) / 2` for a `k` of
//! its choice, and with `k = 2^-i` in place `i` their sum is no mask any more.
//!
//! A result is checked again when it is known, before it is given: [`Half`] has no other way out. At most
//! [`MAX_WAITING`] openings wait for a check, or those of one step.
//!
//! # A result for one party
//!
//! The receiver's mask `u` is added and `x + u` opened to both. The other party sees a uniform value, its share `x_i + 0` is checked like every other, and
//! the receiver takes `u` off. The shares alone would not do: the check needs a value that both know.
//!
//! # Random bits
//!
//! For a triple `(a, b, c)` open `e = b - a`; then `c - e a = a^2`, which is opened: `a` is one of its roots `w` and `-w`, nobody knows
//! which, and `(a / w + 1) / 2` is a uniform bit (Damgård, Fitzi, Kiltz, Nielsen, Toft, TCC 2006, section 3; without a mask of either party, as `a` is uniform and
//! nobody's). Both take the same root. A zero says nothing, and is made again: it has a chance of 1/p. What has no root was shifted.
//!
//! # Errors
//!
//! Error about 2/p = 2^-43 a session, as the first failure ends it. **A failed check gives alpha to whoever cheated**, so the engine drops its
//! preprocessing, and the key is dead for all who hold a clone of it ([`KeyShare`]): every later step, program and batch of
//! [`overdrive`](crate::overdrive) is refused. What was opened without a check when a program is dropped has the same effect.

mod bits;
mod open;
mod pool;
mod share;

use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use muse_field::id::SessionId;
use muse_mac::spdz::{KeyShare, Party, Shares};
use rand_core::CryptoRng;

use crate::Error;
use crate::error::ENDED;
use crate::program::{Engine, Mailbox};
use open::Live;

pub use open::MAX_WAITING;
pub use pool::Preprocessed;
pub use share::Half;

pub(crate) use bits::MAX_ROUNDS;

/// One party of a program. An error ends it: every later step is refused.
pub struct Player<'m, R> {
    party: Party,
    key: KeyShare,
    live: Option<Live<'m, R>>,
}

impl<'m, R: CryptoRng> Player<'m, R> {
    /// Starts a program. `number` names it within the session and is used once; the peer says the same.
    ///
    /// **One program at a time under a key**, and none after an error: steps are refused while another program, or a batch of
    /// [`overdrive`](crate::overdrive), has openings that wait, and for ever if their check fails. A peer that leaves in the middle counts as a
    /// failed check.
    #[must_use]
    pub fn new(
        mailbox: &'m Mailbox,
        session: SessionId,
        number: u64,
        (party, key): (Party, &KeyShare),
        preprocessed: Preprocessed,
        rng: R,
    ) -> Self {
        let live = Live::new(mailbox, (session, number), (party, key), preprocessed, rng);
        Self { party, key: key.clone(), live: Some(live) }
    }

    /// What is left of the preprocessing; `None` after an error.
    #[must_use]
    pub fn preprocessed(&self) -> Option<&Preprocessed> {
        self.live.as_ref().map(Live::pool)
    }

    /// The party, out of place until its step has succeeded.
    fn take(&mut self) -> Result<Live<'m, R>, Error> {
        // Check: a failed check ends the program.
        let live = self.live.take().ok_or(Error::Misuse(ENDED))?;
        live.require_key()?;
        Ok(live)
    }
}

impl<R: CryptoRng> Engine for Player<'_, R> {
    type Share = Half;

    fn party(&self) -> Party {
        self.party
    }

    fn constants(&self, values: &[Fp]) -> Half {
        Half(Shares::public(self.party, &self.key, values))
    }

    async fn input(&mut self, owner: Party, count: usize, values: &[Fp]) -> Result<Half, Error> {
        let mut live = self.take()?;
        let shares = live.input(owner, count, values).await?;
        self.live = Some(live);
        Ok(Half(shares))
    }

    async fn multiply(&mut self, x: &Half, y: &Half) -> Result<Half, Error> {
        let mut live = self.take()?;
        let product = live.multiply(&x.0, &y.0).await?;
        self.live = Some(live);
        Ok(Half(product))
    }

    async fn random_bits(&mut self, count: usize) -> Result<Half, Error> {
        let mut live = self.take()?;
        let bits = live.random_bits(count).await?;
        self.live = Some(live);
        Ok(Half(bits))
    }

    async fn open_masked(&mut self, x: Half) -> Result<Vec<Fp>, Error> {
        let mut live = self.take()?;
        let opened = live.open_masked(x.0).await?;
        self.live = Some(live);
        Ok(opened)
    }

    async fn output(&mut self, x: Half) -> Result<Vec<Fp>, Error> {
        let mut live = self.take()?;
        let result = live.output(x.0).await?;
        self.live = Some(live);
        Ok(result)
    }

    async fn output_to(&mut self, party: Party, x: Half) -> Result<Vec<Fp>, Error> {
        let mut live = self.take()?;
        let result = live.output_to(party, x.0).await?;
        self.live = Some(live);
        Ok(result)
    }
}

impl<R> fmt::Debug for Player<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("party", &self.party).finish_non_exhaustive()
    }
}

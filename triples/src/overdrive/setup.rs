//! The beginning of a session: keys of both parties, proven, and the trial that shows alpha to be one value.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use muse_field::id::{Coin, RunId, SessionId};
use muse_field::transcript::Transcript;
use muse_field::wire::{message, to_vec};
use muse_field::{Fp, ct};
use muse_he::encrypt::{FreshCiphertext, RowId};
use muse_he::keys::{PublicKeyRow, SecretKey};
use muse_he::reply::{Reply, ReplyKey};
use muse_mac::spdz::{Commitment, KeyShare, Party, Shares};
use muse_zk::wellformed::ProofShape;
use muse_zk::wellformed::fiat_shamir::{self, Proof};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::check::{AwaitCoinCommitment, Material, combination, nothing, sealed};
use super::deviate::Step;
use super::respond::{Target, decrypt, uniform};
use super::session::rows;
use super::{Column, Context, Session, batch_budget, key_budget};
use crate::Error;
use crate::domain;

message! {
    /// A party's first message: a public key, its share of alpha under it, and the proof that both are well formed.
    pub struct Keys(shape: ProofShape), redacted {
        public_key: PublicKeyRow = shape.n(),
        alpha: FreshCiphertext = shape.n(),
        proof: Proof = shape,
    }
}

/// The shape of [`Keys`] in a ring of dimension `n`.
///
/// # Errors
/// [`Error::Misuse`] for an N that no ring has.
pub fn keys_shape(n: usize) -> Result<ProofShape, Error> {
    Ok(Proof::shape(&key_budget(n))?)
}

/// Sent its keys, waiting for the other party's.
pub struct AwaitKeys<'a> {
    context: Context<'a>,
    id: SessionId,
    party: Party,
    key: KeyShare,
    reply_key: ReplyKey,
    /// The bytes of its own message.
    sent: Vec<u8>,
}

/// Sent its values under the other party's alpha, waiting for those under its own.
pub struct AwaitReply<'a> {
    context: Context<'a>,
    session: Session,
    own: Shares,
}

/// Values of either party authenticated under the other's alpha, which serve the trial alone.
#[derive(Debug)]
pub struct Trial {
    /// The first party's, then the second's.
    values: [Shares; 2],
}

impl<'a> AwaitKeys<'a> {
    /// Draws this party's share of alpha and a key pair for it. `session` is a name that both parties agree on, which no other session ever has.
    ///
    /// Costs a proof of two rows.
    ///
    /// # Errors
    /// None in a ring that exists.
    pub fn start(
        context: Context<'a>,
        session: SessionId,
        party: Party,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Keys), Error> {
        let key = KeyShare::random(rng);
        // The constant polynomial multiplies every coefficient, and so every slot.
        let mut plaintext = Zeroizing::new(vec![Fp::ZERO; context.ring.n()]);
        plaintext[0] = key.expose();
        Self::with_plaintext(context, session, party, key, &plaintext, rng)
    }

    /// As [`start`](Self::start) with a plaintext that a test chooses: it need not be constant.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    #[cfg(any(test, feature = "test-util"))]
    #[doc(hidden)]
    pub fn start_with(
        context: Context<'a>,
        session: SessionId,
        party: Party,
        plaintext: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Keys), Error> {
        Self::with_plaintext(context, session, party, KeyShare::random(rng), plaintext, rng)
    }

    fn with_plaintext(
        context: Context<'a>,
        session: SessionId,
        party: Party,
        key: KeyShare,
        plaintext: &[Fp],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Keys), Error> {
        let (ring, name) = (context.ring, rows(session, party));
        let secret = SecretKey::generate(ring, rng);
        let (public_key, key_witness) = secret.public_key_with_witness(ring, name, rng);
        let (alpha, witness) = secret.encrypt_with_witness(ring, alpha_row(name), plaintext, rng)?;
        let received = public_key.clone().receive(ring, name)?;
        let row = (alpha.clone().receive(ring, alpha_row(name))?, witness);
        let proof = fiat_shamir::prove(
            ring,
            &key_budget(ring.n()),
            statement(name),
            &secret,
            (&received, &key_witness),
            &[row],
            rng,
        )?;
        let keys = Keys { public_key, alpha, proof };
        let reply_key = ReplyKey::new(ring, &secret)?;
        let sent = to_vec(&keys);
        // It travels as it is, and names the session.
        ct::public(&sent[..]);
        let waiting = Self { context, id: session, party, key, reply_key, sent };
        Ok((waiting, keys))
    }

    /// Checks the other party's keys, and sends N uniform values under its alpha, for the trial.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if the proof does not hold; [`Error::Misuse`] if the message was decoded for another ring.
    pub fn on_keys(self, theirs: Keys, rng: &mut impl CryptoRng) -> Result<(AwaitReply<'a>, Reply), Error> {
        let Self { context, id, party, key, reply_key, sent } = self;
        let setup = digest(id, party, &sent, &to_vec(&theirs));
        let (ring, name, budget) = (context.ring, rows(id, party.other()), key_budget(context.ring.n()));
        let Keys { public_key, alpha, proof } = theirs;
        let public_key = public_key.receive(ring, name)?;
        let alpha = vec![alpha.receive(ring, alpha_row(name))?];
        // Check: keys of both parties are proven.
        let proven = fiat_shamir::verify(ring, &budget, statement(name), &public_key, alpha, proof)?;
        let (public_key, ciphertexts) = proven.under(&statement(name), &budget)?;
        let ciphertext = ciphertexts.into_iter().next().ok_or(Error::Misuse("a ciphertext of alpha"))?;
        let alpha = Target { ciphertext, key: public_key, flood: budget.slot_flood(1)? };
        let session = Session {
            id,
            party,
            setup,
            key,
            reply_key,
            alpha,
            flood: batch_budget(ring.n()).slot_flood(1)?,
            next: 0,
            #[cfg(any(test, feature = "test-util"))]
            deviation: None,
        };
        let values = uniform(ring.n(), rng);
        let (reply, own) = session.authenticate(context, 0, values, rng)?;
        Ok((AwaitReply { context, session, own }, reply))
    }
}

impl Session {
    /// Authenticates N of this party's values under the other's alpha: what the other party needs, and this party's shares. Of the MAC
    /// `alpha x` it holds `alpha_i x` and the mask.
    pub(super) fn authenticate(
        &self,
        context: Context<'_>,
        group: usize,
        values: Column,
        rng: &mut impl CryptoRng,
    ) -> Result<(Reply, Shares), Error> {
        let replaced = self.deviated(Step::Input, group, &values);
        let sent = replaced.as_ref().unwrap_or(&values);
        let (reply, mut macs) = self.alpha.times_each(context.ring, sent, rng)?;
        muse_field::vector::axpy(&mut macs, self.key.expose(), &values);
        Ok((reply, Shares::new(values, macs)?))
    }

    /// This party's shares of the other's values, reply by reply: zero, and what the reply decrypts to.
    pub(super) fn authenticated(
        &self,
        context: Context<'_>,
        replies: Vec<Reply>,
    ) -> Result<Vec<Shares>, Error> {
        let replies = replies.into_iter().map(|reply| (&self.reply_key, reply)).collect();
        let columns = decrypt(context.ring, replies, |macs| Ok(Zeroizing::new(macs.to_vec())))?;
        let shares = columns.into_iter().map(|macs| Shares::new(vec![Fp::ZERO; macs.len()], macs));
        Ok(shares.collect::<Result<_, _>>()?)
    }
}

impl AwaitReply<'_> {
    /// Takes the other party's values, and starts the trial.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the reply was decoded for another ring.
    pub fn on_reply(
        self,
        theirs: Reply,
        rng: &mut impl CryptoRng,
    ) -> Result<(AwaitCoinCommitment<Trial>, Commitment), Error> {
        let Self { context, mut session, own } = self;
        let run = session.next()?;
        let theirs = Shares::concat(session.authenticated(context, vec![theirs])?);
        let values = match session.party {
            Party::First => [own, theirs],
            Party::Second => [theirs, own],
        };
        Ok(AwaitCoinCommitment::start(session, run, Trial { values }, rng))
    }
}

impl Material for Trial {
    type Output = ();
}

impl sealed::Sealed for Trial {
    type Rest = ();
    const NAMES: [&'static str; 2] = ["overdrive setup coin", "overdrive setup check"];

    fn combine(self, coin: &Coin, run: &RunId) -> (Shares, ()) {
        let [first, second] = &self.values;
        // Check: alpha is one value.
        let combinations = [(Party::First, first), (Party::Second, second)]
            .map(|(owner, values)| combination(coin, run, owner, values));
        (Shares::concat(combinations.into()), ())
    }

    fn zeros((): &(), _: &[Fp]) -> Shares {
        nothing()
    }

    fn finish((): ()) -> Result<(), Error> {
        Ok(())
    }
}

/// The row of Enc(alpha) of a party, by the name of its rows.
const fn alpha_row(rows: SessionId) -> RowId {
    RowId { run: statement(rows), index: 0 }
}

/// The name of the proof of a party's keys.
const fn statement(rows: SessionId) -> RunId {
    RunId::new(rows, 0)
}

/// What both parties sent, the first party's before the second's.
fn digest(session: SessionId, party: Party, own: &[u8], theirs: &[u8]) -> [u8; 32] {
    let (first, second) = match party {
        Party::First => (own, theirs),
        Party::Second => (theirs, own),
    };
    let mut transcript = Transcript::new(domain::OVERDRIVE_SETUP);
    transcript.append("session", session.as_bytes()).append("first", first).append("second", second);
    transcript.digest("setup")
}

impl fmt::Debug for AwaitKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitKeys").field("party", &self.party).finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitReply").field("session", &self.session).finish_non_exhaustive()
    }
}

//! Enc(a) of both parties, and the proof of all of a batch.

use alloc::vec::Vec;
use core::fmt;

use muse_field::id::RunId;
use muse_field::parallel;
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_he::keyed::{FreshKeyed, KeyedWitness, Masks, ReceivedKeyed};
use muse_he::reply::ReplyKey;
use muse_zk::topgear::{Proof, ProofShape, prove, verify};
use rand_core::CryptoRng;

use super::Products;
use super::columns::{A, B, Columns, SECOND_B};
use crate::Error;
use crate::overdrive::{Context, Session, batch_budget};

/// A party while ciphertexts of both are on their way.
pub struct Ciphertexts<'a> {
    context: Context<'a>,
    session: Session,
    run: RunId,
    /// Every group has a stream of its own.
    randomness: Prg,
    masks: Masks,
    columns: Columns,
    own: Vec<(ReceivedKeyed, KeyedWitness)>,
    theirs: Vec<ReceivedKeyed>,
}

/// A party that has sent its proof, waiting for the other's. Its witnesses are wiped.
pub struct AwaitProof<'a> {
    context: Context<'a>,
    session: Session,
    run: RunId,
    randomness: Prg,
    columns: Columns,
    reply_keys: Vec<ReplyKey>,
    theirs: Vec<ReceivedKeyed>,
}

impl<'a> Ciphertexts<'a> {
    /// The next batch: [`Context::triples`] triples, with uniform shares of a, b and b^.
    ///
    /// Some 40 MB are in memory at N = 8192, two thirds of it until the proofs are done, and 13 MB more while the other party's is checked.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if the session has no more batches.
    pub fn start(
        mut session: Session,
        context: Context<'a>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let run = session.next()?;
        let randomness = Prg::from_rng(rng);
        let (n, groups) = (context.ring.n(), context.groups());
        let mut columns = Columns::new(n, groups);
        for group in 0..groups {
            let rng = &mut randomness.substream(group as u64);
            for column in [A, B, SECOND_B] {
                fill_uniform(columns.group_mut(column, group), rng);
            }
        }
        let masks = session.name(run, session.party()).masks(context.ring)?;
        let (own, theirs) = (Vec::with_capacity(groups), Vec::with_capacity(groups));
        Ok(Self { context, session, run, randomness, masks, columns, own, theirs })
    }

    /// Ciphertexts that this party has not sent.
    #[must_use]
    pub fn to_send(&self) -> usize {
        self.context.groups() - self.own.len()
    }

    /// Ciphertexts that have not arrived.
    #[must_use]
    pub fn to_receive(&self) -> usize {
        self.context.groups() - self.theirs.len()
    }

    /// At most `count` more ciphertexts, in order; on all threads with the feature `parallel`.
    ///
    /// # Errors
    /// None in a ring that exists.
    pub fn ciphertexts(&mut self, count: usize) -> Result<Vec<FreshKeyed>, Error> {
        let first = self.own.len();
        let groups = (first..first + count.min(self.to_send())).collect();
        let Self { context, randomness, masks, columns, .. } = self;
        let made = parallel::map(groups, |_, group| -> Result<_, Error> {
            let rng = &mut randomness.substream(group as u64).substream(ENCRYPT);
            let plaintext = context.slots.encode(columns.group(A, group))?;
            let (sent, witness) = FreshKeyed::encrypt(context.ring, masks, &plaintext, rng)?;
            Ok((sent.clone(), (sent.receive(context.ring)?, witness)))
        });
        let made = made.into_iter().collect::<Result<Vec<_>, _>>()?;
        let (sent, own): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        self.own.extend(own);
        Ok(sent)
    }

    /// The other party's next ciphertexts.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they are more than remain, or were decoded for another ring.
    pub fn on_ciphertexts(mut self, theirs: Vec<FreshKeyed>) -> Result<Self, Error> {
        if theirs.len() > self.to_receive() {
            return Err(Error::Misuse("as many ciphertexts as a batch has"));
        }
        for ciphertext in theirs {
            self.theirs.push(ciphertext.receive(self.context.ring)?);
        }
        Ok(self)
    }

    /// The proof that all ciphertexts that were sent are well formed; when all have been sent and have arrived.
    ///
    /// # Errors
    /// [`Error::Misuse`] if ciphertexts remain.
    pub fn prove(self, rng: &mut impl CryptoRng) -> Result<(AwaitProof<'a>, Proof), Error> {
        if self.to_send() > 0 || self.to_receive() > 0 {
            return Err(Error::Misuse("all ciphertexts of the batch"));
        }
        let Self { context, session, run, randomness, masks, columns, own, theirs } = self;
        let (ring, name) = (context.ring, session.name(run, session.party()));
        let proof = prove(ring, &batch_budget(ring.n()), &name, &masks, &own, rng)?;
        let reply_keys = own.into_iter().map(|(_, witness)| witness.into_reply_key(ring));
        let reply_keys = reply_keys.collect::<Result<_, _>>()?;
        Ok((AwaitProof { context, session, run, randomness, columns, reply_keys, theirs }, proof))
    }
}

impl<'a> AwaitProof<'a> {
    /// The shape of the proof.
    ///
    /// # Errors
    /// None in a ring that exists.
    pub fn shape(&self) -> Result<ProofShape, Error> {
        Ok(ProofShape::new(&batch_budget(self.context.ring.n()))?)
    }

    /// Checks the other party's proof. Only then is anything computed on its ciphertexts.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] if it does not hold: the session is over. [`Error::Misuse`] if it was decoded for another shape.
    pub fn on_proof(self, proof: Proof) -> Result<Products<'a>, Error> {
        let Self { context, session, run, randomness, columns, reply_keys, theirs } = self;
        let (ring, budget) = (context.ring, batch_budget(context.ring.n()));
        let name = session.name(run, session.party().other());
        // Check: ciphertexts of a batch are proven.
        let proven = verify(ring, &budget, &name, name.masks(ring)?, theirs, proof)?;
        let rows = proven.under(&name, &budget)?;
        Ok(Products::new(context, session, run, randomness, columns, reply_keys, rows))
    }
}

/// The substream of a group's encryption.
const ENCRYPT: u64 = 0;

impl fmt::Debug for Ciphertexts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ciphertexts")
            .field("to_send", &self.to_send())
            .field("to_receive", &self.to_receive())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AwaitProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitProof").field("session", &self.session).finish_non_exhaustive()
    }
}

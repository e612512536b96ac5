//! One party of Overdrive over a connection: the steps of `muse_triples::overdrive` in their order.

use super::wire::Wire;
use muse_cli::failure::Failure;
use muse_field::{
    Fp,
    id::SessionId,
    pack::{pack, packed_len, unpack},
    prg::Prg,
    sample::fill_uniform,
    transcript::Transcript,
    wire::{Decode, Encode},
};
use muse_he::{
    encode::Slots,
    params::Params,
    reply::{Reply, ReplyShape},
    ring::Ring,
};
use muse_mac::spdz::{Commitment, KeyShare, Party, Revealed, RevealedSigma};
use muse_triples::{
    InputMasks, SharedTriples,
    overdrive::{
        AwaitCoinCommitment, AwaitKeys, Ciphertexts, Context, Inputs, Keys, MacReplies, Material, Opened,
        ProductReplies, Session, keys_shape,
    },
};
use rand_core::Rng;

/// The ring of a session and its slots, which are large.
pub(super) struct Tables {
    ring: Ring,
    slots: Slots,
}

impl Tables {
    pub(super) fn new() -> Result<Self, Failure> {
        let params = Params::default();
        let ring = Ring::new(params).map_err(|e| failed(e.into()))?;
        let slots = Slots::new(&params);
        Ok(Self { ring, slots })
    }

    pub(super) fn n(&self) -> usize {
        self.ring.n()
    }

    pub(super) const fn ring(&self) -> &Ring {
        &self.ring
    }

    pub(super) const fn slots(&self) -> &Slots {
        &self.slots
    }

    fn context(&self) -> Result<Context<'_>, Failure> {
        Context::new(&self.ring, &self.slots).map_err(failed)
    }
}

/// A party with a session.
pub(super) struct Peer<'a> {
    tables: &'a Tables,
    wire: &'a mut Wire,
    pub(super) rng: &'a mut Prg,
    pub(super) id: SessionId,
    session: Session,
}

impl<'a> Peer<'a> {
    /// Nonces of both parties name the session; then keys, their proofs, and the trial.
    pub(super) fn start(
        tables: &'a Tables,
        wire: &'a mut Wire,
        party: Party,
        rng: &'a mut Prg,
    ) -> Result<Self, Failure> {
        let id = nonces(wire, party, rng)?;
        let (waiting, keys) = AwaitKeys::start(tables.context()?, id, party, rng).map_err(failed)?;
        wire.send(&keys)?;
        let theirs: Keys = wire.receive(keys_shape(tables.n()).map_err(failed)?)?;
        let (waiting, reply) = waiting.on_keys(theirs, rng).map_err(failed)?;
        wire.send(&reply)?;
        let theirs: Reply = wire.receive(whole(tables.n()))?;
        let started = waiting.on_reply(theirs, rng).map_err(failed)?;
        let (session, ()) = check(wire, started, rng)?;
        Ok(Self { tables, wire, rng, id, session })
    }

    /// The connection, between batches.
    pub(super) fn wire(&mut self) -> &mut Wire {
        self.wire
    }

    /// Which of the two this is.
    pub(super) const fn party(&self) -> Party {
        self.session.party()
    }

    /// This party's share of the key.
    pub(super) const fn key(&self) -> &KeyShare {
        self.session.key()
    }

    /// A batch of triples.
    pub(super) fn triples(self) -> Result<(Self, SharedTriples), Failure> {
        let Self { tables, wire, rng, id, session } = self;
        let mut ciphertexts = Ciphertexts::start(session, tables.context()?, rng).map_err(failed)?;
        while ciphertexts.to_send() > 0 || ciphertexts.to_receive() > 0 {
            for sent in ciphertexts.ciphertexts(AT_ONCE).map_err(failed)? {
                wire.send(&sent)?;
            }
            let theirs = AT_ONCE.min(ciphertexts.to_receive());
            let theirs = (0..theirs).map(|_| wire.receive(tables.n())).collect::<Result<_, _>>()?;
            ciphertexts = ciphertexts.on_ciphertexts(theirs).map_err(failed)?;
        }
        let (waiting, proof) = ciphertexts.prove(rng).map_err(failed)?;
        wire.send(&proof)?;
        let theirs = wire.receive(waiting.shape().map_err(failed)?)?;
        let mut products = waiting.on_proof(theirs).map_err(failed)?;
        while let Some(replies) = products.replies().map_err(failed)? {
            wire.send(&replies)?;
            let theirs: ProductReplies = wire.receive(tables.n())?;
            products = products.on_replies(theirs).map_err(failed)?;
        }
        let mut macs = products.finish().map_err(failed)?;
        while let Some(replies) = macs.replies().map_err(failed)? {
            wire.send(&replies)?;
            let theirs: MacReplies = wire.receive(tables.n())?;
            macs = macs.on_replies(theirs).map_err(failed)?;
        }
        let started = macs.check(rng).map_err(failed)?;
        let (session, triples) = check(wire, started, rng)?;
        Ok((Self { tables, wire, rng, id, session }, triples))
    }

    /// A batch of values that `owner` knows.
    pub(super) fn inputs(self, owner: Party, groups: usize) -> Result<(Self, InputMasks), Failure> {
        let Self { tables, wire, rng, id, session } = self;
        let context = tables.context()?;
        let started = if owner == session.party() {
            let mut sending = Inputs::send(session, context, groups, rng).map_err(failed)?;
            while sending.remaining() > 0 {
                for reply in sending.replies(AT_ONCE).map_err(failed)? {
                    wire.send(&reply)?;
                }
            }
            sending.check(rng)
        } else {
            let mut receiving = Inputs::receive(session, context, groups).map_err(failed)?;
            while receiving.remaining() > 0 {
                let count = AT_ONCE.min(receiving.remaining());
                let theirs = (0..count).map(|_| wire.receive(whole(tables.n())));
                receiving = receiving.on_replies(theirs.collect::<Result<_, _>>()?).map_err(failed)?;
            }
            receiving.check(rng)
        };
        let (session, values) = check(wire, started.map_err(failed)?, rng)?;
        Ok((Self { tables, wire, rng, id, session }, values))
    }

    /// Puts values of their owner in under such masks, and throws them away: what they are changes nothing about what it takes.
    pub(super) fn put_in(&mut self, masks: InputMasks) -> Result<(), Failure> {
        let owner = masks.owner();
        let mut shares = masks.into_shares();
        let masked: Vec<Fp> = if owner == self.session.party() {
            // A uniform value less its mask is uniform.
            let mut masked = vec![Fp::ZERO; shares.len()];
            fill_uniform(&mut masked, self.rng);
            self.wire.send_bytes(packed(&masked))?;
            masked
        } else {
            unpacked(&self.wire.receive_bytes(packed_len(shares.len()))?, shares.len())?
        };
        shares.add_public_assign(self.session.party(), self.session.key(), &masked);
        Ok(())
    }
}

/// A name of the session that neither party chooses.
pub(super) fn nonces(wire: &mut Wire, party: Party, rng: &mut Prg) -> Result<SessionId, Failure> {
    let mut own = [0; 32];
    rng.fill_bytes(&mut own);
    wire.send_bytes(own.to_vec())?;
    let theirs = wire.receive_bytes(32)?;
    let (first, second) = match party {
        Party::First => (&own[..], &theirs[..]),
        Party::Second => (&theirs[..], &own[..]),
    };
    let mut transcript = Transcript::new("muse-lab overdrive session");
    transcript.append("first", first).append("second", second);
    Ok(SessionId::from_bytes(transcript.digest("session")))
}

/// The end of every batch: a coin, openings, the MAC check.
fn check<M: Material>(
    wire: &mut Wire,
    (waiting, commitment): (AwaitCoinCommitment<M>, Commitment),
    rng: &mut Prg,
) -> Result<(Session, M::Output), Failure> {
    let (waiting, seed) = waiting.on_commitment(exchange(wire, &commitment, ())?);
    let theirs: Revealed = exchange(wire, &seed, ())?;
    let (waiting, opened) = waiting.on_seed(&theirs).map_err(failed)?;
    let count = waiting.count();
    let theirs: Opened = exchange(wire, &opened, count)?;
    let (waiting, commitment) = waiting.on_opened(&theirs, rng).map_err(failed)?;
    let (waiting, seed) = waiting.on_commitment(exchange(wire, &commitment, ())?);
    let theirs: Revealed = exchange(wire, &seed, ())?;
    let (waiting, commitment) = waiting.on_seed(&theirs, rng).map_err(failed)?;
    let (waiting, sigma) = waiting.on_commitment(exchange(wire, &commitment, ())?);
    let theirs: RevealedSigma = exchange(wire, &sigma, ())?;
    waiting.on_sigma(&theirs).map_err(failed)
}

/// Both parties send, then both receive.
fn exchange<T: Decode>(wire: &mut Wire, message: &impl Encode, shape: T::Shape) -> Result<T, Failure> {
    wire.send(message)?;
    wire.receive(shape)
}

pub(super) fn failed(error: muse_triples::Error) -> Failure {
    match error {
        muse_triples::Error::Misuse(_) | muse_triples::Error::Exhausted(_) => {
            Failure::general(error.to_string())
        }
        muse_triples::Error::Malformed | muse_triples::Error::PeerMisbehaved(_) | _ => {
            Failure::peer(error.to_string())
        }
    }
}

fn packed(values: &[Fp]) -> Vec<u8> {
    let mut bytes = vec![0; packed_len(values.len())];
    pack(values, &mut bytes);
    bytes
}

fn unpacked(bytes: &[u8], count: usize) -> Result<Vec<Fp>, Failure> {
    let mut values = vec![Fp::ZERO; count];
    unpack(bytes, &mut values).map_err(|e| Failure::peer(format!("inputs of the peer: {e}")))?;
    Ok(values)
}

/// A reply of all coefficients.
pub(super) const fn whole(n: usize) -> ReplyShape {
    ReplyShape { n, wanted: n }
}

/// Ciphertexts or replies that are made together, for all threads.
const AT_ONCE: usize = 4;

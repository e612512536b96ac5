//! Triples and inputs that nobody uses, made between the parties of a session for the sake of measuring it.
//!
//! What people assemble protocols from, over the connection, accounts and checks of a whole session. A server takes part only if its
//! configuration says so ([`ServerConfig::rehearsals`](crate::ServerConfig::rehearsals)), and only with the published disclosure, whose sessions
//! have what it takes.

use crate::{
    Error,
    plan::Plan,
    preprocess::{client, server},
    session::{ClientSession, ServerSession, fits},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    Fp,
    prg::Prg,
    sample, vector,
    wire::{self, Decode},
};
use muse_he::{encode::Slots, params::Params};
use muse_mac::Keys;
use muse_triples::{beaver::Batch, random};
use zeroize::Zeroizing;

/// What is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehearsal {
    /// So many batches of 65,536 Beaver triples, at most 255.
    Triples(u8),
    /// So many batches of 262,143 authenticated inputs of the client, at most 255: masks, and then the inputs under them.
    Inputs(u8),
}

impl Rehearsal {
    /// Triples or inputs of it.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Triples(batches) => usize::from(batches) * Batch::MAX_GROUPS * Params::default().n(),
            Self::Inputs(batches) => {
                usize::from(batches) * random::values(Params::default().n(), random::MAX_GROUPS)
            }
        }
    }
}

/// The client's side. An error consumes the session.
pub(crate) fn ask(
    mut session: ClientSession,
    what: Rehearsal,
    plan: &Plan,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ClientSession, Error> {
    let ring = plan.context();
    match what {
        Rehearsal::Triples(batches) => {
            link.enter(Phase::Preprocessing, Component::AuthenticatedInputs);
            link.send(Tag::RehearseTriples, &[batches])?;
            let mut masks = client::triples::randoms(ring, &mut session, 1, link, rng)?;
            link.enter(Phase::Preprocessing, Component::Triples);
            let slots = Slots::new(&Params::default());
            for _ in 0..batches {
                let mask = masks.split_off(masks.len().saturating_sub(1));
                client::triples::make(ring, &mut session, &slots, Batch::MAX_GROUPS, mask, link, rng)?;
            }
        }
        Rehearsal::Inputs(batches) => {
            link.enter(Phase::Preprocessing, Component::AuthenticatedInputs);
            link.send(Tag::RehearseInputs, &[batches])?;
            for _ in 0..batches {
                link.enter(Phase::Preprocessing, Component::AuthenticatedInputs);
                let mut shared = client::triples::randoms(ring, &mut session, random::MAX_GROUPS, link, rng)?;
                link.enter(Phase::Online, Component::Openings);
                let mut masked = Zeroizing::new(vec![Fp::ZERO; shared.len()]);
                sample::fill_uniform(&mut masked, rng);
                vector::sub_assign(&mut masked, shared.values());
                shared.add_public_assign(&masked);
                link.send(Tag::MaskedInput, &wire::to_vec(&*masked))?;
            }
        }
    }
    link.recv(Tag::TicketReady, 0)?;
    Ok(session)
}

/// The server's side, after the request.
pub(crate) fn answer(
    mut session: ServerSession,
    request: Tag,
    plan: &Plan,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ServerSession, Error> {
    let ring = plan.context();
    link.enter(Phase::Preprocessing, Component::AuthenticatedInputs);
    let mut batches = [0];
    link.read(&mut batches)?;
    let batches = batches[0];
    if request == Tag::RehearseTriples {
        if !fits(session.next_inference, batches.into()) {
            return Err(Error::Exhausted);
        }
        let mut masks = server::triples::randoms(ring, &mut session, 1, link, rng)?;
        link.enter(Phase::Preprocessing, Component::Triples);
        let slots = Slots::new(&Params::default());
        for _ in 0..batches {
            let mask = masks.split_off(masks.len().saturating_sub(1));
            server::triples::make(ring, &mut session, &slots, Batch::MAX_GROUPS, mask, link, rng)?;
        }
    } else {
        let key = session.mac_key().cloned().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
        for _ in 0..batches {
            link.enter(Phase::Preprocessing, Component::AuthenticatedInputs);
            let mut keys: Keys = server::triples::randoms(ring, &mut session, random::MAX_GROUPS, link, rng)?;
            link.enter(Phase::Online, Component::Openings);
            let masked = link.recv(Tag::MaskedInput, <Vec<Fp>>::len_for(keys.len()))?;
            let masked: Vec<Fp> =
                wire::from_slice(keys.len(), &masked).map_err(|_| Error::malformed("masked input"))?;
            keys.add_public_assign(&key, &masked);
        }
    }
    link.send(Tag::TicketReady, &[])?;
    link.flush()?;
    Ok(session)
}

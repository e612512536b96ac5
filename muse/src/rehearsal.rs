//! Triples and inputs that nobody uses, made between the parties of a session for the sake of measuring it.
//!
//! What people assemble protocols from, over the connection, accounts and checks of a whole session. A server takes part only if its
//! configuration says so ([`ServerConfig::rehearsals`](crate::ServerConfig::rehearsals)), and only with the published disclosure, whose sessions
//! have what it takes.

use crate::{
    Error,
    accounts::{Component, Phase},
    message::{MaskedInput, RehearseInputs, RehearseTriples, Tag},
    plan::Plan,
    progress::Silent,
    run::Run,
    session::{ClientSession, ServerSession, fits},
    steps::{request, triples},
    transport::Transport,
};
use muse_field::{Fp, id::SessionId, prg::Prg, sample, vector};
use muse_he::params::Params;
use muse_triples::{beaver::Batch, random};

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

/// The client. An error consumes the session.
pub(crate) fn client(
    mut session: ClientSession,
    what: Rehearsal,
    plan: &Plan,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ClientSession, Error> {
    let run = &mut run(session.id, plan, link, rng);
    run.enter(Component::AuthenticatedInputs);
    match what {
        Rehearsal::Triples(batches) => {
            run.send::<RehearseTriples>(&batches)?;
            let mut masks = triples::client_randoms(run, &mut session, 1)?;
            run.enter(Component::Triples);
            let slots = triples::slots();
            for _ in 0..batches {
                let mask = masks.split_off(masks.len().saturating_sub(1));
                triples::client(run, &mut session, &slots, Batch::MAX_GROUPS, mask)?;
            }
        }
        Rehearsal::Inputs(batches) => {
            run.send::<RehearseInputs>(&batches)?;
            for _ in 0..batches {
                run.enter(Component::AuthenticatedInputs);
                let mut shared = triples::client_randoms(run, &mut session, random::MAX_GROUPS)?;
                run.link.enter(Phase::Online, Component::Openings);
                let mut masked = vec![Fp::ZERO; shared.len()];
                sample::fill_uniform(&mut masked, run.rng);
                vector::sub_assign(&mut masked, shared.values());
                shared.add_public_assign(&masked);
                run.send::<MaskedInput>(&masked)?;
            }
        }
    }
    request::client_end(run.link)?;
    Ok(session)
}

/// The server, after the request.
pub(crate) fn server(
    mut session: ServerSession,
    request: Tag,
    plan: &Plan,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ServerSession, Error> {
    let run = &mut run(session.id, plan, link, rng);
    run.enter(Component::AuthenticatedInputs);
    let mut batches = [0];
    run.link.read(&mut batches)?;
    let batches = batches[0];
    if request == Tag::RehearseTriples {
        if !fits(session.next_inference, batches.into()) {
            return Err(Error::Exhausted);
        }
        let mut masks = triples::server_randoms(run, &mut session, 1)?;
        run.enter(Component::Triples);
        let slots = triples::slots();
        for _ in 0..batches {
            let mask = masks.split_off(masks.len().saturating_sub(1));
            triples::server(run, &mut session, &slots, Batch::MAX_GROUPS, mask)?;
        }
    } else {
        let key = session.mac_key().cloned().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
        for _ in 0..batches {
            run.enter(Component::AuthenticatedInputs);
            let mut keys = triples::server_randoms(run, &mut session, random::MAX_GROUPS)?;
            run.link.enter(Phase::Online, Component::Openings);
            let masked = run.receive::<MaskedInput>(keys.len())?;
            keys.add_public_assign(&key, &masked);
        }
    }
    request::server_end(run.link)?;
    Ok(session)
}

/// No inference: batches have numbers of their own.
fn run<'a>(session: SessionId, plan: &'a Plan, link: &'a mut dyn Transport, rng: &'a mut Prg) -> Run<'a> {
    Run { plan, session, inference: 0, phase: Phase::Preprocessing, link, rng, observer: &Silent }
}

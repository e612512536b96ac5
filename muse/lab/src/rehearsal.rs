//! Triples and inputs that nobody uses, made between the two parties of a session for the sake of measuring it.
//!
//! What people assemble protocols from, over the connection, with the accounts and checks of a whole session of the published
//! disclosure, whose sessions have what it takes. Both parties are put together here from the steps of the library; a server of
//! networks knows nothing of it.

use alloc::sync::Arc;
use muse::{
    Error, Network, Protocol,
    accounts::{Component, Phase, Stats},
    card::Card,
    channel::Channel,
    hazmat::{ClientSession, Connection, Metered, Run, ServerSession, fits, system_prg},
    message::{MaskedInput, RehearseInputs, RehearseTriples},
    plan::Plan,
    progress::{Cancel, Observer, Silent},
    steps::{handshake, keys, request, triples},
    transport::{Tag, Transport},
};
use muse_field::{
    Fp,
    id::{RunId, SessionId},
    prg::Prg,
    sample, vector,
};
use muse_he::params::Params;
use muse_triples::{beaver::Batch, random};

/// The protocol of such a session.
pub const PROTOCOL: Protocol = Protocol::ClientMaliciousPublished;

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
        let n = Params::default().n();
        match self {
            Self::Triples(batches) => usize::from(batches) * Batch::MAX_GROUPS * n,
            Self::Inputs(batches) => usize::from(batches) * random::values(n, random::MAX_GROUPS),
        }
    }
}

/// The client's side of a session of rehearsals. Any error ends it.
pub struct Client<T: Channel> {
    link: Metered<T>,
    plan: Plan,
    session: Option<ClientSession>,
    rng: Prg,
}

impl<T: Channel> core::fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl<T: Channel> Client<T> {
    /// A session over a transport that is already connected to [`serve`].
    ///
    /// # Errors
    /// As for a client of networks.
    pub fn over(link: T, cancel: Cancel, observer: Arc<dyn Observer>) -> Result<Self, Error> {
        let mut rng = system_prg()?;
        let mut link = Metered::new(link, observer);
        link.cancel_with(cancel);
        let (id, plan) = handshake::client(&mut link, PROTOCOL, &mut rng)?;
        let session = keys::client(&mut link, id, &plan, &mut rng)?;
        link.pause();
        Ok(Self { link, plan, session: Some(session), rng })
    }

    /// Makes triples or inputs with the server and throws them away.
    ///
    /// # Errors
    /// [`Error::Exhausted`] before anything is sent if the session has too few ids left for so many batches of triples; otherwise the
    /// connection or the peer fails, or random values run out (a session makes 256 batches of them, one for each batch of inputs and one
    /// for each rehearsal of triples), and the session is over.
    pub fn rehearse(&mut self, what: Rehearsal) -> Result<(), Error> {
        let ids = if let Rehearsal::Triples(batches) = what { batches.into() } else { 0 };
        if self.session.as_ref().is_some_and(|session| session.is_exhausted(ids)) {
            return Err(Error::Exhausted);
        }
        let session = self.session.take().ok_or(Error::SessionOver)?;
        match ask(session, what, &self.plan, &mut self.link, &mut self.rng) {
            Ok(session) => {
                self.session = Some(session);
                self.link.pause();
                Ok(())
            }
            Err(error) => {
                self.link.abort();
                Err(error)
            }
        }
    }

    /// This side's accounts.
    pub fn stats(&self) -> Stats {
        self.link.stats()
    }
}

impl<T: Channel> Drop for Client<T> {
    fn drop(&mut self) {
        if self.session.take().is_some() && self.link.send(Tag::Bye, &[]).is_ok() {
            // The server may be gone; it needs no farewell then.
            let _ = self.link.flush();
        }
    }
}

/// Serves one client to its end. The network is there for the card only.
///
/// # Errors
/// What ended the session, unless the client said goodbye. The client has been told "aborted" and no more.
pub fn serve(network: &Network, link: &mut impl Channel) -> (Result<(), Error>, Stats) {
    let link = &mut Metered::new(link, Arc::new(Silent));
    let result = serve_session(network, link);
    if result.is_err() {
        link.abort();
    }
    link.pause();
    (result, link.stats())
}

fn serve_session(network: &Network, link: &mut dyn Connection) -> Result<(), Error> {
    let mut rng = system_prg()?;
    let card = Card::new(network.architecture().clone())?.to_bytes();
    let plan = Plan::new(PROTOCOL, network.architecture().clone())?;
    let id = handshake::server(link, PROTOCOL, &card, &mut rng)?;
    let mut session = keys::server(link, id, &plan, &mut rng)?;
    loop {
        let request = link.recv_request(&[Tag::RehearseTriples, Tag::RehearseInputs, Tag::Bye])?;
        if request == Tag::Bye {
            return Ok(());
        }
        session = answer(session, request, &plan, link, &mut rng)?;
    }
}

fn ask(
    mut session: ClientSession,
    what: Rehearsal,
    plan: &Plan,
    link: &mut dyn Connection,
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

fn answer(
    mut session: ServerSession,
    request: Tag,
    plan: &Plan,
    link: &mut dyn Connection,
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
fn run<'a>(session: SessionId, plan: &'a Plan, link: &'a mut dyn Connection, rng: &'a mut Prg) -> Run<'a> {
    Run { plan, id: RunId::new(session, 0), phase: Phase::Preprocessing, link, rng, observer: &Silent }
}

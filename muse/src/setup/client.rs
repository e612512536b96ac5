//! The client's side of the setup.

use crate::{
    Error,
    card::Card,
    handshake::{self, Hello, Protocol},
    plan::Plan,
    session::ClientSession,
    transport::{Component, Phase, Tag, Transport, TransportError},
};
use muse_field::{
    id::SessionId,
    wire::{self, Decode},
};
use muse_gc::ot::{base, softspoken::receiver::Setup};
use muse_he::{keys::SecretKey, reply::ReplyKey, ring::Context};
use muse_triples::random;
use rand_core::CryptoRng;

/// 4.0: exchanges hellos, reads the card, and derives the session id and the plan from them.
pub(crate) fn handshake(
    link: &mut dyn Transport,
    protocol: Protocol,
    rng: &mut impl CryptoRng,
) -> Result<(SessionId, Plan), Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let mine = Hello::new(protocol, rng);
    link.send(Tag::ClientHello, &mine.to_bytes())?;
    let mut theirs = [0; Hello::LEN];
    link.recv_into(Tag::ServerHello, &mut theirs).map_err(|error| {
        if matches!(error, TransportError::PeerAborted) { Error::TurnedAway } else { error.into() }
    })?;
    let theirs = Hello::decode_matching(&theirs, protocol)?;
    let card = link.recv_card()?;
    let plan = Plan::new(protocol, Card::from_bytes(&card)?.into_architecture())?;
    Ok((handshake::session_id(&mine, &theirs, &card, &handshake::PLAIN_CHANNEL), plan))
}

/// 4.1 and 4.5: a fresh key, its public row, and the base OTs, of which the client is the sender.
pub(crate) fn establish(
    link: &mut dyn Transport,
    id: SessionId,
    plan: &Plan,
    rng: &mut impl CryptoRng,
) -> Result<ClientSession, Error> {
    link.enter(Phase::Setup, Component::BaseOt);
    let request = link.recv(Tag::BaseOtRequest, base::Request::len_for(()))?;
    let request = wire::from_slice((), &request).map_err(|_| Error::malformed("base OT request"))?;

    link.enter(Phase::Setup, Component::Keys);
    let key = SecretKey::generate(plan.context(), rng);
    let reply_key = ReplyKey::new(plan.context(), &key)?;
    let (row, witness) = key.public_key_with_witness(plan.context(), id, rng);
    link.send(Tag::PublicKey, &wire::to_vec(&row))?;
    let public_key = (row.receive(plan.context(), id)?, witness);

    link.enter(Phase::Setup, Component::BaseOt);
    let (transfer, trees) = Setup::reply(&id, &request, rng);
    link.send(Tag::Trees, &wire::to_vec(&trees))?;
    link.flush()?;
    let randoms = if plan.is_published() { Some(randoms(link, id, plan.context())?) } else { None };
    Ok(ClientSession { id, key, reply_key, public_key, transfer, next_inference: 0, randoms })
}

/// 6: what random values are made from.
fn randoms(link: &mut dyn Transport, id: SessionId, context: &Context) -> Result<random::Client, Error> {
    link.enter(Phase::Setup, Component::AuthenticatedInputs);
    let setup = link.recv(Tag::EncryptedKey, random::Setup::len_for(context.n()))?;
    let setup = wire::from_slice(context.n(), &setup).map_err(|_| Error::malformed("encrypted MAC key"))?;
    Ok(random::Client::on_setup(context, id, setup)?)
}

//! The client's side of the setup.

use crate::{
    Error,
    card::Card,
    handshake::{self, Hello, Mode},
    plan::Plan,
    session::ClientSession,
    transport::{Component, Phase, Tag, Transport, TransportError},
};
use muse_field::{
    id::SessionId,
    wire::{self, Decode},
};
use muse_gc::ot::{base, softspoken::receiver::Setup};
use muse_he::{keys::SecretKey, reply::ReplyKey};
use rand_core::CryptoRng;

/// 4.0: exchanges hellos, reads the card, and derives the session id and the plan from them.
pub(crate) fn handshake(
    link: &mut impl Transport,
    mode: Mode,
    rng: &mut impl CryptoRng,
) -> Result<(SessionId, Plan), Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let mine = Hello::new(mode, rng);
    link.send(Tag::ClientHello, &mine.to_bytes())?;
    let mut theirs = [0; Hello::LEN];
    link.recv_into(Tag::ServerHello, &mut theirs).map_err(|error| {
        if matches!(error, TransportError::PeerAborted) { Error::TurnedAway } else { error.into() }
    })?;
    let theirs = Hello::decode_matching(&theirs, mode)?;
    let card = link.recv_card()?;
    let plan = Plan::new(mode, Card::from_bytes(&card)?.into_architecture())?;
    Ok((handshake::session_id(&mine, &theirs, &card, &handshake::PLAIN_CHANNEL), plan))
}

/// 4.1 and 4.5: a fresh key, its public row, and the base OTs, of which the client is the sender.
pub(crate) fn establish(
    link: &mut impl Transport,
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
    Ok(ClientSession { id, key, reply_key, public_key, transfer, next_inference: 0 })
}

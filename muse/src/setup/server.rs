//! The server's side of the setup.

use crate::{
    Error,
    handshake::{self, Hello, Protocol},
    plan::Plan,
    session::{Authentication, ServerSession},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    id::SessionId,
    wire::{self, Decode},
};
use muse_gc::{
    label::Delta,
    ot::softspoken::{Trees, sender::Setup},
};
use muse_he::keys::PublicKeyRow;
use muse_mac::MacKey;
use muse_triples::random;
use muse_zk::wellformed::Tries;
use rand_core::CryptoRng;

/// 4.0: exchanges hellos, sends the card, and derives the session id from them.
pub(crate) fn handshake(
    link: &mut dyn Transport,
    protocol: Protocol,
    card: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<SessionId, Error> {
    link.enter(Phase::Setup, Component::Handshake);
    let mut theirs = [0; Hello::LEN];
    link.recv_into(Tag::ClientHello, &mut theirs)?;
    // The answer goes out even if the hellos differ: it holds no secret, and the client can then name the difference.
    let mine = Hello::new(protocol, rng);
    link.send(Tag::ServerHello, &mine.to_bytes())?;
    let theirs = match Hello::decode_matching(&theirs, protocol) {
        Ok(hello) => hello,
        Err(error) => {
            link.flush()?;
            return Err(error.into());
        }
    };
    link.send_card(card)?;
    Ok(handshake::session_id(&theirs, &mine, card, &handshake::PLAIN_CHANNEL))
}

/// 4.1 and 4.5: receives the public key, and the base OTs with Delta as the choice bits.
pub(crate) fn establish(
    link: &mut dyn Transport,
    id: SessionId,
    plan: &Plan,
    rng: &mut impl CryptoRng,
) -> Result<ServerSession, Error> {
    link.enter(Phase::Setup, Component::BaseOt);
    let (transfer, request) = Setup::start(&id, Delta::random(rng), rng);
    link.send(Tag::BaseOtRequest, &wire::to_vec(&request))?;

    link.enter(Phase::Setup, Component::Keys);
    let context = plan.context();
    let row = link.recv(Tag::PublicKey, PublicKeyRow::len_for(context.n()))?;
    let row: PublicKeyRow =
        wire::from_slice(context.n(), &row).map_err(|_| Error::malformed("public key"))?;
    // Nothing is returned under this key before an inference's proof, of which it is a part.
    let public_key = row.receive(context, id)?;

    link.enter(Phase::Setup, Component::BaseOt);
    let trees = link.recv(Tag::Trees, <Trees>::len_for(()))?;
    let trees = wire::from_slice((), &trees).map_err(|_| Error::malformed("base OT trees"))?;
    // The verdict on the trees is told with that on the first extension: the client hears one bit, once. The published disclosure
    // extends nothing; there it is told now.
    let transfer = transfer.on_trees(&trees);
    let transfer = if plan.is_published() { transfer.check_trees()? } else { transfer };
    let authentication =
        if plan.is_authenticated() { Some(authentication(link, id, plan, rng)?) } else { None };
    Ok(ServerSession { id, public_key, transfer, next_inference: 0, authentication })
}

/// alpha; for the published disclosure (6) also alpha encrypted.
fn authentication(
    link: &mut dyn Transport,
    id: SessionId,
    plan: &Plan,
    rng: &mut impl CryptoRng,
) -> Result<Authentication, Error> {
    let key = MacKey::random(rng);
    let mut randoms = None;
    if plan.is_published() {
        link.enter(Phase::Setup, Component::AuthenticatedInputs);
        let (server, setup) = random::Server::setup(plan.context(), id, &key, rng)?;
        link.send(Tag::EncryptedKey, &wire::to_vec(&setup))?;
        link.flush()?;
        randoms = Some(server);
    }
    Ok(Authentication { key, tries: Tries::new(), randoms })
}

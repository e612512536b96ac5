//! Once per session: the client's public key (protocol, section 4.1), base OTs and their trees (4.5), alpha.
//!
//! ```text
//! client                                          server
//!                              <------------      base OT request, with the card
//!   public key, base OT reply and trees  -->      check: the trees are consistent (told with the first extension)
//! ```
//!
//! Nothing is returned under the public key before an inference's proof, of which it is a part.

use crate::{
    Error,
    accounts::{Component, Phase},
    frames::Script,
    message::{BaseOtRequest, PublicKey, Trees},
    plan::Plan,
    run,
    session::{Authentication, ClientSession, ServerSession},
    steps::triples,
    transport::Transport,
};
use muse_field::{id::SessionId, prg::Prg};
use muse_gc::{
    label::Delta,
    ot::softspoken::{receiver, sender},
};
use muse_he::{keys::SecretKey, reply::ReplyKey};
use muse_mac::MacKey;
use muse_zk::wellformed::Tries;

/// What goes over the wire.
pub fn frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::BaseOt);
    script.message::<BaseOtRequest>(());
    script.enter(Component::Keys);
    script.message::<PublicKey>(plan.context().n());
    script.enter(Component::BaseOt);
    script.message::<Trees>(());
}

/// The client: a fresh key, its public row, and the base OTs, of which the client is the sender.
pub fn client(
    link: &mut dyn Transport,
    id: SessionId,
    plan: &Plan,
    rng: &mut Prg,
) -> Result<ClientSession, Error> {
    link.enter(Phase::Setup, Component::BaseOt);
    let request = run::receive::<BaseOtRequest>(link, ())?;

    link.enter(Phase::Setup, Component::Keys);
    let key = SecretKey::generate(plan.context(), rng);
    let reply_key = ReplyKey::new(plan.context(), &key)?;
    let (row, witness) = key.public_key_with_witness(plan.context(), id, rng);
    run::send::<PublicKey>(link, &row)?;
    let public_key = (row.receive(plan.context(), id)?, witness);

    link.enter(Phase::Setup, Component::BaseOt);
    let (transfer, trees) = receiver::Setup::reply(&id, &request, rng);
    run::send::<Trees>(link, &trees)?;
    link.flush()?;
    let randoms = if plan.is_published() { Some(triples::client_setup(plan, id, link)?) } else { None };
    Ok(ClientSession { id, key, reply_key, public_key, transfer, next_inference: 0, randoms })
}

/// The server: receives the public key, and the base OTs with Delta as the choice bits.
pub fn server(
    link: &mut dyn Transport,
    id: SessionId,
    plan: &Plan,
    rng: &mut Prg,
) -> Result<ServerSession, Error> {
    link.enter(Phase::Setup, Component::BaseOt);
    let (transfer, request) = sender::Setup::start(&id, Delta::random(rng), rng);
    run::send::<BaseOtRequest>(link, &request)?;

    link.enter(Phase::Setup, Component::Keys);
    let row = run::receive::<PublicKey>(link, plan.context().n())?;
    let public_key = row.receive(plan.context(), id)?;

    link.enter(Phase::Setup, Component::BaseOt);
    let trees = run::receive::<Trees>(link, ())?;
    // The verdict on the trees is told with that on the first extension: the client hears one bit, once. The published disclosure
    // extends nothing; there it is told now.
    let transfer = transfer.on_trees(&trees);
    let transfer = if plan.is_published() { transfer.check_trees()? } else { transfer };
    let authentication =
        if plan.is_authenticated() { Some(authentication(link, id, plan, rng)?) } else { None };
    Ok(ServerSession { id, public_key, transfer, next_inference: 0, authentication })
}

/// alpha; for the published disclosure also alpha encrypted.
fn authentication(
    link: &mut dyn Transport,
    id: SessionId,
    plan: &Plan,
    rng: &mut Prg,
) -> Result<Authentication, Error> {
    let key = MacKey::random(rng);
    let randoms =
        if plan.is_published() { Some(triples::server_setup(plan, id, &key, link, rng)?) } else { None };
    Ok(Authentication { key, tries: Tries::new(), randoms })
}

//! Once per session: the client's public key (protocol, section 4.1), base OTs or Enc(alpha) for the labels (4.5), and alpha.
//!
//! ```text
//! client                                          server
//!   from correlated OT, and in the baseline:
//!                              <------------      base OT request, with the card
//!   public key, base OT reply and trees  -->      check: the trees are consistent (told with the first extension)
//!   as published:
//!                              <------------      a public key of the server, Enc(alpha), with the card
//!   public key                 ------------>
//! ```
//!
//! Nothing is returned under the public key before an inference's proof, of which it is a part. Delta is the choice vector of the base
//! OTs. The published disclosure has none: there the server draws Delta for itself.

use crate::{
    Error,
    accounts::{Component, Phase},
    frames::Script,
    message::{BaseOtRequest, PublicKey, Trees},
    metered::Connection,
    plan::Plan,
    run,
    session::{Authentication, ClientLabels, ClientSession, ServerLabels, ServerSession},
    steps::triples,
};
use muse_field::{id::SessionId, prg::Prg};
use muse_gc::{
    label::Delta,
    ot::softspoken::{receiver, sender},
};
use muse_he::{
    encrypt::Witness,
    keys::{ReceivedPublicKey, SecretKey},
    reply::ReplyKey,
};
use muse_mac::MacKey;
use muse_zk::wellformed::Tries;

/// What goes over the wire.
pub fn frames(plan: &Plan, script: &mut Script) {
    if plan.is_published() {
        triples::setup_frames(plan, script);
    } else {
        script.enter(Component::BaseOt);
        script.message::<BaseOtRequest>(());
    }
    script.enter(Component::Keys);
    script.message::<PublicKey>(plan.ring().n());
    if !plan.is_published() {
        script.enter(Component::BaseOt);
        script.message::<Trees>(());
    }
}

/// The client: a fresh key, its public row, and what labels come from: base OTs, of which the client is the sender, or Enc(alpha).
pub fn client(
    link: &mut dyn Connection,
    id: SessionId,
    plan: &Plan,
    rng: &mut Prg,
) -> Result<ClientSession, Error> {
    let (key, reply_key, public_key, labels);
    if plan.is_published() {
        labels = ClientLabels::Published(triples::client_setup(plan, id, link)?);
        (key, reply_key, public_key) = client_key(link, id, plan, rng)?;
    } else {
        link.enter(Phase::Setup, Component::BaseOt);
        let request = run::receive::<BaseOtRequest>(link, ())?;
        (key, reply_key, public_key) = client_key(link, id, plan, rng)?;
        link.enter(Phase::Setup, Component::BaseOt);
        let (transfer, trees) = receiver::Setup::reply(&id, &request, rng);
        run::send::<Trees>(link, &trees)?;
        labels = ClientLabels::Correlated(transfer);
    }
    link.flush()?;
    Ok(ClientSession { id, key, reply_key, public_key, labels, next_inference: 0 })
}

/// A key of the client, under which the replies are, and its public row, sent.
type Key = (SecretKey, ReplyKey, (ReceivedPublicKey, Witness));

fn client_key(link: &mut dyn Connection, id: SessionId, plan: &Plan, rng: &mut Prg) -> Result<Key, Error> {
    link.enter(Phase::Setup, Component::Keys);
    let key = SecretKey::generate(plan.ring(), rng);
    let reply_key = ReplyKey::new(plan.ring(), &key)?;
    let (row, witness) = key.public_key_with_witness(plan.ring(), id, rng);
    run::send::<PublicKey>(link, &row)?;
    Ok((key, reply_key, (row.receive(plan.ring(), id)?, witness)))
}

/// The server: alpha; base OTs with Delta as the choice bits, or Delta alone and alpha encrypted; the client's public key.
pub fn server(
    link: &mut dyn Connection,
    id: SessionId,
    plan: &Plan,
    rng: &mut Prg,
) -> Result<ServerSession, Error> {
    let authentication =
        plan.is_authenticated().then(|| Authentication { key: MacKey::random(rng), tries: Tries::new() });
    // Check: Delta dies with its session.
    let delta = Delta::random(rng);
    let (public_key, labels) = match &authentication {
        Some(Authentication { key, .. }) if plan.is_published() => {
            let randoms = Some(triples::server_setup(plan, id, key, link, rng)?);
            (server_key(link, id, plan)?, ServerLabels::Published { delta, randoms })
        }
        _ => {
            link.enter(Phase::Setup, Component::BaseOt);
            let (transfer, request) = sender::Setup::start(&id, delta, rng);
            run::send::<BaseOtRequest>(link, &request)?;
            let public_key = server_key(link, id, plan)?;
            link.enter(Phase::Setup, Component::BaseOt);
            // The verdict on the trees is told with that on the first extension: the client hears one bit, once.
            let trees = run::receive::<Trees>(link, ())?;
            (public_key, ServerLabels::Correlated(transfer.on_trees(&trees)))
        }
    };
    Ok(ServerSession { id, public_key, labels, next_inference: 0, authentication })
}

fn server_key(link: &mut dyn Connection, id: SessionId, plan: &Plan) -> Result<ReceivedPublicKey, Error> {
    link.enter(Phase::Setup, Component::Keys);
    let row = run::receive::<PublicKey>(link, plan.ring().n())?;
    Ok(row.receive(plan.ring(), id)?)
}

//! The client's side of the preprocessing.

mod circuits;
mod labels;
mod linear;
mod proof;
mod published;
pub(crate) mod triples;

use crate::{
    Error,
    deviate::Deviate,
    error::Fault,
    plan::Plan,
    progress::Observer,
    session::{ClientSession, fits},
    share::{ClientShare, Elements},
    spool::{Piece, Spool},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{Fp, id::SessionId, prg::Prg, sample};
use muse_gc::label::ActiveLabels;
use zeroize::Zeroizing;

/// The client's half of a preprocessed inference. Serves one input. Deliberately without `Debug`.
pub(crate) struct ClientTicket {
    pub(crate) session: SessionId,
    pub(crate) inference: u64,
    /// r_i of every linear layer: masks its input.
    pub(crate) masks: Vec<ClientShare>,
    /// Labels of the bits of y of all layers but the last, in order, 44 an element.
    pub(crate) labels: ActiveLabels,
    /// The garbled layers, in order.
    pub(crate) garbled: Vec<GarbledLayer>,
    /// y of the last linear layer.
    pub(crate) last_share: Elements,
}

/// One non-linear layer as the client holds it: it can be evaluated once the server reveals the key of the seal and the
/// labels of its own input. A piece for every chunk of instances.
pub(crate) struct GarbledLayer {
    pub(crate) sealed_tables: Vec<Piece>,
    pub(crate) sealed_rows: Vec<Piece>,
}

/// What all steps of a preprocessing share.
struct Context<'a> {
    plan: &'a Plan,
    inference: u64,
    observer: &'a dyn Observer,
    deviation: &'a dyn Deviate,
}

/// Runs the preprocessing of one inference; what is sealed goes to `spool`. An error consumes the session.
pub(crate) fn run(
    mut session: ClientSession,
    plan: &Plan,
    spool: Spool,
    link: &mut dyn Transport,
    observer: &dyn Observer,
    deviation: &dyn Deviate,
    rng: &mut Prg,
) -> Result<(ClientSession, ClientTicket), Error> {
    let inference = begin(&mut session, plan, link)?;
    let context = Context { plan, inference, observer, deviation };
    // 4.2 step 1: r_i uniform.
    let masks: Vec<_> =
        plan.architecture().layers().iter().map(|layer| uniform(layer.inputs(), rng)).collect();
    let rows = linear::send_masks(&context, &session, &masks, link, rng)?;
    // 4.3: before the server returns anything.
    if plan.is_authenticated() {
        proof::prove(&context, &session, &rows, link, rng)?;
    }
    drop(rows);
    // 4.2 step 3: y_i = M_i r_i - s_i, and MACs of y_i and r_i.
    let (masks, mut shares) = linear::receive_shares(&context, &session, masks, link)?;
    let last_share = shares.pop().ok_or_else(|| Error::Internal("a network without layers".into()))?;
    let last_share = Zeroizing::new(last_share.values().to_vec());
    // 4.5: labels for the bits of y_i.
    let (session, labels) = labels::receive(&context, session, shares, link, rng)?;
    // 4.6: circuits, sealed.
    let garbled = circuits::receive(&context, spool, link)?;
    link.recv(Tag::TicketReady, 0)?;
    let ticket = ClientTicket { session: session.id, inference, masks, labels, garbled, last_share };
    Ok((session, ticket))
}

/// Asks for an inference id. The server assigns them, increasing; a repeated one would name two ciphertexts alike.
fn begin(session: &mut ClientSession, plan: &Plan, link: &mut dyn Transport) -> Result<u64, Error> {
    link.enter(Phase::Preprocessing, Component::Handshake);
    link.send(Tag::Preprocess, &[])?;
    let mut id = [0; 8];
    link.recv_into(Tag::InferenceId, &mut id)?;
    let id = u64::from_le_bytes(id);
    if id < session.next_inference || !fits(id, plan.ids()) {
        return Err(Error::Peer(Fault::InferenceId));
    }
    session.next_inference = id + 1;
    Ok(id)
}

fn uniform(len: usize, rng: &mut Prg) -> Elements {
    let mut values = Zeroizing::new(vec![Fp::ZERO; len]);
    sample::fill_uniform(&mut values, rng);
    values
}

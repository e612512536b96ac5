//! The server's side of the preprocessing.

mod circuits;
mod labels;
mod linear;
mod proof;
mod published;
pub(crate) mod triples;

use super::material::ServerLabels;
use crate::{
    Error,
    model::Network,
    plan::Plan,
    progress::Observer,
    session::{ServerSession, fits},
    share::{Elements, ServerShare},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::prg::Prg;
use muse_gc::seal::SealKey;
use muse_mac::Keys;

/// The server's half of a preprocessed inference. Serves one input. Deliberately without `Debug`.
pub(crate) struct ServerTicket {
    pub(crate) inference: u64,
    /// s_i of every linear layer: the server's share of its output.
    pub(crate) shares: Vec<Elements>,
    /// Keys of the client's r_i of every linear layer; empty in the baseline.
    pub(crate) mask_keys: Vec<Keys>,
    /// What opens the garbled layers, in order.
    pub(crate) garbled: Vec<LayerSecrets>,
}

/// The server's secrets about one garbled layer. Deliberately without `Debug`.
pub(crate) struct LayerSecrets {
    /// Zero labels of the bits of T.
    pub(crate) labels: ServerLabels,
    /// Opens tables and rows; revealed with the labels.
    pub(crate) seal: SealKey,
    /// rho: the server's share of every ReLU's result, with its keys of the client's.
    pub(crate) share: ServerShare,
}

/// What all steps of a preprocessing share.
struct Context<'a> {
    plan: &'a Plan,
    network: &'a Network,
    inference: u64,
    observer: &'a dyn Observer,
}

/// Runs the preprocessing of one inference, after its request was received. An error consumes the session.
pub(crate) fn run(
    mut session: ServerSession,
    network: &Network,
    plan: &Plan,
    link: &mut dyn Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(ServerSession, ServerTicket), Error> {
    let inference = begin(&mut session, plan, link)?;
    let context = Context { plan, network, inference, observer };
    // 4.2 step 1: Enc(r_i) of every layer, all before anything is returned.
    let received = linear::receive_masks(&context, &session, link)?;
    // 4.3: from here on public key and ciphertexts are known to be well formed.
    let (public_key, masks) = proof::accept(&context, &mut session, received, link, rng)?;
    // 4.2 step 2: s_i, and keys of the client's values.
    let correlations = linear::correlate(&context, &session, &public_key, &masks, link, rng)?;
    drop((public_key, masks));
    let linear::Correlations { shares, output_keys, mask_keys, constraints } = correlations;
    // 4.2: nothing but elements in the ciphertexts, before any label is bound to a MAC.
    linear::check_structure(&context, &session, constraints, link)?;
    // 4.5: labels for exactly the bits of y_i.
    let (session, labels) = labels::send(&context, session, output_keys, link, rng)?;
    // 4.6.
    let garbled = circuits::send(&context, &session, &labels, link, rng)?;
    link.send(Tag::TicketReady, &[])?;
    link.flush()?;
    Ok((session, ServerTicket { inference, shares, mask_keys, garbled }))
}

/// Assigns the next id.
fn begin(session: &mut ServerSession, plan: &Plan, link: &mut dyn Transport) -> Result<u64, Error> {
    link.enter(Phase::Preprocessing, Component::Handshake);
    let id = session.next_inference;
    if !fits(id, plan.ids()) {
        return Err(Error::Exhausted);
    }
    session.next_inference += 1;
    link.send(Tag::InferenceId, &id.to_le_bytes())?;
    Ok(id)
}

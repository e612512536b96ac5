//! Labels for the bits of the client's shares (protocol, section 4.5).

use super::{Context, published};
use crate::{
    Error,
    plan::ReluPlan,
    preprocess::conversation::converse,
    session::ServerSession,
    share::Elements,
    transport::{Component, FLOW_BUFFER, Phase, Tag, Transport},
};
use muse_cds::{DisclosureId, correlated};
use muse_field::{
    prg::Prg,
    wire::{self, Decode, Inflow},
};
use muse_gc::{
    label::ZeroLabels,
    ot::softspoken::{Answer, CotSender},
};
use muse_mac::Keys;

/// Zero labels for the bits of the client's shares of all layers but the last, 44 a share, in order. `keys` are those of the
/// shares, none in the baseline.
pub(super) fn send(
    context: &Context<'_>,
    session: ServerSession,
    keys: Elements,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(ServerSession, ZeroLabels), Error> {
    link.enter(Phase::Preprocessing, Component::ObliviousTransfer);
    if context.plan.is_published() {
        let mut session = session;
        let labels = published::send(context, &mut session, Keys::new(keys), link, rng)?;
        return Ok((session, labels));
    }
    let ServerSession { id, public_key, transfer, next_inference, authentication } = session;
    let (transfer, labels) = if let Some(authentication) = &authentication {
        let id = DisclosureId { session: id, inference: context.inference };
        let key = &authentication.key;
        converse(correlated::server::Server::new(id, transfer, key, Keys::new(keys), rng)?, link)?
    } else {
        transfer_plainly(transfer, context.plan.relu_count(), link, rng)?
    };
    Ok((ServerSession { id, public_key, transfer, next_inference, authentication }, labels))
}

/// The baseline: correlated OTs with Delta; the client's choices are the bits of its shares.
fn transfer_plainly(
    transfer: CotSender,
    values: usize,
    mut link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(CotSender, ZeroLabels), Error> {
    let mut extension = transfer.receive(values * ReluPlan::BITS)?;
    let total = extension.remaining();
    Transport::recv_flow(&mut link, Tag::OtColumns, total, &mut vec![0; FLOW_BUFFER], |chunk| {
        Ok::<_, Error>(extension.absorb(chunk)?)
    })?;
    let (extension, challenge) = extension.challenge(rng)?;
    link.send(Tag::OtChallenge, &wire::to_vec(&challenge))?;
    let answer = link.recv(Tag::OtAnswer, Answer::len_for(()))?;
    let answer = wire::from_slice((), &answer).map_err(|_| Error::malformed("OT answer"))?;
    Ok(extension.on_answer(&answer)?)
}

//! Labels for the bits of the client's shares (protocol, section 4.5).

use super::{Context, published};
use crate::{
    Error,
    plan::ReluPlan,
    preprocess::conversation::converse,
    progress::{Progress, Unit},
    session::ClientSession,
    share::ClientShare,
    transport::{Component, FLOW_BUFFER, Phase, Tag, Transport},
};
use muse_cds::{DisclosureId, correlated};
use muse_field::{
    pack,
    prg::Prg,
    wire::{self, Decode, Outflow},
};
use muse_gc::{
    label::ActiveLabels,
    ot::softspoken::{Challenge, CotReceiver},
};
use muse_mac::Authenticated;
use zeroize::Zeroizing;

/// Labels for the bits of the shares y_i of all layers but the last, 44 a share, in order.
pub(super) fn receive(
    context: &Context<'_>,
    session: ClientSession,
    shares: Vec<ClientShare>,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(ClientSession, ActiveLabels), Error> {
    link.enter(Phase::Preprocessing, Component::ObliviousTransfer);
    let count = (context.plan.relu_count() * ReluPlan::BITS) as u64;
    let (phase, component) = (Phase::Preprocessing, Component::ObliviousTransfer);
    let progress = Progress::start(context.observer, phase, component, Unit::Transfers, count);
    // All layers at once: one extension, one set of checks.
    let shares = ClientShare::concat(&shares, context.plan.is_authenticated())?;
    let (values, mut macs) = shares.into_parts();
    let mut choices = Zeroizing::new(values.iter().map(|value| value.to_u64()).collect::<Vec<_>>());
    context.deviation.choices(&mut choices);

    if context.plan.is_authenticated() {
        context.deviation.share_macs(&mut macs);
    }
    if context.plan.is_published() {
        let shares = Authenticated::new(values, macs)?;
        let mut session = session;
        let labels = published::receive(context, &mut session, shares, &choices, link, rng)?;
        progress.advance(count);
        return Ok((session, labels));
    }
    let ClientSession { id, key, reply_key, public_key, transfer, next_inference, randoms } = session;
    let (transfer, labels) = if context.plan.is_authenticated() {
        let shares = Authenticated::new(values, macs)?;
        let id = DisclosureId { session: id, inference: context.inference };
        converse(correlated::client::Client::new_with_choices(id, transfer, shares, &choices, rng)?, link)?
    } else {
        transfer_plainly(transfer, &choices, link, rng)?
    };
    progress.advance(count);
    Ok((ClientSession { id, key, reply_key, public_key, transfer, next_inference, randoms }, labels))
}

/// The baseline: correlated OTs with the bits as choices. The strings received are their labels.
fn transfer_plainly(
    transfer: CotReceiver,
    values: &[u64],
    mut link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(CotReceiver, ActiveLabels), Error> {
    // Values packed in 44 bits, least significant first, are the string of choice bits.
    let width = ReluPlan::BITS as u32;
    let mut choices = Zeroizing::new(vec![0; pack::bits_len(width, values.len())]);
    pack::pack_bits(width, values, &mut choices);
    let mut extension = transfer.extend(&choices, values.len() * ReluPlan::BITS, rng)?;
    let total = extension.remaining();
    Transport::send_flow(&mut link, Tag::OtColumns, total, &mut vec![0; FLOW_BUFFER], |chunk| {
        extension.fill(chunk);
        Ok::<_, Error>(())
    })?;
    let challenge = link.recv(Tag::OtChallenge, Challenge::len_for(()))?;
    let challenge = wire::from_slice((), &challenge).map_err(|_| Error::malformed("OT challenge"))?;
    let (transfer, answer, labels) = extension.answer(&challenge)?;
    link.send(Tag::OtAnswer, &wire::to_vec(&answer))?;
    Ok((transfer, labels))
}

//! Labels by the published disclosure, and what it consumes (protocol, sections 4.5 a and 6).

use super::{Context, triples};
use crate::{
    Error,
    preprocess::conversation::converse,
    session::ClientSession,
    transport::{Component, Phase, Transport},
};
use core::mem;
use muse_cds::{
    DisclosureId,
    published::{self, Client, ClientPool},
};
use muse_field::prg::Prg;
use muse_gc::label::{ActiveLabels, Block};
use muse_he::{encode::Slots, params::Params};
use muse_mac::Authenticated;
use muse_triples::ClientTriples;
use zeroize::Zeroizing;

/// Labels for the bits of `choices`, which are the shares' values unless the client cheats, run by run.
pub(super) fn receive(
    context: &Context<'_>,
    session: &mut ClientSession,
    mut shares: Authenticated,
    choices: &[u64],
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ActiveLabels, Error> {
    let id = DisclosureId { session: session.id, inference: context.inference };
    let [a, b, c, randoms] = [(); 4].map(|()| shares.select(&[]));
    let mut pool = ClientPool { triples: ClientTriples::new(a, b, c), randoms };
    // With its final capacity: growing would leave copies behind.
    let mut labels: Zeroizing<Vec<Block>> =
        Zeroizing::new(Vec::with_capacity(published::BITS * choices.len()));
    let (ring, slots) = (context.plan.context(), Slots::new(&Params::default()));
    for run in context.plan.runs() {
        if run.random_groups > 0 {
            link.enter(Phase::Preprocessing, Component::AuthenticatedInputs);
            pool.randoms.append(triples::randoms(ring, session, run.random_groups, link, rng)?);
        }
        link.enter(Phase::Preprocessing, Component::Triples);
        for groups in run.triple_batches() {
            let left = pool.randoms.len().checked_sub(1).ok_or_else(short)?;
            let mask = pool.randoms.split_off(left);
            pool.triples.append(triples::make(ring, session, &slots, groups, mask, link, rng)?);
        }
        link.enter(Phase::Preprocessing, Component::ObliviousTransfer);
        let later = shares.split_off(run.values);
        let now = mem::replace(&mut shares, later);
        let mut inputs = published::inputs(&choices[run.first..run.first + run.values]);
        context.deviation.disclosure_inputs(&mut inputs);
        let pool = pool.take(published::needs(run.values))?;
        let party = Client::new_with_inputs(id, run.first, pool, now, inputs)?;
        labels.extend_from_slice(converse(party, link)?.as_slice());
    }
    Ok(ActiveLabels::new(mem::take(&mut *labels)))
}

fn short() -> Error {
    Error::Internal("a random value for every batch of triples".into())
}

//! Labels by the published disclosure, and what it consumes (protocol, sections 4.5 a and 6).

use super::{Context, triples};
use crate::{
    Error,
    preprocess::conversation::converse,
    session::ServerSession,
    transport::{Component, Phase, Transport},
};
use core::mem;
use muse_cds::{
    DisclosureId,
    published::{self, Server, ServerPool},
};
use muse_field::prg::Prg;
use muse_gc::label::{Block, ZeroLabels};
use muse_he::{encode::Slots, params::Params};
use muse_mac::{Keys, ServerShare};
use muse_triples::ServerTriples;
use zeroize::Zeroizing;

/// Zero labels for the bits of the client's shares under `keys`, run by run.
pub(super) fn send(
    context: &Context<'_>,
    session: &mut ServerSession,
    mut keys: Keys,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ZeroLabels, Error> {
    let key = session.mac_key().cloned().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
    let id = DisclosureId { session: session.id, inference: context.inference };
    let [a, b, c] = [(); 3].map(|()| ServerShare::of_client(keys.select(&[])));
    let mut pool = ServerPool { triples: ServerTriples::new(a, b, c), randoms: keys.select(&[]) };
    // With its final capacity: growing would leave copies behind.
    let mut labels: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::with_capacity(published::BITS * keys.len()));
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
        let later = keys.split_off(run.values);
        let now = mem::replace(&mut keys, later);
        let pool = pool.take(published::needs(run.values))?;
        let delta = session.transfer.delta();
        let party = Server::new(id, run.first, pool, delta, &key, now, rng)?;
        labels.extend_from_slice(converse(party, link)?.as_slice());
    }
    Ok(ZeroLabels::new(mem::take(&mut *labels)))
}

fn short() -> Error {
    Error::Internal("a random value for every batch of triples".into())
}

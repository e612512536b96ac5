//! Labels for the bits of the client's shares as MUSE publishes it (protocol, section 4.5 a), run by run: random values and
//! triples for some thousand shares, then their disclosure.
//!
//! The messages of the disclosure, and the checks, are those of `muse_cds::published`.

use super::{disclosure::play, triples};
use crate::{
    Error,
    accounts::Component,
    frames::Script,
    message::{Disclosure, Party},
    plan::Plan,
    progress::Unit,
    run::Run,
    session::{ClientSession, ServerSession},
    share::Elements,
};
use core::mem;
use muse_cds::published::{self, Client, ClientPool, Server, ServerPool};
use muse_gc::label::{ActiveLabels, Block, ZeroLabels};
use muse_mac::{Authenticated, Keys, ServerShare};
use muse_triples::{ClientTriples, ServerTriples};
use zeroize::Zeroizing;

/// What goes over the wire, with all that is made for it.
pub fn frames(plan: &Plan, script: &mut Script) -> Result<(), Error> {
    for run in plan.runs() {
        if run.random_groups > 0 {
            script.enter(Component::AuthenticatedInputs);
            triples::random_frames(plan, run.random_groups, script);
        }
        script.enter(Component::Triples);
        for groups in run.triple_batches() {
            triples::frames(plan, groups, script)?;
        }
        script.enter(Component::ObliviousTransfer);
        for (index, length) in published::messages(run.values).into_iter().enumerate() {
            let sender = if index % 2 == 0 { Party::Client } else { Party::Server };
            script.from::<Disclosure>(sender, usize::try_from(length).unwrap_or(usize::MAX));
        }
    }
    Ok(())
}

/// The client: labels for the bits of its shares. `inputs` makes what it puts into the disclosure of a run, from the index of the run's
/// first share on: `published::inputs` of their values, if it is honest.
pub fn client(
    run: &mut Run<'_>,
    session: &mut ClientSession,
    mut shares: Authenticated,
    inputs: impl Fn(core::ops::Range<usize>) -> Elements,
) -> Result<ActiveLabels, Error> {
    let id = run.id;
    let count = (published::BITS * shares.len()) as u64;
    let progress = run.step(Component::ObliviousTransfer, Unit::Transfers, count);
    let [a, b, c, randoms] = [(); 4].map(|()| shares.select(&[]));
    let mut pool = ClientPool { triples: ClientTriples::new(a, b, c), randoms };
    // With its final capacity: growing would leave copies behind.
    let mut labels: Zeroizing<Vec<Block>> =
        Zeroizing::new(Vec::with_capacity(published::BITS * shares.len()));
    let slots = triples::slots();
    for part in run.plan.runs() {
        if part.random_groups > 0 {
            run.enter(Component::AuthenticatedInputs);
            pool.randoms.append(triples::client_randoms(run, session, part.random_groups)?);
        }
        run.enter(Component::Triples);
        for groups in part.triple_batches() {
            let left = pool.randoms.len().checked_sub(1).ok_or_else(short)?;
            let mask = pool.randoms.split_off(left);
            pool.triples.append(triples::client(run, session, &slots, groups, mask)?);
        }
        run.enter(Component::ObliviousTransfer);
        let later = shares.split_off(part.values);
        let now = mem::replace(&mut shares, later);
        let pool = pool.take(published::needs(part.values))?;
        let inputs = inputs(part.first..part.first + part.values);
        let party = Client::new_with_inputs(id, part.first, pool, now, inputs)?;
        labels.extend_from_slice(play(party, run.link)?.as_slice());
    }
    progress.advance(count);
    Ok(ActiveLabels::new(mem::take(&mut *labels)))
}

/// The server: zero labels for the bits of the client's shares under `keys`.
pub fn server(run: &mut Run<'_>, session: &mut ServerSession, mut keys: Keys) -> Result<ZeroLabels, Error> {
    run.enter(Component::ObliviousTransfer);
    let key = session.mac_key().cloned().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
    let id = run.id;
    let [a, b, c] = [(); 3].map(|()| ServerShare::of_client(keys.select(&[])));
    let mut pool = ServerPool { triples: ServerTriples::new(a, b, c), randoms: keys.select(&[]) };
    // With its final capacity: growing would leave copies behind.
    let mut labels: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::with_capacity(published::BITS * keys.len()));
    let slots = triples::slots();
    for part in run.plan.runs() {
        if part.random_groups > 0 {
            run.enter(Component::AuthenticatedInputs);
            pool.randoms.append(triples::server_randoms(run, session, part.random_groups)?);
        }
        run.enter(Component::Triples);
        for groups in part.triple_batches() {
            let left = pool.randoms.len().checked_sub(1).ok_or_else(short)?;
            let mask = pool.randoms.split_off(left);
            pool.triples.append(triples::server(run, session, &slots, groups, mask)?);
        }
        run.enter(Component::ObliviousTransfer);
        let later = keys.split_off(part.values);
        let now = mem::replace(&mut keys, later);
        let pool = pool.take(published::needs(part.values))?;
        let delta = session.delta();
        let party = Server::new(id, part.first, pool, delta, &key, now, run.rng)?;
        labels.extend_from_slice(play(party, run.link)?.as_slice());
    }
    Ok(ZeroLabels::new(mem::take(&mut *labels)))
}

fn short() -> Error {
    Error::Internal("a random value for every batch of triples".into())
}

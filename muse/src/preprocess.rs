//! Before the input exists (protocol, section 4): everything an inference needs, as a pair of tickets.
//!
//! ```text
//! client                                          server
//!   request                    ------------>
//!                              <------------      inference id
//!   Enc(r_i), every layer      ------------>
//! * commitment of a proof      ------------>
//! *                            <------------      challenge
//! * responses, or another try  ------------>      check: well formed
//!                              <------------      Enc(M_i r_i - s_i), every layer
//! *                            <------------      their MACs; MACs of every coefficient of Enc(r_i)
//! * digests of the structure   ------------>      check: padding is zero, copies are equal
//!   OT columns, choices y_i    ------------>
//!                              <------------      challenge
//!   answer                     ------------>      check: one choice vector
//! *                            <------------      tau, challenge of the range proof
//! * range proof, digest        ------------>      check: the bits of y_i, canonical
//!                              <------------      sealed tables and rows, every non-linear layer
//!                              <------------      ready
//!
//! * in the client-malicious mode
//! ```
//!
//! Afterwards the parties share every linear layer's output on a random input, `y_i = M_i r_i - s_i`, and the client holds
//! labels for the bits of its `y_i` and garbled circuits it cannot open yet.

use crate::{
    Error,
    accounts::Phase,
    metered::Connection,
    model::Network,
    plan::Plan,
    progress::Observer,
    run::Run,
    session::{ClientSession, ServerSession},
    share::{ClientShare, Elements},
    spool::Spool,
    steps::{circuits, labels, linear, proof, published, request},
    ticket::{ClientTicket, ServerTicket},
};
use muse_cds::published::inputs;
use muse_field::{Fp, id::RunId, prg::Prg, sample};
use muse_mac::Keys;
use zeroize::Zeroizing;

/// The client: runs the preprocessing of one inference; what is sealed goes to `spool`. An error consumes the session.
pub(crate) fn client(
    mut session: ClientSession,
    plan: &Plan,
    spool: Spool,
    link: &mut dyn Connection,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(ClientSession, ClientTicket), Error> {
    let inference = request::client(&mut session, plan, link)?;
    let run = &mut Run {
        plan,
        id: RunId::new(session.id, inference),
        phase: Phase::Preprocessing,
        link,
        rng,
        observer,
    };
    // 4.2 step 1: r_i uniform.
    let masks = uniform_masks(plan, run.rng);
    let rows = linear::rows::client(run, &session, &masks)?;
    // 4.3: before the server returns anything.
    if plan.is_authenticated() {
        proof::client(run, &session, &rows)?;
    }
    drop(rows);
    // 4.2 step 3: y_i = M_i r_i - s_i, and MACs of y_i and r_i.
    let opened = linear::replies::client(run, &session, masks)?;
    linear::structure::client(run, &opened.constraints)?;
    let (masks, shares, last_share) = (opened.masks, opened.shares, opened.last_share);
    // 4.5: labels for the bits of y_i.
    let shares = ClientShare::concat(&shares, plan.is_authenticated())?;
    let choices = labels::choices(&shares);
    let (session, labels) = if plan.is_published() {
        let shares = shares.into_authenticated()?;
        let labels = published::client(run, &mut session, shares, |part| inputs(&choices[part]))?;
        (session, labels)
    } else {
        labels::client(run, session, shares, &choices)?
    };
    // 4.6: circuits, sealed.
    let garbled = circuits::client(run, spool)?;
    request::client_end(run.link)?;
    let ticket = ClientTicket { session: session.id, inference, masks, labels, garbled, last_share };
    Ok((session, ticket))
}

/// The server: runs the preprocessing of one inference, after its request was received. An error consumes the session.
pub(crate) fn server(
    mut session: ServerSession,
    network: &Network,
    plan: &Plan,
    link: &mut dyn Connection,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(ServerSession, ServerTicket), Error> {
    let inference = request::server(&mut session, plan, link)?;
    let run = &mut Run {
        plan,
        id: RunId::new(session.id, inference),
        phase: Phase::Preprocessing,
        link,
        rng,
        observer,
    };
    // 4.2 step 1: Enc(r_i) of every layer, all before anything is returned.
    let rows = linear::rows::server(run)?;
    // 4.3: from here on public key and ciphertexts are known to be well formed.
    let (public_key, masks) = proof::server(run, &mut session, rows)?;
    // 4.2 step 2: s_i, and keys of the client's values.
    let correlations = linear::replies::server(run, &session, network, &public_key, &masks)?;
    drop((public_key, masks));
    let linear::replies::Correlations { shares, output_keys, mask_keys, constraints } = correlations;
    // 4.2: nothing but elements in the ciphertexts, before any label is bound to a MAC.
    linear::structure::server(run, constraints)?;
    // 4.5: labels for exactly the bits of y_i.
    let (session, labels) = if plan.is_published() {
        let labels = published::server(run, &mut session, Keys::new(output_keys))?;
        (session, labels)
    } else {
        labels::server(run, session, output_keys)?
    };
    // 4.6.
    let garbled = circuits::server(run, &session, &labels)?;
    request::server_end(run.link)?;
    Ok((session, ServerTicket { inference, shares, mask_keys, garbled }))
}

/// r_i of every layer.
pub fn uniform_masks(plan: &Plan, rng: &mut Prg) -> Vec<Elements> {
    let layers = plan.architecture().layers().iter();
    layers
        .map(|layer| {
            let mut values = Zeroizing::new(vec![Fp::ZERO; layer.inputs()]);
            sample::fill_uniform(&mut values, rng);
            values
        })
        .collect()
}

#[cfg(test)]
mod tests;

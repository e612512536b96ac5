//! With the input (protocol, section 5): one round trip per layer.
//!
//! ```text
//! client                                          server
//!   claim of a ticket; x - r_1 ------------>
//!                              for every layer but the last:
//!                              <------------      labels of T = p - S, key of the seal
//!   w_c - r_(i+1)              ------------>
//! * one hash of its MACs, in the same frame        check: nothing else was opened
//!                              <------------      S of the last layer
//!
//! * in the client-malicious mode
//! ```
//!
//! The server computes its share `S = M_i (x_i - r_i) + b_i + s_i` in the clear; the garbled circuit takes it and the client's
//! `y_i` to shares of the ReLU's result, of which the client's is opened under the next layer's mask.

use crate::{
    Error,
    accounts::{Component, Phase},
    metered::Connection,
    model::{Layer, Network, plaintext},
    plan::{Plan, ReluPlan},
    prefetch::Prefetch,
    progress::{Observer, Unit},
    run::Run,
    session::ServerSession,
    share::{Elements, ServerShare},
    steps::{evaluation, opening},
    ticket::{ClientTicket, ServerTicket},
};
use muse_field::{Fp, id::RunId, prg::Prg, vector};
use std::thread;
use zeroize::Zeroizing;

/// The client: evaluates the network on `input`, whose length the caller has checked. Returns the last layer's outputs.
pub(crate) fn client(
    ticket: ClientTicket,
    input: &[Fp],
    plan: &Plan,
    link: &mut dyn Connection,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<Elements, Error> {
    let ClientTicket { session, inference, masks, labels, garbled, last_share } = ticket;
    let run =
        &mut Run { plan, id: RunId::new(session, inference), phase: Phase::Online, link, rng, observer };
    let progress = run.progress(Component::Labels, Unit::Relus, plan.relu_count() as u64);
    let mut masks = masks.iter();
    let mut next_mask = || masks.next().ok_or_else(|| Error::Internal("a mask for every layer".into()));

    // Step 1: x - r_1.
    opening::client_input(run, input, next_mask()?)?;
    // Step 2: for every non-linear layer, shares of its result, opened under the next mask.
    thread::scope(|scope| {
        let tables = Prefetch::start(garbled, scope)?;
        let mut labels = labels.as_slice();
        for (index, relu) in plan.relus() {
            let mine = labels.split_off(..relu.count * ReluPlan::BITS);
            let mine = mine.ok_or_else(|| Error::Internal("labels for every share".into()))?;
            let share = evaluation::client(run, index, relu, mine, &tables, &progress)?;
            opening::client(run, index, opening::masked(plan, index, &share, next_mask()?)?)?;
        }
        Ok::<_, Error>(())
    })?;
    // Step 3: the server's share of the result.
    opening::client_result(run, &last_share)
}

/// The server: evaluates the network for one claimed ticket.
pub(crate) fn server(
    ticket: ServerTicket,
    session: &ServerSession,
    network: &Network,
    plan: &Plan,
    link: &mut dyn Connection,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(), Error> {
    let ServerTicket { inference, shares, mask_keys, garbled } = ticket;
    let run =
        &mut Run { plan, id: RunId::new(session.id, inference), phase: Phase::Online, link, rng, observer };
    let progress = run.progress(Component::Labels, Unit::Relus, plan.relu_count() as u64);
    let mut garbled = plan.relus().zip(garbled);
    // The first mask's keys have served their purpose: the input itself is the client's to choose.
    let mut mask_keys = mask_keys.into_iter().skip(1);

    // Step 1: x - r_1.
    let mut opened = opening::server_input(run)?;
    for (layer, s) in network.layers().iter().zip(&shares) {
        // Step 2: S = M_i (x_i - r_i) + b_i + s_i.
        let share = share(layer, &opened, s);
        let Some(((index, relu), secrets)) = garbled.next() else {
            // Step 3: the last layer's share is the client's to have.
            return opening::server_result(run, &share);
        };
        evaluation::server(run, relu, &secrets, session.delta(), &share, &progress)?;
        let ServerShare { values, keys } =
            secrets.share.map(|values| plan.architecture().apply_public_map(index, values));
        // Checked before anything of the next layer is sent.
        opened = opening::server(run, session, index, keys, mask_keys.next())?;
        // x_(i+1) - r_(i+1): the client's masked share plus the server's own.
        vector::add_assign(&mut opened, &values);
    }
    Err(Error::Internal("a network without a last layer".into()))
}

/// The server's share of a layer's output.
fn share(layer: &Layer, opened: &[Fp], s: &[Fp]) -> Elements {
    let mut share = Zeroizing::new(plaintext::affine(layer, opened));
    vector::add_assign(&mut share, s);
    share
}

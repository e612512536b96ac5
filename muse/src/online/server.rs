//! The server's side of the online phase.

use super::receive_elements;
use crate::{
    Error,
    model::{Layer, Network, plaintext},
    plan::{Plan, ReluPlan},
    preprocess::server::{LayerSecrets, ServerTicket},
    progress::{Observer, Progress, Unit},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{Fp, MODULUS, pack, vector, wire};
use muse_gc::label::{Block, Delta};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Evaluates the network for one claimed ticket.
pub(crate) fn run(
    ticket: ServerTicket,
    delta: &Delta,
    network: &Network,
    plan: &Plan,
    link: &mut impl Transport,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Online, Component::Labels, Unit::Relus, total);
    let mut garbled = plan.relus().zip(&ticket.garbled);

    // Step 1: x - r_1.
    let mut opened = receive_elements(Tag::MaskedInput, plan.architecture().layer(0).inputs(), link)?;
    for (layer, s) in network.layers().iter().zip(&ticket.shares) {
        // Step 2: S = M_i (x_i - r_i) + b_i + s_i.
        let share = share(layer, &opened, s);
        let Some(((index, relu), secrets)) = garbled.next() else {
            // Step 3: the last layer's share is the client's to have.
            let mut body = vec![0; pack::packed_len(share.len())];
            pack::pack(&share, &mut body);
            link.send(Tag::LastShare, &body)?;
            break;
        };
        link.enter(Phase::Online, Component::Labels);
        send_labels(relu, secrets, delta, &share, link, &progress)?;
        link.enter(Phase::Online, Component::Openings);
        let next = plan.architecture().layer(index + 1).inputs();
        opened = receive_elements(Tag::MaskedActivations, next, link)?;
        // x_(i+1) - r_(i+1): the client's masked share plus the server's own.
        let share = Zeroizing::new(plan.architecture().apply_public_map(index, &secrets.shares));
        vector::add_assign(&mut opened, &share);
    }
    Ok(link.flush()?)
}

/// The server's share of a layer's output.
fn share(layer: &Layer, opened: &[Fp], s: &[Fp]) -> Zeroizing<Vec<Fp>> {
    let mut share = Zeroizing::new(plaintext::affine(layer, opened));
    vector::add_assign(&mut share, s);
    share
}

/// The key of the seal, then the labels of the bits of T = p - S, in [1, p], of every instance.
fn send_labels(
    relu: &ReluPlan,
    secrets: &LayerSecrets,
    delta: &Delta,
    share: &[Fp],
    link: &mut impl Transport,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let key = Zeroizing::new(wire::to_vec(&secrets.seal));
    let labels = relu.count * ReluPlan::BITS * Block::BYTES;
    link.begin_send(Tag::OnlineLabels, (key.len() + labels) as u64)?;
    link.write(&key)?;
    let chunks: Vec<_> = relu.chunks().collect();
    for batch in chunks.chunks(BATCH) {
        let bodies: Vec<Zeroizing<Vec<u8>>> = (batch.par_iter())
            .map(|&(first, count)| {
                let zero = secrets.labels.chunk(first, count);
                let t = share[first..first + count].iter().map(|s| MODULUS - s.to_u64());
                let t = Zeroizing::new(t.collect::<Vec<u64>>());
                Zeroizing::new(wire::to_vec(&zero.active_integers(&t, ReluPlan::BITS, delta)))
            })
            .collect();
        for (body, &(_, count)) in bodies.iter().zip(batch) {
            link.write(body)?;
            progress.advance(count as u64);
        }
    }
    Ok(link.flush()?)
}

/// Chunks of instances encoded at once.
const BATCH: usize = 4;

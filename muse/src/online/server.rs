//! The server's side of the online phase.

use super::receive_elements;
use crate::{
    Error,
    model::{Layer, Network, plaintext},
    overlap,
    plan::{Plan, ReluPlan},
    preprocess::{
        CHUNKS,
        server::{LayerSecrets, ServerTicket},
    },
    progress::{Observer, Progress, Unit},
    session::ServerSession,
    share::{ServerShare, opening_id},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    Fp, MODULUS, vector,
    wire::{self, Decode},
};
use muse_gc::label::{Block, Delta};
use muse_mac::{Claimed, Keys, MacKey, OpeningId, Purpose};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Evaluates the network for one claimed ticket.
pub(crate) fn run(
    ticket: ServerTicket,
    session: &ServerSession,
    network: &Network,
    plan: &Plan,
    link: &mut dyn Transport,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Online, Component::Labels, Unit::Relus, total);
    let ServerTicket { inference, shares, mask_keys, garbled } = ticket;
    let mut garbled = plan.relus().zip(garbled);
    // The first mask's keys have served their purpose: the input itself is the client's to choose.
    let mut mask_keys = mask_keys.into_iter().skip(1);

    // Step 1: x - r_1.
    let mut opened = receive_elements(Tag::MaskedInput, plan.architecture().layer(0).inputs(), link)?;
    for (layer, s) in network.layers().iter().zip(&shares) {
        // Step 2: S = M_i (x_i - r_i) + b_i + s_i.
        let share = share(layer, &opened, s);
        let Some(((index, relu), secrets)) = garbled.next() else {
            // Step 3: the last layer's share is the client's to have.
            link.send(Tag::LastShare, &wire::to_vec(&*share))?;
            break;
        };
        link.enter(Phase::Online, Component::Labels);
        send_labels(relu, &secrets, session.transfer.delta(), &share, link, &progress)?;
        link.enter(Phase::Online, Component::Openings);
        let ServerShare { values, keys } =
            secrets.share.map(|values| plan.architecture().apply_public_map(index, values));
        // The keys of w_c - r_(i+1).
        let expected = match session.mac_key() {
            Some(key) => Some((difference(keys, mask_keys.next())?, key)),
            None => None,
        };
        let id = opening_id(Purpose::Activations, session.id, inference, index);
        let next = plan.architecture().layer(index + 1).inputs();
        // Checked before anything of the next layer is sent.
        opened = receive_opening(next, expected, &id, link)?;
        // x_(i+1) - r_(i+1): the client's masked share plus the server's own.
        vector::add_assign(&mut opened, &values);
    }
    Ok(link.flush()?)
}

/// Keys of a difference of authenticated values, both of which must be there.
fn difference(keys: Option<Keys>, others: Option<Keys>) -> Result<Keys, Error> {
    let (Some(mut keys), Some(others)) = (keys, others) else {
        return Err(Error::Internal("keys for every share and every mask".into()));
    };
    keys.sub_assign(&others);
    Ok(keys)
}

/// Receives w_c - r_(i+1): in the client-malicious mode only if its MACs are right.
fn receive_opening(
    len: usize,
    expected: Option<(Keys, &MacKey)>,
    id: &OpeningId,
    link: &mut dyn Transport,
) -> Result<Vec<Fp>, Error> {
    let Some((keys, key)) = expected else {
        return receive_elements(Tag::MaskedActivations, len, link);
    };
    let body = link.recv(Tag::MaskedActivations, Claimed::len_for(len))?;
    let claimed = wire::from_slice(len, &body).map_err(|_| Error::malformed("opening"))?;
    Ok(keys.verify(key, id, claimed)?)
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
    link: &mut dyn Transport,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let key = Zeroizing::new(wire::to_vec(&secrets.seal));
    let labels = relu.count * ReluPlan::BITS * Block::BYTES;
    link.begin_send(Tag::OnlineLabels, (key.len() + labels) as u64)?;
    link.write(&key)?;
    let chunks: Vec<_> = relu.chunks().collect();
    let encode = |&(first, count): &(usize, usize)| {
        let zero = secrets.labels.chunk(first, count);
        let t = share[first..first + count].iter().map(|s| MODULUS - s.to_u64());
        let t = Zeroizing::new(t.collect::<Vec<u64>>());
        Zeroizing::new(wire::to_vec(&zero.active_integers(&t, ReluPlan::BITS, delta)))
    };
    overlap::send(
        chunks.chunks(CHUNKS),
        |batch| Ok::<_, Error>((batch, batch.par_iter().map(encode).collect::<Vec<_>>())),
        |(batch, bodies)| {
            for (body, &(_, count)) in bodies.iter().zip(batch) {
                link.write(body)?;
                progress.advance(count as u64);
            }
            Ok(())
        },
    )?;
    Ok(link.flush()?)
}

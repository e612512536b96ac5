//! The client's side of the online phase.

use super::receive_elements;
use crate::{
    Error,
    deviate::Deviate,
    plan::{Plan, ReluPlan},
    preprocess::{
        Domains,
        client::{ClientTicket, GarbledLayer},
    },
    progress::{Observer, Progress, Unit},
    share::{ClientShare, Elements, opening_id},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    Fp, vector,
    wire::{self, Decode},
};
use muse_gc::{
    evaluate::Evaluator,
    label::{ActiveLabels, Block},
    seal::SealKey,
};
use muse_mac::{Authenticated, Purpose};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Evaluates the network on `input`, whose length the caller has checked. Returns the last layer's outputs.
pub(crate) fn run(
    ticket: ClientTicket,
    input: &[Fp],
    plan: &Plan,
    link: &mut impl Transport,
    observer: &dyn Observer,
    deviation: &dyn Deviate,
) -> Result<Elements, Error> {
    link.enter(Phase::Online, Component::Openings);
    link.send(Tag::Infer, &ticket.inference.to_le_bytes())?;
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Online, Component::Labels, Unit::Relus, total);

    let ClientTicket { session, inference, masks, garbled, last_share } = ticket;
    let mut masks = masks.into_iter();
    let mut next_mask = || masks.next().ok_or_else(|| Error::Internal("a mask for every layer".into()));

    // Step 1: x - r_1. It needs no MAC: whatever the client sends, it defines its own input.
    let mut masked = input.to_vec();
    vector::sub_assign(&mut masked, next_mask()?.values());
    link.send(Tag::MaskedInput, &wire::to_vec(&masked))?;
    link.flush()?;
    // Step 2: for every non-linear layer, shares of its result, opened under the next mask.
    for ((index, relu), mut layer) in plan.relus().zip(garbled) {
        deviation.labels(index, layer.labels.as_mut_slice());
        link.enter(Phase::Online, Component::Labels);
        let domains = Domains::new(&session, inference, index, relu);
        let share = evaluate_layer(relu, &domains, &layer, link, &progress)?;
        let mut share = share.map(|values| plan.architecture().apply_public_map(index, values));
        link.enter(Phase::Online, Component::Openings);
        share.sub_assign(&next_mask()?)?;
        let share = deviate(deviation, index, share)?;
        let body = match share {
            ClientShare::Plain(values) => wire::to_vec(&*values),
            ClientShare::Authenticated(share) => {
                wire::to_vec(&share.open(&opening_id(Purpose::Activations, session, inference, index)))
            }
        };
        link.send(Tag::MaskedActivations, &body)?;
        link.flush()?;
    }
    // Step 3: the server's share of the result.
    let mut logits = Zeroizing::new(receive_elements(Tag::LastShare, last_share.len(), link)?);
    vector::add_assign(&mut logits, &last_share);
    Ok(logits)
}

/// Lets a deviating client change what it opens. An honest one gets back what it gave.
fn deviate(deviation: &dyn Deviate, layer: usize, share: ClientShare) -> Result<ClientShare, Error> {
    Ok(match share {
        ClientShare::Plain(mut values) => {
            deviation.opened(layer, &mut values, &mut []);
            ClientShare::Plain(values)
        }
        ClientShare::Authenticated(share) => {
            let (mut values, mut macs) = share.into_parts();
            deviation.opened(layer, &mut values, &mut macs);
            ClientShare::Authenticated(Authenticated::new(values, macs)?)
        }
    })
}

/// Opens the seal, evaluates the circuits and converts their outputs to shares, while the labels come in.
fn evaluate_layer(
    relu: &ReluPlan,
    domains: &Domains,
    layer: &GarbledLayer,
    link: &mut impl Transport,
    progress: &Progress<'_>,
) -> Result<ClientShare, Error> {
    link.recv_tag(&[Tag::OnlineLabels])?;
    let mut key = Zeroizing::new(vec![0; SealKey::len_for(())]);
    link.read(&mut key)?;
    let seal = wire::from_slice((), &key).map_err(|_| Error::malformed("key of a seal"))?;

    let mut parts = Vec::new();
    let chunks: Vec<_> = relu.chunks().collect();
    for batch in chunks.chunks(BATCH) {
        let mut labels = Vec::with_capacity(batch.len());
        for &(first, count) in batch {
            let mut body = Zeroizing::new(vec![0; count * ReluPlan::BITS * Block::BYTES]);
            link.read(&mut body)?;
            let active: ActiveLabels =
                wire::from_slice(count * ReluPlan::BITS, &body).map_err(|_| Error::malformed("labels"))?;
            labels.push((first, active));
        }
        let shares: Vec<_> = (labels.par_iter())
            .map(|(first, labels)| evaluate_chunk(relu, domains, layer, &seal, *first, labels))
            .collect::<Result<_, _>>()?;
        for chunk in shares {
            progress.advance(chunk.values().len() as u64);
            parts.push(chunk);
        }
    }
    ClientShare::concat(&parts, relu.is_authenticated())
}

fn evaluate_chunk(
    relu: &ReluPlan,
    domains: &Domains,
    layer: &GarbledLayer,
    seal: &SealKey,
    first: usize,
    server_labels: &ActiveLabels,
) -> Result<ClientShare, Error> {
    let count = server_labels.len() / ReluPlan::BITS;
    let part = |all: &[u8], unit: usize, offset: u64| {
        let mut part = all[first * unit..(first + count) * unit].to_vec();
        seal.apply(offset + (first * unit) as u64, &mut part);
        part
    };
    let tables = part(&layer.sealed_tables, relu.table_bytes(), 0);
    let rows = part(&layer.sealed_rows, relu.row_bytes(), relu.rows_offset());

    let mine = &layer.labels.as_slice()[first * ReluPlan::BITS..(first + count) * ReluPlan::BITS];
    let mine = ActiveLabels::new(mine.to_vec());
    let inputs = ActiveLabels::join(&[(&mine, ReluPlan::BITS), (server_labels, ReluPlan::BITS)]);
    let mut outputs = Zeroizing::new(vec![Block::ZERO; count * relu.circuit.output_count()]);
    let instance = first as u64;
    Evaluator::new(&relu.circuit, &domains.gates).evaluate(
        instance,
        inputs.as_slice(),
        &tables,
        &mut outputs,
    );

    domains.shares.evaluate(instance, &outputs, &rows)
}

/// Chunks of instances evaluated at once.
const BATCH: usize = 4;

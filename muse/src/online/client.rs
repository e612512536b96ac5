//! The client's side of the online phase.

use super::receive_elements;
use crate::{
    Error,
    plan::{Plan, ReluPlan},
    preprocess::{
        Domains,
        client::{ClientTicket, GarbledLayer},
    },
    progress::{Observer, Progress, Unit},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    Fp, pack, vector,
    wire::{self, Decode},
};
use muse_gc::{
    evaluate::Evaluator,
    label::{ActiveLabels, Block},
    seal::SealKey,
};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Evaluates the network on `input`, whose length the caller has checked. Returns the last layer's outputs.
pub(crate) fn run(
    ticket: ClientTicket,
    input: &[Fp],
    plan: &Plan,
    link: &mut impl Transport,
    observer: &dyn Observer,
) -> Result<Vec<Fp>, Error> {
    link.enter(Phase::Online, Component::Openings);
    link.send(Tag::Infer, &ticket.inference.to_le_bytes())?;
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Online, Component::Labels, Unit::Relus, total);

    // Step 1: x - r_1.
    open(Tag::MaskedInput, input, &ticket.masks[0], link)?;
    // Step 2: for every non-linear layer, shares of its result, opened under the next mask.
    for ((index, relu), layer) in plan.relus().zip(&ticket.garbled) {
        link.enter(Phase::Online, Component::Labels);
        let domains = Domains::new(&ticket.session, ticket.inference, index, relu);
        let share = evaluate_layer(relu, &domains, layer, link, &progress)?;
        let share = Zeroizing::new(plan.architecture().apply_public_map(index, &share));
        link.enter(Phase::Online, Component::Openings);
        open(Tag::MaskedActivations, &share, &ticket.masks[index + 1], link)?;
    }
    // Step 3: the server's share of the result.
    let mut logits = receive_elements(Tag::LastShare, ticket.last_share.len(), link)?;
    vector::add_assign(&mut logits, &ticket.last_share);
    Ok(logits)
}

/// Sends `values - mask`.
fn open(tag: Tag, values: &[Fp], mask: &[Fp], link: &mut impl Transport) -> Result<(), Error> {
    let mut masked = values.to_vec();
    vector::sub_assign(&mut masked, mask);
    let mut body = vec![0; pack::packed_len(masked.len())];
    pack::pack(&masked, &mut body);
    link.send(tag, &body)?;
    Ok(link.flush()?)
}

/// Opens the seal, evaluates the circuits and converts their outputs to shares, while the labels come in.
fn evaluate_layer(
    relu: &ReluPlan,
    domains: &Domains,
    layer: &GarbledLayer,
    link: &mut impl Transport,
    progress: &Progress<'_>,
) -> Result<Zeroizing<Vec<Fp>>, Error> {
    link.recv_tag(&[Tag::OnlineLabels])?;
    let mut key = Zeroizing::new(vec![0; SealKey::len_for(())]);
    link.read(&mut key)?;
    let seal = wire::from_slice((), &key).map_err(|_| Error::malformed("key of a seal"))?;

    let mut share = Zeroizing::new(Vec::with_capacity(relu.count));
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
            share.extend_from_slice(&chunk);
            progress.advance(chunk.len() as u64);
        }
    }
    Ok(share)
}

fn evaluate_chunk(
    relu: &ReluPlan,
    domains: &Domains,
    layer: &GarbledLayer,
    seal: &SealKey,
    first: usize,
    server_labels: &ActiveLabels,
) -> Result<Zeroizing<Vec<Fp>>, Error> {
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

    let mut share = Zeroizing::new(vec![Fp::ZERO; count]);
    domains.shares.evaluate(instance, &outputs, &rows, &mut share)?;
    Ok(share)
}

/// Chunks of instances evaluated at once.
const BATCH: usize = 4;

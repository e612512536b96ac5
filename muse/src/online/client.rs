//! The client's side of the online phase.

use super::{
    ahead::{Ahead, Sealed},
    receive_elements,
};
use crate::{
    Error,
    deviate::Deviate,
    overlap,
    plan::{Plan, ReluPlan},
    preprocess::{CHUNKS, Domains, client::ClientTicket},
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
use std::thread;
use zeroize::Zeroizing;

/// Evaluates the network on `input`, whose length the caller has checked. Returns the last layer's outputs.
pub(crate) fn run(
    ticket: ClientTicket,
    input: &[Fp],
    plan: &Plan,
    link: &mut dyn Transport,
    observer: &dyn Observer,
    deviation: &dyn Deviate,
) -> Result<Elements, Error> {
    link.enter(Phase::Online, Component::Openings);
    link.send(Tag::Infer, &ticket.inference.to_le_bytes())?;
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Online, Component::Labels, Unit::Relus, total);

    let ClientTicket { session, inference, masks, mut labels, garbled, last_share } = ticket;
    let mut masks = masks.into_iter();
    let mut next_mask = || masks.next().ok_or_else(|| Error::Internal("a mask for every layer".into()));

    // Step 1: x - r_1. It needs no MAC: whatever the client sends, it defines its own input.
    let mut masked = input.to_vec();
    vector::sub_assign(&mut masked, next_mask()?.values());
    link.send(Tag::MaskedInput, &wire::to_vec(&masked))?;
    link.flush()?;
    // Step 2: for every non-linear layer, shares of its result, opened under the next mask.
    thread::scope(|scope| {
        let ahead = Ahead::start(garbled, scope)?;
        let mut rest = labels.as_mut_slice();
        for (index, relu) in plan.relus() {
            let labels = rest.split_off_mut(..relu.count * ReluPlan::BITS);
            let labels = labels.ok_or_else(|| Error::Internal("labels for every share".into()))?;
            deviation.labels(index, labels);
            link.enter(Phase::Online, Component::Labels);
            let layer = Layer { relu, domains: Domains::new(&session, inference, index, relu), labels };
            let share = layer.evaluate(&ahead, link, &progress)?;
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
        Ok::<_, Error>(())
    })?;
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

/// One non-linear layer as it is evaluated.
struct Layer<'a> {
    relu: &'a ReluPlan,
    domains: Domains,
    /// Those of the bits of y.
    labels: &'a [Block],
}

/// What a chunk of instances is evaluated from: its first one, the server's labels as they came, and what the client kept.
type Chunk = (usize, Zeroizing<Vec<u8>>, Sealed);

impl Layer<'_> {
    /// Opens the seal, evaluates the circuits and converts their outputs to shares, while the labels come in.
    fn evaluate(
        &self,
        ahead: &Ahead,
        link: &mut dyn Transport,
        progress: &Progress<'_>,
    ) -> Result<ClientShare, Error> {
        link.recv_tag(&[Tag::OnlineLabels])?;
        let mut key = Zeroizing::new(vec![0; SealKey::len_for(())]);
        link.read(&mut key)?;
        let seal = wire::from_slice((), &key).map_err(|_| Error::malformed("key of a seal"))?;

        let mut parts = Vec::new();
        let chunks: Vec<_> = self.relu.chunks().collect();
        overlap::receive(
            chunks.chunks(CHUNKS),
            |batch| {
                let bodies = batch.iter().map(|&(first, count)| {
                    let mut body = Zeroizing::new(vec![0; count * ReluPlan::BITS * Block::BYTES]);
                    link.read(&mut body)?;
                    Ok((first, body))
                });
                let bodies = bodies.collect::<Result<Vec<_>, Error>>()?;
                let sealed = ahead.next()?;
                Ok(bodies
                    .into_iter()
                    .zip(sealed)
                    .map(|((first, body), sealed)| (first, body, sealed))
                    .collect())
            },
            |batch: Vec<Chunk>| {
                let chunks = batch.into_par_iter();
                let evaluate =
                    |(first, body, sealed): Chunk| self.evaluate_chunk(&seal, first, &body, sealed);
                for share in chunks.map(evaluate).collect::<Result<Vec<_>, _>>()? {
                    progress.advance(share.values().len() as u64);
                    parts.push(share);
                }
                Ok::<_, Error>(())
            },
        )?;
        ClientShare::concat(&parts, self.relu.is_authenticated())
    }

    fn evaluate_chunk(
        &self,
        seal: &SealKey,
        first: usize,
        server_labels: &[u8],
        sealed: Sealed,
    ) -> Result<ClientShare, Error> {
        let Self { relu, domains, labels } = self;
        let bits = server_labels.len() / Block::BYTES;
        let theirs: ActiveLabels =
            wire::from_slice(bits, server_labels).map_err(|_| Error::malformed("labels"))?;
        let Sealed { mut tables, mut rows } = sealed;
        seal.apply((first * relu.table_bytes()) as u64, &mut tables);
        seal.apply(relu.rows_offset() + (first * relu.row_bytes()) as u64, &mut rows);

        let mine = ActiveLabels::new(labels[first * ReluPlan::BITS..][..bits].to_vec());
        let inputs = ActiveLabels::join(&[(&mine, ReluPlan::BITS), (&theirs, ReluPlan::BITS)]);
        let count = bits / ReluPlan::BITS;
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
}

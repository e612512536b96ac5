//! Garbled circuits (protocol, section 4.6).

use super::{Context, LayerSecrets};
use crate::{
    Error, overlap,
    plan::ReluPlan,
    preprocess::{
        Domains,
        material::{CHUNKS, ServerLabels},
    },
    progress::{Progress, Unit},
    session::ServerSession,
    share::ServerShare,
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{Fp, prg::Prg};
use muse_gc::{
    garble::Garbler,
    label::{Block, ZeroLabels},
    seal::SealKey,
};
use muse_mac::Keys;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Garbles every non-linear layer and sends tables and rows under a seal. `labels` are those of the client's shares.
pub(super) fn send(
    context: &Context<'_>,
    session: &ServerSession,
    labels: &ZeroLabels,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<Vec<LayerSecrets>, Error> {
    link.enter(Phase::Preprocessing, Component::Garbling);
    let total = context.plan.relu_count() as u64;
    let progress =
        Progress::start(context.observer, Phase::Preprocessing, Component::Garbling, Unit::Relus, total);
    let mut rest = labels.as_slice();
    let mut layers = Vec::new();
    for (index, relu) in context.plan.relus() {
        let (client_labels, others) = rest.split_at(relu.count * ReluPlan::BITS);
        rest = others;
        let layer = Layer {
            session,
            relu,
            domains: Domains::new(&session.id, context.inference, index, relu),
            labels: ServerLabels::new(Prg::from_rng(rng)),
            seal: SealKey::random(rng),
            client_labels,
        };
        let share = layer.garble(link, &progress)?;
        layers.push(LayerSecrets { labels: layer.labels, seal: layer.seal, share });
    }
    Ok(layers)
}

/// One non-linear layer as it is garbled.
struct Layer<'a> {
    session: &'a ServerSession,
    relu: &'a ReluPlan,
    domains: Domains,
    labels: ServerLabels,
    seal: SealKey,
    client_labels: &'a [Block],
}

/// What garbling a few instances yields: sealed tables and rows for the client, a share for the server.
struct Chunk {
    tables: Vec<u8>,
    rows: Vec<u8>,
    share: ServerShare,
}

impl Layer<'_> {
    fn garble(&self, link: &mut dyn Transport, progress: &Progress<'_>) -> Result<ServerShare, Error> {
        let relu = self.relu;
        let mut rows = Vec::with_capacity(relu.rows_len());
        let mut values = Zeroizing::new(Vec::with_capacity(relu.count));
        let mut keys = Zeroizing::new(Vec::<Fp>::with_capacity(relu.count));
        link.begin_send(Tag::GarbledTables, relu.tables_len() as u64)?;
        let chunks: Vec<_> = relu.chunks().collect();
        overlap::send(
            chunks.chunks(CHUNKS),
            |batch| {
                let garbled = batch.par_iter().map(|&(first, count)| self.garble_chunk(first, count));
                garbled.collect::<Result<Vec<_>, _>>()
            },
            |garbled| {
                for Chunk { tables, rows: some_rows, share } in garbled {
                    link.write(&tables)?;
                    rows.extend_from_slice(&some_rows);
                    values.extend_from_slice(&share.values);
                    if let Some(some) = &share.keys {
                        keys.extend_from_slice(some.as_slice());
                    }
                    progress.advance(share.values.len() as u64);
                }
                Ok(())
            },
        )?;
        link.send(Tag::ShareRows, &rows)?;
        let keys = relu.is_authenticated().then(|| Keys::new(keys));
        Ok(ServerShare { values, keys })
    }

    fn garble_chunk(&self, first: usize, count: usize) -> Result<Chunk, Error> {
        let (relu, delta) = (self.relu, self.session.transfer.delta());
        let server_labels = self.labels.chunk(first, count);
        // The circuit's inputs are the bits of y, then those of T, instance by instance.
        let bits = first * ReluPlan::BITS..(first + count) * ReluPlan::BITS;
        let client_labels = ZeroLabels::new(self.client_labels[bits].to_vec());
        let inputs = ZeroLabels::join(&[(&client_labels, ReluPlan::BITS), (&server_labels, ReluPlan::BITS)]);
        let mut outputs = Zeroizing::new(vec![Block::ZERO; count * relu.circuit.output_count()]);
        let mut tables = vec![0; count * relu.table_bytes()];
        let instance = first as u64;
        Garbler::new(&relu.circuit, delta, &self.domains.gates).garble(
            instance,
            inputs.as_slice(),
            &mut tables,
            &mut outputs,
        );

        let mut rows = vec![0; count * relu.row_bytes()];
        let key = self.session.mac_key();
        let share = self.domains.shares.garble(instance, &outputs, delta, key, &mut rows)?;

        self.seal.apply((first * relu.table_bytes()) as u64, &mut tables);
        self.seal.apply(relu.rows_offset() + (first * relu.row_bytes()) as u64, &mut rows);
        Ok(Chunk { tables, rows, share })
    }
}

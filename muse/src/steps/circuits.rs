//! Garbled circuits of every non-linear layer, under a seal (protocol, section 4.6).
//!
//! ```text
//! client                                          server
//!                              <------------      sealed tables, sealed rows, every non-linear layer
//! ```
//!
//! The client can open nothing of it before the online phase reveals the key of a layer's seal: its inputs are fixed by then
//! (Bellare, Hoang, Rogaway: adaptive security).

use crate::{
    Error,
    accounts::Component,
    frames::Script,
    garbled::{CHUNKS, Domains, ServerLabels},
    message::{GarbledTables, Message, ShareRows},
    pipeline,
    plan::{Plan, ReluPlan},
    progress::{Progress, Unit},
    run::Run,
    session::ServerSession,
    share::ServerShare,
    spool::{Piece, Spool},
    ticket::{GarbledLayer, LayerSecrets},
};
use muse_field::prg::Prg;
use muse_gc::{
    garble::Garbler,
    label::{Block, ZeroLabels},
    seal::SealKey,
};
use muse_mac::Keys;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// What goes over the wire.
pub fn frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::Garbling);
    for (index, relu) in plan.relus() {
        script.of_layer(index).bulk::<GarbledTables>(relu.tables_len());
        script.of_layer(index).bulk::<ShareRows>(relu.rows_len());
    }
}

/// The client: takes tables and rows of every non-linear layer, and keeps them in `spool`.
pub fn client(run: &mut Run<'_>, mut spool: Spool) -> Result<Vec<GarbledLayer>, Error> {
    let progress = run.step(Component::Garbling, Unit::Relus, run.plan.relu_count() as u64);
    let mut layers = Vec::new();
    for (_, relu) in run.plan.relus() {
        let advance = |count| progress.advance(count as u64);
        let sealed_tables =
            receive_pieces::<GarbledTables>(run, relu, relu.table_bytes(), &mut spool, advance)?;
        let sealed_rows = receive_pieces::<ShareRows>(run, relu, relu.row_bytes(), &mut spool, |_| ())?;
        layers.push(GarbledLayer { sealed_tables, sealed_rows });
    }
    Ok(layers)
}

/// A message with `unit` bytes an instance, in a piece for every chunk of instances. `advance` hears of chunks that are kept.
fn receive_pieces<M: Message>(
    run: &mut Run<'_>,
    relu: &ReluPlan,
    unit: usize,
    spool: &mut Spool,
    advance: impl Fn(usize) + Send + Sync,
) -> Result<Vec<Piece>, Error> {
    run.expect::<M>()?;
    let mut pieces = Vec::new();
    pipeline::receive(
        relu.chunks(),
        |(_, count)| {
            let mut bytes = vec![0; count * unit];
            run.link.read(&mut bytes)?;
            Ok((bytes, count))
        },
        |(bytes, count)| {
            pieces.push(spool.keep(bytes)?);
            advance(count);
            Ok::<_, Error>(())
        },
    )?;
    Ok(pieces)
}

/// The server: garbles every non-linear layer and sends tables and rows under a seal. `labels` are those of the client's shares.
pub fn server(
    run: &mut Run<'_>,
    session: &ServerSession,
    labels: &ZeroLabels,
) -> Result<Vec<LayerSecrets>, Error> {
    let plan = run.plan;
    let progress = run.step(Component::Garbling, Unit::Relus, plan.relu_count() as u64);
    let mut rest = labels.as_slice();
    let mut layers = Vec::new();
    for (index, relu) in plan.relus() {
        let (client_labels, others) = rest.split_at(relu.count * ReluPlan::BITS);
        rest = others;
        let layer = Layer {
            session,
            relu,
            domains: Domains::new(&run.id, index, relu),
            labels: ServerLabels::new(Prg::from_rng(run.rng)),
            seal: SealKey::random(run.rng),
            client_labels,
        };
        let share = layer.garble(run, &progress)?;
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
    fn garble(&self, run: &mut Run<'_>, progress: &Progress<'_>) -> Result<ServerShare, Error> {
        let relu = self.relu;
        let mut rows = Vec::with_capacity(relu.rows_len());
        let mut values = Zeroizing::new(Vec::with_capacity(relu.count));
        let mut keys = Vec::new();
        run.begin::<GarbledTables>(relu.tables_len())?;
        let chunks: Vec<_> = relu.chunks().collect();
        pipeline::send(
            chunks.chunks(CHUNKS),
            |batch| {
                let garbled = batch.par_iter().map(|&(first, count)| self.garble_chunk(first, count));
                garbled.collect::<Result<Vec<_>, _>>()
            },
            |garbled| {
                for Chunk { tables, rows: some_rows, share } in garbled {
                    run.link.write(&tables)?;
                    rows.extend_from_slice(&some_rows);
                    values.extend_from_slice(&share.values);
                    if let Some(some) = share.keys {
                        keys.push(some);
                    }
                    progress.advance(share.values.len() as u64);
                }
                Ok(())
            },
        )?;
        run.begin::<ShareRows>(rows.len())?;
        run.link.write(&rows)?;
        let keys = relu.is_authenticated().then(|| Keys::concat(keys));
        Ok(ServerShare { values, keys })
    }

    fn garble_chunk(&self, first: usize, count: usize) -> Result<Chunk, Error> {
        let (relu, delta) = (self.relu, self.session.delta());
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

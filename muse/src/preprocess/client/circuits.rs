//! Garbled circuits, sealed (protocol, section 4.6).

use super::{Context, GarbledLayer};
use crate::{
    Error,
    plan::ReluPlan,
    preprocess::material::INSTANCES,
    progress::{Progress, Unit},
    transport::{Component, Phase, Tag, Transport},
};
use muse_gc::label::ActiveLabels;

/// Takes tables and rows of every non-linear layer. `labels` are those of all layers, in order.
pub(super) fn receive(
    context: &Context<'_>,
    labels: &ActiveLabels,
    link: &mut impl Transport,
) -> Result<Vec<GarbledLayer>, Error> {
    link.enter(Phase::Preprocessing, Component::Garbling);
    let total = context.plan.relu_count() as u64;
    let progress =
        Progress::start(context.observer, Phase::Preprocessing, Component::Garbling, Unit::Relus, total);
    let mut rest = labels.as_slice();
    let mut layers = Vec::new();
    for (_, relu) in context.plan.relus() {
        let (mine, others) = rest.split_at(relu.count * ReluPlan::BITS);
        rest = others;
        let mut sealed_tables = vec![0; relu.tables_len()];
        link.recv_tag(&[Tag::GarbledTables])?;
        for chunk in sealed_tables.chunks_mut(INSTANCES * relu.table_bytes()) {
            link.read(chunk)?;
            progress.advance((chunk.len() / relu.table_bytes()) as u64);
        }
        let mut sealed_rows = vec![0; relu.rows_len()];
        link.recv_into(Tag::ShareRows, &mut sealed_rows)?;
        layers.push(GarbledLayer { labels: ActiveLabels::new(mine.to_vec()), sealed_tables, sealed_rows });
    }
    Ok(layers)
}

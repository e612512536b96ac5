//! Garbled circuits, sealed (protocol, section 4.6).

use super::{Context, GarbledLayer};
use crate::{
    Error, overlap,
    plan::ReluPlan,
    progress::{Progress, Unit},
    spool::{Piece, Spool},
    transport::{Component, Phase, Tag, Transport},
};

/// Takes tables and rows of every non-linear layer, and keeps them in `spool`.
pub(super) fn receive(
    context: &Context<'_>,
    mut spool: Spool,
    link: &mut dyn Transport,
) -> Result<Vec<GarbledLayer>, Error> {
    link.enter(Phase::Preprocessing, Component::Garbling);
    let total = context.plan.relu_count() as u64;
    let progress =
        Progress::start(context.observer, Phase::Preprocessing, Component::Garbling, Unit::Relus, total);
    let mut layers = Vec::new();
    for (_, relu) in context.plan.relus() {
        link.recv_tag(&[Tag::GarbledTables])?;
        let advance = |count| progress.advance(count as u64);
        let sealed_tables = receive_pieces(relu, relu.table_bytes(), &mut spool, link, advance)?;
        link.recv_tag(&[Tag::ShareRows])?;
        let sealed_rows = receive_pieces(relu, relu.row_bytes(), &mut spool, link, |_| ())?;
        layers.push(GarbledLayer { sealed_tables, sealed_rows });
    }
    Ok(layers)
}

/// The body of a frame with `unit` bytes an instance, in a piece for every chunk of instances. `advance` hears of chunks that are kept.
fn receive_pieces(
    relu: &ReluPlan,
    unit: usize,
    spool: &mut Spool,
    link: &mut dyn Transport,
    advance: impl Fn(usize) + Send + Sync,
) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    overlap::receive(
        relu.chunks(),
        |(_, count)| {
            let mut bytes = vec![0; count * unit];
            link.read(&mut bytes)?;
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

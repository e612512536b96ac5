//! The client's side of the preprocessing.

use super::material::INSTANCES;
use crate::{
    Error,
    error::Fault,
    plan::{LayerPlan, Plan, ReluPlan},
    progress::{Observer, Progress, Unit},
    session::{ClientSession, MAX_INFERENCES},
    transport::{Component, FLOW_BUFFER, Phase, Tag, Transport},
};
use muse_field::{
    Fp,
    id::SessionId,
    pack,
    prg::Prg,
    sample,
    wire::{self, Decode, Outflow},
};
use muse_gc::{label::ActiveLabels, ot::softspoken::Challenge};
use muse_he::{encrypt::RowId, linear, reply::Reply};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// The client's half of a preprocessed inference. Serves one input. Deliberately without `Debug`.
pub(crate) struct ClientTicket {
    pub(crate) session: SessionId,
    pub(crate) inference: u64,
    /// r_i of every linear layer: masks its input.
    pub(crate) masks: Vec<Zeroizing<Vec<Fp>>>,
    /// What the garbled layers need, in order.
    pub(crate) garbled: Vec<GarbledLayer>,
    /// y of the last linear layer.
    pub(crate) last_share: Zeroizing<Vec<Fp>>,
}

/// One non-linear layer as the client holds it: it can be evaluated once the server reveals the key of the seal and the
/// labels of its own input.
pub(crate) struct GarbledLayer {
    /// Labels of the bits of y, 44 an instance.
    pub(crate) labels: ActiveLabels,
    pub(crate) sealed_tables: Vec<u8>,
    pub(crate) sealed_rows: Vec<u8>,
}

/// Runs the preprocessing of one inference.
pub(crate) fn run(
    mut session: ClientSession,
    plan: &Plan,
    link: &mut impl Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(ClientSession, ClientTicket), Error> {
    let inference = begin(&mut session, link)?;
    // 4.2 step 1: r_i uniform.
    let masks: Vec<_> =
        plan.architecture().layers().iter().map(|layer| uniform(layer.inputs(), rng)).collect();
    send_masks(&session, inference, plan, &masks, link, observer, rng)?;
    // 4.2 step 3: y_i = M_i r_i - s_i.
    let mut shares = receive_shares(&session, plan, link, observer)?;
    let last_share = shares.pop().ok_or_else(|| Error::Internal("a network without layers".into()))?;
    // 4.5: labels for the bits of y_i.
    let (session, labels) = transfer_labels(session, plan, &shares, link, observer, rng)?;
    // 4.6: circuits, sealed.
    let garbled = receive_circuits(plan, labels, link, observer)?;
    link.recv(Tag::TicketReady, 0)?;
    let ticket = ClientTicket { session: session.id, inference, masks, garbled, last_share };
    Ok((session, ticket))
}

/// Asks for an inference id. The server assigns them, increasing; a repeated one would name two ciphertexts alike.
fn begin(session: &mut ClientSession, link: &mut impl Transport) -> Result<u64, Error> {
    link.enter(Phase::Preprocessing, Component::Handshake);
    link.send(Tag::Preprocess, &[])?;
    let mut id = [0; 8];
    link.recv_into(Tag::InferenceId, &mut id)?;
    let id = u64::from_le_bytes(id);
    if id < session.next_inference || id >= MAX_INFERENCES {
        return Err(Error::Peer(Fault::InferenceId));
    }
    session.next_inference = id + 1;
    Ok(id)
}

/// 4.2 step 1: sends Enc(r_i), tile by tile.
fn send_masks(
    session: &ClientSession,
    inference: u64,
    plan: &Plan,
    masks: &[Zeroizing<Vec<Fp>>],
    link: &mut impl Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(), Error> {
    link.enter(Phase::Preprocessing, Component::Linear);
    let context = plan.context();
    let progress = Progress::start(
        observer,
        Phase::Preprocessing,
        Component::Linear,
        Unit::Ciphertexts,
        plan.ciphertexts() as u64,
    );
    let mut row = RowId { session: session.id, inference, index: 0 };
    for (layer, mask) in plan.layers().iter().zip(masks) {
        let ciphertexts = linear::encrypt_input(context, &session.key, &layer.layout, row, mask, rng)?;
        row.index += ciphertexts.len() as u32;
        link.begin_send(Tag::InputCiphertexts, layer.input_bytes() as u64)?;
        for ciphertext in &ciphertexts {
            link.write(&wire::to_vec(ciphertext))?;
            progress.advance(1);
        }
    }
    Ok(())
}

/// 4.2 step 3: decrypts the replies. One share per layer, in the order of its outputs.
fn receive_shares(
    session: &ClientSession,
    plan: &Plan,
    link: &mut impl Transport,
    observer: &dyn Observer,
) -> Result<Vec<Zeroizing<Vec<Fp>>>, Error> {
    let replies = plan.layers().iter().map(|layer| layer.layout.reply_count() as u64).sum();
    let progress =
        Progress::start(observer, Phase::Preprocessing, Component::Linear, Unit::Ciphertexts, replies);
    plan.layers().iter().map(|layer| receive_share(session, plan, layer, link, &progress)).collect()
}

fn receive_share(
    session: &ClientSession,
    plan: &Plan,
    layer: &LayerPlan,
    link: &mut impl Transport,
    progress: &Progress<'_>,
) -> Result<Zeroizing<Vec<Fp>>, Error> {
    let (context, layout) = (plan.context(), &layer.layout);
    let mut share = Zeroizing::new(vec![Fp::ZERO; layout.shape().outputs()]);
    link.recv_tag(&[Tag::Replies])?;
    let groups: Vec<usize> = (0..layout.reply_count()).collect();
    for batch in groups.chunks(BATCH) {
        let mut replies = Vec::with_capacity(batch.len());
        for &group in batch {
            let shape = linear::reply_shape(layout, group);
            let mut body = vec![0; Reply::len_for(shape)];
            link.read(&mut body)?;
            let reply: Reply = wire::from_slice(shape, &body).map_err(|_| Error::malformed("reply"))?;
            replies.push((group, reply));
        }
        let values: Vec<_> = (replies.par_iter())
            .map(|(group, reply)| {
                let values = session.reply_key.decrypt(context, reply, &layout.wanted(*group))?;
                Ok((*group, Zeroizing::new(values)))
            })
            .collect::<Result<_, Error>>()?;
        for (group, values) in values {
            layout.scatter(group, &values, &mut share);
            progress.advance(1);
        }
    }
    Ok(share)
}

/// 4.5: correlated OTs with the bits of all y_i as choices. The strings received are the labels of these bits.
fn transfer_labels(
    session: ClientSession,
    plan: &Plan,
    shares: &[Zeroizing<Vec<Fp>>],
    link: &mut impl Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(ClientSession, ActiveLabels), Error> {
    link.enter(Phase::Preprocessing, Component::ObliviousTransfer);
    let count = plan.relu_count() * ReluPlan::BITS;
    let progress = Progress::start(
        observer,
        Phase::Preprocessing,
        Component::ObliviousTransfer,
        Unit::Transfers,
        count as u64,
    );
    // Elements are packed in 44 bits, least significant first: the packing is the string of choice bits.
    let mut values = Zeroizing::new(Vec::with_capacity(plan.relu_count()));
    shares.iter().for_each(|share| values.extend_from_slice(share));
    let mut choices = Zeroizing::new(vec![0; pack::packed_len(values.len())]);
    pack::pack(&values, &mut choices);

    let ClientSession { id, key, reply_key, transfer, next_inference } = session;
    let mut extension = transfer.extend(&choices, count, rng)?;
    let total = extension.remaining();
    link.send_flow(Tag::OtColumns, total, &mut vec![0; FLOW_BUFFER], |chunk| {
        extension.fill(chunk);
        Ok::<_, Error>(())
    })?;
    let challenge = link.recv(Tag::OtChallenge, Challenge::len_for(()))?;
    let challenge = wire::from_slice((), &challenge).map_err(|_| Error::malformed("OT challenge"))?;
    let (transfer, answer, labels) = extension.answer(&challenge)?;
    link.send(Tag::OtAnswer, &wire::to_vec(&answer))?;
    progress.advance(count as u64);
    Ok((ClientSession { id, key, reply_key, transfer, next_inference }, labels))
}

/// 4.6: takes the sealed tables and rows of every non-linear layer.
fn receive_circuits(
    plan: &Plan,
    labels: ActiveLabels,
    link: &mut impl Transport,
    observer: &dyn Observer,
) -> Result<Vec<GarbledLayer>, Error> {
    link.enter(Phase::Preprocessing, Component::Garbling);
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Preprocessing, Component::Garbling, Unit::Relus, total);
    let mut rest = labels.as_slice();
    let mut layers = Vec::new();
    for (_, relu) in plan.relus() {
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

fn uniform(len: usize, rng: &mut Prg) -> Zeroizing<Vec<Fp>> {
    let mut values = Zeroizing::new(vec![Fp::ZERO; len]);
    sample::fill_uniform(&mut values, rng);
    values
}

/// Replies opened at once: what bounds memory.
const BATCH: usize = 8;

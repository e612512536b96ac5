//! The server's side of the preprocessing.

use super::{Domains, material::ServerLabels};
use crate::{
    Error,
    model::Network,
    plan::{LayerPlan, Plan, ReluPlan},
    progress::{Observer, Progress, Unit},
    session::{MAX_INFERENCES, ServerSession},
    transport::{Component, FLOW_BUFFER, Phase, Tag, Transport},
};
use muse_field::{
    Fp,
    prg::Prg,
    wire::{self, Decode, Inflow},
};
use muse_gc::{
    garble::Garbler,
    label::{Block, Delta, ZeroLabels},
    ot::softspoken::Answer,
    seal::SealKey,
};
use muse_he::{
    encrypt::{Ciphertext, FreshCiphertext, RowId},
    linear,
};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// The server's half of a preprocessed inference. Serves one input. Deliberately without `Debug`.
pub(crate) struct ServerTicket {
    /// s_i of every linear layer: the server's share of its output.
    pub(crate) shares: Vec<Zeroizing<Vec<Fp>>>,
    /// What opens the garbled layers, in order.
    pub(crate) garbled: Vec<LayerSecrets>,
}

/// The server's secrets about one garbled layer. Deliberately without `Debug`.
pub(crate) struct LayerSecrets {
    /// Zero labels of the bits of T.
    pub(crate) labels: ServerLabels,
    /// Opens tables and rows; revealed with the labels.
    pub(crate) seal: SealKey,
    /// rho: the server's share of every ReLU's result.
    pub(crate) shares: Zeroizing<Vec<Fp>>,
}

/// Runs the preprocessing of one inference, after its request was received. Returns its id and ticket.
pub(crate) fn run(
    mut session: ServerSession,
    network: &Network,
    plan: &Plan,
    link: &mut impl Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<(ServerSession, u64, ServerTicket), Error> {
    let inference = begin(&mut session, link)?;
    let masks = receive_masks(&session, inference, plan, link)?;
    // A semi-honest client's ciphertexts are well formed; a malicious one's are proven here, before anything is returned.
    let shares = correlate(&session, network, plan, masks, link, observer, rng)?;
    let (session, labels) = transfer_labels(session, plan, link, rng)?;
    let garbled = garble(&session, inference, plan, labels, link, observer, rng)?;
    link.send(Tag::TicketReady, &[])?;
    link.flush()?;
    Ok((session, inference, ServerTicket { shares, garbled }))
}

/// Assigns the next id.
fn begin(session: &mut ServerSession, link: &mut impl Transport) -> Result<u64, Error> {
    link.enter(Phase::Preprocessing, Component::Handshake);
    let id = session.next_inference;
    if id >= MAX_INFERENCES {
        return Err(Error::Exhausted);
    }
    session.next_inference += 1;
    link.send(Tag::InferenceId, &id.to_le_bytes())?;
    Ok(id)
}

/// 4.2 step 1: receives Enc(r_i) of every layer, all before anything is returned.
fn receive_masks(
    session: &ServerSession,
    inference: u64,
    plan: &Plan,
    link: &mut impl Transport,
) -> Result<Vec<Vec<Ciphertext>>, Error> {
    link.enter(Phase::Preprocessing, Component::Linear);
    let context = plan.context();
    let mut body = vec![0; FreshCiphertext::len_for(context.n())];
    let mut index = 0;
    let mut layers = Vec::new();
    for layer in plan.layers() {
        link.recv_tag(&[Tag::InputCiphertexts])?;
        let mut tiles = Vec::new();
        for _ in 0..layer.layout.input_count() {
            link.read(&mut body)?;
            let fresh: FreshCiphertext =
                wire::from_slice(context.n(), &body).map_err(|_| Error::malformed("ciphertext"))?;
            let row = RowId { session: session.id, inference, index };
            tiles.push(fresh.receive(context, row)?.assume_well_formed());
            index += 1;
        }
        layers.push(tiles);
    }
    Ok(layers)
}

/// 4.2 step 2: samples s_i and returns Enc(M_i r_i - s_i), group by group.
fn correlate(
    session: &ServerSession,
    network: &Network,
    plan: &Plan,
    masks: Vec<Vec<Ciphertext>>,
    link: &mut impl Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<Vec<Zeroizing<Vec<Fp>>>, Error> {
    let replies = plan.layers().iter().map(|layer| layer.layout.reply_count() as u64).sum();
    let progress =
        Progress::start(observer, Phase::Preprocessing, Component::Linear, Unit::Ciphertexts, replies);
    let mut shares = Vec::new();
    for ((layer, weights), tiles) in plan.layers().iter().zip(network.layers()).zip(masks) {
        let (context, key) = (plan.context(), &session.public_key);
        let (layout, budget, l1_bound) = (&layer.layout, plan.budget(), layer.l1_bound);
        let server =
            linear::Server::new(context, key, layout, weights.weights(), &tiles, budget, l1_bound, rng)?;
        shares.push(correlate_layer(&server, layer, link, &progress)?);
    }
    Ok(shares)
}

fn correlate_layer(
    server: &linear::Server<'_>,
    layer: &LayerPlan,
    link: &mut impl Transport,
    progress: &Progress<'_>,
) -> Result<Zeroizing<Vec<Fp>>, Error> {
    let layout = &layer.layout;
    let mut share = Zeroizing::new(vec![Fp::ZERO; layout.shape().outputs()]);
    let groups: Vec<usize> = (0..layout.reply_count()).collect();
    link.begin_send(Tag::Replies, layer.reply_bytes() as u64)?;
    for batch in groups.chunks(BATCH) {
        let replies: Vec<_> =
            batch.par_iter().map(|&group| server.respond(group)).collect::<Result<_, _>>()?;
        for (&group, made) in batch.iter().zip(&replies) {
            layout.scatter(group, &made.share, &mut share);
            link.write(&wire::to_vec(&made.reply))?;
            progress.advance(1);
        }
    }
    Ok(share)
}

/// 4.5: correlated OTs with Delta; the client's choices are the bits of its shares. Returns the zero labels.
fn transfer_labels(
    session: ServerSession,
    plan: &Plan,
    link: &mut impl Transport,
    rng: &mut Prg,
) -> Result<(ServerSession, ZeroLabels), Error> {
    link.enter(Phase::Preprocessing, Component::ObliviousTransfer);
    let ServerSession { id, public_key, transfer, next_inference } = session;
    let mut extension = transfer.receive(plan.relu_count() * ReluPlan::BITS)?;
    let total = extension.remaining();
    link.recv_flow(Tag::OtColumns, total, &mut vec![0; FLOW_BUFFER], |chunk| {
        Ok::<_, Error>(extension.absorb(chunk)?)
    })?;
    let (extension, challenge) = extension.challenge(rng)?;
    link.send(Tag::OtChallenge, &wire::to_vec(&challenge))?;
    let answer = link.recv(Tag::OtAnswer, Answer::len_for(()))?;
    let answer = wire::from_slice((), &answer).map_err(|_| Error::malformed("OT answer"))?;
    let (transfer, labels) = extension.on_answer(&answer)?;
    Ok((ServerSession { id, public_key, transfer, next_inference }, labels))
}

/// 4.6: garbles every non-linear layer and sends tables and rows under a seal.
fn garble(
    session: &ServerSession,
    inference: u64,
    plan: &Plan,
    labels: ZeroLabels,
    link: &mut impl Transport,
    observer: &dyn Observer,
    rng: &mut Prg,
) -> Result<Vec<LayerSecrets>, Error> {
    link.enter(Phase::Preprocessing, Component::Garbling);
    let total = plan.relu_count() as u64;
    let progress = Progress::start(observer, Phase::Preprocessing, Component::Garbling, Unit::Relus, total);
    let mut rest = labels.as_slice();
    let mut layers = Vec::new();
    for (index, relu) in plan.relus() {
        let (client_labels, others) = rest.split_at(relu.count * ReluPlan::BITS);
        rest = others;
        let secrets = LayerSecrets {
            labels: ServerLabels::new(Prg::from_rng(rng)),
            seal: SealKey::random(rng),
            shares: Zeroizing::new(Vec::with_capacity(relu.count)),
        };
        let domains = Domains::new(&session.id, inference, index, relu);
        layers.push(garble_layer(
            relu,
            &domains,
            session.transfer.delta(),
            client_labels,
            secrets,
            link,
            &progress,
        )?);
    }
    Ok(layers)
}

fn garble_layer(
    relu: &ReluPlan,
    domains: &Domains,
    delta: &Delta,
    client_labels: &[Block],
    mut secrets: LayerSecrets,
    link: &mut impl Transport,
    progress: &Progress<'_>,
) -> Result<LayerSecrets, Error> {
    let chunks: Vec<_> = relu.chunks().collect();
    let mut rows = Vec::with_capacity(relu.rows_len());
    link.begin_send(Tag::GarbledTables, relu.tables_len() as u64)?;
    for batch in chunks.chunks(BATCH) {
        let garbled: Vec<_> = (batch.par_iter())
            .map(|&(first, count)| {
                let bits = first * ReluPlan::BITS..(first + count) * ReluPlan::BITS;
                garble_chunk(relu, domains, delta, &secrets, first, &client_labels[bits])
            })
            .collect();
        for (chunk, &(_, count)) in garbled.iter().zip(batch) {
            link.write(&chunk.tables)?;
            rows.extend_from_slice(&chunk.rows);
            secrets.shares.extend_from_slice(&chunk.shares);
            progress.advance(count as u64);
        }
    }
    link.send(Tag::ShareRows, &rows)?;
    Ok(secrets)
}

/// What garbling a few instances yields: sealed tables and rows for the client, shares for the server.
struct Chunk {
    tables: Vec<u8>,
    rows: Vec<u8>,
    shares: Zeroizing<Vec<Fp>>,
}

fn garble_chunk(
    relu: &ReluPlan,
    domains: &Domains,
    delta: &Delta,
    secrets: &LayerSecrets,
    first: usize,
    client_labels: &[Block],
) -> Chunk {
    let count = client_labels.len() / ReluPlan::BITS;
    let server_labels = secrets.labels.chunk(first, count);
    // The circuit's inputs are the bits of y, then those of T, instance by instance.
    let client_labels = ZeroLabels::new(client_labels.to_vec());
    let inputs = ZeroLabels::join(&[(&client_labels, ReluPlan::BITS), (&server_labels, ReluPlan::BITS)]);
    let mut outputs = Zeroizing::new(vec![Block::ZERO; count * relu.circuit.output_count()]);
    let mut tables = vec![0; count * relu.table_bytes()];
    let instance = first as u64;
    Garbler::new(&relu.circuit, delta, &domains.gates).garble(
        instance,
        inputs.as_slice(),
        &mut tables,
        &mut outputs,
    );

    let mut rows = vec![0; count * relu.row_bytes()];
    let mut shares = Zeroizing::new(vec![Fp::ZERO; count]);
    domains.shares.garble(instance, &outputs, delta, &mut rows, &mut shares);

    secrets.seal.apply((first * relu.table_bytes()) as u64, &mut tables);
    secrets.seal.apply(relu.rows_offset() + (first * relu.row_bytes()) as u64, &mut rows);
    Chunk { tables, rows, shares }
}

/// Replies, or chunks of instances, made at once: what bounds memory.
const BATCH: usize = 8;

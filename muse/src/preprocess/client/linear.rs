//! Correlations for the linear layers (protocol, section 4.2).

use super::Context;
use crate::{
    Error,
    plan::LayerPlan,
    preprocess::material::BATCH,
    progress::{Progress, Unit},
    session::ClientSession,
    share::{ClientShare, Elements, opening_id},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    Fp,
    prg::Prg,
    wire::{self, Decode},
};
use muse_he::{
    encrypt::{FreshCiphertext, Received, RowId, Witness},
    linear,
    reply::{Reply, ReplyShape},
};
use muse_mac::{Authenticated, Purpose, zero_digest};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Step 1: sends Enc(r_i), tile by tile. Returns what the proof of well-formedness is about.
pub(super) fn send_masks(
    context: &Context<'_>,
    session: &ClientSession,
    masks: &[Elements],
    link: &mut impl Transport,
    rng: &mut Prg,
) -> Result<Vec<(Received, Witness)>, Error> {
    link.enter(Phase::Preprocessing, Component::Linear);
    let plan = context.plan;
    let total = plan.ciphertexts() as u64;
    let progress =
        Progress::start(context.observer, Phase::Preprocessing, Component::Linear, Unit::Ciphertexts, total);
    let mut rows = Vec::new();
    let mut first = RowId { session: session.id, inference: context.inference, index: 0 };
    for (index, (layer, mask)) in plan.layers().iter().zip(masks).enumerate() {
        let randomness = Prg::from_rng(rng);
        let made: Vec<_> = ((0..layer.layout.input_count()).into_par_iter())
            .map(|tile| {
                let row = first.nth(tile)?;
                let (ciphertext, witness) =
                    encrypt(context, session, layer, (index, tile), row, mask, &randomness)?;
                Ok((row, ciphertext, witness))
            })
            .collect::<Result<_, Error>>()?;
        first = first.nth(made.len())?;
        link.begin_send(Tag::InputCiphertexts, layer.input_bytes() as u64)?;
        for (row, ciphertext, witness) in made {
            link.write(&wire::to_vec(&ciphertext))?;
            if plan.is_authenticated() {
                rows.push((ciphertext.receive(plan.context(), row)?, witness));
            }
            progress.advance(1);
        }
    }
    Ok(rows)
}

fn encrypt(
    context: &Context<'_>,
    session: &ClientSession,
    layer: &LayerPlan,
    (index, tile): (usize, usize),
    row: RowId,
    mask: &[Fp],
    randomness: &Prg,
) -> Result<(FreshCiphertext, Witness), Error> {
    let mut packed = Zeroizing::new(layer.layout.pack_input(tile, mask));
    context.deviation.packed_mask(index, tile, &mut packed);
    let mut rng = randomness.substream(tile as u64);
    let (ciphertext, witness) =
        session.key.encrypt_with_witness(context.plan.context(), row, &packed, &mut rng)?;
    Ok((context.deviation.ciphertext(index, tile, ciphertext), witness))
}

/// Step 3: decrypts the replies: the share y of every layer's output, in the order of its outputs. In the client-malicious mode
/// shares and masks come with their MACs, and what must be zero or equal in the masks' ciphertexts is opened.
pub(super) fn receive_shares(
    context: &Context<'_>,
    session: &ClientSession,
    masks: Vec<Elements>,
    link: &mut impl Transport,
) -> Result<(Vec<ClientShare>, Vec<ClientShare>), Error> {
    link.enter(Phase::Preprocessing, Component::Linear);
    let plan = context.plan;
    let replies = plan.layers().iter().map(|layer| layer.layout.reply_count() as u64).sum();
    let progress = Progress::start(
        context.observer,
        Phase::Preprocessing,
        Component::Linear,
        Unit::Ciphertexts,
        replies,
    );
    let receiver = Receiver { context, session };
    let (mut known_masks, mut shares, mut digests) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (layer, mask)) in plan.layers().iter().zip(masks).enumerate() {
        shares.push(receiver.outputs(layer, link, &progress)?);
        if plan.is_authenticated() {
            let (macs, constraints) = receiver.input_macs(index, layer, link)?;
            known_masks.push(ClientShare::Authenticated(Authenticated::new(mask, macs)?));
            let id = opening_id(Purpose::Structure, session.id, context.inference, index);
            digests.extend(wire::to_vec(&zero_digest(&constraints, &id)));
        } else {
            known_masks.push(ClientShare::Plain(mask));
        }
    }
    if plan.is_authenticated() {
        link.send(Tag::StructureDigests, &digests)?;
    }
    Ok((known_masks, shares))
}

struct Receiver<'a> {
    context: &'a Context<'a>,
    session: &'a ClientSession,
}

impl Receiver<'_> {
    /// The share of a layer's output.
    fn outputs(
        &self,
        layer: &LayerPlan,
        link: &mut impl Transport,
        progress: &Progress<'_>,
    ) -> Result<ClientShare, Error> {
        let layout = &layer.layout;
        let outputs = layout.shape().outputs();
        let mut values = Zeroizing::new(vec![Fp::ZERO; outputs]);
        let mut macs = layer.has_output_macs().then(|| Zeroizing::new(vec![Fp::ZERO; outputs]));
        link.recv_tag(&[Tag::Replies])?;
        let groups: Vec<usize> = (0..layout.reply_count()).collect();
        for batch in groups.chunks(BATCH) {
            let mut replies = Vec::with_capacity(batch.len());
            for &group in batch {
                let shape = linear::reply_shape(layout, group);
                let value = read_reply(shape, link)?;
                let mac = macs.is_some().then(|| read_reply(shape, link)).transpose()?;
                replies.push((layout.wanted(group), value, mac));
            }
            let opened: Vec<_> = (replies.par_iter())
                .map(|(wanted, value, mac)| {
                    let mac = mac.as_ref().map(|mac| self.decrypt(mac, wanted)).transpose()?;
                    Ok((self.decrypt(value, wanted)?, mac))
                })
                .collect::<Result<_, Error>>()?;
            for (&group, (value, mac)) in batch.iter().zip(&opened) {
                layout.scatter(group, value, &mut values);
                if let (Some(mac), Some(macs)) = (mac, &mut macs) {
                    layout.scatter(group, mac, macs);
                }
                progress.advance(1);
            }
        }
        Ok(match macs {
            Some(macs) => ClientShare::Authenticated(Authenticated::new(values, macs)?),
            None => ClientShare::Plain(values),
        })
    }

    /// The MACs of a layer's mask, and those of what an honest mask leaves zero or repeats.
    fn input_macs(
        &self,
        index: usize,
        layer: &LayerPlan,
        link: &mut impl Transport,
    ) -> Result<(Elements, Elements), Error> {
        let layout = &layer.layout;
        let all: Vec<usize> = (0..layout.n()).collect();
        link.recv_tag(&[Tag::MaskMacs])?;
        let mut tiles = Vec::with_capacity(layout.input_count());
        for batch in (0..layout.input_count()).collect::<Vec<_>>().chunks(BATCH) {
            let shape = linear::input_mac_shape(layout);
            let replies: Vec<_> = batch.iter().map(|_| read_reply(shape, link)).collect::<Result<_, _>>()?;
            let opened: Vec<_> =
                replies.par_iter().map(|reply| self.decrypt(reply, &all)).collect::<Result<_, _>>()?;
            tiles.extend(opened);
        }
        let mut sorted = layout.sort(&tiles);
        self.context.deviation.structure(index, &mut sorted.constraints);
        Ok((sorted.elements, sorted.constraints))
    }

    fn decrypt(&self, reply: &Reply, wanted: &[usize]) -> Result<Elements, Error> {
        Ok(self.session.reply_key.decrypt(self.context.plan.context(), reply, wanted)?)
    }
}

fn read_reply(shape: ReplyShape, link: &mut impl Transport) -> Result<Reply, Error> {
    let mut body = vec![0; Reply::len_for(shape)];
    link.read(&mut body)?;
    wire::from_slice(shape, &body).map_err(|_| Error::malformed("reply"))
}

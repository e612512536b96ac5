//! Correlations for the linear layers (protocol, section 4.2).

use super::Context;
use crate::{
    Error, overlap,
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
    link: &mut dyn Transport,
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
        let tiles: Vec<usize> = (0..layer.layout.input_count()).collect();
        link.begin_send(Tag::InputCiphertexts, layer.input_bytes() as u64)?;
        let make = |tile: &usize| {
            let row = first.nth(*tile)?;
            let (ciphertext, witness) =
                encrypt(context, session, layer, (index, *tile), row, mask, &randomness)?;
            let body = wire::to_vec(&ciphertext);
            // The baseline proves nothing about it.
            let proven = plan
                .is_authenticated()
                .then(|| Ok::<_, Error>((ciphertext.receive(plan.context(), row)?, witness)));
            Ok((body, proven.transpose()?))
        };
        overlap::send(
            tiles.chunks(BATCH),
            |batch| batch.par_iter().map(make).collect::<Result<Vec<_>, Error>>(),
            |made| {
                for (body, proven) in made {
                    link.write(&body)?;
                    rows.extend(proven);
                    progress.advance(1);
                }
                Ok(())
            },
        )?;
        first = first.nth(tiles.len())?;
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
    link: &mut dyn Transport,
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
        link: &mut dyn Transport,
        progress: &Progress<'_>,
    ) -> Result<ClientShare, Error> {
        let layout = &layer.layout;
        let outputs = layout.shape().outputs();
        let mut values = Zeroizing::new(vec![Fp::ZERO; outputs]);
        let mut macs = layer.has_output_macs().then(|| Zeroizing::new(vec![Fp::ZERO; outputs]));
        link.recv_tag(&[Tag::Replies])?;
        let groups: Vec<usize> = (0..layout.reply_count()).collect();
        let with_macs = macs.is_some();
        overlap::receive(
            groups.chunks(BATCH),
            |batch| {
                let replies = batch.iter().map(|&group| {
                    let shape = linear::reply_shape(layout, group);
                    let value = read_reply(shape, link)?;
                    let mac = with_macs.then(|| read_reply(shape, link)).transpose()?;
                    Ok((group, value, mac))
                });
                replies.collect::<Result<Vec<_>, Error>>()
            },
            |replies| {
                let open = |(group, value, mac): &(usize, Body, Option<Body>)| {
                    let wanted = layout.wanted(*group);
                    let mac = mac.as_ref().map(|mac| self.decrypt(mac, &wanted)).transpose()?;
                    Ok((*group, self.decrypt(value, &wanted)?, mac))
                };
                for (group, value, mac) in replies.par_iter().map(open).collect::<Result<Vec<_>, Error>>()? {
                    layout.scatter(group, &value, &mut values);
                    if let (Some(mac), Some(macs)) = (mac, &mut macs) {
                        layout.scatter(group, &mac, macs);
                    }
                    progress.advance(1);
                }
                Ok(())
            },
        )?;
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
        link: &mut dyn Transport,
    ) -> Result<(Elements, Elements), Error> {
        let layout = &layer.layout;
        let all: Vec<usize> = (0..layout.n()).collect();
        link.recv_tag(&[Tag::MaskMacs])?;
        let mut tiles = Vec::with_capacity(layout.input_count());
        let shape = linear::input_mac_shape(layout);
        overlap::receive(
            (0..layout.input_count()).collect::<Vec<_>>().chunks(BATCH),
            |batch| batch.iter().map(|_| read_reply(shape, link)).collect::<Result<Vec<_>, _>>(),
            |replies| {
                let opened = replies.par_iter().map(|reply| self.decrypt(reply, &all));
                tiles.extend(opened.collect::<Result<Vec<_>, _>>()?);
                Ok(())
            },
        )?;
        let mut sorted = layout.sort(&tiles);
        self.context.deviation.structure(index, &mut sorted.constraints);
        Ok((sorted.elements, sorted.constraints))
    }

    fn decrypt(&self, (shape, body): &Body, wanted: &[usize]) -> Result<Elements, Error> {
        let reply = wire::from_slice(*shape, body).map_err(|_| Error::malformed("reply"))?;
        Ok(self.session.reply_key.decrypt(self.context.plan.context(), &reply, wanted)?)
    }
}

/// A reply as it came.
type Body = (ReplyShape, Vec<u8>);

fn read_reply(shape: ReplyShape, link: &mut dyn Transport) -> Result<Body, Error> {
    let mut body = vec![0; Reply::len_for(shape)];
    link.read(&mut body)?;
    Ok((shape, body))
}

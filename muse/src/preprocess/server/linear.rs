//! Correlations for the linear layers (protocol, section 4.2).

use super::Context;
use crate::{
    Error,
    error::Fault,
    overlap,
    plan::LayerPlan,
    preprocess::material::BATCH,
    progress::{Progress, Unit},
    session::ServerSession,
    share::{Elements, opening_id},
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    Fp,
    prg::Prg,
    wire::{self, Decode},
};
use muse_he::{
    encrypt::{Ciphertext, FreshCiphertext, Received, RowId},
    keys::PublicKey,
    linear,
};
use muse_mac::{Digest, Keys, Purpose};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// What the server keeps of the linear layers. The keys are there in the client-malicious mode only.
pub(super) struct Correlations {
    /// s_i of every layer.
    pub(super) shares: Vec<Elements>,
    /// Keys of the client's y_i of all layers but the last, in one vector.
    pub(super) output_keys: Elements,
    /// Keys of the client's r_i of every layer.
    pub(super) mask_keys: Vec<Keys>,
    /// For every layer the keys of what its ciphertexts must leave zero or repeat.
    pub(super) constraints: Vec<Keys>,
}

/// Step 1: receives Enc(r_i) of every layer.
pub(super) fn receive_masks(
    context: &Context<'_>,
    session: &ServerSession,
    link: &mut dyn Transport,
) -> Result<Vec<Received>, Error> {
    link.enter(Phase::Preprocessing, Component::Linear);
    let ring = context.plan.context();
    let mut rows: Vec<Received> = Vec::with_capacity(context.plan.ciphertexts());
    let first = RowId { session: session.id, inference: context.inference, index: 0 };
    let open = |(row, body): &(RowId, Vec<u8>)| {
        let fresh: FreshCiphertext =
            wire::from_slice(ring.n(), body).map_err(|_| Error::malformed("ciphertext"))?;
        Ok(fresh.receive(ring, *row)?)
    };
    for layer in context.plan.layers() {
        link.recv_tag(&[Tag::InputCiphertexts])?;
        let numbers: Vec<usize> = (rows.len()..).take(layer.layout.input_count()).collect();
        overlap::receive(
            numbers.chunks(BATCH),
            |batch| {
                let bodies = batch.iter().map(|&number| {
                    let mut body = vec![0; FreshCiphertext::len_for(ring.n())];
                    link.read(&mut body)?;
                    Ok((first.nth(number)?, body))
                });
                bodies.collect::<Result<Vec<_>, Error>>()
            },
            |bodies| {
                rows.extend(bodies.par_iter().map(open).collect::<Result<Vec<_>, Error>>()?);
                Ok(())
            },
        )?;
    }
    Ok(rows)
}

/// Step 2: samples s_i and returns Enc(M_i r_i - s_i), group by group; in the client-malicious mode also the MACs of these, and of
/// every coefficient of the ciphertexts of r_i.
pub(super) fn correlate(
    context: &Context<'_>,
    session: &ServerSession,
    public_key: &PublicKey,
    masks: &[Ciphertext],
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<Correlations, Error> {
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
    let mut out = Correlations {
        shares: Vec::new(),
        // With its final capacity: growing would leave copies behind.
        output_keys: Zeroizing::new(Vec::with_capacity(plan.relu_count())),
        mask_keys: Vec::new(),
        constraints: Vec::new(),
    };
    let mut rest = masks;
    for (layer, network) in plan.layers().iter().zip(context.network.layers()) {
        let (tiles, others) = rest.split_at(layer.layout.input_count());
        rest = others;
        let server = linear::Server::new(
            plan.context(),
            public_key,
            &layer.layout,
            network.weights(),
            tiles,
            plan.budget(),
            layer.l1_bound,
            rng,
        )?;
        let sender = Sender { context, session, public_key, layer };
        let (share, keys) = sender.outputs(&server, link, &progress)?;
        out.shares.push(share);
        out.output_keys.extend_from_slice(&keys);
        if plan.is_authenticated() {
            let (mask_keys, constraints) = sender.input_macs(tiles, link, rng)?;
            out.mask_keys.push(mask_keys);
            out.constraints.push(constraints);
        }
    }
    Ok(out)
}

/// 4.2, structural zeros: in every layer, the first and the last included, what is not an element of r_i must be zero or
/// equal to the element it repeats. Nothing to check in the baseline.
pub(super) fn check_structure(
    context: &Context<'_>,
    session: &ServerSession,
    constraints: Vec<Keys>,
    link: &mut dyn Transport,
) -> Result<(), Error> {
    if !context.plan.is_authenticated() {
        return Ok(());
    }
    let body = link.recv(Tag::StructureDigests, constraints.len() * Digest::len_for(()))?;
    for (index, (keys, digest)) in constraints.into_iter().zip(body.chunks(Digest::len_for(()))).enumerate() {
        let digest = wire::from_slice((), digest).map_err(|_| Error::malformed("digest"))?;
        let id = opening_id(Purpose::Structure, session.id, context.inference, index);
        keys.verify_zero(&id, &digest).map_err(|_| Error::Peer(Fault::Structure { layer: index }))?;
    }
    Ok(())
}

/// What is made of one group: for the client, and what the server keeps.
struct Response {
    group: usize,
    body: Vec<u8>,
    share: Elements,
    keys: Option<Elements>,
}

struct Sender<'a> {
    context: &'a Context<'a>,
    session: &'a ServerSession,
    public_key: &'a PublicKey,
    layer: &'a LayerPlan,
}

impl Sender<'_> {
    /// The replies of one layer; the server's share of its output and, if that carries MACs, the keys.
    fn outputs(
        &self,
        server: &linear::Server<'_>,
        link: &mut dyn Transport,
        progress: &Progress<'_>,
    ) -> Result<(Elements, Elements), Error> {
        let layout = &self.layer.layout;
        let outputs = layout.shape().outputs();
        let key = self.session.mac_key().filter(|_| self.layer.has_output_macs());
        let mut share = Zeroizing::new(vec![Fp::ZERO; outputs]);
        let mut keys = Zeroizing::new(vec![Fp::ZERO; if key.is_some() { outputs } else { 0 }]);
        let groups: Vec<usize> = (0..layout.reply_count()).collect();
        link.begin_send(Tag::Replies, self.layer.reply_bytes() as u64)?;
        let respond = |&group: &usize| -> Result<Response, Error> {
            let Some(key) = key else {
                let made = server.respond(group)?;
                return Ok(Response {
                    group,
                    body: wire::to_vec(&made.reply),
                    share: made.share,
                    keys: None,
                });
            };
            let made = server.respond_authenticated(group, key.expose())?;
            let body = [wire::to_vec(&made.reply), wire::to_vec(&made.mac_reply)].concat();
            Ok(Response { group, body, share: made.share, keys: Some(made.mac_keys) })
        };
        overlap::send(
            groups.chunks(BATCH),
            |batch| batch.par_iter().map(respond).collect::<Result<Vec<_>, _>>(),
            |made| {
                progress.advance(made.len() as u64);
                for made in made {
                    link.write(&made.body)?;
                    layout.scatter(made.group, &made.share, &mut share);
                    if let Some(some) = &made.keys {
                        layout.scatter(made.group, some, &mut keys);
                    }
                }
                Ok(())
            },
        )?;
        Ok((share, keys))
    }

    /// The MACs of every coefficient of the layer's ciphertexts: the keys of r_i, and those of the constraints.
    fn input_macs(
        &self,
        tiles: &[Ciphertext],
        link: &mut dyn Transport,
        rng: &mut Prg,
    ) -> Result<(Keys, Keys), Error> {
        let (plan, randomness) = (self.context.plan, Prg::from_rng(rng));
        let key = self.session.mac_key().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
        let alpha = key.expose();
        link.begin_send(Tag::MaskMacs, self.layer.mask_mac_bytes() as u64)?;
        let mut keys = Vec::with_capacity(tiles.len());
        let make = |(number, tile): (usize, &Ciphertext)| -> Result<_, Error> {
            let mut rng = randomness.substream(number as u64);
            let (ring, budget) = (plan.context(), plan.budget());
            let made = linear::authenticate_input(ring, self.public_key, budget, tile, alpha, &mut rng)?;
            Ok((wire::to_vec(&made.reply), made.keys))
        };
        overlap::send(
            tiles.chunks(BATCH).enumerate(),
            |(batch, tiles)| {
                let numbered = tiles.par_iter().enumerate().map(|(i, tile)| (batch * BATCH + i, tile));
                numbered.map(make).collect::<Result<Vec<_>, _>>()
            },
            |made| {
                for (body, some) in made {
                    link.write(&body)?;
                    keys.push(some);
                }
                Ok(())
            },
        )?;
        let sorted = self.layer.layout.sort(&keys);
        Ok((Keys::new(sorted.elements), Keys::new(sorted.constraints)))
    }
}

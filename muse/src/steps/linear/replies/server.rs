//! The server's side: it samples s_i and computes the replies.

use super::count;
use crate::{
    Error,
    accounts::Component,
    message::{MaskMacs, Replies},
    model::Network,
    pipeline,
    plan::{LayerPlan, chunks::CIPHERTEXTS},
    progress::{Progress, Unit},
    run::Run,
    session::ServerSession,
    share::Elements,
};
use muse_field::{Fp, prg::Prg, wire};
use muse_he::{encrypt::Ciphertext, keys::PublicKey, linear};
use muse_mac::Keys;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// What the server keeps of the linear layers. The keys are there in the client-malicious mode only.
pub struct Correlations {
    /// s_i of every layer.
    pub shares: Vec<Elements>,
    /// Keys of the client's y_i of all layers but the last, in one vector.
    pub output_keys: Elements,
    /// Keys of the client's r_i of every layer.
    pub mask_keys: Vec<Keys>,
    /// For every layer the keys of what its ciphertexts must leave zero or repeat.
    pub constraints: Vec<Keys>,
}

/// Step 2: samples s_i and returns Enc(M_i r_i - s_i), group by group; in the client-malicious mode also the MACs of these, and of
/// every coefficient of the ciphertexts of r_i.
pub fn server(
    run: &mut Run<'_>,
    session: &ServerSession,
    network: &Network,
    public_key: &PublicKey,
    masks: &[Ciphertext],
) -> Result<Correlations, Error> {
    let plan = run.plan;
    let progress = run.step(Component::Linear, Unit::Ciphertexts, count(plan));
    let mut out = Correlations {
        shares: Vec::new(),
        // With its final capacity: growing would leave copies behind.
        output_keys: Zeroizing::new(Vec::with_capacity(plan.relu_count())),
        mask_keys: Vec::new(),
        constraints: Vec::new(),
    };
    let mut rest = masks;
    for (layer, network) in plan.layers().iter().zip(network.layers()) {
        let (tiles, others) = rest.split_at(layer.layout.input_count());
        rest = others;
        let server = linear::Server::new(
            plan.ring(),
            public_key,
            &layer.layout,
            network.weights(),
            tiles,
            plan.budget(),
            layer.l1_bound,
            run.rng,
        )?;
        let mut sender = Sender { run, session, public_key, layer };
        let (share, keys) = sender.outputs(&server, &progress)?;
        out.shares.push(share);
        out.output_keys.extend_from_slice(&keys);
        if plan.is_authenticated() {
            let (mask_keys, constraints) = sender.input_macs(tiles)?;
            out.mask_keys.push(mask_keys);
            out.constraints.push(constraints);
        }
    }
    Ok(out)
}

/// What is made of one group: for the client, and what the server keeps.
struct Response {
    group: usize,
    body: Vec<u8>,
    share: Elements,
    keys: Option<Elements>,
}

struct Sender<'r, 'a> {
    run: &'r mut Run<'a>,
    session: &'r ServerSession,
    public_key: &'r PublicKey,
    layer: &'r LayerPlan,
}

impl Sender<'_, '_> {
    /// The replies of one layer; the server's share of its output and, if that carries MACs, the keys.
    fn outputs(
        &mut self,
        server: &linear::Server<'_>,
        progress: &Progress<'_>,
    ) -> Result<(Elements, Elements), Error> {
        let layout = &self.layer.layout;
        let outputs = layout.shape().outputs();
        let key = self.session.mac_key().filter(|_| self.layer.has_output_macs());
        let mut share = Zeroizing::new(vec![Fp::ZERO; outputs]);
        let mut keys = Zeroizing::new(vec![Fp::ZERO; if key.is_some() { outputs } else { 0 }]);
        let groups: Vec<usize> = (0..layout.reply_count()).collect();
        self.run.begin::<Replies>(self.layer.reply_bytes())?;
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
        pipeline::send(
            groups.chunks(CIPHERTEXTS),
            |batch| batch.par_iter().map(respond).collect::<Result<Vec<_>, _>>(),
            |made| {
                progress.advance(made.len() as u64);
                for made in made {
                    self.run.link.write(&made.body)?;
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
    fn input_macs(&mut self, tiles: &[Ciphertext]) -> Result<(Keys, Keys), Error> {
        let (plan, public_key) = (self.run.plan, self.public_key);
        let randomness = Prg::from_rng(self.run.rng);
        let key = self.session.mac_key().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
        let alpha = key.expose();
        self.run.begin::<MaskMacs>(self.layer.mask_mac_bytes())?;
        let mut keys = Vec::with_capacity(tiles.len());
        let make = |(number, tile): (usize, &Ciphertext)| -> Result<_, Error> {
            let mut rng = randomness.substream(number as u64);
            let (ring, budget) = (plan.ring(), plan.budget());
            let made = linear::authenticate_input(ring, public_key, budget, tile, alpha, &mut rng)?;
            Ok((wire::to_vec(&made.reply), made.keys))
        };
        pipeline::send(
            tiles.chunks(CIPHERTEXTS).enumerate(),
            |(batch, tiles)| {
                let numbered = tiles.par_iter().enumerate().map(|(i, tile)| (batch * CIPHERTEXTS + i, tile));
                numbered.map(make).collect::<Result<Vec<_>, _>>()
            },
            |made| {
                for (body, some) in made {
                    self.run.link.write(&body)?;
                    keys.push(some);
                }
                Ok(())
            },
        )?;
        let sorted = self.layer.layout.sort(&keys);
        Ok((Keys::new(sorted.elements), Keys::new(sorted.constraints)))
    }
}

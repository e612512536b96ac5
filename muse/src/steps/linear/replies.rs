//! Steps 2 and 3 of section 4.2: the replies that the server computes from Enc(r_i) for every layer, and their decryption by the
//! client. For one layer: `outputs`, and then `mask_macs`.
//!
//! Every reply has fresh randomness of its own and flooding (4.4): see `muse_he::linear`.

mod mask_macs;
mod outputs;

use crate::{
    Error,
    accounts::Component,
    frames::Script,
    message::{MaskMacs, Message, Replies},
    model::Network,
    plan::Plan,
    progress::Unit,
    run::{Raw, Run},
    session::{ClientSession, ServerSession},
    share::{ClientShare, Elements},
};
use muse_he::{encrypt::Ciphertext, keys::PublicKey, linear, reply::Reply};
use muse_mac::{Authenticated, Keys};
use zeroize::Zeroizing;

/// What goes over the wire: for every layer its replies, in the client-malicious mode each with the MACs of it, and then the MACs of
/// the layer's own ciphertexts.
pub fn frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::Linear);
    for (index, layer) in plan.layers().iter().enumerate() {
        script.of_layer(index).bulk::<Replies>(layer.reply_bytes());
        if plan.is_authenticated() {
            script.of_layer(index).bulk::<MaskMacs>(layer.mask_mac_bytes());
        }
    }
}

/// Replies of all layers.
fn count(plan: &Plan) -> u64 {
    plan.layers().iter().map(|layer| layer.layout.reply_count() as u64).sum()
}

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

/// The server, step 2: samples s_i and returns Enc(M_i r_i - s_i), group by group; in the client-malicious mode also the MACs of these, and of
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
        let (share, keys) = outputs::server(run, session, layer, &server, &progress)?;
        out.shares.push(share);
        out.output_keys.extend_from_slice(&keys);
        if plan.is_authenticated() {
            let (mask_keys, constraints) = mask_macs::server(run, session, layer, public_key, tiles)?;
            out.mask_keys.push(mask_keys);
            out.constraints.push(constraints);
        }
    }
    Ok(out)
}

/// What the client holds after the linear layers.
pub struct Opened {
    /// r_i of every layer, with MACs in the client-malicious mode.
    pub masks: Vec<ClientShare>,
    /// y_i of all layers but the last, in the order of its outputs, likewise.
    pub shares: Vec<ClientShare>,
    /// y of the last layer, which needs no MACs: it goes nowhere.
    pub last_share: Elements,
    /// For every layer the MACs of what its ciphertexts must leave zero or repeat. None in the baseline.
    pub constraints: Vec<Elements>,
}

/// The client, step 3: decrypts the replies of every layer, `y_i = M_i r_i - s_i`, and the MACs.
pub fn client(run: &mut Run<'_>, session: &ClientSession, masks: Vec<Elements>) -> Result<Opened, Error> {
    let plan = run.plan;
    let progress = run.step(Component::Linear, Unit::Ciphertexts, count(plan));
    let opener = Opener { plan, session };
    let (mut known, mut shares, mut constraints) = (Vec::new(), Vec::new(), Vec::new());
    for (layer, mask) in plan.layers().iter().zip(masks) {
        shares.push(outputs::client(run, &opener, layer, &progress)?);
        if plan.is_authenticated() {
            let (macs, zeros) = mask_macs::client(run, &opener, layer)?;
            known.push(ClientShare::Authenticated(Authenticated::new(mask, macs)?));
            constraints.push(zeros);
        } else {
            known.push(ClientShare::Plain(mask));
        }
    }
    let last = shares.pop().ok_or_else(|| Error::Internal("a network without layers".into()))?;
    Ok(Opened { masks: known, shares, last_share: last.into_parts().0, constraints })
}

/// What the client decrypts replies with.
struct Opener<'a> {
    plan: &'a Plan,
    session: &'a ClientSession,
}

impl Opener<'_> {
    fn decrypt<M: Message<Body = Reply>>(&self, reply: &Raw<M>, wanted: &[usize]) -> Result<Elements, Error> {
        Ok(self.session.reply_key.decrypt(self.plan.ring(), &reply.decode()?, wanted)?)
    }
}

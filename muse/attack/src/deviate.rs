//! Where a client may deviate from the protocol: for tests and for demonstrations of attacks.
//!
//! [`Deviant`] plays the client from the same steps as an honest one, and between them lets a [`Deviate`] change the values that it
//! computes with, before they are encrypted, proven, hashed or sent. Keys, proofs, and bytes on the wire in general are altered by a
//! [`Channel`] that wraps another one. An honest [`Client`] has none of this in it.

use alloc::sync::Arc;
use muse::hazmat::Connection;
use muse::{
    Client, ClientConfig, Error,
    accounts::{Component, Phase},
    channel::Channel,
    hazmat::{
        ClientSession, ClientShare, ClientTicket, Conduct, Elements, InputCiphertexts, Prefetch, Run, Spool,
        uniform_masks,
    },
    plan::{Plan, ReluPlan},
    progress::{Observer, Unit},
    steps::{circuits, evaluation, labels, linear, opening, proof, published, request},
};
use muse_cds::published::inputs;
use muse_field::{Fp, id::RunId, prg::Prg};
use muse_gc::label::Block;
use muse_he::encrypt::{FreshCiphertext, Received, Witness};
use muse_mac::Authenticated;
use std::thread;
use zeroize::Zeroizing;

/// A client's deviations. Every method does nothing unless it is overridden.
///
/// Layers are numbered from 0 in the order of the network; a non-linear layer has the number of the linear layer before it.
pub trait Deviate: Send + Sync {
    /// The plaintext of ciphertext `tile` of a layer's mask: N coefficients, padding and copies included.
    fn packed_mask(&self, layer: usize, tile: usize, coefficients: &mut [Fp]) {
        let _ = (layer, tile, coefficients);
    }

    /// A ciphertext before it is sent and proven.
    fn ciphertext(&self, layer: usize, tile: usize, ciphertext: FreshCiphertext) -> FreshCiphertext {
        let _ = (layer, tile);
        ciphertext
    }

    /// MACs of the coefficients that must be zero, and differences of the MACs of those that must be equal, before they are hashed.
    fn structure(&self, layer: usize, macs: &mut [Fp]) {
        let _ = (layer, macs);
    }

    /// MACs of the shares y of all layers but the last, before labels for their bits are disclosed.
    fn share_macs(&self, macs: &mut [Fp]) {
        let _ = macs;
    }

    /// The integers below 2^44 whose bits the client asks labels for: the shares y of all layers but the last.
    fn choices(&self, values: &mut [u64]) {
        let _ = values;
    }

    /// What the client puts into the published disclosure: for every share its 44 bits and the helper of the range proof
    /// ([`muse_cds::published::inputs`]), a run of shares at a time.
    fn disclosure_inputs(&self, inputs: &mut [Fp]) {
        let _ = inputs;
    }

    /// Labels of the bits of a non-linear layer's shares, before the circuits are evaluated with them.
    fn labels(&self, layer: usize, labels: &mut [Block]) {
        let _ = (layer, labels);
    }

    /// What the client opens after a non-linear layer, and (unless the mode is semi-honest, where there are none) the MACs that prove it.
    fn opened(&self, layer: usize, values: &mut [Fp], macs: &mut [Fp]) {
        let _ = (layer, values, macs);
    }
}

/// Deviates nowhere: what such a client does must be what an honest one does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Honest;

impl Deviate for Honest {}

/// The conduct of a client that deviates.
#[derive(Clone)]
pub struct Deviant(Arc<dyn Deviate>);

impl core::fmt::Debug for Deviant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Deviant(..)")
    }
}

/// A session of a client that deviates from the protocol, to see what becomes of it. For tests and demonstrations.
///
/// # Errors
/// As [`Client::over`].
pub fn client<T: Channel>(
    link: T,
    mut config: ClientConfig,
    deviation: Arc<dyn Deviate>,
) -> Result<Client<T, Deviant>, Error> {
    // Whoever deviates sends what it likes.
    config.allow_wrapping = true;
    Client::with_conduct(link, config, Deviant(deviation))
}

impl Conduct for Deviant {
    fn preprocess(
        &self,
        mut session: ClientSession,
        plan: &Plan,
        spool: Spool,
        link: &mut dyn Connection,
        observer: &dyn Observer,
        rng: &mut Prg,
    ) -> Result<(ClientSession, ClientTicket), Error> {
        let inference = request::client(&mut session, plan, link)?;
        let phase = Phase::Preprocessing;
        let run = &mut Run { plan, id: RunId::new(session.id, inference), phase, link, rng, observer };
        let masks = uniform_masks(plan, run.rng);
        let rows = self.rows(run, &session, &masks)?;
        if plan.is_authenticated() {
            proof::client(run, &session, &rows)?;
        }
        drop(rows);
        let linear::replies::Opened { masks, shares, last_share, mut constraints } =
            linear::replies::client(run, &session, masks)?;
        for (layer, macs) in constraints.iter_mut().enumerate() {
            self.0.structure(layer, macs);
        }
        linear::structure::client(run, &constraints)?;
        let shares = ClientShare::concat(&shares, plan.is_authenticated())?;
        let mut choices = labels::choices(&shares);
        self.0.choices(&mut choices);
        let shares = altered(shares, |_, macs| {
            if plan.is_authenticated() {
                self.0.share_macs(macs);
            }
        })?;
        let (session, labels) = if plan.is_published() {
            let inputs = |part| {
                let mut inputs = inputs(&choices[part]);
                self.0.disclosure_inputs(&mut inputs);
                inputs
            };
            let labels = published::client(run, &mut session, shares.into_authenticated()?, inputs)?;
            (session, labels)
        } else {
            labels::client(run, session, shares, &choices)?
        };
        let garbled = circuits::client(run, spool)?;
        request::client_end(run.link)?;
        let ticket = ClientTicket { session: session.id, inference, masks, labels, garbled, last_share };
        Ok((session, ticket))
    }

    fn infer(
        &self,
        ticket: ClientTicket,
        input: &[Fp],
        plan: &Plan,
        link: &mut dyn Connection,
        observer: &dyn Observer,
        rng: &mut Prg,
    ) -> Result<Elements, Error> {
        let ClientTicket { session, inference, masks, mut labels, garbled, last_share } = ticket;
        let run =
            &mut Run { plan, id: RunId::new(session, inference), phase: Phase::Online, link, rng, observer };
        let progress = run.progress(Component::Labels, Unit::Relus, plan.relu_count() as u64);
        opening::client_input(run, input, &masks[0])?;
        thread::scope(|scope| {
            let tables = Prefetch::start(garbled, scope)?;
            let mut rest = labels.as_mut_slice();
            for ((index, relu), next_mask) in plan.relus().zip(&masks[1..]) {
                let mine = rest.split_off_mut(..relu.count * ReluPlan::BITS);
                let mine = mine.ok_or_else(|| Error::Internal("labels for every share".into()))?;
                self.0.labels(index, mine);
                let share = evaluation::client(run, index, relu, mine, &tables, &progress)?;
                let masked = opening::masked(plan, index, &share, next_mask)?;
                let masked = altered(masked, |values, macs| self.0.opened(index, values, macs))?;
                opening::client(run, index, masked)?;
            }
            Ok::<_, Error>(())
        })?;
        opening::client_result(run, &last_share)
    }
}

impl Deviant {
    /// As [`linear::rows::client`], tile by tile.
    fn rows(
        &self,
        run: &mut Run<'_>,
        session: &ClientSession,
        masks: &[Elements],
    ) -> Result<Vec<(Received, Witness)>, Error> {
        let plan = run.plan;
        run.enter(Component::Linear);
        let (mut rows, mut row) = (Vec::new(), linear::rows::first_row(run));
        for (index, (layer, mask)) in plan.layers().iter().zip(masks).enumerate() {
            let randomness = Prg::from_rng(run.rng);
            run.begin::<InputCiphertexts>(layer.input_bytes())?;
            for tile in 0..layer.layout.input_count() {
                let mut packed = Zeroizing::new(layer.layout.pack_input(tile, mask));
                self.0.packed_mask(index, tile, &mut packed);
                let mut rng = randomness.substream(tile as u64);
                let (ciphertext, witness) =
                    session.key.encrypt_with_witness(plan.ring(), row, &packed, &mut rng)?;
                let ciphertext = self.0.ciphertext(index, tile, ciphertext);
                run.write::<InputCiphertexts>(&ciphertext)?;
                rows.push((ciphertext.receive(plan.ring(), row)?, witness));
                row = row.nth(1)?;
            }
        }
        Ok(rows)
    }
}

/// A share whose values and MACs (none in the baseline) were changed.
fn altered(share: ClientShare, alter: impl Fn(&mut [Fp], &mut [Fp])) -> Result<ClientShare, Error> {
    Ok(match share {
        ClientShare::Plain(mut values) => {
            alter(&mut values, &mut []);
            ClientShare::Plain(values)
        }
        ClientShare::Authenticated(share) => {
            let (mut values, mut macs) = share.into_parts();
            alter(&mut values, &mut macs);
            ClientShare::Authenticated(Authenticated::new(values, macs)?)
        }
    })
}

#[cfg(test)]
mod tests;

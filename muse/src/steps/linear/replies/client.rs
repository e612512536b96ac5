//! The client's side: it decrypts the replies.

use super::count;
use crate::{
    Error,
    accounts::Component,
    message::{MaskMacs, Message, Replies},
    metered::Connection,
    pipeline,
    plan::{LayerPlan, Plan, chunks::CIPHERTEXTS},
    progress::{Progress, Unit},
    run::{Run, decode},
    session::ClientSession,
    share::{ClientShare, Elements},
};
use muse_field::{Fp, wire::Decode};
use muse_he::{
    linear,
    reply::{Reply, ReplyShape},
};
use muse_mac::Authenticated;
use rayon::prelude::*;
use zeroize::Zeroizing;

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

/// Decrypts the replies of every layer: `y_i = M_i r_i - s_i`, and the MACs.
pub fn client(run: &mut Run<'_>, session: &ClientSession, masks: Vec<Elements>) -> Result<Opened, Error> {
    let plan = run.plan;
    let progress = run.step(Component::Linear, Unit::Ciphertexts, count(plan));
    let mut receiver = Receiver { run, session };
    let (mut known, mut shares, mut constraints) = (Vec::new(), Vec::new(), Vec::new());
    for (layer, mask) in plan.layers().iter().zip(masks) {
        shares.push(receiver.outputs(layer, &progress)?);
        if plan.is_authenticated() {
            let (macs, zeros) = receiver.input_macs(layer)?;
            known.push(ClientShare::Authenticated(Authenticated::new(mask, macs)?));
            constraints.push(zeros);
        } else {
            known.push(ClientShare::Plain(mask));
        }
    }
    let last = shares.pop().ok_or_else(|| Error::Internal("a network without layers".into()))?;
    Ok(Opened { masks: known, shares, last_share: last.into_parts().0, constraints })
}

struct Receiver<'r, 'a> {
    run: &'r mut Run<'a>,
    session: &'r ClientSession,
}

impl Receiver<'_, '_> {
    /// The share of a layer's output.
    fn outputs(&mut self, layer: &LayerPlan, progress: &Progress<'_>) -> Result<ClientShare, Error> {
        let layout = &layer.layout;
        let outputs = layout.shape().outputs();
        let mut values = Zeroizing::new(vec![Fp::ZERO; outputs]);
        let mut macs = layer.has_output_macs().then(|| Zeroizing::new(vec![Fp::ZERO; outputs]));
        self.run.expect::<Replies>()?;
        let groups: Vec<usize> = (0..layout.reply_count()).collect();
        let with_macs = macs.is_some();
        let opener = Opener { plan: self.run.plan, session: self.session };
        let link = &mut *self.run.link;
        pipeline::receive(
            groups.chunks(CIPHERTEXTS),
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
                    let mac = mac.as_ref().map(|mac| opener.decrypt::<Replies>(mac, &wanted)).transpose()?;
                    Ok((*group, opener.decrypt::<Replies>(value, &wanted)?, mac))
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
    fn input_macs(&mut self, layer: &LayerPlan) -> Result<(Elements, Elements), Error> {
        let layout = &layer.layout;
        let all: Vec<usize> = (0..layout.n()).collect();
        self.run.expect::<MaskMacs>()?;
        let mut tiles = Vec::with_capacity(layout.input_count());
        let shape = linear::input_mac_shape(layout);
        let opener = Opener { plan: self.run.plan, session: self.session };
        let link = &mut *self.run.link;
        pipeline::receive(
            (0..layout.input_count()).collect::<Vec<_>>().chunks(CIPHERTEXTS),
            |batch| batch.iter().map(|_| read_reply(shape, link)).collect::<Result<Vec<_>, _>>(),
            |replies| {
                let opened = replies.par_iter().map(|reply| opener.decrypt::<MaskMacs>(reply, &all));
                tiles.extend(opened.collect::<Result<Vec<_>, _>>()?);
                Ok(())
            },
        )?;
        let sorted = layout.sort(&tiles);
        Ok((sorted.elements, sorted.constraints))
    }
}

/// Reads replies as they came.
struct Opener<'a> {
    plan: &'a Plan,
    session: &'a ClientSession,
}

impl Opener<'_> {
    fn decrypt<M: Message<Body = Reply>>(
        &self,
        (shape, body): &Body,
        wanted: &[usize],
    ) -> Result<Elements, Error> {
        let reply = decode::<M>(*shape, body)?;
        Ok(self.session.reply_key.decrypt(self.plan.ring(), &reply, wanted)?)
    }
}

/// A reply as it came.
type Body = (ReplyShape, Vec<u8>);

fn read_reply(shape: ReplyShape, link: &mut dyn Connection) -> Result<Body, Error> {
    let mut body = vec![0; Reply::len_for(shape)];
    link.read(&mut body)?;
    Ok((shape, body))
}

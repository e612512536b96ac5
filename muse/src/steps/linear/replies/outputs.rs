//! Step 2 of section 4.2 for one layer: the replies with its outputs, Enc(M_i r_i - s_i), in the client-malicious mode each with the
//! MACs of it.

use super::Opener;
use crate::{
    Error,
    message::Replies,
    pipeline,
    plan::{LayerPlan, chunks::CIPHERTEXTS},
    progress::Progress,
    run::{Raw, Run},
    session::ServerSession,
    share::{ClientShare, Elements},
};
use muse_field::{Fp, wire};
use muse_he::linear;
use muse_mac::Authenticated;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// What the server makes of one group: the bytes for the client, and what it keeps.
struct Response {
    group: usize,
    body: Vec<u8>,
    share: Elements,
    keys: Option<Elements>,
}

/// The server: the replies of a layer. Returns its share of the output and, if the output carries MACs, their keys.
pub(super) fn server(
    run: &mut Run<'_>,
    session: &ServerSession,
    layer: &LayerPlan,
    server: &linear::Server<'_>,
    progress: &Progress<'_>,
) -> Result<(Elements, Elements), Error> {
    let layout = &layer.layout;
    let outputs = layout.shape().outputs();
    let key = session.mac_key().filter(|_| layer.has_output_macs());
    let mut share = Zeroizing::new(vec![Fp::ZERO; outputs]);
    let mut keys = Zeroizing::new(vec![Fp::ZERO; if key.is_some() { outputs } else { 0 }]);
    let groups: Vec<usize> = (0..layout.reply_count()).collect();
    run.begin::<Replies>(layer.reply_bytes())?;
    let respond = |&group: &usize| -> Result<Response, Error> {
        let Some(key) = key else {
            let made = server.respond(group)?;
            return Ok(Response { group, body: wire::to_vec(&made.reply), share: made.share, keys: None });
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
                run.link.write(&made.body)?;
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

/// The client: its share of a layer's output.
pub(super) fn client(
    run: &mut Run<'_>,
    opener: &Opener<'_>,
    layer: &LayerPlan,
    progress: &Progress<'_>,
) -> Result<ClientShare, Error> {
    let layout = &layer.layout;
    let outputs = layout.shape().outputs();
    let with_macs = layer.has_output_macs();
    let mut values = Zeroizing::new(vec![Fp::ZERO; outputs]);
    let mut macs = with_macs.then(|| Zeroizing::new(vec![Fp::ZERO; outputs]));
    let groups: Vec<usize> = (0..layout.reply_count()).collect();
    run.expect::<Replies>()?;
    pipeline::receive(
        groups.chunks(CIPHERTEXTS),
        |batch| {
            let replies = batch.iter().map(|&group| {
                let shape = linear::reply_shape(layout, group);
                let value = Raw::<Replies>::read(run.link, shape)?;
                let mac = with_macs.then(|| Raw::<Replies>::read(run.link, shape)).transpose()?;
                Ok((group, value, mac))
            });
            replies.collect::<Result<Vec<_>, Error>>()
        },
        |replies| {
            let open = |(group, value, mac): &(usize, Raw<Replies>, Option<Raw<Replies>>)| {
                let wanted = layout.wanted(*group);
                let mac = mac.as_ref().map(|mac| opener.decrypt(mac, &wanted)).transpose()?;
                Ok((*group, opener.decrypt(value, &wanted)?, mac))
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

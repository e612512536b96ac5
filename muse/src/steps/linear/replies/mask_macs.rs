//! Step 2 of section 4.2 for one layer, in the client-malicious mode: the MACs of every coefficient of the ciphertexts Enc(r_i).

use super::Opener;
use crate::{
    Error,
    message::MaskMacs,
    pipeline,
    plan::{LayerPlan, chunks::CIPHERTEXTS},
    run::{Raw, Run},
    session::ServerSession,
    share::Elements,
};
use muse_field::{prg::Prg, wire};
use muse_he::{encrypt::Ciphertext, keys::PublicKey, linear};
use muse_mac::Keys;
use rayon::prelude::*;

/// The server: authenticates the ciphertexts of a layer. Returns the keys of r_i, and those of what must be zero or repeat.
pub(super) fn server(
    run: &mut Run<'_>,
    session: &ServerSession,
    layer: &LayerPlan,
    public_key: &PublicKey,
    tiles: &[Ciphertext],
) -> Result<(Keys, Keys), Error> {
    let plan = run.plan;
    let randomness = Prg::from_rng(run.rng);
    let key = session.mac_key().ok_or_else(|| Error::Internal("MACs without a key".into()))?;
    let alpha = key.expose();
    run.begin::<MaskMacs>(layer.mask_mac_bytes())?;
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
                run.link.write(&body)?;
                keys.push(some);
            }
            Ok(())
        },
    )?;
    let sorted = layer.layout.sort(&keys);
    Ok((Keys::new(sorted.elements), Keys::new(sorted.constraints)))
}

/// The client: the MACs of a layer's mask, and those of what an honest mask leaves zero or repeats.
pub(super) fn client(
    run: &mut Run<'_>,
    opener: &Opener<'_>,
    layer: &LayerPlan,
) -> Result<(Elements, Elements), Error> {
    let layout = &layer.layout;
    let all: Vec<usize> = (0..layout.n()).collect();
    let mut tiles = Vec::with_capacity(layout.input_count());
    let shape = linear::input_mac_shape(layout);
    run.expect::<MaskMacs>()?;
    pipeline::receive(
        (0..layout.input_count()).collect::<Vec<_>>().chunks(CIPHERTEXTS),
        |batch| {
            let replies = batch.iter().map(|_| Raw::<MaskMacs>::read(run.link, shape));
            replies.collect::<Result<Vec<_>, _>>()
        },
        |replies| {
            let opened = replies.par_iter().map(|reply| opener.decrypt(reply, &all));
            tiles.extend(opened.collect::<Result<Vec<_>, _>>()?);
            Ok(())
        },
    )?;
    let sorted = layout.sort(&tiles);
    Ok((sorted.elements, sorted.constraints))
}

//! Step 1 of section 4.2: the client sends Enc(r_i) of every layer, all before anything is returned.

use crate::{
    Error,
    accounts::Component,
    frames::Script,
    message::InputCiphertexts,
    pipeline,
    plan::{LayerPlan, Plan, chunks::CIPHERTEXTS},
    progress::Unit,
    run::{Raw, Run},
    session::ClientSession,
    share::Elements,
};
use muse_field::{Fp, prg::Prg, wire};
use muse_he::encrypt::{FreshCiphertext, Received, RowId, Witness};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// What goes over the wire.
pub fn frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::Linear);
    for (index, layer) in plan.layers().iter().enumerate() {
        script.of_layer(index).bulk::<InputCiphertexts>(layer.input_bytes());
    }
}

/// The client: sends Enc(r_i), tile by tile. Returns what the proof of well-formedness is about; nothing in the baseline, which
/// proves nothing about it.
pub fn client(
    run: &mut Run<'_>,
    session: &ClientSession,
    masks: &[Elements],
) -> Result<Vec<(Received, Witness)>, Error> {
    let plan = run.plan;
    let progress = run.step(Component::Linear, Unit::Ciphertexts, plan.ciphertexts() as u64);
    let mut rows = Vec::new();
    let mut first = first_row(run);
    for (layer, mask) in plan.layers().iter().zip(masks) {
        let randomness = Prg::from_rng(run.rng);
        let tiles: Vec<usize> = (0..layer.layout.input_count()).collect();
        run.begin::<InputCiphertexts>(layer.input_bytes())?;
        let make = |tile: &usize| {
            let row = first.nth(*tile)?;
            let mut rng = randomness.substream(*tile as u64);
            let (ciphertext, witness) = encrypt(plan, session, layer, *tile, row, mask, &mut rng)?;
            let body = wire::to_vec(&ciphertext);
            let proven = plan
                .is_authenticated()
                .then(|| Ok::<_, Error>((ciphertext.receive(plan.ring(), row)?, witness)));
            Ok((body, proven.transpose()?))
        };
        pipeline::send(
            tiles.chunks(CIPHERTEXTS),
            |batch| batch.par_iter().map(make).collect::<Result<Vec<_>, Error>>(),
            |made| {
                for (body, proven) in made {
                    run.link.write(&body)?;
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
    plan: &Plan,
    session: &ClientSession,
    layer: &LayerPlan,
    tile: usize,
    row: RowId,
    mask: &[Fp],
    rng: &mut Prg,
) -> Result<(FreshCiphertext, Witness), Error> {
    let packed = Zeroizing::new(layer.layout.pack_input(tile, mask));
    Ok(session.key.encrypt_with_witness(plan.ring(), row, &packed, rng)?)
}

/// The server: receives the rows of every layer. Nothing is known about them but that they are canonical.
pub fn server(run: &mut Run<'_>) -> Result<Vec<Received>, Error> {
    run.enter(Component::Linear);
    let ring = run.plan.ring();
    let mut rows: Vec<Received> = Vec::with_capacity(run.plan.ciphertexts());
    let first = first_row(run);
    let open = |(row, body): &(RowId, Raw<InputCiphertexts>)| Ok(body.decode()?.receive(ring, *row)?);
    for layer in run.plan.layers() {
        run.expect::<InputCiphertexts>()?;
        let numbers: Vec<usize> = (rows.len()..).take(layer.layout.input_count()).collect();
        pipeline::receive(
            numbers.chunks(CIPHERTEXTS),
            |batch| {
                let bodies =
                    batch.iter().map(|&number| Ok((first.nth(number)?, Raw::read(run.link, ring.n())?)));
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

/// The name of an inference's first row.
pub const fn first_row(run: &Run<'_>) -> RowId {
    RowId { run: run.id, index: 0 }
}

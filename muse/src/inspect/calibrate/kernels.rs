//! The kernels of the linear layers.

use crate::{
    Error,
    model::{Layer, LayerSpec, plaintext},
    session::system_prg,
};
use core::hint::black_box;
use muse_field::{
    Fp,
    id::{RunId, SessionId},
    prg::Prg,
    sample,
};
use muse_he::{
    budget::Budget,
    encode::{Layout, LinearShape},
    encrypt::RowId,
    keys::SecretKey,
    linear,
    params::Params,
    reply::ReplyKey,
    ring::Ring,
};
use rayon::prelude::*;
use std::time::Instant;

/// Seconds, as in [`Calibration`](super::Calibration).
pub(super) struct Kernels {
    pub(super) encrypt: f64,
    pub(super) product: f64,
    pub(super) reply: f64,
    pub(super) input_mac: f64,
    pub(super) decrypt: f64,
    pub(super) multiply: f64,
}

/// Times every kernel on a layer of random numbers.
pub(super) fn measure() -> Result<Kernels, Error> {
    let mut rng = system_prg()?;
    let ring = Ring::new(Params::default())?;
    let layout = Layout::best(ring.n(), SHAPE, false)?;
    let budget = Budget::for_layers(ring.n(), &[layout]);
    let session = SessionId::from_bytes([0; 32]);
    let secret = SecretKey::generate(&ring, &mut rng);
    let public_key = secret.public_key(&ring, session, &mut rng).receive(&ring, session)?;
    let public_key = public_key.assume_well_formed();
    let reply_key = ReplyKey::new(&ring, &secret)?;

    let mut values = vec![Fp::ZERO; SHAPE.inputs()];
    sample::fill_uniform(&mut values, &mut rng);
    let first = RowId { run: RunId::new(session, 0), index: 0 };
    let streams = Prg::from_rng(&mut rng);
    let encrypt = timed(|index| {
        let packed = layout.pack_input(0, &values);
        let made = secret.encrypt_with_witness(&ring, first, &packed, &mut streams.substream(index));
        Ok(made.map(drop)?)
    })?;
    let ciphertexts = linear::encrypt_input(&ring, &secret, &layout, first, &values, &mut rng)?;
    let received = linear::receive_input(&ring, &layout, first, ciphertexts)?;
    let tiles: Vec<_> = received.into_iter().map(|row| row.assume_well_formed()).collect();

    let weights: Vec<i64> = (0..SHAPE.weights()).map(|index| index as i64 * 53 % 255 - 127).collect();
    let bound = 128 * SHAPE.taps() as u64;
    let server =
        linear::Server::new(&ring, &public_key, &layout, &weights, &tiles, &budget, bound, &mut rng)?;
    let products = timed(|_| {
        black_box(server.product(0));
        Ok(())
    })?;
    let respond = timed(|_| Ok(server.respond(0).map(drop)?))?;
    let alpha = sample::uniform(&mut rng);
    let input_mac = timed(|index| {
        let mut rng = streams.substream(index);
        let made = linear::authenticate_input(&ring, &public_key, &budget, &tiles[0], alpha, &mut rng);
        Ok(made.map(drop)?)
    })?;
    let (reply, wanted) = (server.respond(0)?.reply, layout.wanted(0));
    let decrypt = timed(|_| Ok(reply_key.decrypt(&ring, &reply, &wanted).map(drop)?))?;

    let spec = LayerSpec { name: "layer".into(), shape: SHAPE, activation: None, l1_bound: bound };
    let layer = Layer::new(spec, weights, vec![0; SHAPE.out_channels])?;
    let start = Instant::now();
    black_box(plaintext::affine(&layer, &values));
    let multiplications = (SHAPE.outputs() * SHAPE.taps()) as f64;
    Ok(Kernels {
        encrypt,
        product: products / layout.tiles_of(0).len() as f64,
        reply: (respond - products).max(0.1 * respond),
        input_mac,
        decrypt,
        multiply: start.elapsed().as_secs_f64() / multiplications,
    })
}

/// Seconds of one call while every thread makes one: the median of a few rounds. The argument is never the same twice.
fn timed(kernel: impl Fn(u64) -> Result<(), Error> + Sync) -> Result<f64, Error> {
    let threads = rayon::current_num_threads() as u64;
    let mut rounds = Vec::with_capacity(ROUNDS as usize);
    for round in 0..ROUNDS {
        let start = Instant::now();
        (0..threads)
            .into_par_iter()
            .map(|thread| kernel(round * threads + thread))
            .collect::<Result<(), _>>()?;
        rounds.push(start.elapsed().as_secs_f64());
    }
    rounds.sort_by(f64::total_cmp);
    Ok(rounds[rounds.len() / 2])
}

/// A layer of usual size.
const SHAPE: LinearShape = LinearShape {
    in_channels: 32,
    height: 16,
    width: 16,
    out_channels: 32,
    kernel: 3,
    padding: 1,
    stride: 1,
};

const ROUNDS: u64 = 5;

//! Inference as a program for [`Engine`]s: what Overdrive pays for a network, in either setting.
//!
//! The network is that of `muse::model`, and its result is the same bit for bit. The server, the second party, puts weights and biases
//! in; the client its image. A linear layer takes a product for each weight at each place, padding apart; sums, biases and pooling are
//! linear; ReLU with truncation is [`relu_floor`], exact. Only the client gets the result.
//!
//! The network's architecture is public, as it is to clients of MUSE.
//!
//! | module | what it holds |
//! |---|---|
//! | `linear` | which weight meets which input, and their products in steps of bounded size |
//! | [`cost`] | what a network uses up, from its architecture |

pub mod cost;
mod linear;

use alloc::vec::Vec;
use muse::model::{Architecture, Layer, Network};
use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_triples::Error;
use muse_triples::program::{Engine, Linear, relu::relu_floor};

pub use cost::Cost;

/// ReLUs of a step: a layer with more is computed piece by piece, so that memory stays bounded.
pub const RELUS: usize = 1 << 12;

/// Products of a step of a linear layer.
pub const PRODUCTS: usize = 1 << 16;

/// The network's outputs, for the first party; the second one gets an empty vector.
///
/// `network` is looked at for the second party, `input` for the first; [`Clear`](muse_triples::program) takes both. What it uses up is
/// [`Cost::of`]; at any time it holds the shares of a layer's weights and values, and what a step takes.
///
/// # Errors
/// [`Error::Misuse`] if `network` is none of this architecture, or the input not of its size; [`Error::Exhausted`] without what it
/// takes; the engine's others.
pub async fn infer<E: Engine>(
    engine: &mut E,
    architecture: &Architecture,
    network: Option<&Network>,
    input: &[Fp],
) -> Result<Vec<Fp>, Error> {
    if network.is_some_and(|network| network.architecture().layers() != architecture.layers()) {
        return Err(Error::Misuse("a network of this architecture"));
    }
    let mut x = engine.input(Party::First, architecture.input().elements(), input).await?;
    for index in 0..architecture.layers().len() {
        x = layer(engine, architecture, index, network.map(|network| network.layer(index)), &x).await?;
    }
    engine.output_to(Party::First, x).await
}

/// What layer `index` makes of `x`: its linear map with biases, then ReLU with truncation and pooling, unless it is the last.
///
/// # Errors
/// [`Error::Misuse`] if there is no such layer or `x` is not of its size; those of [`infer`].
pub async fn layer<E: Engine>(
    engine: &mut E,
    architecture: &Architecture,
    index: usize,
    weights: Option<&Layer>,
    x: &E::Share,
) -> Result<E::Share, Error> {
    let spec = architecture.layers().get(index).ok_or(Error::Misuse("a layer of the network"))?;
    let sums = linear::affine(engine, &spec.shape, weights, x).await?;
    let Some(activation) = spec.activation else { return Ok(sums) };
    let mut pieces = Vec::new();
    for start in (0..sums.len()).step_by(RELUS) {
        let piece = sums.slice(start..sums.len().min(start + RELUS));
        pieces.push(relu_floor(engine, &piece, activation.shift).await?);
    }
    Ok(E::Share::concat(pieces).map(|column| architecture.apply_public_map(index, column)))
}

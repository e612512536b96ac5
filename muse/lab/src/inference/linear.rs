//! Linear layers with secret weights.

use super::PRODUCTS;
use core::ops::Range;
use muse::model::{Layer, LinearShape};
use muse_field::Fp;
use muse_mac::spdz::Party;
use muse_triples::Error;
use muse_triples::program::{Engine, Linear};
use zeroize::Zeroizing;

/// A weight times an input, as a part of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    output: usize,
    weight: usize,
    input: usize,
}

/// `M x + b`: weights and biases are the second party's, put in once and used at every place.
pub(super) async fn affine<E: Engine>(
    engine: &mut E,
    shape: &LinearShape,
    layer: Option<&Layer>,
    x: &E::Share,
) -> Result<E::Share, Error> {
    if x.len() != shape.inputs() {
        return Err(Error::Misuse("one value per input of the layer"));
    }
    let (weights, outputs) = (shape.weights(), shape.outputs());
    let own = Zeroizing::new(layer.map_or_else(Vec::new, numbers));
    let secret = engine.input(Party::Second, weights + shape.out_channels, &own).await?;
    let plane = shape.out_height() * shape.out_width();
    let mut sums = secret.map(|column| (0..outputs).map(|output| column[weights + output / plane]).collect());
    let mut terms = terms(*shape);
    loop {
        let terms: Vec<Term> = terms.by_ref().take(PRODUCTS).collect();
        if terms.is_empty() {
            return Ok(sums);
        }
        let weights = secret.map(|column| terms.iter().map(|term| column[term.weight]).collect());
        let inputs = x.map(|column| terms.iter().map(|term| column[term.input]).collect());
        let products = engine.multiply(&weights, &inputs).await?;
        sums.add(&products.map(|column| {
            let mut sums = vec![Fp::ZERO; outputs];
            terms.iter().zip(column).for_each(|(term, &product)| sums[term.output] += product);
            sums
        }));
    }
}

/// Weights, then biases.
fn numbers(layer: &Layer) -> Vec<Fp> {
    layer.weights().iter().chain(layer.bias()).map(|&number| Fp::from_i64(number)).collect()
}

/// All of a layer, output by output; those that fall on padding are not there.
fn terms(shape: LinearShape) -> impl Iterator<Item = Term> {
    let LinearShape { in_channels, height, width, kernel, stride, padding, .. } = shape;
    let out_width = shape.out_width();
    let plane = shape.out_height() * out_width;
    (0..shape.outputs()).flat_map(move |output| {
        let (channel, place) = (output / plane, output % plane);
        let (top, left) = (place / out_width * stride, place % out_width * stride);
        let (rows, columns) = (inside(top, height, &shape), inside(left, width, &shape));
        (0..in_channels).flat_map(move |c| {
            let columns = columns.clone();
            rows.clone().flat_map(move |a| {
                columns.clone().map(move |b| Term {
                    output,
                    weight: ((channel * in_channels + c) * kernel + a) * kernel + b,
                    input: (c * height + top + a - padding) * width + left + b - padding,
                })
            })
        })
    })
}

/// The part of a kernel that begins `start` places into the padded image and is not on padding.
fn inside(start: usize, size: usize, shape: &LinearShape) -> Range<usize> {
    let end = (size + shape.padding).saturating_sub(start).min(shape.kernel);
    shape.padding.saturating_sub(start).min(end)..end
}

/// The number of products of a layer, without going through them.
pub(super) fn products(shape: &LinearShape) -> u64 {
    let along = |places: usize, size: usize| -> usize {
        (0..places).map(|place| inside(place * shape.stride, size, shape).len()).sum()
    };
    let places =
        along(shape.out_height(), shape.height) as u64 * along(shape.out_width(), shape.width) as u64;
    places * shape.in_channels as u64 * shape.out_channels as u64
}

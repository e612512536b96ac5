//! MACs of whole layers: y + s = M r, m = k + alpha y, m = k + alpha r for all N coefficients, and the structure of the input.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::networks::MNIST;
use common::session::{Session, l1_bound};
use common::{plain_layer, prg, random_layer, random_weights};
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, MODULUS, sample};
use muse_he::Error;
use muse_he::budget::{Budget, OutputMac};
use muse_he::encode::{Layout, LinearShape, Place, Sorted, Tiling};
use muse_he::linear::{self, Server, authenticate_input, input_mac_shape, reply_shape};
use muse_he::reply::{Product, Reply};
use muse_he::ring::CoeffPoly;
use proptest::prelude::*;
use serde_json::Value;
use zeroize::Zeroizing;

const ALPHA: Fp = Fp::new(11_223_344_556_677);

/// Everything that both parties hold after one authenticated layer.
struct Outcome {
    y: Vec<Fp>,
    macs: Vec<Fp>,
    s: Vec<Fp>,
    keys: Vec<Fp>,
    /// Of all packed coefficients: the client's MACs, the server's keys.
    input_macs: Vec<Zeroizing<Vec<Fp>>>,
    input_keys: Vec<Zeroizing<Vec<Fp>>>,
}

/// Runs a layer in bytes; the client packs its tiles as it likes.
fn run(
    session: &mut Session,
    layout: &Layout,
    tiles: &[Vec<Fp>],
    weights: &[i64],
    bound: u64,
    alpha: Fp,
) -> Outcome {
    let n = layout.n();
    let mut inputs = vec![];
    for (tile, packed) in tiles.iter().enumerate() {
        let row = session.row(tile as u32);
        let sent = session.secret.encrypt(&session.ring, row, packed, &mut session.rng).unwrap();
        inputs.push(sent.receive(&session.ring, row).unwrap().assume_well_formed());
    }
    let budget = session.budget(layout);
    let (ring, key, reply_key) = (&session.ring, &session.public_key, &session.reply_key);
    let server = Server::new(ring, key, layout, weights, &inputs, &budget, bound, &mut session.rng).unwrap();
    let (mut values, mut macs) = (vec![], vec![]);
    let outputs = layout.shape().outputs();
    let (mut s, mut keys) = (vec![Fp::ZERO; outputs], vec![Fp::ZERO; outputs]);
    for group in 0..layout.reply_count() {
        let made = server.respond_authenticated(group, alpha).unwrap();
        assert!(made.reply == server.respond(group).unwrap().reply, "the values are as without MACs");
        assert!(made.reply.words().1 != made.mac_reply.words().1);
        // Its own mask: under the share's, k = alpha s - s.
        let mut shares = made.share.iter().zip(made.mac_keys.iter());
        assert!(shares.all(|(&s, &k)| k != alpha * s - s));
        layout.scatter(group, &made.share, &mut s);
        layout.scatter(group, &made.mac_keys, &mut keys);
        let parse = |reply: &Reply| from_slice::<Reply>(reply_shape(layout, group), &to_vec(reply)).unwrap();
        values.push(parse(&made.reply));
        macs.push(parse(&made.mac_reply));
    }
    let all: Vec<usize> = (0..n).collect();
    let (mut input_macs, mut input_keys) = (vec![], vec![]);
    for input in &inputs {
        let made = authenticate_input(ring, key, &budget, input, alpha, &mut session.rng).unwrap();
        let reply: Reply = from_slice(input_mac_shape(layout), &to_vec(&made.reply)).unwrap();
        input_macs.push(reply_key.decrypt(ring, &reply, &all).unwrap());
        input_keys.push(made.keys);
    }
    let y = linear::decrypt_output(ring, reply_key, layout, &values).unwrap().to_vec();
    let macs = linear::decrypt_output(ring, reply_key, layout, &macs).unwrap().to_vec();
    Outcome { y, macs, s, keys, input_macs, input_keys }
}

fn valid(macs: &[Fp], keys: &[Fp], alpha: Fp, values: &[Fp]) -> bool {
    assert!(macs.len() == keys.len() && keys.len() == values.len());
    macs.iter().zip(keys).zip(values).all(|((&m, &k), &x)| m == k + alpha * x)
}

fn sorted(layout: &Layout, made: &Outcome) -> (Sorted, Sorted) {
    (layout.sort(&made.input_macs), layout.sort(&made.input_keys))
}

fn pack(layout: &Layout, r: &[Fp]) -> Vec<Vec<Fp>> {
    (0..layout.input_count()).map(|tile| layout.pack_input(tile, r)).collect()
}

/// The whole correlation generator of section 4.2, honest client.
fn assert_layer(session: &mut Session, layout: &Layout, r: &[Fp], weights: &[i64], bound: u64, alpha: Fp) {
    let tiles = pack(layout, r);
    let made = run(session, layout, &tiles, weights, bound, alpha);
    let sum: Vec<Fp> = made.y.iter().zip(&made.s).map(|(&y, &s)| y + s).collect();
    assert!(sum == plain_layer(layout.shape(), r, weights), "{layout:?}");
    assert!(valid(&made.macs, &made.keys, alpha, &made.y), "{layout:?}");
    for ((m, k), x) in made.input_macs.iter().zip(&made.input_keys).zip(&tiles) {
        assert!(valid(m, k, alpha, x), "{layout:?}");
    }
    let (macs, keys) = sorted(layout, &made);
    assert!(valid(&macs.elements, &keys.elements, alpha, r));
    assert_eq!(macs.constraints.len(), layout.constraint_count());
    assert!(macs.constraints == keys.constraints);
}

fn shape(c: usize, h: usize, w: usize, m: usize, k: usize, padding: usize, stride: usize) -> LinearShape {
    LinearShape { in_channels: c, height: h, width: w, out_channels: m, kernel: k, padding, stride }
}

/// The shapes of the project's Python reference model.
fn model_layouts() -> Vec<Layout> {
    let tiled = |n, shape, cw, mw, bh, bw| Layout::new(n, shape, Tiling { cw, mw, bh, bw }).unwrap();
    vec![
        tiled(64, shape(2, 4, 4, 2, 3, 0, 1), 2, 2, 4, 4),
        tiled(128, shape(3, 4, 4, 5, 3, 1, 1), 2, 1, 6, 6),
        tiled(256, shape(2, 9, 11, 3, 3, 1, 1), 1, 2, 8, 8),
        tiled(64, shape(1, 6, 6, 1, 3, 1, 2), 1, 1, 8, 8),
        tiled(64, shape(5, 3, 3, 4, 1, 0, 1), 3, 2, 3, 3),
        tiled(64, LinearShape::dense(9, 7), 9, 7, 1, 1),
        tiled(64, LinearShape::dense(20, 8), 12, 5, 1, 1),
    ]
}

/// A declared bound under which the MAC of an output by a scalar leaves no room for flooding.
const WIDE: u64 = 1 << 60;

/// Every shape, with the MAC by the scalar and by a second product.
#[test]
fn shapes_of_the_reference_model_both_ways() {
    for (seed, layout) in model_layouts().iter().enumerate() {
        let mut session = Session::new(layout.n(), seed as u64);
        let (r, weights) = random_layer(layout.shape(), seed as u64);
        let budget = session.budget(layout);
        let narrow = l1_bound(&weights, layout.shape().taps());
        for (bound, scalar) in [(narrow, true), (WIDE, false)] {
            let way = budget.output_mac(layout.max_l1(bound), layout.max_taps()).unwrap();
            assert_eq!(matches!(way, OutputMac::Scalar(_)), scalar);
            assert_layer(&mut session, layout, &r, &weights, bound, ALPHA);
        }
    }
}

#[test]
fn extreme_values_and_keys() {
    let layout = Layout::best(256, shape(2, 5, 5, 2, 3, 1, 1), false).unwrap();
    let mut session = Session::new(256, 3);
    let half = MODULUS / 2;
    for (index, value) in [0, 1, half, half + 1, MODULUS - 1].into_iter().enumerate() {
        let r = vec![Fp::new(value); layout.shape().inputs()];
        let mut weights = vec![-(1 << 8); layout.shape().weights()];
        weights[index] = 0;
        for alpha in [1, half, half + 1, MODULUS - 1] {
            for bound in [(layout.shape().taps() as u64) << 8, WIDE] {
                assert_layer(&mut session, &layout, &r, &weights, bound, Fp::new(alpha));
            }
        }
    }
}

/// The MAC of an output is exactly the reply that the budget's way asks for, from public parts: the product times alpha, or the
/// product with alpha W modulo p, flooded accordingly, under a mask and randomness of its own. (That it decrypts does not show the
/// way: an honest client's noise is far below what both are flooded for.)
#[test]
fn the_way_to_the_mac_is_the_budgets() {
    let layout = &model_layouts()[1];
    let mut session = Session::new(layout.n(), 50);
    let (r, weights) = random_layer(layout.shape(), 51);
    let (inputs, budget) = (session.send(layout, &r), session.budget(layout));
    let (ring, key) = (&session.ring, &session.public_key);
    for bound in [1 << 13, WIDE] {
        let server = Server::new(ring, key, layout, &weights, &inputs, &budget, bound, &mut prg(52)).unwrap();
        for group in 0..layout.reply_count() {
            let (product, flood) = match budget.output_mac(layout.max_l1(bound), layout.max_taps()).unwrap() {
                OutputMac::Scalar(flood) => {
                    let mut product = server.product(group);
                    product.scale(ALPHA);
                    (product, flood)
                }
                OutputMac::Product(flood) => {
                    let mut product = Product::zero(ring);
                    for tile in layout.tiles_of(group) {
                        let packed = layout.pack_weights(group, tile, &weights);
                        let packed: Vec<i64> =
                            packed.iter().map(|&w| (ALPHA * Fp::from_i64(w)).to_centred()).collect();
                        product.add(
                            &CoeffPoly::from_signed(ring, &packed).unwrap().into_ntt(ring),
                            &inputs[tile],
                        );
                    }
                    (product, flood)
                }
            };
            let mut rng = Prg::from_rng(&mut prg(52)).substream(1 << 63 | group as u64);
            let mut mask = vec![Fp::ZERO; layout.n()];
            sample::fill_uniform(&mut mask, &mut rng);
            let wanted = layout.wanted(group);
            let expected = product.respond(ring, key, &mask, &wanted, flood, &mut rng).unwrap();
            assert!(server.respond_authenticated(group, ALPHA).unwrap().mac_reply == expected);
        }
    }
}

/// N = 8192: the layers of the shipped MNIST network with its own budget, where most MACs of outputs take a second product.
#[test]
fn layers_of_the_mnist_network() {
    let layouts: Vec<Layout> = MNIST
        .iter()
        .enumerate()
        .map(|(i, (shape, ..))| Layout::best(8192, *shape, i == 3).unwrap())
        .collect();
    let budget = Budget::for_layers(8192, &layouts);
    let mut session = Session::new(8192, 2);
    for (layout, (shape, bits, _)) in layouts.iter().zip(&MNIST).skip(1) {
        let (r, _) = random_layer(shape, 5);
        let weights = random_weights(shape.weights(), *bits, &mut prg(6));
        let bound = (shape.taps() as u64) << bits;
        assert!(budget.output_mac(layout.max_l1(bound), layout.max_taps()).is_ok());
        assert_layer(&mut session, layout, &r, &weights, bound, ALPHA);
    }
}

/// Padding that is not zero and copies that differ get valid MACs, and the constraints alone show it.
#[test]
fn a_client_that_fills_the_structure_is_caught() {
    for (seed, layout) in model_layouts().iter().enumerate() {
        let mut session = Session::new(layout.n(), 40 + seed as u64);
        let (r, weights) = random_layer(layout.shape(), seed as u64);
        let places: Vec<(usize, usize, Place)> = (0..layout.input_count())
            .flat_map(|tile| layout.places(tile).enumerate().map(move |(at, place)| (tile, at, place)))
            .collect();
        let mut zeros = places.iter().filter(|(_, _, place)| *place == Place::Zero);
        let mut copies = places.iter().filter(|(_, _, place)| matches!(place, Place::Copy { .. }));
        let ends = [zeros.next(), zeros.next_back(), copies.next(), copies.next_back()];
        for &(tile, at, _) in ends.into_iter().flatten() {
            let mut tiles = pack(layout, &r);
            tiles[tile][at] += Fp::ONE;
            let bound = l1_bound(&weights, layout.shape().taps());
            let made = run(&mut session, layout, &tiles, &weights, bound, ALPHA);
            assert!(valid(&made.input_macs[tile], &made.input_keys[tile], ALPHA, &tiles[tile]));
            let (macs, keys) = sorted(layout, &made);
            assert!(valid(&macs.elements, &keys.elements, ALPHA, &r));
            let wrong = macs.constraints.iter().zip(keys.constraints.iter()).filter(|(m, k)| m != k).count();
            assert_eq!(wrong, 1, "{layout:?} {tile} {at}");
        }
    }
}

/// Generated by the project's Python reference model, `vectors` with seed 1: which coefficients are zeros, which copies of which.
#[test]
fn constraints_equal_the_reference_model() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/layers.json")).unwrap();
    let index = |x: &Value| x.as_u64().unwrap() as usize;
    for (case, layout) in vectors["layers"].as_array().unwrap().iter().zip(model_layouts()) {
        assert_eq!(index(&case["n"]), layout.n());
        let mut rng = prg(9);
        let tiles: Vec<Zeroizing<Vec<Fp>>> = (0..layout.input_count())
            .map(|_| {
                let mut tile = vec![Fp::ZERO; layout.n()];
                sample::fill_uniform(&mut tile, &mut rng);
                Zeroizing::new(tile)
            })
            .collect();
        let at = |place: &Value, from: usize| (index(&place[from]), index(&place[from + 1]));
        let mut expected = std::collections::BTreeMap::new();
        for zero in case["zeros"].as_array().unwrap() {
            let (tile, position) = at(zero, 0);
            expected.insert((tile, position), tiles[tile][position]);
        }
        for copy in case["copies"].as_array().unwrap() {
            let ((tile, position), (first, there)) = (at(copy, 0), at(copy, 2));
            expected.insert((tile, position), tiles[tile][position] - tiles[first][there]);
        }
        let sorted = layout.sort(&tiles);
        assert!(expected.into_values().eq(sorted.constraints.iter().copied()));
        assert_eq!(sorted.elements.len(), layout.shape().inputs());
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let layout = Layout::best(64, LinearShape::dense(9, 7), false).unwrap();
    let mut session = Session::new(64, 5);
    let (r, weights) = random_layer(layout.shape(), 1);
    let inputs = session.send(&layout, &r);
    let (ring, key) = (&session.ring, &session.public_key);
    // Room for the values, none for the MACs.
    let budget = Budget::new(64, 2, 1 << 62);
    let server = Server::new(ring, key, &layout, &weights, &inputs, &budget, 1 << 12, &mut prg(0)).unwrap();
    assert!(server.respond(0).is_ok());
    assert!(matches!(server.respond_authenticated(0, ALPHA), Err(Error::Budget { .. })));
    let mac = authenticate_input(ring, key, &budget, &inputs[0], ALPHA, &mut prg(0));
    assert!(matches!(mac, Err(Error::Budget { .. })));
}

#[test]
#[should_panic(expected = "one entry per coefficient")]
fn sorting_takes_whole_tiles() {
    let layout = Layout::best(64, LinearShape::dense(9, 7), false).unwrap();
    let _ = layout.sort(&[Zeroizing::new(vec![Fp::ZERO; 63])]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_layer(
        (c, h, w, m, k) in (1..4_usize, 1..8_usize, 1..8_usize, 1..5_usize, 1..4_usize),
        (padding, stride, seed, alpha) in (0..2_usize, 1..3_usize, any::<u64>(), 1..MODULUS),
    ) {
        let shape = shape(c, h, w, m, k, padding, stride);
        prop_assume!(shape.validate().is_ok());
        let layout = Layout::best(32, shape, false).unwrap();
        let (r, weights) = random_layer(&shape, seed);
        assert_layer(&mut Session::new(32, seed), &layout, &r, &weights, (shape.taps() as u64) << 8, Fp::new(alpha));
    }
}

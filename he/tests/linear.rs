//! Whole linear layers, end to end and in bytes: y + s = M r modulo p, exactly.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::networks::MNIST;
use common::session::{Session, l1_bound};
use common::{plain_layer, prg, random_layer, random_weights};
use muse_field::transcript::Transcript;
use muse_field::wire::to_vec;
use muse_field::{Fp, MODULUS};
use muse_he::budget::Budget;
use muse_he::encode::{Layout, LinearShape, Tiling};
use muse_he::linear::{self, Server};
use muse_he::params::Params;
use muse_he::ring::Ring;
use muse_he::{Error, Misuse};
use proptest::prelude::*;

fn shape(c: usize, h: usize, w: usize, m: usize, k: usize, padding: usize, stride: usize) -> LinearShape {
    LinearShape { in_channels: c, height: h, width: w, out_channels: m, kernel: k, padding, stride }
}

/// The shapes of the project's Python reference model: valid; channels tiled both ways; blocks with copies; stride; 1 x 1; dense, one
/// and several tiles.
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

fn assert_layer(session: &mut Session, layout: &Layout, r: &[Fp], weights: &[i64], l1_bound: u64) {
    let (y, s) = session.layer(layout, r, weights, l1_bound);
    let sum: Vec<Fp> = y.iter().zip(&s).map(|(&y, &s)| y + s).collect();
    assert!(sum == plain_layer(layout.shape(), r, weights), "{layout:?}");
}

#[test]
fn shapes_of_the_reference_model() {
    for (seed, layout) in model_layouts().iter().enumerate() {
        let (r, weights) = random_layer(layout.shape(), seed as u64);
        let bound = l1_bound(&weights, layout.shape().taps());
        assert_layer(&mut Session::new(layout.n(), 1), layout, &r, &weights, bound);
    }
}

/// The shipped MNIST network's layers at N = 8192, with their public bounds.
#[test]
fn shapes_of_the_mnist_network() {
    let mut session = Session::new(8192, 2);
    for (index, (shape, bits, _)) in MNIST.iter().enumerate() {
        let layout = Layout::best(8192, *shape, index == 3).unwrap();
        let (r, _) = random_layer(shape, 5);
        let weights = random_weights(shape.weights(), *bits, &mut prg(6));
        assert_layer(&mut session, &layout, &r, &weights, (shape.taps() as u64) << bits);
    }
}

#[test]
fn extreme_values() {
    let shape = shape(2, 5, 5, 2, 3, 1, 1);
    let layout = Layout::best(256, shape, false).unwrap();
    let mut session = Session::new(256, 3);
    let half = MODULUS / 2;
    for (index, value) in [0, 1, half, half + 1, half + 2, MODULUS - 2, MODULUS - 1].into_iter().enumerate() {
        let r = vec![Fp::new(value); shape.inputs()];
        for weight in [0, 1, -1, (1 << 22) - 1, -(1 << 22)] {
            let mut weights = vec![weight; shape.weights()];
            weights[index] = -weight;
            assert_layer(&mut session, &layout, &r, &weights, (shape.taps() as u64) << 22);
        }
    }
}

/// Weights as large as modulo p they get: what the MAC of an output by alpha * W looks like. Uses the modulus to the last bits.
#[test]
fn weights_of_forty_three_bits() {
    let shape = LinearShape::dense(32, 16);
    let layout = Layout::best(512, shape, false).unwrap();
    let (r, small) = random_layer(&shape, 11);
    let alpha = Fp::new(0x0bad_cafe_f00d);
    let weights: Vec<i64> = small.iter().map(|&w| (alpha * Fp::from_i64(w)).to_centred()).collect();
    assert_layer(&mut Session::new(512, 4), &layout, &r, &weights, shape.taps() as u64 * (MODULUS / 2));
}

/// A layer's bytes depend on the seeds alone: not on the feature `parallel`, the order of the groups or the kernels in use. The
/// digest pins the wire format; a change of format or of the use of randomness shows here.
#[test]
fn bytes_are_pinned() {
    let params = Params::with_degree(256).unwrap();
    for ring in Ring::of_every_backend(params).unwrap() {
        assert_eq!(
            digest_of_a_layer(ring),
            "a2b93918a9fbb4a650a90ebafd5e23fa18a0649a55bb8f3b894f432a374f6d23"
        );
    }
}

fn digest_of_a_layer(ring: Ring) -> String {
    let layout =
        Layout::new(256, shape(2, 9, 11, 3, 3, 1, 1), Tiling { cw: 1, mw: 2, bh: 8, bw: 8 }).unwrap();
    let mut session = Session::with_ring(ring, 9);
    let (r, weights) = random_layer(layout.shape(), 10);
    let first = session.row(0);
    let sent =
        linear::encrypt_input(&session.ring, &session.secret, &layout, first, &r, &mut prg(11)).unwrap();
    let inputs = session.send(&layout, &r);
    let budget = session.budget(&layout);
    let server = |seed| {
        let (ring, key) = (&session.ring, &session.public_key);
        Server::new(ring, key, &layout, &weights, &inputs, &budget, 1 << 13, &mut prg(seed)).unwrap()
    };
    let (replies, shares) = server(12).respond_all().unwrap();
    let backwards = server(12);
    for group in (0..layout.reply_count()).rev() {
        let made = backwards.respond(group).unwrap();
        assert_eq!(to_vec(&made.reply), to_vec(&replies[group]));
        assert!(
            layout
                .outputs_of(group)
                .zip(made.share.iter())
                .all(|((_, output), share)| shares[output] == *share)
        );
    }
    let (others, other_shares) = server(13).respond_all().unwrap();
    assert!(others[0] != replies[0] && other_shares != shares);

    let mut transcript = Transcript::new("muse-he tests/linear.rs");
    sent.iter().for_each(|ciphertext| {
        transcript.append("ciphertext", &to_vec(ciphertext));
    });
    replies.iter().for_each(|reply| {
        transcript.append("reply", &to_vec(reply));
    });
    transcript.append_elements("shares", &shares);
    transcript.digest("bytes").iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn misuse_is_refused() {
    let layout = Layout::best(64, LinearShape::dense(9, 7), false).unwrap();
    let mut session = Session::new(64, 5);
    let (r, weights) = random_layer(layout.shape(), 1);
    let inputs = session.send(&layout, &r);
    let budget = session.budget(&layout);
    let (ring, key) = (&session.ring, &session.public_key);
    let server = |weights: &[i64], count: usize, bound: u64| {
        Server::new(ring, key, &layout, weights, &inputs[..count], &budget, bound, &mut prg(0)).map(|_| ())
    };
    assert_eq!(server(&weights, 1, 1 << 20), Ok(()));
    assert_eq!(server(&weights[1..], 1, 1 << 20), Err(Misuse::Length.into()));
    assert_eq!(server(&weights, 0, 1 << 20), Err(Misuse::Length.into()));
    // The weights of one output exceed what the card declares by one.
    let bound = l1_bound(&weights, 9);
    assert_eq!(server(&weights, 1, bound), Ok(()));
    assert_eq!(server(&weights, 1, bound - 1), Err(Misuse::Bound.into()));
    let huge = Budget::new(64, 1 << 20, 1 << 20);
    let refused =
        Server::new(ring, key, &layout, &weights, &inputs, &huge, u64::MAX, &mut prg(0)).map(|_| ());
    assert!(matches!(refused, Err(Error::Budget { .. })));
    let other = Layout::best(128, LinearShape::dense(9, 7), false).unwrap();
    let encrypted = |layout, row, r: &[Fp]| {
        linear::encrypt_input(ring, &session.secret, layout, row, r, &mut prg(0)).map(|_| ())
    };
    assert_eq!(encrypted(&other, session.row(0), &r), Err(Misuse::Shape.into()));
    assert_eq!(encrypted(&layout, session.row(0), &r[1..]), Err(Misuse::Length.into()));
    let public = muse_he::encrypt::RowId::public_key(session.id);
    assert_eq!(encrypted(&layout, public, &r), Err(Misuse::Index.into()));
    let wide = Layout::best(64, LinearShape::dense(200, 2), false).unwrap();
    assert_eq!(encrypted(&wide, session.row(u32::MAX), &[Fp::ONE; 200]), Err(Misuse::Index.into()));
    assert_eq!(linear::decrypt_output(ring, &session.reply_key, &layout, &[]), Err(Misuse::Length.into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_layer(
        (c, h, w, m, k) in (1..4_usize, 1..8_usize, 1..8_usize, 1..5_usize, 1..4_usize),
        (padding, stride, seed) in (0..2_usize, 1..3_usize, any::<u64>()),
    ) {
        let shape = shape(c, h, w, m, k, padding, stride);
        prop_assume!(shape.validate().is_ok());
        let layout = Layout::best(32, shape, false).unwrap();
        let (r, weights) = random_layer(&shape, seed);
        assert_layer(&mut Session::new(32, seed), &layout, &r, &weights, (shape.taps() as u64) << 8);
    }
}

//! Errors of (q + 1) / 2 in every coefficient. A relaxed proof opens only 2b, so they pass; a server that computed on b would
//! show parities of its weights and of its MAC key. The server computes on 2b.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

use muse_test_support::zk as wellformed_support;

use muse_field::{Fp, MODULUS};
use muse_he::encode::{Layout, LinearShape};
use muse_he::encrypt::Ciphertext;
use muse_he::keys::PublicKey;
use muse_he::linear::{Server, authenticate_input};
use muse_he::params::PRIMES;
use muse_he::reply::Reply;
use rand_core::Rng;
use wellformed_support::naive::{Naive, Row, budget_of, honest_answer, mu_of, noise, play, verifier};
use wellformed_support::seen::distances;
use wellformed_support::{ID, prg, ring, row_id};

const N: usize = 64;

/// b / 2, so that doubling on receipt gives b: a server that does not double.
fn undoubled(row: &Row) -> Row {
    let mut b = row.b.clone();
    b.scale_assign(&PRIMES.map(|q| q.div_ceil(2)));
    Row { b, ..row.clone() }
}

struct Replies {
    value: Vec<f64>,
    output_mac: Vec<f64>,
    input_mac: Vec<f64>,
}

/// One authenticated layer on the forger's row, and how far all replies are from a plaintext under `factor * s`.
fn replies(
    forger: &Naive,
    (key, row): (&PublicKey, Ciphertext),
    weights: &[i64],
    alpha: Fp,
    factor: i64,
    seed: u64,
) -> Replies {
    let (ring, layout) = (&forger.ring, layout());
    let (budget, bound, inputs) = (budget_of(forger), (layout.shape().taps() as u64) << 8, [row]);
    let server = Server::new(ring, key, &layout, weights, &inputs, &budget, bound, &mut prg(seed)).unwrap();
    let made = server.respond_authenticated(0, alpha).unwrap();
    let input = authenticate_input(ring, key, &budget, &inputs[0], alpha, &mut prg(seed + 1)).unwrap();
    let all: Vec<usize> = (0..N).collect();
    let far = |reply: &Reply, wanted: &[usize]| distances(reply, &forger.s, factor, wanted);
    let wanted = layout.wanted(0);
    Replies {
        value: far(&made.reply, &wanted),
        output_mac: far(&made.mac_reply, &wanted),
        input_mac: far(&input.reply, &all),
    }
}

fn layout() -> Layout {
    let shape = LinearShape {
        in_channels: 2,
        height: 4,
        width: 4,
        out_channels: 2,
        kernel: 3,
        padding: 0,
        stride: 1,
    };
    Layout::best(N, shape, true).unwrap()
}

#[test]
fn half_of_q_passes_the_proof_and_shows_nothing() {
    let ring = ring(N);
    let (mut odd_weights, mut odd_keys) = (0, 0);
    for trial in 0..12 {
        let rng = &mut prg(100 + trial);
        let mut forger = Naive::honest(&ring, 1, rng);
        let m: Vec<u64> = (0..N).map(|_| rng.next_u64() % MODULUS).collect();
        forger.rows[1] = Row::new(&ring, row_id(0), &forger.s, noise(N, rng), mu_of(&m), true);
        let weights: Vec<i64> =
            (0..layout().shape().weights()).map(|_| i64::from(rng.next_u32() % 511) - 255).collect();
        let alpha = Fp::new(1 + rng.next_u64() % (MODULUS - 1));
        let weights_odd = weights.iter().sum::<i64>() % 2 != 0;
        let alpha_odd = alpha.to_centred() % 2 != 0;
        (odd_weights, odd_keys) = (odd_weights + i32::from(weights_odd), odd_keys + i32::from(alpha_odd));

        // The real verifier accepts, as it does an honest proof.
        let received = forger.key();
        let accepted = play(&forger, verifier(&forger, &received), rng, honest_answer(&forger));
        let proven = accepted.expect("half of q passes the proof");
        let (key, mut rows) = proven.under(&ID, &budget_of(&forger)).expect("its own budget");
        let real = replies(&forger, (&key, rows.remove(0)), &weights, alpha, 2, trial);
        for far in [real.value, real.output_mac, real.input_mac] {
            assert!(far.iter().all(|x| x.abs() < 0.1), "doubled, all replies look alike: {far:?}");
        }

        // The weakened server computes on what the proof is about.
        let key = undoubled(&forger.rows[0]).as_key(&ring).assume_well_formed();
        let row = undoubled(&forger.rows[1]).as_ciphertext(&ring, 0).assume_well_formed();
        let weak = replies(&forger, (&key, row), &weights, alpha, 1, trial);
        let reads = |far: &[f64], odd: bool| {
            let at = if odd { 0.5 } else { 0.0 };
            far.iter().all(|x| (x.abs() - at).abs() < 0.1)
        };
        assert!(reads(&weak.value, weights_odd), "undoubled, it reads the parity of the weights");
        assert!(reads(&weak.input_mac, alpha_odd), "undoubled, it reads a bit of alpha");
        assert!(reads(&weak.output_mac, weights_odd && alpha_odd));
    }
    assert!((1..12).contains(&odd_weights) && (1..12).contains(&odd_keys), "both parities were played");
}

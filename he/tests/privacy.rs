//! What replies show beyond their plaintext: the attacks that the design exists to stop, each played against a weakened variant
//! built here, where it works, and against the real code, where it must not.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::session::{Session, distance};
use common::{prg, random_layer};
use muse_field::pack::{pack_bits, unpack_bits};
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, MODULUS, sample};
use muse_he::budget::Budget;
use muse_he::encode::{Layout, LinearShape};
use muse_he::encrypt::{Ciphertext, FreshCiphertext};
use muse_he::keys::{PublicKey, PublicKeyRow};
use muse_he::linear::{Server, authenticate_input};
use muse_he::params::{DROP_BITS, LIMBS, PRIMES, REPLY_LIMBS};
use muse_he::reply::{Product, Reply};
use muse_he::ring::{CoeffPoly, FloodBound, NttPoly, Ring, switch_and_truncate};
use num_bigint::{BigInt, Sign};

fn modulus(limbs: usize) -> BigInt {
    PRIMES[..limbs].iter().map(|&q| BigInt::from(q)).product()
}

/// Coefficient `j` as an integer modulo q.
fn lift(poly: &CoeffPoly, j: usize) -> BigInt {
    let q = modulus(LIMBS);
    let part = |(i, prime): (usize, &u64)| {
        let cofactor = &q / prime;
        let inverse = cofactor.modpow(&BigInt::from(prime - 2), &BigInt::from(*prime));
        cofactor * inverse * poly.limb(i)[j]
    };
    PRIMES.iter().enumerate().map(part).sum::<BigInt>() % q
}

/// floor(x / y)
fn floor(x: BigInt, y: &BigInt) -> BigInt {
    let quotient = &x / y;
    let exact = &quotient * y == x;
    let negative = (x.sign() == Sign::Minus) != (y.sign() == Sign::Minus);
    if negative && !exact { quotient - 1 } else { quotient }
}

/// The factor k, |k| < p / 2, from a coefficient of a and the truncated coefficient of k a mod q: the lattice point of
/// {(2^113 x, a x mod q)} nearest to (0, k a). A vector (0, q) and one relation determine k, unless something else was added.
fn divide(a: &BigInt, word: u64) -> BigInt {
    let (q, q2) = (modulus(LIMBS), modulus(REPLY_LIMBS));
    let dot = |x: &[BigInt; 2], y: &[BigInt; 2]| -> BigInt { &x[0] * &y[0] + &x[1] * &y[1] };
    let scale: BigInt = BigInt::from(1) << 113_u32;
    let (mut u, mut v) = ([scale.clone(), a.clone()], [BigInt::from(0), q.clone()]);
    loop {
        if dot(&v, &v) < dot(&u, &u) {
            std::mem::swap(&mut u, &mut v);
        }
        let norm = dot(&u, &u);
        let k = floor(2 * dot(&u, &v) + &norm, &(2 * &norm));
        if k.sign() == Sign::NoSign {
            break;
        }
        v = [&v[0] - &k * &u[0], &v[1] - &k * &u[1]];
    }
    let middle: BigInt = (BigInt::from(word) << DROP_BITS) + (1_u32 << (DROP_BITS - 1));
    let target = middle * &q / &q2;
    let det = &u[0] * &v[1] - &u[1] * &v[0];
    let i = floor(-2 * &target * &v[0] + &det, &(2 * &det));
    let j = floor(2 * &target * &u[0] + &det, &(2 * &det));
    floor(i * &u[0] + j * &v[0], &scale)
}

/// One ciphertext of `r` under the session's row 0.
fn encrypt(session: &mut Session, r: &[Fp]) -> Ciphertext {
    let (row, n) = (session.row(0), session.ring.n());
    let sent = session.secret.encrypt(&session.ring, row, r, &mut session.rng).unwrap();
    let sent: FreshCiphertext = from_slice(n, &to_vec(&sent)).unwrap();
    sent.receive(&session.ring, row).unwrap().assume_well_formed()
}

fn uniform(n: usize, seed: u64) -> Vec<Fp> {
    let mut out = vec![Fp::ZERO; n];
    sample::fill_uniform(&mut out, &mut prg(seed));
    out
}

/// Coefficients in which the attacker, who knows a, finds the factor `k` that its ciphertext was multiplied by.
fn found(session: &Session, c1: &[u64], k: &BigInt) -> usize {
    let a = session.row(0).mask(&session.ring).into_coeff(&session.ring);
    (0..c1.len()).filter(|&j| divide(&lift(&a, j), c1[j]) == *k).count()
}

/// The second component of a reply that is not re-randomised: the ciphertext's own a, times the factor, switched and truncated.
fn weakened_c1(session: &Session, multiplier: &NttPoly) -> Vec<u64> {
    let mut a = session.row(0).mask(&session.ring);
    a.mul_assign(multiplier);
    let mut words = vec![0; session.ring.n()];
    switch_and_truncate(&session.ring, &a.into_coeff(&session.ring), &mut words).unwrap();
    words
}

fn constant(ring: &Ring, value: i64) -> NttPoly {
    let mut coefficients = vec![0; ring.n()];
    coefficients[0] = value;
    CoeffPoly::from_signed(ring, &coefficients).unwrap().into_ntt(ring)
}

/// The client knows c1 of what it sent. If the MAC ciphertext is that times alpha, one modular division reveals alpha,
/// truncation or not; likewise a weight. Re-randomising stops it.
#[test]
fn c1_of_a_mac_does_not_reveal_the_key() {
    let n = 64;
    let mut session = Session::new(n, 1);
    let alpha = Fp::new(11_223_344_556_677);
    let key = BigInt::from(alpha.to_centred());
    let weak = weakened_c1(&session, &constant(&session.ring, alpha.to_centred()));
    assert!(found(&session, &weak, &key) > n - 4, "the attack works where nothing is re-randomised");

    let ciphertext = encrypt(&mut session, &uniform(n, 2));
    let wanted: Vec<usize> = (0..n).collect();
    let flood = Budget::new(n, 2, 1).scalar_flood().unwrap();
    for seed in 0..4 {
        let mut product = Product::of(&ciphertext);
        product.scale(alpha);
        let mask = uniform(n, 3 + seed);
        let key_pair = (&session.ring, &session.public_key);
        let reply =
            product.respond(key_pair.0, key_pair.1, &mask, &wanted, flood, &mut prg(4 + seed)).unwrap();
        assert_eq!(found(&session, reply.words().1, &key), 0);
    }
}

/// The MACs that the server really sends: of an input, and of outputs by the scalar and by a second product. Where nothing is
/// re-randomised the client divides alpha, or alpha times a weight modulo p, out of each of them.
#[test]
fn c1_of_an_authenticated_layer_does_not_reveal_the_key() {
    let shape = LinearShape {
        in_channels: 1,
        height: 8,
        width: 8,
        out_channels: 1,
        kernel: 1,
        padding: 0,
        stride: 1,
    };
    let layout = Layout::best(64, shape, false).unwrap();
    let alpha = Fp::new(9_876_543_210_123);
    let (weight, product) = (Fp::from_i64(-3), (alpha * Fp::from_i64(-3)).to_centred());
    let scalar = BigInt::from(alpha.to_centred());
    let keys = [scalar.clone(), scalar * -3, BigInt::from(product)];
    let mut session = Session::new(64, 12);
    for (factor, key) in [(alpha.to_centred(), &keys[0]), (product, &keys[2])] {
        let weak = weakened_c1(&session, &constant(&session.ring, factor));
        assert!(found(&session, &weak, key) > 60, "the attack works where nothing is re-randomised");
    }
    let inputs = session.send(&layout, &uniform(64, 13));
    let budget = session.budget(&layout);
    let (ring, public) = (&session.ring, &session.public_key);
    for seed in 0..4 {
        let input = authenticate_input(ring, public, &budget, &inputs[0], alpha, &mut prg(seed)).unwrap();
        let mut replies = vec![input.reply];
        // A declared bound that leaves no room for the scalar asks for the second product.
        for bound in [1_u64 << 8, 1 << 60] {
            let weights = [weight.to_centred()];
            let server =
                Server::new(ring, public, &layout, &weights, &inputs, &budget, bound, &mut prg(seed))
                    .unwrap();
            let made = server.respond_authenticated(0, alpha).unwrap();
            replies.extend([made.reply, made.mac_reply]);
        }
        for (reply, key) in replies.iter().flat_map(|reply| keys.iter().map(move |key| (reply, key))) {
            assert_eq!(found(&session, reply.words().1, key), 0);
        }
    }
}

/// The same for a value reply: a 1 x 1 kernel is a factor (and a shift) that the client divides out.
#[test]
fn c1_of_a_value_does_not_reveal_the_weights() {
    let shape = LinearShape {
        in_channels: 1,
        height: 8,
        width: 8,
        out_channels: 1,
        kernel: 1,
        padding: 0,
        stride: 1,
    };
    let layout = Layout::best(64, shape, true).unwrap();
    let mut session = Session::new(64, 5);
    let weight = BigInt::from(-777);
    // The weight sits at coefficient 0 of the packed polynomial.
    assert_eq!(layout.pack_weights(0, 0, &[-777])[0], -777);
    let weak = weakened_c1(&session, &constant(&session.ring, -777));
    assert!(found(&session, &weak, &weight) > 60);

    let inputs = session.send(&layout, &uniform(64, 6));
    let budget = session.budget(&layout);
    let (ring, key) = (&session.ring, &session.public_key);
    let server = Server::new(ring, key, &layout, &[-777], &inputs, &budget, 1000, &mut prg(7)).unwrap();
    assert_eq!(found(&session, server.respond(0).unwrap().reply.words().1, &weight), 0);
}

/// Two replies to the same ciphertext with the same weights share nothing: neither component, nor their difference.
#[test]
fn every_reply_is_fresh() {
    let layout = Layout::best(64, LinearShape::dense(9, 7), true).unwrap();
    let mut session = Session::new(64, 8);
    let (r, weights) = random_layer(layout.shape(), 9);
    let inputs = session.send(&layout, &r);
    let budget = session.budget(&layout);
    let (ring, key) = (&session.ring, &session.public_key);
    let reply = |seed| {
        let server =
            Server::new(ring, key, &layout, &weights, &inputs, &budget, 1 << 12, &mut prg(seed)).unwrap();
        server.respond(0).unwrap().reply
    };
    let (one, two) = (reply(1), reply(2));
    let equal = |a: &[u64], b: &[u64]| a.iter().zip(b).filter(|(a, b)| a == b).count();
    assert_eq!(equal(one.words().0, two.words().0) + equal(one.words().1, two.words().1), 0);
}

/// The server's shares are uniform in [0, p) and no two groups, or replies, draw the same ones.
#[test]
fn shares_are_uniform_and_not_reused() {
    let layout = Layout::best(256, LinearShape::dense(16, 1024), true).unwrap();
    let mut session = Session::new(256, 10);
    let inputs = session.send(&layout, &[Fp::ZERO; 16]);
    let budget = session.budget(&layout);
    let (ring, key, weights) = (&session.ring, &session.public_key, vec![0; layout.shape().weights()]);
    let server = Server::new(ring, key, &layout, &weights, &inputs, &budget, 1, &mut prg(11)).unwrap();
    let (_, shares) = server.respond_all().unwrap();
    let mut values: Vec<u64> = shares.iter().map(|s| s.to_u64()).collect();
    // Sixteen classes of 64 expected shares each, and the bound of five deviations.
    let mut classes = [0_i32; 16];
    values.iter().for_each(|&s| classes[(u128::from(s) * 16 / u128::from(MODULUS)) as usize] += 1);
    assert!(classes.iter().all(|count| (count - 64).abs() < 40), "{classes:?}");
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), 1024);
}

/// Rewrites a row on the wire: `change` maps every coefficient of b, given as residues.
fn rewrite(ring: &Ring, bytes: &[u8], change: impl Fn(usize, u64) -> u64) -> Vec<u8> {
    let mut residues = vec![0; LIMBS * ring.n()];
    unpack_bits(43, bytes, &mut residues).unwrap();
    let poly = NttPoly::from_limbs_checked(ring, residues).unwrap().into_coeff(ring);
    let changed = poly.as_slice().iter().enumerate().map(|(at, &x)| change(at / ring.n(), x)).collect();
    let poly = CoeffPoly::from_limbs_checked(ring, changed).unwrap().into_ntt(ring);
    let mut out = vec![0; bytes.len()];
    pack_bits(43, poly.as_slice(), &mut out);
    out
}

/// (q + 1) / 2 and 1 / 2 modulo q are the same number; these are its residues.
fn half(limb: usize) -> u64 {
    PRIMES[limb].div_ceil(2)
}

/// Adds the error (q + 1) / 2 to every coefficient.
fn with_half(limb: usize, x: u64) -> u64 {
    (x + half(limb)) % PRIMES[limb]
}

/// Divides by two, so that the server's doubling restores the row as it was: a server that does not double.
fn halved(limb: usize, x: u64) -> u64 {
    (u128::from(x) * u128::from(half(limb)) % u128::from(PRIMES[limb])) as u64
}

/// A relaxed proof opens 2b, so errors of (q + 1) / 2 in every coefficient pass it. A server that computed on b would show the
/// parity of the sum of the weights in the noise of its reply; one that doubles shows nothing.
#[test]
fn doubling_hides_the_parity_of_the_weights() {
    let n = 64;
    let shape = LinearShape {
        in_channels: 2,
        height: 4,
        width: 4,
        out_channels: 1,
        kernel: 3,
        padding: 0,
        stride: 1,
    };
    let layout = Layout::best(n, shape, true).unwrap();
    for trial in 0..8 {
        let mut session = Session::new(n, 20 + trial);
        let (r, weights) = random_layer(&shape, trial);
        let (row, packed) = (session.row(0), layout.pack_input(0, &r));
        let honest = to_vec(&session.secret.encrypt(&session.ring, row, &packed, &mut session.rng).unwrap());
        let public = to_vec(&session.secret.public_key(&session.ring, session.id, &mut session.rng));
        let answer = |bytes: &[u8], public: &[u8]| {
            let ring = &session.ring;
            let sent: FreshCiphertext = from_slice(n, bytes).unwrap();
            let inputs = [sent.receive(ring, row).unwrap().assume_well_formed()];
            let key: PublicKeyRow = from_slice(n, public).unwrap();
            let key: PublicKey = key.receive(ring, session.id).unwrap().assume_well_formed();
            let budget = session.budget(&layout);
            let bound = (shape.taps() as u64) << 8;
            let server =
                Server::new(ring, &key, &layout, &weights, &inputs, &budget, bound, &mut prg(trial)).unwrap();
            server.respond(0).unwrap()
        };
        let wanted = layout.wanted(0);
        let far = |reply: &Reply, factor| distance(reply, &session.key(factor), &wanted);
        let cheating = rewrite(&session.ring, &honest, with_half);

        let undoubled = |bytes: &[u8]| rewrite(&session.ring, bytes, halved);
        let weak = answer(&undoubled(&cheating), &undoubled(&public));
        let parity = (weights.iter().sum::<i64>() % 2).abs() as f64 / 2.0;
        assert!(
            far(&weak.reply, 1).iter().all(|x| (x.abs() - parity).abs() < 0.1),
            "parity {parity} is plain to see"
        );

        let real = answer(&cheating, &public);
        assert!(far(&real.reply, 2).iter().all(|x| x.abs() < 0.1));
        // Even what it decrypts to is as if it had been honest.
        let same = answer(&honest, &public);
        let read = |reply| session.reply_key.decrypt(&session.ring, reply, &wanted).unwrap();
        assert_eq!(read(&real.reply), read(&same.reply));
    }
}

/// N = 8192 and the shipped network's budget: the noise of a reply is that of the flooding, uniform up to its bound, and
/// decryption keeps its distance. Values are flooded below what truncation adds, so they are checked for the distance alone.
#[test]
fn flooding_is_there_and_decrypts() {
    let n = 8192;
    let mut session = Session::new(n, 30);
    let ciphertext = encrypt(&mut session, &uniform(n, 31));
    let budget = Budget::new(n, 5, 29);
    let alpha = Fp::new(3);
    let wanted: Vec<usize> = (0..n).step_by(8).collect();
    let key = session.key(2);
    let respond = |flood: FloodBound| {
        let mut product = Product::of(&ciphertext);
        product.scale(alpha);
        let mask = uniform(n, 32);
        let reply =
            product.respond(&session.ring, &session.public_key, &mask, &wanted, flood, &mut prg(33)).unwrap();
        let plain = session.reply_key.decrypt(&session.ring, &reply, &wanted).unwrap();
        let r = uniform(n, 31);
        assert!(wanted.iter().zip(plain.iter()).all(|(&i, &x)| x == alpha * r[i] - mask[i]));
        distance(&reply, &key, &wanted)
    };
    // Truncation alone: standard deviation at most 53 of 2^14 units (1/2 is q' / (2p) = 2^13 units).
    let (rounding, margin) = (53.0 / 16_384.0, 0.25);
    for (flood, bits) in [
        (budget.scalar_flood().unwrap(), budget.scalar_flood().unwrap().bits()),
        (FloodBound::from_bits(169).unwrap(), 169),
    ] {
        let seen = respond(flood);
        let bound = (f64::from(bits) + 44.0 - 215.0).exp2();
        assert!(bound <= margin * 1.001);
        let largest = seen.iter().fold(0_f64, |most, x| most.max(x.abs()));
        assert!(largest <= bound + 20.0 * rounding, "20 deviations of rounding beside the flooding");
        let square = seen.iter().map(|x| x * x).sum::<f64>() / seen.len() as f64;
        let expected = bound * bound / 3.0;
        // At 169 bits flooding dominates: 1024 samples of a uniform variable, and truncation on top.
        let slack = rounding * rounding + 0.15 * expected;
        assert!(square > 0.85 * expected && square < expected + slack, "{square} for {expected}");
    }
    let values = respond(budget.flood(8 * 8925).unwrap());
    assert!(values.iter().all(|x| x.abs() < 20.0 * rounding));
}

//! Delta, labels, choices, seeds, alpha and keys of seals under valgrind, which reports every jump and address that depends on
//! bytes marked as secret (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

#![allow(clippy::unwrap_used, reason = "a test")]

use core::hint::black_box;

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::wire::{Decode, Encode, Inflow, Outflow, from_slice, to_vec};
use muse_field::{Fp, MODULUS, cpu, ct};
use muse_gc::circuit::relu::{output_weights, relu};
use muse_gc::evaluate::Evaluator;
use muse_gc::evaluate::decode::{OutputHashes, open};
use muse_gc::garble::Garbler;
use muse_gc::gf128::Gf128;
use muse_gc::hash::{Domain, Engine, Tweaks};
use muse_gc::label::{ActiveLabels, Block, Delta, ZeroLabels};
use muse_gc::ot::softspoken::{DEFAULT_K, piece_bytes, receiver, sender};
use muse_gc::seal::SealKey;
use muse_gc::shares::{LabelsToAuthenticatedShares, LabelsToShares};
use rand_core::Rng;

const SESSION: SessionId = SessionId::from_bytes([0x5e; 32]);

/// A generator of secrets: its seed is one.
fn secret_rng(seed: u8) -> Prg {
    Prg::from_seed(ct::hidden([seed; 32]))
}

/// What is sent is public.
fn sent<T: Decode>(shape: T::Shape, message: &impl Encode) -> T {
    let bytes = to_vec(message);
    ct::public(&bytes[..]);
    from_slice(shape, &bytes).unwrap()
}

fn engines() -> Vec<Engine> {
    Engine::available().collect()
}

/// A session's base OTs and trees, then two extensions.
fn correlated_ot<const K: usize>() {
    let (server, client) = (&mut secret_rng(1), &mut secret_rng(2));
    let delta = Delta::random(server);
    let (wait, request) = sender::SetupWith::<K>::start(&SESSION, delta.clone(), server);
    let (mut receiver, trees) = receiver::SetupWith::<K>::reply(&SESSION, &sent((), &request), client);
    let mut sender = wait.on_trees(&sent((), &trees)).check_trees().unwrap();
    for count in [1, 300] {
        let mut choices = vec![0; usize::div_ceil(count, 8)];
        client.fill_bytes(&mut choices);
        let mut extending = receiver.extend(&choices, count, client).unwrap();
        let mut receiving = sender.receive(count).unwrap();
        let mut columns = vec![0; 2 * piece_bytes(K)];
        while extending.remaining() > 0 {
            let filled = extending.fill(&mut columns);
            ct::public(&columns[..]);
            receiving.absorb(&columns[..filled]).unwrap();
        }
        let (wait, challenge) = receiving.challenge(server).unwrap();
        let (active, zero, answer);
        (receiver, answer, active) = extending.answer(&sent((), &challenge)).unwrap();
        (sender, zero) = wait.on_answer(&sent((), &answer)).unwrap();
        let bits: Vec<u8> = (0..count).map(|i| choices[i / 8] >> (i % 8)).collect();
        let expected = zero.active(&bits, &delta);
        ct::public(expected.as_slice());
        ct::public(active.as_slice());
        assert!(expected.as_slice() == active.as_slice());
    }
}

#[test]
fn correlated_ot_from_base_to_labels() {
    correlated_ot::<DEFAULT_K>();
}

/// ReLUs of all lanes and of a part of them, on every engine: sealed, opened, evaluated, converted, decoded.
#[test]
fn garbled_relus_from_labels_to_shares() {
    const COUNT: usize = 11;
    for engine in engines() {
        let rng = &mut secret_rng(3);
        let delta = Delta::random(rng);
        let alpha = Fp::new(rng.next_u64());
        let (circuit, weights) = (relu(8), output_weights(8));
        let tweaks = Tweaks::new(Domain::Gate, &RunId::new(SESSION, 0), 0).with_engine(engine);
        let [y_zeros, t_zeros] = [(); 2].map(|()| ZeroLabels::random(COUNT * 44, rng));
        let inputs = ZeroLabels::join(&[(&y_zeros, 44), (&t_zeros, 44)]);

        let garbler = Garbler::new(&circuit, &delta, &tweaks);
        let mut tables = vec![0; COUNT * garbler.table_len()];
        let mut zeros = vec![Block::ZERO; COUNT * circuit.output_count()];
        garbler.garble(0, inputs.as_slice(), &mut tables, &mut zeros);
        let value = LabelsToShares::new(weights.clone(), &RunId::new(SESSION, 0), 0).with_engine(engine);
        let both = LabelsToAuthenticatedShares::new(weights, &RunId::new(SESSION, 1), 0).with_engine(engine);
        let (mut rows, mut both_rows) = (vec![0; COUNT * value.row_len()], vec![0; COUNT * both.row_len()]);
        let [mut rho, mut both_rho, mut kappa, mut w, mut both_w, mut m] =
            [(); 6].map(|()| vec![Fp::ZERO; COUNT]);
        value.garble(0, &zeros, &delta, &mut rows, &mut rho);
        both.garble(0, &zeros, &delta, alpha, &mut both_rows, &mut both_rho, &mut kappa);
        let output_tweaks = Tweaks::new(Domain::Output, &RunId::new(SESSION, 0), 0).with_engine(engine);
        let hashes = OutputHashes::new(&output_tweaks, 0, circuit.output_count(), &zeros, &delta);
        let hashes: OutputHashes = sent(zeros.len(), &hashes);
        let seal = SealKey::random(rng);
        seal.apply_with(engine, 0, &mut tables);
        ct::public(&tables[..]);
        ct::public(&rows[..]);
        ct::public(&both_rows[..]);

        let mut y = vec![Fp::ZERO; COUNT];
        fill_uniform(&mut y, rng);
        let y: Vec<u64> = y.iter().map(|y| y.to_u64()).collect();
        let y_labels = y_zeros.active_integers(&y, 44, &delta);
        let t_labels = t_zeros.active_integers(&[5; COUNT], 44, &delta);
        let inputs = ActiveLabels::join(&[(&y_labels, 44), (&t_labels, 44)]);
        seal.apply_with(engine, 0, &mut tables);
        let mut outputs = vec![Block::ZERO; COUNT * circuit.output_count()];
        Evaluator::new(&circuit, &tweaks).evaluate(0, inputs.as_slice(), &tables, &mut outputs);
        value.evaluate(0, &outputs, &rows, &mut w).unwrap();
        both.evaluate(0, &outputs, &both_rows, &mut both_w, &mut m).unwrap();
        let bits = open(&zeros, &delta, &outputs).unwrap();
        let same = hashes.decode(&output_tweaks, 0, circuit.output_count(), &outputs).unwrap();

        ct::public(&bits[..]);
        ct::public(&same[..]);
        assert_eq!(bits, same);
        for secret in [&rho, &both_rho, &kappa, &w, &both_w, &m] {
            ct::public(&secret[..]);
        }
        ct::public(&y[..]);
        let alpha = ct::disclosed(alpha);
        for j in 0..COUNT {
            let v = Fp::new(y[j]) - Fp::new(5);
            let expected = if v.to_u64() < MODULUS / 2 { Fp::new(v.to_u64() >> 8) } else { Fp::ZERO };
            assert_eq!(w[j] + rho[j], expected);
            assert_eq!(both_w[j] + both_rho[j], expected);
            assert_eq!(m[j], kappa[j] + alpha * both_w[j]);
        }
    }
}

#[test]
fn hashes_one_by_one() {
    for engine in engines() {
        let tweaks = Tweaks::new(Domain::Gate, &RunId::new(SESSION, 1), 1).with_engine(engine);
        let label = Block::random(&mut secret_rng(4));
        let (block, element) = (tweaks.hash(3, 4, label), tweaks.hash_to_field(3, 4, label));
        assert_eq!(ct::disclosed(element), Fp::from_u128(ct::disclosed(block).0));
    }
}

#[test]
fn binary_field() {
    let rng = &mut secret_rng(5);
    let [a, b, c] = [(); 3].map(|()| Gf128::random(rng));
    let elements: [Block; 128] = core::array::from_fn(|_| Block::random(rng));
    let bit = rng.next_u32() as u8;
    let results = [
        (a + b) * c - (a * c + b * c),
        a.mul_x() - a * Gf128::X,
        a.square() - a * a,
        a.masked(bit) + a.masked(!bit) - a,
        a.evaluate(&[b, c]) - (b + c * a),
        Gf128::dot(&[a.0, b.0], &[c.0, c.0]) - (a + b) * c,
        Gf128::pack(&elements)
            - elements.iter().rev().fold(Gf128::ZERO, |sum, &block| sum.mul_x() + Gf128(block)),
    ];
    let mut lanes = [a.0, b.0, c.0, a.0];
    Gf128::mul_each(&mut lanes, &[b.0; 4]);
    let mut low = [[a.0, b.0], [c.0, a.0]];
    Gf128::mul_linear(&mut low, &mut [a.0.colour_mask(); 2], &[b.0; 2], &[c.0.colour_mask(); 2]);
    black_box((&lanes, &low));
    assert_eq!(ct::disclosed(results), [Gf128::ZERO; 7]);
}

/// Which kernels these tests were about.
#[test]
fn kernels() {
    let has = cpu::features();
    let names: Vec<&str> = Engine::available().map(Engine::name).collect();
    if cfg!(muse_backend = "portable") {
        assert_eq!(names, ["portable"]);
    } else if ct::is_watched() {
        assert_eq!(names, ["aesni", "portable"], "valgrind has neither VAES nor AVX-512");
        assert!(has.avx2 && has.pclmul && !has.vpclmul);
    }
}

/// What valgrind must report: a jump on a bit of Delta, which is what a compiler made of a mask.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let delta = Delta::random(&mut secret_rng(6));
    let reported = if black_box(delta.block().0) >> 1 & 1 == 1 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}

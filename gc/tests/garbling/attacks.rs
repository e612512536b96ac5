//! Attacks on garbling seen in other code. Each succeeds on a weakened variant and fails on this crate.

use muse_field::id::{RunId, SessionId};
use muse_field::pack::unpack;
use muse_field::{Fp, MODULUS};
use muse_gc::circuit::{Builder, Circuit};
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::{Block, Delta, ZeroLabels};
use muse_gc::shares::LabelsToShares;

use crate::support::{SESSION, rng};
use crate::textbook::garble_and;

/// `x AND y`.
fn and_gate() -> Circuit {
    let mut b = Builder::new();
    let (x, y) = (b.input("x", 1), b.input("y", 1));
    let z = b.and(x[0], y[0]);
    b.output("z", &z.into());
    b.finish()
}

/// Garbles one AND gate with this crate: [T_G, T_E].
fn rows(tweaks: &Tweaks, instance: u64, zeros: [Block; 2], delta: &Delta) -> [Block; 2] {
    let (circuit, mut table, mut out) = (and_gate(), [0; 32], [Block::ZERO]);
    Garbler::new(&circuit, delta, tweaks).garble(instance, &zeros, &mut table, &mut out);
    let (rows, _) = table.as_chunks();
    [Block::from_bytes(rows[0]), Block::from_bytes(rows[1])]
}

fn gates(session: u8, inference: u64, layer: u32) -> Tweaks {
    Tweaks::new(Domain::Gate, &RunId::new(SessionId::from_bytes([session; 32]), inference), layer)
}

/// Both halves of AND(x, x) under one tweak: T_G xor T_E xor (active label) is the offset for half of the labels.
#[test]
fn both_halves_under_one_tweak() {
    const TRIALS: u64 = 200;
    let (mut weak, mut ours) = (0, 0);
    for trial in 0..TRIALS {
        let mut rng = rng(trial);
        let delta = Delta::random(&mut rng);
        let x0 = Block::random(&mut rng);
        let active = x0 ^ delta.block().masked((trial & 1) as u8);

        let key = Block::random(&mut rng).0;
        let (_, [t_g, t_e]) = garble_and(x0.0, x0.0, delta.block().0, [key, key]);
        weak += u64::from(t_g ^ t_e ^ active.0 == delta.block().0);

        let [t_g, t_e] = rows(&gates(1, 0, 0), trial, [x0, x0], &delta);
        ours += u64::from(t_g ^ t_e ^ active == delta.block());
    }
    assert!(
        (TRIALS / 4..3 * TRIALS / 4).contains(&weak),
        "the weakened variant leaks in half of the trials: {weak}"
    );
    assert_eq!(ours, 0);

    // And the builder makes no such gate.
    let mut b = Builder::new();
    let x = b.input("x", 1);
    let (same, never) = (b.and(x[0], x[0]), b.and(x[0], b.negate(x[0])));
    b.output("same", &same.into());
    b.output("never", &never.into());
    assert_eq!(b.finish().and_count(), 0);
}

/// Two AND gates on a common wire a under one tweak: the difference of their T_G is the offset where the colours of the other
/// operands differ.
#[test]
fn one_tweak_for_two_gates() {
    const TRIALS: u64 = 100;
    let here = (gates(1, 0, 0), 7);
    // What differs where gate counters restart: instance, layer, inference, session.
    let elsewhere = [
        (gates(1, 0, 0), 8),
        (gates(1, 0, 1), 7),
        (gates(1, 1, 0), 7),
        (gates(2, 0, 0), 7),
        (gates(1, 0, 0), 7 << 8),
    ];
    let mut weak = 0;
    for trial in 0..TRIALS {
        let mut rng = rng(trial);
        let delta = Delta::random(&mut rng);
        let [a, b, c] = [(); 3].map(|()| Block::random(&mut rng));
        let [first, _] = rows(&here.0, here.1, [a, b], &delta);
        // The weakened variant: gate ids restart, so another circuit's gate has the same one.
        let [second, _] = rows(&here.0, here.1, [a, c], &delta);
        assert!(first ^ second == delta.block() || first == second);
        weak += u64::from(first != second);
        for (tweaks, instance) in &elsewhere {
            let [second, _] = rows(tweaks, *instance, [a, c], &delta);
            assert!(first ^ second != delta.block() && first != second);
        }
    }
    assert!(
        (TRIALS / 4..3 * TRIALS / 4).contains(&weak),
        "the weakened variant leaks in half of the trials: {weak}"
    );
}

/// A malicious OT receiver makes its labels for one wire of two instances equal, with opposite bits: then the zero labels
/// differ by the offset. With one key for all instances of a gate, the rows are related by it too.
#[test]
fn equal_labels_in_two_instances() {
    let mut leaks = 0;
    for trial in 0..100 {
        let mut rng = rng(trial);
        let delta = Delta::random(&mut rng);
        let [active, b, c] = [(); 3].map(|()| Block::random(&mut rng));
        let zeros = [active, active ^ delta.block()];

        let key = Block::random(&mut rng).0;
        let weak = [[zeros[0], b], [zeros[1], c]]
            .map(|[a, b]| garble_and(a.0, b.0, delta.block().0, [key, key + 1]).1[0]);
        leaks += u32::from(weak[0] ^ weak[1] == delta.block().0);

        let tweaks = gates(1, 0, 0);
        let [first, _] = rows(&tweaks, 0, [zeros[0], b], &delta);
        let [second, _] = rows(&tweaks, 1, [zeros[1], c], &delta);
        assert!(first != second && first ^ second != delta.block());
    }
    assert!((25..75).contains(&leaks), "the weakened variant leaks in half of the trials: {leaks}");
}

/// What an evaluator sees of one output wire: its label, its share, the weight, and the row.
struct View {
    label: Block,
    share: Fp,
    row: u64,
    weight: Fp,
}

impl View {
    /// The other label's share, if this label's bit is 0, and if it is 1.
    fn other_shares(&self) -> [Fp; 2] {
        [self.share + self.weight, self.share - self.weight]
    }
}

/// The value that every wire allows: the attacker's answer.
fn common<T: PartialEq + Copy>(candidates: &[[T; 2]]) -> Option<T> {
    candidates[0].into_iter().find(|offset| candidates.iter().all(|pair| pair.contains(offset)))
}

/// Raw output labels as pads of a conversion table: under free XOR all pads of all wires differ by one offset. An honest
/// evaluator knows its own pad, and the other row up to the bit; the offset is what all wires agree on, and then it
/// reads every bit.
#[test]
fn raw_labels_as_pads() {
    const WIRES: usize = 36;
    let mut rng = rng(11);
    let delta = Delta::random(&mut rng);
    let zeros = ZeroLabels::random(WIRES, &mut rng);
    let bits: Vec<u8> = (0..WIRES).map(|i| (i % 3 % 2) as u8).collect();
    let active = zeros.active(&bits, &delta);
    let weights: Vec<Fp> = (0..WIRES as u64).map(|i| Fp::new(1 << i)).collect();

    // The weakened variant: rows by colour, share xor low half of the raw label.
    let weak: Vec<View> = (0..WIRES)
        .map(|i| {
            let rho = Fp::from_u128(Block::random(&mut rng).0);
            let bit = bits[i];
            let shares = [-rho, weights[i] - rho];
            let other = active.as_slice()[i] ^ delta.block();
            let row = shares[usize::from(1 - bit)].to_u64() ^ other.0 as u64;
            View { label: active.as_slice()[i], share: shares[usize::from(bit)], row, weight: weights[i] }
        })
        .collect();
    let candidates: Vec<[u64; 2]> = weak
        .iter()
        .map(|v| v.other_shares().map(|other| other.to_u64() ^ v.row ^ v.label.0 as u64))
        .collect();
    let offset = common(&candidates).expect("the attack finds the offset");
    assert_eq!(offset, delta.block().0 as u64);
    let read: Vec<u8> = candidates.iter().map(|pair| u8::from(pair[1] == offset)).collect();
    assert_eq!(read, bits, "and with it every bit");

    // This crate: the same view, and the pads that each bit would imply.
    let conversion = LabelsToShares::new(weights.clone(), &RunId::new(SessionId::from_bytes(SESSION), 0), 0);
    let (mut packed, mut rho, mut row) = (vec![0; conversion.row_len()], [Fp::ZERO], vec![Fp::ZERO; WIRES]);
    conversion.garble(0, zeros.as_slice(), &delta, &mut packed, &mut rho);
    unpack(&packed, &mut row).unwrap();
    let tweaks = Tweaks::new(Domain::ShareFirst, &RunId::new(SessionId::from_bytes(SESSION), 0), 0);
    let mut implied = Vec::new();
    for i in 0..WIRES {
        let label = active.as_slice()[i];
        let own_pad = tweaks.hash_to_field(0, i as u32, label);
        let colour = label.colour();
        let share = if colour == 1 { own_pad + row[i] } else { own_pad };
        let view = View { label, share, row: row[i].to_u64(), weight: weights[i] };
        // The other label's pad: its share for colour 0, its share minus the row for colour 1.
        let other_pads = view.other_shares().map(|share| if colour == 1 { share } else { share - row[i] });
        implied.push(other_pads.map(|other| [own_pad, other, Fp::from_u128(label.0)]));
    }
    let differences: [fn([Fp; 3]) -> u64; 4] = [
        |[own, other, _]| own.to_u64() ^ other.to_u64(),
        |[own, other, _]| (own - other).to_u64(),
        |[_, other, label]| label.to_u64() ^ other.to_u64(),
        |[_, other, label]| (label - other).to_u64(),
    ];
    for difference in differences {
        let candidates: Vec<[u64; 2]> = implied.iter().map(|pads| pads.map(difference)).collect();
        assert_eq!(common(&candidates), None);
        // Not even two wires agree, beyond chance.
        assert!(candidates.windows(2).all(|pair| common(pair).is_none()));
    }
    assert!(implied.iter().flatten().flatten().all(|pad| pad.to_u64() < MODULUS));
}

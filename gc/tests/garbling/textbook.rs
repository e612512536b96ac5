//! A second, scalar transcription of half gates and of the hash, straight from the papers: the oracle of the batched code,
//! and the place where attacks weaken it.

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use muse_field::id::{RunId, SessionId};
use muse_field::transcript::Transcript;
use muse_gc::circuit::{Circuit, Gate, relu::relu};
use muse_gc::garble::Garbler;
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::{Block, Delta, ZeroLabels};

use crate::support::{SESSION, engines, rng, tweaks};

/// H under an AES key.
pub(crate) fn hash(key: u128, label: u128) -> u128 {
    let sigma = ((label >> 64) ^ (label & u128::from(u64::MAX))) << 64 | label >> 64;
    let mut block = Array::from(sigma.to_le_bytes());
    Aes128Enc::new(&Array::from(key.to_le_bytes())).encrypt_block(&mut block);
    u128::from_le_bytes(block.into()) ^ sigma
}

/// A garbled AND gate, from two zero labels and the keys of the two halves: (zero label of the result, [T_G, T_E]).
pub(crate) fn garble_and(a0: u128, b0: u128, delta: u128, keys: [u128; 2]) -> (u128, [u128; 2]) {
    let (p_a, p_b) = (a0 & 1 == 1, b0 & 1 == 1);
    let if_set = |bit: bool, x: u128| if bit { x } else { 0 };
    let t_g = hash(keys[0], a0) ^ hash(keys[0], a0 ^ delta) ^ if_set(p_b, delta);
    let w_g = hash(keys[0], a0) ^ if_set(p_a, t_g);
    let t_e = hash(keys[1], b0) ^ hash(keys[1], b0 ^ delta) ^ a0;
    let w_e = hash(keys[1], b0) ^ if_set(p_b, t_e ^ a0);
    (w_g ^ w_e, [t_g, t_e])
}

/// The number the tweaks of one (domain, session, inference, layer) start at.
fn start(domain: u64, inference: u64, layer: u64) -> u128 {
    let mut transcript = Transcript::new("muse-gc tweaks");
    transcript.append_u64("domain", domain).append("session", &SESSION);
    transcript.append_u64("inference", inference).append_u64("layer", layer);
    u128::from_le_bytes(transcript.digest("start")[..16].try_into().expect("length"))
}

/// One instance, gate by gate.
fn garble(circuit: &Circuit, instance: u128, inputs: &[Block], delta: u128) -> (Vec<u8>, Vec<Block>) {
    let start = start(1, 3, 1);
    let mut slots = vec![0; circuit.slot_count()];
    slots.iter_mut().zip(inputs).for_each(|(slot, input)| *slot = input.0);
    let (mut tables, mut and) = (Vec::new(), 0);
    for gate in circuit.gates() {
        match *gate {
            Gate::Xor { a, b, out } => slots[out as usize] = slots[a as usize] ^ slots[b as usize],
            Gate::Not { a, out } => slots[out as usize] = slots[a as usize] ^ delta,
            Gate::Zero { out } => slots[out as usize] = 0,
            Gate::And { a, b, out } => {
                let keys = [2 * and, 2 * and + 1].map(|index| start.wrapping_add(instance << 32 | index));
                let (zero, rows) = garble_and(slots[a as usize], slots[b as usize], delta, keys);
                slots[out as usize] = zero;
                rows.iter().for_each(|row| tables.extend_from_slice(&row.to_le_bytes()));
                and += 1;
            }
        }
    }
    (tables, circuit.output_slots().iter().map(|&slot| Block(slots[slot as usize])).collect())
}

#[test]
fn every_engine_garbles_like_the_textbook() {
    let circuit = relu(8);
    let delta = Delta::random(&mut rng(1));
    for first in [0, 5, (1 << 32) - 11] {
        let inputs = ZeroLabels::random(11 * circuit.input_count(), &mut rng(2));
        let (mut tables, mut outputs) = (Vec::new(), Vec::new());
        for (instance, inputs) in (first..).zip(inputs.as_slice().chunks(circuit.input_count())) {
            let (table, output) = garble(&circuit, u128::from(instance), inputs, delta.block().0);
            tables.extend(table);
            outputs.extend(output);
        }
        for engine in engines() {
            let tweaks = tweaks(Domain::Gate).with_engine(engine);
            let mut ours = (vec![0; tables.len()], vec![Block::ZERO; outputs.len()]);
            Garbler::new(&circuit, &delta, &tweaks).garble(
                first,
                inputs.as_slice(),
                &mut ours.0,
                &mut ours.1,
            );
            assert!(ours == (tables.clone(), outputs.clone()), "{engine:?} from instance {first}");
        }
    }
}

#[test]
fn domains_have_hashes_of_their_own() {
    let session = SessionId::from_bytes(SESSION);
    let label = Block(0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978);
    let domains = [Domain::Gate, Domain::Cds, Domain::ShareFirst, Domain::ShareSecond, Domain::Output];
    for (number, domain) in (1..).zip(domains) {
        let hashed = Tweaks::new(domain, &RunId::new(session, 9), 2).hash(77, 13, label);
        assert_eq!(hashed.0, hash(start(number, 9, 2).wrapping_add(77 << 32 | 13), label.0), "{domain:?}");
    }
}

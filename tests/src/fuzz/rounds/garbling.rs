//! What an evaluator gets from a garbler, and a client from a server's ring.

use super::{SESSION, prg};
use crate::fuzz::input::Input;
use muse_field::id::RunId;
use muse_field::{
    Fp,
    wire::{from_slice, to_vec},
};
use muse_gc::{
    Error,
    circuit::{
        Circuit,
        library::adder,
        relu::{output_weights, relu},
    },
    error::Check,
    evaluate::{
        Evaluator,
        decode::{OutputHashes, open},
    },
    garble::Garbler,
    hash::{Domain, Tweaks},
    label::{ActiveLabels, Block, Delta, ZeroLabels},
    seal::SealKey,
    shares::{LabelsToAuthenticatedShares, LabelsToShares},
};
use muse_he::{
    keys::SecretKey,
    params::Params,
    reply::{Reply, ReplyKey, ReplyShape},
    ring::Ring,
};
use std::sync::LazyLock;

/// Tables, rows, hashes, labels sent back, replies: evaluation goes through any tables; a label that is none of its wire is refused.
pub(super) fn garbling(number: u8, input: &mut Input<'_>) {
    match number % 5 {
        0 => tables(input),
        1 => rows(input),
        2 => hashes(input),
        3 => labels_back(input),
        _ => reply(input),
    }
}

/// A garbled addition of four bits.
struct Garbled {
    circuit: Circuit,
    delta: Delta,
    tables: Vec<u8>,
    outputs: Vec<Block>,
    active: ActiveLabels,
}

static GARBLED: LazyLock<Garbled> = LazyLock::new(|| {
    let (circuit, rng) = (adder(4), &mut prg(1));
    let (delta, zeros) = (Delta::random(rng), ZeroLabels::random(8, rng));
    let gates = tweaks(Domain::Gate);
    let garbler = Garbler::new(&circuit, &delta, &gates);
    let (mut tables, mut outputs) = (vec![0; garbler.table_len()], vec![Block::ZERO; 5]);
    garbler.garble(0, zeros.as_slice(), &mut tables, &mut outputs);
    let active = zeros.active_integers(&[3 | 6 << 4], 8, &delta);
    Garbled { circuit, delta, tables, outputs, active }
});

fn tweaks(domain: Domain) -> Tweaks {
    Tweaks::new(domain, &RunId::new(SESSION, 0), 0)
}

fn evaluate(tables: &[u8]) -> Vec<Block> {
    let mut active = vec![Block::ZERO; 5];
    let gates = tweaks(Domain::Gate);
    Evaluator::new(&GARBLED.circuit, &gates).evaluate(0, GARBLED.active.as_slice(), tables, &mut active);
    active
}

/// Nine, or a refusal.
fn nine(opened: Result<Vec<bool>, Error>, honest: bool) {
    match opened {
        Ok(bits) => assert_eq!(bits, [true, false, false, true, false]),
        Err(error) => {
            assert_eq!(error, Error::PeerMisbehaved(Check::OutputLabel));
            assert!(!honest);
        }
    }
}

fn tables(input: &mut Input<'_>) {
    let Garbled { tables, outputs, delta, .. } = &*GARBLED;
    let key = SealKey::random(&mut prg(5));
    let mut sealed = tables.clone();
    key.apply(0, &mut sealed);
    let mut changed = input.mutated(&sealed);
    changed.resize(sealed.len(), 0);
    let honest = changed == sealed;
    key.apply(0, &mut changed);
    nine(open(outputs, delta, &evaluate(&changed)), honest);
}

fn rows(input: &mut Input<'_>) {
    let active = ZeroLabels::random(relu(8).output_count(), &mut prg(6));
    let (plain, with_macs) = (
        LabelsToShares::new(output_weights(8), &RunId::new(SESSION, 3), 1),
        LabelsToAuthenticatedShares::new(output_weights(8), &RunId::new(SESSION, 3), 1),
    );
    let bytes = input.message(with_macs.row_len());
    let [mut w, mut m] = [[Fp::ZERO]; 2];
    let verdict = bytes.get(..plain.row_len()).map(|rows| plain.evaluate(0, active.as_slice(), rows, &mut w));
    assert!(matches!(verdict, None | Some(Ok(()) | Err(Error::Malformed))));
    if bytes.len() == with_macs.row_len() {
        let verdict = with_macs.evaluate(0, active.as_slice(), &bytes, &mut w, &mut m);
        assert!(matches!(verdict, Ok(()) | Err(Error::Malformed)));
    }
}

fn hashes(input: &mut Input<'_>) {
    let Garbled { tables, outputs, delta, .. } = &*GARBLED;
    let tweaks = tweaks(Domain::Output);
    let honest = to_vec(&OutputHashes::new(&tweaks, 0, 5, outputs, delta));
    let bytes = input.mutated(&honest);
    let Ok(hashes) = from_slice::<OutputHashes>(5, &bytes) else { return };
    nine(hashes.decode(&tweaks, 0, 5, &evaluate(tables)), bytes == honest);
}

fn labels_back(input: &mut Input<'_>) {
    let Garbled { tables, outputs, delta, .. } = &*GARBLED;
    let honest = to_vec(&ActiveLabels::new(evaluate(tables)));
    let bytes = input.mutated(&honest);
    let Ok(labels) = from_slice::<ActiveLabels>(5, &bytes) else { return };
    nine(open(outputs, delta, labels.as_slice()), bytes == honest);
}

static RING: LazyLock<(Ring, ReplyKey)> = LazyLock::new(|| {
    let ring = Ring::new(Params::with_degree(64).unwrap()).unwrap();
    let secret = SecretKey::generate(&ring, &mut prg(7));
    let key = ReplyKey::new(&ring, &secret).unwrap();
    (ring, key)
});

/// Whatever words a server returns, they decrypt to something.
fn reply(input: &mut Input<'_>) {
    let (ring, key) = &*RING;
    let wanted = [0, 5, 63];
    let shape = ReplyShape { n: ring.n(), wanted: wanted.len() };
    let bytes = input.message(<Reply as muse_field::wire::Decode>::len_for(shape));
    if let Ok(reply) = from_slice::<Reply>(shape, &bytes) {
        assert_eq!(key.decrypt(ring, &reply, &wanted).unwrap().len(), wanted.len());
        assert!(key.decrypt(ring, &reply, &[0]).is_err());
        assert!(key.decrypt(ring, &reply, &[0, 1, 64]).is_err());
    }
}

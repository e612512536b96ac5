//! Tables, rows and labels from a hostile peer: nothing panics, nothing forged is accepted.

use muse_field::id::{RunId, SessionId};
use muse_field::wire::{DecodeError, from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_gc::circuit::library::adder;
use muse_gc::circuit::relu::{output_weights, relu};
use muse_gc::error::{Check, Error};
use muse_gc::evaluate::Evaluator;
use muse_gc::evaluate::decode::{OutputHashes, open};
use muse_gc::garble::Garbler;
use muse_gc::hash::Domain;
use muse_gc::label::{ActiveLabels, Block, Delta, ZeroLabels};
use muse_gc::shares::{LabelsToAuthenticatedShares, LabelsToShares};
use proptest::prelude::*;

use crate::support::{SESSION, garble, rng, tweaks};

const FORGED: Error = Error::PeerMisbehaved(Check::OutputLabel);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_tables_evaluate_to_something(seed: u64, filler: u8, instances in 1_usize..12) {
        let circuit = relu(8);
        let active = ZeroLabels::random(instances * circuit.input_count(), &mut rng(seed));
        let mut outputs = vec![Block::ZERO; instances * circuit.output_count()];
        let gates = tweaks(Domain::Gate);
        let evaluator = Evaluator::new(&circuit, &gates);
        evaluator.evaluate(0, active.as_slice(), &vec![filler; instances * evaluator.table_len()], &mut outputs);
    }

    #[test]
    fn one_flipped_table_bit_never_yields_another_valid_output(seed: u64, bit in 0_usize..16 * 32 * 8) {
        let circuit = adder(16);
        let mut garbled = garble(&circuit, 1, seed);
        let bits: Vec<bool> = (0..32).map(|i| seed >> i & 1 == 1).collect();
        let honest = circuit.evaluate_plain(&bits);
        garbled.tables[bit / 8] ^= 1 << (bit % 8);
        let active = garbled.evaluate(&circuit, &garbled.encode(&bits));
        match open(garbled.outputs.as_slice(), &garbled.delta, active.as_slice()) {
            Ok(opened) => prop_assert_eq!(opened, honest, "a row that was not used"),
            Err(error) => prop_assert_eq!(error, FORGED),
        }
    }

    #[test]
    fn any_rows_open_or_are_refused(seed: u64, bytes in prop::collection::vec(any::<u8>(), 204)) {
        let session = SessionId::from_bytes(SESSION);
        let conversion = LabelsToShares::new(output_weights(8), &RunId::new(session, 3), 1);
        prop_assume!(bytes.len() >= conversion.row_len());
        let active = ZeroLabels::random(36, &mut rng(seed));
        let rows = &bytes[..conversion.row_len()];
        let outcome = conversion.evaluate(0, active.as_slice(), rows, &mut [Fp::ZERO]);
        prop_assert!(matches!(outcome, Ok(()) | Err(Error::Malformed)));
    }
}

/// Found by fuzzing: the length of an impossible number of labels once overflowed.
#[test]
fn no_number_of_labels_overflows() {
    for count in [usize::MAX, usize::MAX / 16 + 1, usize::MAX / 32 + 1] {
        assert_eq!(from_slice::<OutputHashes>(count, &[0; 64]).unwrap_err(), DecodeError::Length);
        assert_eq!(from_slice::<ZeroLabels>(count, &[0; 64]).unwrap_err(), DecodeError::Length);
        assert_eq!(from_slice::<ActiveLabels>(count, &[0; 64]).unwrap_err(), DecodeError::Length);
    }
}

#[test]
fn non_canonical_rows_are_refused() {
    let session = SessionId::from_bytes(SESSION);
    let active = ZeroLabels::random(36, &mut rng(1));
    let active = active.as_slice();
    let value = LabelsToShares::new(output_weights(8), &RunId::new(session, 3), 1);
    let both = LabelsToAuthenticatedShares::new(output_weights(8), &RunId::new(session, 3), 1);
    // p itself in the first element, and in the last.
    let mut rows = vec![0; value.row_len()];
    rows[..6].copy_from_slice(&MODULUS.to_le_bytes()[..6]);
    assert_eq!(value.evaluate(0, active, &rows, &mut [Fp::ZERO]), Err(Error::Malformed));
    let mut rows = vec![0; both.row_len()];
    let end = rows.len();
    rows[end - 6..].fill(0xff);
    assert_eq!(both.evaluate(0, active, &rows, &mut [Fp::ZERO], &mut [Fp::ZERO]), Err(Error::Malformed));
    assert!(Error::Malformed.peer_at_fault());
    // An odd number of elements leaves four padding bits, which must be zero.
    let odd = LabelsToShares::new(output_weights(9), &RunId::new(session, 3), 1);
    let mut rows = vec![0; odd.row_len()];
    odd.evaluate(0, &active[..35], &rows, &mut [Fp::ZERO]).unwrap();
    *rows.last_mut().unwrap() = 0x10;
    assert_eq!(odd.evaluate(0, &active[..35], &rows, &mut [Fp::ZERO]), Err(Error::Malformed));
}

#[test]
fn forged_output_labels_are_refused() {
    let mut rng = rng(3);
    let delta = Delta::random(&mut rng);
    let zeros = ZeroLabels::random(10, &mut rng);
    let bits = [0, 1, 1, 0, 1, 0, 0, 0, 1, 1];
    let expected: Vec<bool> = bits.iter().map(|&bit| bit == 1).collect();
    let tweaks = tweaks(Domain::Output);
    let hashes = OutputHashes::new(&tweaks, 5, 2, zeros.as_slice(), &delta);
    let honest = zeros.active(&bits, &delta);
    assert_eq!(open(zeros.as_slice(), &delta, honest.as_slice()), Ok(expected.clone()));
    assert_eq!(hashes.decode(&tweaks, 5, 2, honest.as_slice()), Ok(expected));
    for at in 0..10 {
        for bit in [0, 1, 64, 127] {
            let mut forged = zeros.active(&bits, &delta);
            forged.as_mut_slice()[at] ^= Block(1 << bit);
            assert_eq!(open(zeros.as_slice(), &delta, forged.as_slice()), Err(FORGED));
            assert_eq!(hashes.decode(&tweaks, 5, 2, forged.as_slice()), Err(FORGED));
        }
    }
    // The right labels at other places or in other instances are forged too.
    let mut swapped = zeros.active(&bits, &delta);
    swapped.as_mut_slice().swap(0, 1);
    assert_eq!(open(zeros.as_slice(), &delta, swapped.as_slice()), Err(FORGED));
    assert_eq!(hashes.decode(&tweaks, 6, 2, honest.as_slice()), Err(FORGED));
    assert_eq!(open(zeros.as_slice(), &delta, &honest.as_slice()[1..]), Err(Error::Malformed));

    let bytes = to_vec(&hashes);
    assert_eq!(bytes.len(), 320);
    assert_eq!(from_slice::<OutputHashes>(10, &bytes).unwrap(), hashes);
    assert_eq!(from_slice::<OutputHashes>(10, &bytes[1..]), Err(DecodeError::Length));
}

#[test]
fn label_codec_takes_the_length_from_the_shape() {
    let labels = ZeroLabels::random(3, &mut rng(4));
    let bytes = to_vec(&labels);
    assert_eq!(bytes.len(), 48);
    let back: ActiveLabels = from_slice(3, &bytes).unwrap();
    assert!(back.as_slice() == labels.as_slice());
    for (count, error) in
        [(2, DecodeError::TrailingBytes), (4, DecodeError::Length), (1 << 50, DecodeError::Length)]
    {
        assert_eq!(from_slice::<ZeroLabels>(count, &bytes).unwrap_err(), error);
    }
}

#[test]
fn bundles_are_joined_by_instance() {
    let labels = |range: core::ops::Range<u128>| ZeroLabels::new(range.map(Block).collect());
    let joined = ZeroLabels::join(&[(&labels(0..6), 2), (&labels(10..13), 1), (&labels(0..0), 0)]);
    assert_eq!(joined.as_slice(), [0, 1, 10, 2, 3, 11, 4, 5, 12].map(Block));
    assert!(ZeroLabels::join(&[]).is_empty());
    for (count, width) in [(5, 2), (6, 4), (4, 2), (1, 0)] {
        let outcome =
            std::panic::catch_unwind(|| ZeroLabels::join(&[(&labels(0..6), 2), (&labels(0..count), width)]));
        assert!(outcome.is_err());
    }
}

#[test]
fn secrets_print_nothing() {
    let mut rng = rng(5);
    let (delta, labels) = (Delta::random(&mut rng), ZeroLabels::random(2, &mut rng));
    assert_eq!(format!("{delta:?} {labels:?}"), "Delta(redacted) ZeroLabels(2 redacted)");
    assert_eq!(delta.block().colour(), 1);
}

#[test]
fn the_callers_mistakes_panic_before_anything_is_written() {
    let circuit = adder(4);
    let (delta, gates) = (Delta::random(&mut rng(6)), tweaks(Domain::Gate));
    let garbler = Garbler::new(&circuit, &delta, &gates);
    let len = garbler.table_len();
    for (first, inputs, tables, outputs) in [
        (0, 7, len, 5),
        (0, 8, len - 1, 5),
        (0, 8, 2 * len, 5),
        (0, 8, len, 6),
        ((1 << 32) - 1, 16, 2 * len, 10),
        (u64::MAX, 8, len, 5),
    ] {
        let outcome = std::panic::catch_unwind(|| {
            let inputs = vec![Block::ZERO; inputs];
            garbler.garble(first, &inputs, &mut vec![0; tables], &mut vec![Block::ZERO; outputs]);
        });
        assert!(outcome.is_err());
    }
    garbler.garble((1 << 32) - 1, &[Block::ZERO; 8], &mut vec![0; len], &mut [Block::ZERO; 5]);
    garbler.garble(0, &[], &mut [], &mut []);
}

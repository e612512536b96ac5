//! tau against the formulas, one label at a time.

use alloc::vec;
use alloc::vec::Vec;
use muse_field::id::RunId;

use crate::correlated::tweaks;
use muse_field::pack::unpack;
use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS};
use muse_gc::hash::{Domain, Tweaks};
use muse_gc::label::ZeroLabels;
use rand_core::Rng;

use super::*;

const ID: RunId = RunId::new(muse_field::id::SessionId::from_bytes([5; 32]), 1 << 40);

/// Integers of 44 bits, p and more among them.
fn integers(count: usize) -> Vec<u64> {
    let mut rng = Prg::from_seed([1; 32]);
    let edges = [0, 1, MODULUS - 1, MODULUS, (1 << 44) - 1, (MODULUS - 1) / 2];
    let random = core::iter::repeat_with(|| rng.next_u64() >> 20);
    edges.into_iter().chain(random).take(count).collect()
}

#[test]
fn tau_and_what_it_recomposes_to() {
    for (first, count) in [(0, 1), (0, 33), (500, 70)] {
        let mut rng = Prg::from_seed([2; 32]);
        let (delta, key) = (Delta::random(&mut rng), MacKey::random(&mut rng));
        let integers = integers(count);
        let zeros = ZeroLabels::random(BITS * count, &mut rng);
        let active = zeros.active_integers(&integers, BITS, &delta);

        let (mut tau, mut keys) = (vec![0; TAU_BYTES * count], vec![Fp::ZERO; count]);
        Maker::new(tweaks(&ID), delta.clone(), &key).make(first, zeros.as_slice(), &mut tau, &mut keys);
        let mut macs = vec![Fp::ZERO; count];
        recompose(&tweaks(&ID), first, active.as_slice(), &integers, &tau, &mut macs).unwrap();

        let tweaks = Tweaks::new(Domain::Cds, &ID, 0);
        let mut elements = vec![Fp::ZERO; BITS * count];
        unpack(&tau, &mut elements).unwrap();
        for (j, (&integer, (&mac, &k))) in integers.iter().zip(macs.iter().zip(&keys)).enumerate() {
            let mut sum = Fp::ZERO;
            for i in 0..BITS {
                let hash = |label| tweaks.hash_to_field(first + j as u64, u32::try_from(i).unwrap(), label);
                let zero = zeros.as_slice()[BITS * j + i];
                sum += hash(zero);
                let want = hash(zero) - hash(zero ^ delta.block()) + key.expose() * Fp::new(1 << i);
                assert_eq!(elements[BITS * j + i], want);
            }
            assert_eq!(k, sum);
            assert_eq!(mac, k + key.expose() * Fp::new(integer), "a MAC of the recomposed bits");
        }
    }
}

/// A chunk is the same in the middle of the flow and alone.
#[test]
fn values_are_independent() {
    let mut rng = Prg::from_seed([3; 32]);
    let maker = Maker::new(tweaks(&ID), Delta::random(&mut rng), &MacKey::random(&mut rng));
    let zeros = ZeroLabels::random(BITS * 100, &mut rng);
    let make = |first: usize, count: usize| {
        let (mut tau, mut keys) = (vec![0; TAU_BYTES * count], vec![Fp::ZERO; count]);
        maker.make(first as u64, &zeros.as_slice()[BITS * first..][..BITS * count], &mut tau, &mut keys);
        (tau, keys)
    };
    let (tau, keys) = make(0, 100);
    for (first, count) in [(0, 1), (1, 40), (99, 1), (37, 0)] {
        let part = make(first, count);
        assert_eq!(part.0, tau[TAU_BYTES * first..][..TAU_BYTES * count]);
        assert_eq!(part.1, keys[first..][..count]);
    }
}

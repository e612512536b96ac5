//! What a client that fixes its inputs as it likes can prove: true statements.

use alloc::vec;
use alloc::vec::Vec;
use muse_field::id::{Coin, RunId};

use muse_field::prg::Prg;
use muse_field::sample::uniform;
use muse_field::{Fp, MODULUS};
use muse_mac::{Keys, MacKey, ideal};

use super::{BITS, INPUTS, Proving, Statement, Verifying, inputs};
use crate::linear::{constant_keys, constants};
use crate::{Check, Error};

const REFUSED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::Bits));

fn rng(seed: u64) -> Prg {
    Prg::from_seed([8; 32]).substream(seed)
}

fn prove(
    key: &MacKey,
    of_client: Statement<muse_mac::Authenticated>,
    of_server: Statement<Keys>,
    rng: &mut Prg,
) -> Result<(), Error> {
    let id = RunId::new(muse_field::id::SessionId::from_bytes([1; 32]), 2);
    let (mask, mask_keys) = ideal::authenticate(key, &[uniform(rng)], rng);
    let seed = Coin::random(rng);
    let message = Proving { id, statement: of_client, mask }.prove(&seed)?;
    Verifying { id, statement: of_server, mask: mask_keys, seed }.verify(key, message)
}

/// The verdict on these inputs, which the client says belong to these values.
fn canonical(values: &[Fp], inputs: &[Fp]) -> Result<(), Error> {
    let rng = &mut rng(1);
    let key = MacKey::random(rng);
    let (y, y_keys) = ideal::authenticate(&key, values, rng);
    let (known, known_keys) = ideal::authenticate(&key, inputs, rng);
    let ones = vec![Fp::ONE; values.len()];
    let (statement, bits) = Statement::canonical(&y, &known, &constants(ones.clone()));
    let (statement_keys, bit_keys) = Statement::canonical(&y_keys, &known_keys, &constant_keys(&key, &ones));
    assert_eq!((bits.len(), bit_keys.len()), (BITS, BITS));
    prove(&key, statement, statement_keys, rng)
}

#[test]
fn bits_of_canonical_values_pass() {
    let half = (MODULUS - 1) / 2;
    let mut values: Vec<u64> = vec![0, 1, half, half + 1, 1 << 23, (1 << 24) - 1, (1 << 43) - 1, 1 << 43];
    // Around the places where the condition changes: all of bits 27 to 43 are one, and less or more below.
    let top = (1 << 44) - (1 << 27);
    values.extend([top - 1, top, top + 1, top + (1 << 23) - 1, top + (1 << 23)]);
    assert_eq!(values.last(), Some(&(MODULUS - 1)));
    let values: Vec<Fp> = values.into_iter().map(Fp::new).collect();
    assert_eq!(canonical(&values, &inputs(&values)), Ok(()));
    for value in values {
        assert_eq!(canonical(&[value], &inputs(&[value])), Ok(()));
    }
    assert_eq!(canonical(&[], &[]), Ok(()));
}

/// Inputs for the bits of a number of 44 bits, with the helpers that satisfy all statements that can be.
fn of_number(number: u64) -> Vec<Fp> {
    let bit = |i: usize| Fp::new(number >> i & 1);
    let mut inputs: Vec<Fp> = (1..BITS).map(bit).collect();
    let top = Fp::new(u64::from((number >> 27).count_ones())) - Fp::new(17);
    inputs.push(Fp::new(u64::from(top == Fp::ZERO)));
    inputs.push(top.invert().unwrap_or(Fp::ZERO));
    inputs.push(bit(23) * Fp::new(u64::from((number & ((1 << 23) - 1)).count_ones())));
    inputs
}

#[test]
fn the_other_representative_is_refused() {
    let wrap = (1_u64 << 44) - MODULUS;
    for small in [0, 1, 2, (1 << 23) - 2, (1 << 23) - 1, 1 << 24, 1 << 25, 1 << 26, wrap - 1] {
        let value = Fp::new(small);
        assert_eq!(of_number(small), inputs(&[value]).to_vec());
        let other = of_number(small + MODULUS);
        assert_eq!(canonical(&[value], &other), REFUSED, "{small} + p");
        // Whatever the helpers say.
        for (all, inverse, low) in [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0), (0, 0, 1), (1, 0, 1)] {
            let mut tried = other.clone();
            tried.truncate(BITS - 1);
            tried.extend([all, inverse, low].map(Fp::new));
            assert_eq!(canonical(&[value], &tried), REFUSED, "{small} + p");
        }
    }
}

#[test]
fn what_is_no_bit_is_refused() {
    let value = Fp::new(12_345);
    let honest = inputs(&[value]);
    for i in 1..BITS {
        for by in [Fp::ONE, Fp::NEG_ONE, Fp::new(5)] {
            let mut tried = honest.to_vec();
            tried[i - 1] += by;
            // The rest goes to bit 0, and the sum stays right.
            assert_eq!(canonical(&[value], &tried), REFUSED, "bit {i}");
        }
    }
    // Bits of another value, all of them bits.
    assert_eq!(canonical(&[value], &inputs(&[value + Fp::new(2)])), REFUSED);
}

#[test]
fn helpers_of_one_value_serve_no_other() {
    let values = [Fp::ZERO, Fp::NEG_ONE, Fp::new(1 << 23 | 7)];
    let honest = inputs(&values);
    assert_eq!(canonical(&values, &honest), Ok(()));
    for i in (BITS - 1) * 3..INPUTS * 3 {
        let mut tried = honest.to_vec();
        tried[i] += Fp::ONE;
        // Where all top bits are one the "inverse" is multiplied by zero and says nothing.
        let free = i == BITS * 3 + 1;
        assert_eq!(canonical(&values, &tried), if free { Ok(()) } else { REFUSED }, "input {i}");
    }
}

#[test]
fn single_bits() {
    let rng = &mut rng(2);
    let key = MacKey::random(rng);
    for (bits, verdict) in [
        (vec![0, 1, 1, 0], Ok(())),
        (vec![], Ok(())),
        (vec![0, 2], REFUSED),
        (vec![MODULUS - 1], REFUSED),
        (vec![1, 0, 0, MODULUS.div_ceil(2)], REFUSED),
    ] {
        let bits: Vec<Fp> = bits.into_iter().map(Fp::new).collect();
        let (bits, keys) = ideal::authenticate(&key, &bits, rng);
        assert_eq!(prove(&key, Statement::bits(&bits), Statement::bits(&keys), rng), verdict);
    }
}

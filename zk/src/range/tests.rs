//! The proof under the coefficients of test vectors: from the project's Python reference model, seed 1.

use alloc::vec;
use alloc::vec::Vec;

use muse_gc::gf128::Gf128;
use muse_gc::label::{Block, Delta};
use serde_json::Value;

use super::batch::{LANES, Lanes};
use super::challenge::{ChunkCoefficients, Coefficients};
use super::prover::prove_with;
use super::verifier::verify_with;
use super::{BITS, Choices, HELPERS, MASKS, Message, STATEMENTS, count};
use crate::{Check, Error};
use muse_field::prg::Prg;

fn element(v: &Value) -> Block {
    Block(u128::from_str_radix(v.as_str().expect("hex"), 16).expect("hex"))
}

fn list(v: &Value) -> &[Value] {
    v.as_array().expect("a list")
}

/// Coefficients of a batch in one chunk.
struct Given(Vec<[Block; STATEMENTS]>);

impl Coefficients for Given {
    fn chunk(&self, index: usize) -> impl ChunkCoefficients {
        assert_eq!(index, 0);
        self.0.iter()
    }
}

impl ChunkCoefficients for core::slice::Iter<'_, [Block; STATEMENTS]> {
    fn next(&mut self, values: usize) -> [Lanes; STATEMENTS] {
        let mut chi = [[Block::ZERO; LANES]; STATEMENTS];
        for lane in 0..values {
            let five = Iterator::next(self).expect("coefficients for each value");
            for (row, &coefficient) in chi.iter_mut().zip(five) {
                row[lane] = coefficient;
            }
        }
        chi
    }
}

/// Labels in the order of a batch. A vector has the masks packed: here the first of 128 labels is all of the mask.
fn labels(values: &Value, masks: &[Block]) -> Vec<Block> {
    let n = list(values).len();
    let mut labels = vec![Block::ZERO; count(n)];
    for (j, value) in list(values).iter().enumerate() {
        for (i, label) in list(value).iter().enumerate() {
            let at = if i < BITS { BITS * j + i } else { BITS * n + HELPERS * j + (i - BITS) };
            labels[at] = element(label);
        }
    }
    for (i, &mask) in masks.iter().enumerate() {
        labels[count(n) - 128 * (MASKS - i)] = mask;
    }
    labels
}

#[test]
fn vectors() {
    let parsed: Value = serde_json::from_str(include_str!("../../tests/vectors/range.json")).expect("JSON");
    for case in list(&parsed["range"]) {
        let values: Vec<u64> = list(&case["y"]).iter().map(|y| y.as_u64().expect("an integer")).collect();
        let n = values.len();
        let (u, a): (Vec<Block>, Vec<Block>) =
            list(&case["mask_u_a"]).iter().map(|mask| (element(&mask[0]), element(&mask[1]))).unzip();
        let keys: Vec<Block> = list(&case["mask_k"]).iter().map(element).collect();

        let mut choices = Choices::new(&values, &mut Prg::from_seed([1; 32]));
        choices.replace_masks(&u);
        for (j, bits) in list(&case["bits"]).iter().enumerate() {
            for (i, bit) in list(bits).iter().enumerate() {
                assert_eq!(choices.bits_of(j) >> i & 1, bit.as_u64().expect("a bit"));
            }
        }
        let chi = list(&case["chi"]).iter().map(|c| core::array::from_fn(|i| element(&c[i]))).collect();
        let chi = Given(chi);
        let message = prove_with(&choices, &labels(&case["L"], &a), &chi);
        let expected = list(&case["message"]).iter().map(|c| Gf128(element(c))).collect::<Vec<_>>();
        assert_eq!(message.0.as_slice(), expected);

        let delta = Delta::from_block(element(&case["delta"]));
        let verdict = verify_with(&delta, &labels(&case["K"], &keys), n, &chi, &message);
        let accept = case["accept"].as_bool().expect("a verdict");
        assert_eq!(verdict, if accept { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Range)) });
        // The client lacks exactly the coefficient of X^10, that is the last statement of the last value where it is bad.
        let mut repaired = Message(message.0);
        repaired.0[0] +=
            Gf128(chi.0[n - 1][4]) * (0..10).fold(Gf128::ONE, |power, _| power * Gf128(delta.block()));
        let verdict = verify_with(&delta, &labels(&case["K"], &keys), n, &chi, &repaired);
        assert_eq!(verdict.is_ok(), !accept);
    }
}

//! What the server sees: nothing.

use core::convert::Infallible;
use muse_field::id::Coin;

use muse_field::MODULUS;
use muse_field::wire::to_vec;
use muse_gc::gf128::Gf128;
use muse_gc::label::Block;
use muse_zk::range::{Choices, MASK_BITS, Message, count, prove};
use rand_core::{TryCryptoRng, TryRng};

use super::{Pair, id, prg};

const MASKS: usize = MASK_BITS / 128;

/// A generator of given bytes: it makes the masks of [`Choices`] what a test wants.
struct Replay([u8; MASK_BITS / 8]);

impl TryRng for Replay {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("masks are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("masks are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Replay {}

fn coefficients(message: &Message) -> Vec<Gf128> {
    to_vec(message).as_chunks().0.iter().map(|&bytes| Gf128(Block::from_bytes(bytes))).collect()
}

/// The message that a client with these values and masks would send under the same keys of the server.
fn message_of(pair: &Pair, values: &[u64], masks: &[Gf128; MASKS]) -> Message {
    message_under(pair, &pair.seed, values, masks)
}

fn message_under(pair: &Pair, seed: &Coin, values: &[u64], masks: &[Gf128; MASKS]) -> Message {
    let mut bytes = [0; MASK_BITS / 8];
    for (cell, mask) in bytes.chunks_exact_mut(16).zip(masks) {
        cell.copy_from_slice(&mask.0.to_bytes());
    }
    let choices = Choices::new(values, &mut Replay(bytes));
    let bits: Vec<u8> = (0..count(values.len())).map(|i| choices.as_bytes()[i / 8] >> (i % 8) & 1).collect();
    let labels = pair.keys.active(&bits, &pair.delta);
    prove(&id(), &choices, labels.as_slice(), seed).expect("a label for each choice")
}

/// The masks under which other values give the same message, if there are any; coefficient `i` of a message is that of the
/// statements plus `k_i + u_i*Delta + u_(i-1)`.
fn explain(pair: &Pair, message: &Message, values: &[u64]) -> Option<[Gf128; MASKS]> {
    let delta = Gf128(pair.delta.block());
    let unmasked = coefficients(&message_of(pair, values, &[Gf128::ZERO; MASKS]));
    let difference: Vec<Gf128> =
        coefficients(message).into_iter().zip(unmasked).map(|(with, without)| with - without).collect();
    let mut masks = [Gf128::ZERO; MASKS];
    masks[MASKS - 1] = difference[MASKS];
    for i in (1..MASKS).rev() {
        masks[i - 1] = difference[i] - masks[i] * delta;
    }
    (difference[0] == masks[0] * delta).then_some(masks)
}

/// The masks of the client.
fn masks(choices: &Choices) -> [Gf128; MASKS] {
    let bytes = choices.as_bytes();
    let blocks = bytes[bytes.len() - MASK_BITS / 8..].as_chunks().0;
    core::array::from_fn(|i| Gf128(Block::from_bytes(blocks[i])))
}

#[test]
fn any_canonical_values_explain_a_message_under_exactly_one_mask() {
    let mut rng = prg(40);
    let values = [1, MODULUS - 1, 77];
    let pair = Pair::new(Choices::new(&values, &mut rng), &mut rng);
    let message = pair.prove();
    let real = masks(&pair.choices);
    assert_eq!(explain(&pair, &message, &values), Some(real));
    for others in [[(1 << 43) + 99, 0, MODULUS - 1], [1, MODULUS - 1, 76], [0, 0, 0]] {
        let masks = explain(&pair, &message, &others).expect("the server cannot tell");
        assert_eq!(message_of(&pair, &others, &masks), message);
    }
    // Every mask is needed: a server that knew any one of them, because it was not used, could tell these apart.
    let masks = explain(&pair, &message, &[0, 0, 0]).expect("the server cannot tell");
    assert!(masks.iter().zip(&real).all(|(mask, real)| mask != real));
    // Values that are not canonical explain nothing.
    assert_eq!(explain(&pair, &message, &[1, MODULUS - 1, 77 + MODULUS]), None);
}

#[test]
fn with_one_mask_the_server_reads_values() {
    // A protocol for statements of degree 2, with its one mask, leaves the other coefficients in the clear: the server
    // finds y among any candidates.
    let mut rng = prg(41);
    let y = 0x123_4567_89ab;
    let pair = Pair::new(Choices::new(&[y], &mut rng), &mut rng);
    let real = masks(&pair.choices);
    let mut first_only = [Gf128::ZERO; MASKS];
    first_only[0] = real[0];
    let message = message_of(&pair, &[y], &first_only);
    let fits = |candidate: &u64| {
        explain(&pair, &message, &[*candidate])
            .is_some_and(|masks| masks[1..].iter().all(|&m| m == Gf128::ZERO))
    };
    assert_eq!(candidates(y).into_iter().filter(fits).collect::<Vec<_>>(), [y]);
}

#[test]
fn two_proofs_under_the_same_masks_show_values() {
    // Why one extension serves one proof: the masks cancel.
    let mut rng = prg(42);
    let y = 0xfed_cba9_8765;
    let pair = Pair::new(Choices::new(&[y], &mut rng), &mut rng);
    let other = Coin::random(&mut rng);
    let second =
        prove(&id(), &pair.choices, pair.labels.as_slice(), &other).expect("a label for each choice");
    let difference = |first: &Message, second: &Message| -> Vec<Gf128> {
        coefficients(first).into_iter().zip(coefficients(second)).map(|(a, b)| a - b).collect()
    };
    let seen = difference(&pair.prove(), &second);
    let none = [Gf128::ZERO; MASKS];
    let fits = |candidate: &u64| {
        let [first, second] =
            [pair.seed, other].map(|seed| message_under(&pair, &seed, &[*candidate], &none));
        difference(&first, &second) == seen
    };
    assert_eq!(candidates(y).into_iter().filter(fits).collect::<Vec<_>>(), [y]);
}

/// A value among its neighbours.
fn candidates(y: u64) -> Vec<u64> {
    (0..40).map(|i| y ^ 1 << i).chain([y]).collect()
}

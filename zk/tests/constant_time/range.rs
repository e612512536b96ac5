//! Both halves of the range proof.

use muse_field::id::{Coin, RunId, SessionId};
use muse_field::{MODULUS, ct};
use muse_gc::label::{Delta, ZeroLabels};
use muse_zk::range::{Choices, count, prove, verify};

use super::{secret_rng, sent};

#[test]
fn the_range_proof() {
    let mut rng = secret_rng(1);
    let values = ct::hidden([0, 1, MODULUS - 1, (1 << 44) - (1 << 27), 12345, 1 << 43, 77, 1 << 23, 9]);
    let n = values.len();
    let choices = Choices::new(&values, &mut rng);
    let delta = Delta::random(&mut rng);
    let keys = ZeroLabels::random(count(n), &mut rng);
    let bits: Vec<u8> = (0..count(n)).map(|i| choices.as_bytes()[i / 8] >> (i % 8) & 1).collect();
    let labels = keys.active(&bits, &delta);

    let id = RunId::new(SessionId::from_bytes([7; 32]), 3);
    let seed: Coin = sent((), &Coin::random(&mut rng));
    let message = sent((), &prove(&id, &choices, labels.as_slice(), &seed).unwrap());
    assert_eq!(verify(&id, &delta, keys.as_slice(), &seed, &message), Ok(()));
}

//! Changed messages, challenges and names; encodings; misuse.

use muse_field::id::{Coin, RunId, SessionId};
use muse_field::wire::{Decode, DecodeError, Encode, from_slice, to_vec};
use muse_gc::label::Delta;
use muse_zk::Error;
use muse_zk::range::{Choices, Message, count, prove, verify};

use super::{EDGES, Pair, REFUSED, id, prg};

#[test]
fn a_changed_message_is_refused() {
    let pair = Pair::honest(3, &mut prg(20));
    let message = pair.prove();
    assert_eq!(pair.verify(&message), Ok(()));
    for bit in 0..8 * Message::BYTES {
        let mut bytes = to_vec(&message);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = from_slice((), &bytes).expect("any 160 bytes are a message");
        assert_eq!(pair.verify(&changed), REFUSED, "bit {bit}");
    }
    let zero = from_slice((), &[0; Message::BYTES]).expect("any 160 bytes are a message");
    assert_eq!(pair.verify(&zero), REFUSED);
}

#[test]
fn another_challenge_is_refused() {
    let mut rng = prg(22);
    let pair = Pair::honest(9, &mut rng);
    let message = pair.prove();
    let check =
        |id: &RunId, delta: &Delta, seed: &Coin| verify(id, delta, pair.keys.as_slice(), seed, &message);
    assert_eq!(check(&id(), &pair.delta, &pair.seed), Ok(()));
    assert_eq!(check(&id(), &pair.delta, &Coin::random(&mut rng)), REFUSED);
    assert_eq!(check(&id(), &Delta::random(&mut rng), &pair.seed), REFUSED);
    let other = RunId { number: 4, ..id() };
    assert_eq!(check(&other, &pair.delta, &pair.seed), REFUSED);
    let other = RunId { session: SessionId::from_bytes([8; 32]), ..id() };
    assert_eq!(check(&other, &pair.delta, &pair.seed), REFUSED);
}

#[test]
fn encodings() {
    let mut rng = prg(23);
    let pair = Pair::honest(1, &mut rng);
    let message = pair.prove();
    let bytes = to_vec(&message);
    assert_eq!((Message::BYTES, message.encoded_len(), Message::len_for(())), (160, 160, 160));
    assert_eq!(from_slice::<Message>((), &bytes), Ok(message));
    assert_eq!(from_slice::<Message>((), &bytes[..159]), Err(DecodeError::Length));
    assert_eq!(
        from_slice::<Message>((), &[bytes.as_slice(), &[0]].concat()),
        Err(DecodeError::TrailingBytes)
    );
    assert_eq!(from_slice::<Coin>((), &to_vec(&pair.seed)), Ok(pair.seed));
    assert_eq!(to_vec(&pair.seed), pair.seed.as_bytes());
    assert_eq!(from_slice::<Coin>((), &[0; 31]), Err(DecodeError::Length));
}

#[test]
fn lengths_must_be_those_of_a_batch() {
    let pair = Pair::honest(2, &mut prg(24));
    let message = pair.prove();
    let labels = pair.labels.as_slice();
    for len in [0, count(0), count(1), count(2) - 1] {
        let outcome = prove(&id(), &pair.choices, &labels[..len], &pair.seed);
        assert!(matches!(outcome, Err(Error::Misuse(_))), "{len}");
    }
    for len in [0, 48, count(0) - 1, count(0) + 1, count(1) - 4, count(2) - 1] {
        let outcome = verify(&id(), &pair.delta, &pair.keys.as_slice()[..len], &pair.seed, &message);
        assert!(matches!(outcome, Err(Error::Misuse(_))), "{len}");
    }
    // A batch of another size is a batch, of other keys.
    assert_eq!(verify(&id(), &pair.delta, &pair.keys.as_slice()[..count(1)], &pair.seed, &message), REFUSED);
}

/// Changes iff the protocol does: order of bits, expansion of the challenge, chunks. The same with and without `parallel`.
#[test]
fn snapshot() {
    let mut rng = prg(25);
    let values: Vec<u64> = (0..1100).map(|i| EDGES[i % EDGES.len()]).collect();
    let message = to_vec(&Pair::new(Choices::new(&values, &mut rng), &mut rng).prove());
    assert_eq!(message[..8], [0xb5, 0xa6, 0x9e, 0x2a, 0xc0, 0xbc, 0x3e, 0x61]);
    assert_eq!(message[152..], [0xa9, 0x91, 0xa4, 0x05, 0xea, 0xb8, 0x16, 0xc5]);
}

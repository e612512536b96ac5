//! Honest runs, bindings, and refused points.

use muse_field::DecodeError;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, from_slice, to_vec};

use super::*;

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 32])
}

#[test]
fn the_receiver_gets_the_pads_of_its_choices() {
    let mut rng = Prg::from_seed([1; 32]);
    for choices in [0, u128::MAX, 0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978] {
        let (wait, request) = Receiver::request(&session(1), choices, &mut rng);
        let request = from_slice::<Request>((), &to_vec(&request)).expect("an honest request");
        let (both, reply) = Sender::reply(&session(1), &request, &mut rng);
        let reply = from_slice::<Reply>((), &to_vec(&reply)).expect("an honest reply");
        let own = wait.on_reply(&reply);
        for (i, (pair, pad)) in both.as_slice().iter().zip(own.iter()).enumerate() {
            let choice = (choices >> i & 1) as usize;
            assert_eq!(pair[choice], *pad);
            assert_ne!(pair[1 - choice], *pad);
        }
        let mut all = both.as_slice().as_flattened().to_vec();
        all.sort_by_key(|pad| pad.0);
        all.dedup();
        assert_eq!(all.len(), 2 * COUNT, "all pads differ");
    }
}

#[test]
fn pads_are_bound_to_session_instance_slot_and_transcript() {
    let mut rng = Prg::from_seed([2; 32]);
    let (wait, request) = Receiver::request(&session(1), 5, &mut rng);
    let (other, reply) = Sender::reply(&session(2), &request, &mut rng);
    let own = wait.on_reply(&reply);
    assert!(own.iter().zip(other.as_slice()).all(|(pad, pair)| !pair.contains(pad)), "other session");

    // The batching attack: one instance's elements repeated in all of them gives one shared element, yet fresh pads.
    let (_, request) = Receiver::request(&session(1), 0, &mut rng);
    let mut bytes = to_vec(&request);
    let first = bytes[..64].to_vec();
    bytes.chunks_exact_mut(64).for_each(|pair| pair.copy_from_slice(&first));
    let repeated = from_slice::<Request>((), &bytes).expect("valid points");
    let (both, _) = Sender::reply(&session(1), &repeated, &mut rng);
    let mut all = both.as_slice().as_flattened().to_vec();
    all.sort_by_key(|pad| pad.0);
    all.dedup();
    assert_eq!(all.len(), 2 * COUNT);

    // Changing one element changes every pad: the whole transcript is hashed.
    let make = |request: &Request| Sender::reply(&session(1), request, &mut Prg::from_seed([9; 32]));
    bytes[64 * 127..].rotate_left(32);
    let swapped = from_slice::<Request>((), &bytes).expect("valid points");
    let (one, other) = (make(&repeated).0, make(&swapped).0);
    assert!(one.as_slice().as_flattened().iter().zip(other.as_slice().as_flattened()).all(|(x, y)| x != y));
}

#[test]
fn hostile_points_are_refused() {
    let mut rng = Prg::from_seed([3; 32]);
    let (_, request) = Receiver::request(&session(1), 0, &mut rng);
    let good = to_vec(&request);
    let identity = [0; 32];
    // p = 2^255 - 19 is a second encoding of the identity, 1 + p one of 1; an odd (negative) value; all ones.
    let mut field_order = [0xff; 32];
    (field_order[0], field_order[31]) = (0xed, 0x7f);
    let mut negative = [0; 32];
    negative[0] = 1;
    let cases = [
        (identity, DecodeError::OutOfRange),
        (field_order, DecodeError::NotCanonical),
        (negative, DecodeError::NotCanonical),
        ([0xff; 32], DecodeError::NotCanonical),
    ];
    for (point, want) in cases {
        for at in [0, 32, 64 * 127 + 32] {
            let mut bytes = good.clone();
            bytes[at..at + 32].copy_from_slice(&point);
            assert_eq!(from_slice::<Request>((), &bytes).err(), Some(want));
        }
        assert_eq!(from_slice::<Reply>((), &point).err(), Some(want));
    }
    // A set top bit is another encoding of the same point.
    let mut bytes = good.clone();
    bytes[31] |= 0x80;
    assert_eq!(from_slice::<Request>((), &bytes).err(), Some(DecodeError::NotCanonical));
    assert_eq!(from_slice::<Request>((), &good[1..]).err(), Some(DecodeError::Length));
    assert_eq!((Request::len_for(()), Reply::len_for(())), (8192, 32));
}

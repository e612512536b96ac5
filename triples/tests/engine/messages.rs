//! One encoding for each message, of a length that is known before.

use muse_field::pack::packed_len;
use muse_field::wire::{Decode, DecodeError, from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_mac::Claimed;
use muse_triples::engine::compare::ProvenClaim;
use muse_triples::engine::{ClaimedRequest, Reply, Shares};

use muse_test_support::triples::engine::Pair;

fn only<T: Decode>(shape: T::Shape, len: usize) {
    assert_eq!(T::len_for(shape), len);
    for wrong in [0, len - 1, len + 1, 2 * len] {
        let error = if wrong > len { DecodeError::TrailingBytes } else { DecodeError::Length };
        assert_eq!(from_slice::<T>(shape, &vec![0; wrong]).map(drop), Err(error), "{wrong} of {len} bytes");
    }
    assert!(from_slice::<T>(shape, &vec![0; len]).is_ok());
    assert!(from_slice::<T>(shape, &vec![0xff; len]).is_err());
}

#[test]
fn lengths_and_elements() {
    for n in [1, 2, 7] {
        only::<Shares>(n, packed_len(n));
        only::<ClaimedRequest>((n, 2 * n), packed_len(n) + packed_len(2 * n) + 32);
        only::<Reply>(n, 32 + packed_len(n));
        only::<ProvenClaim>(n, 11 + packed_len(n) + 32);
    }
    // The first number that is no element.
    let mut p = MODULUS.to_le_bytes()[..6].to_vec();
    assert_eq!(from_slice::<Shares>(1, &p).map(drop), Err(DecodeError::NotCanonical));
    p[0] -= 1;
    assert_eq!(to_vec(&from_slice::<Shares>(1, &p).unwrap()), p);
}

#[test]
fn absurd_shapes_allocate_nothing() {
    assert!(from_slice::<Shares>(usize::MAX, &[]).is_err());
    assert!(from_slice::<ClaimedRequest>((usize::MAX, usize::MAX), &[0; 9]).is_err());
    assert!(from_slice::<Reply>(usize::MAX, &[0; 40]).is_err());
    assert!(from_slice::<ProvenClaim>(usize::MAX, &[0; 60]).is_err());
    assert!(from_slice::<Claimed>(usize::MAX, &[0; 32]).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let mut pair = Pair::new(2, 50);
    let x = pair.client_input(&[Fp::new(424_242)]).unwrap();
    let (wait, message) = pair.client.multiply(&x.client, &x.client).unwrap();
    let wait_s = pair.server().multiply(&x.server, &x.server).unwrap();
    let (bits, request) = pair.client.random_bits(1, &mut pair.rng).unwrap();
    let all = format!("{wait:?} {message:?} {wait_s:?} {bits:?} {request:?} {:?}", pair.client);
    let key = x.server.select(&[0]).into_parts().1.expose()[0];
    for secret in [x.client.values()[0], x.client.macs()[0], key, pair.key.expose()] {
        assert!(!all.contains(&secret.to_u64().to_string()), "{all}");
    }
}

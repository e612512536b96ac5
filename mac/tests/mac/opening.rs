//! Openings with a digest: complete, bound to everything they name, and refused for every change.

use muse_field::wire::{Decode, DecodeError, Encode, from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_mac::error::Check;
use muse_mac::{Authenticated, Claimed, Digest, Error, Keys, MacKey, OpeningId, zero_digest};
use proptest::prelude::*;

use crate::support::{ID, changed, deal, elements, nonzero, other_names, rng, uniform, vector};

const REFUSED: Error = Error::PeerMisbehaved(Check::Opening);
const NOT_ZERO: Error = Error::PeerMisbehaved(Check::Zero);

/// What the server makes of the client's bytes.
fn arrives(key: &MacKey, keys: Keys, id: &OpeningId, bytes: &[u8]) -> Result<Vec<Fp>, Error> {
    let claimed: Claimed = from_slice(keys.len(), bytes)?;
    keys.verify(key, id, claimed)
}

/// The verdict on a client that opens `values` after `change` to its half.
fn verdict(
    values: &[Fp],
    change: impl Fn(Authenticated, &MacKey) -> Authenticated,
) -> Result<Vec<Fp>, Error> {
    let rng = &mut rng(1);
    let key = MacKey::random(rng);
    let (client, server) = deal(&key, values, rng);
    arrives(&key, server, &ID, &to_vec(&change(client, &key).open(&ID)))
}

#[test]
fn honest_values_come_out() {
    for count in [0, 1, 2, 3, 63, 64, 65, 1000] {
        let values = uniform(count, &mut rng(9));
        assert_eq!(verdict(&values, |client, _| client), Ok(values));
    }
    let extremes = elements(&[0, 1, MODULUS - 1, (MODULUS - 1) / 2, (1 << 44) - 1]);
    assert_eq!(verdict(&extremes, |client, _| client), Ok(extremes));
}

#[test]
fn the_message_is_the_values_and_32_bytes() {
    let (client, _) = deal(&MacKey::random(&mut rng(1)), &elements(&[1, 2, 3]), &mut rng(1));
    let opening = client.open(&ID);
    assert_eq!(opening.values(), elements(&[1, 2, 3]));
    assert_eq!((opening.encoded_len(), Claimed::len_for(3), Digest::len_for(())), (17 + 32, 17 + 32, 32));
    assert_eq!(format!("{opening:?}"), "Opening(3 values)");
    let bytes = to_vec(&opening);
    let claimed: Claimed = from_slice(3, &bytes).unwrap();
    assert_eq!((claimed.len(), claimed.is_empty()), (3, false));
    assert_eq!(format!("{claimed:?}"), "Claimed(3 unchecked values)");
    // The digest is the client's last 32 bytes and prints as nothing.
    let digest: Digest = from_slice((), &bytes[17..]).unwrap();
    assert_eq!(format!("{digest:?}"), "Digest(redacted)");
    assert_eq!(to_vec(&digest), &bytes[17..]);
}

/// Changing these means changing the wire: the protocol version must change too.
#[test]
fn digests_do_not_change_silently() {
    let macs = elements(&[1, 2, MODULUS - 1]);
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let opening = to_vec(&Authenticated::new(macs.clone(), macs.clone()).unwrap().open(&ID));
    assert_eq!(hex(&opening[17..33]), OPENING);
    assert_eq!(hex(&to_vec(&zero_digest(&macs, &ID))[..16]), ZERO);
}

const OPENING: &str = "6bce1f5daf408f9973777f859f059032";
const ZERO: &str = "9f4abb761d0e29122f704de2b45089e9";

proptest! {
    /// A wrong value, a wrong MAC, or both: refused unless the change of the MAC is alpha times that of the value.
    #[test]
    fn changed_shares_are_refused(mut values in vector(), x: u64, at: prop::sample::Index, by in nonzero()) {
        values.push(Fp::new(x));
        let at = at.index(values.len());
        for (value, mac) in [(by, Fp::ZERO), (Fp::ZERO, by), (by, by)] {
            prop_assert_eq!(verdict(&values, |client, _| changed(client, at, value, mac)), Err(REFUSED));
        }
        // What soundness rests on: whoever knows alpha opens anything.
        let forged = verdict(&values, |client, key| changed(client, at, by, by * key.expose()));
        values[at] += by;
        prop_assert_eq!(forged, Ok(values));
    }

    /// Every bit of the message counts.
    #[test]
    fn flipped_bits_are_refused(mut values in vector(), bit: prop::sample::Index) {
        values.push(Fp::ONE);
        let rng = &mut rng(2);
        let key = MacKey::random(rng);
        let (client, server) = deal(&key, &values, rng);
        let mut bytes = to_vec(&client.open(&ID));
        let bit = bit.index(8 * bytes.len());
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verdict = arrives(&key, server, &ID, &bytes);
        prop_assert!(matches!(verdict, Err(REFUSED | Error::Malformed)));
        prop_assert!(verdict.unwrap_err().peer_at_fault());
    }

    /// Hostile bytes of any length: an error, never a panic.
    #[test]
    fn hostile_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..120), count in 0_usize..20) {
        let rng = &mut rng(3);
        let key = MacKey::random(rng);
        let (_, server) = deal(&key, &uniform(count, rng), rng);
        prop_assert!(arrives(&key, server, &ID, &bytes).unwrap_err().peer_at_fault());
    }
}

#[test]
fn exchanged_values_are_refused() {
    let exchange = |client: Authenticated, _: &MacKey| {
        let (mut values, macs) = client.into_parts();
        values.swap(0, 1);
        Authenticated::new(values, macs).unwrap()
    };
    assert_eq!(verdict(&elements(&[1, 2]), exchange), Err(REFUSED));
    // Values with their MACs: these belong to other keys.
    assert_eq!(verdict(&elements(&[1, 2]), |client, _| client.select(&[1, 0])), Err(REFUSED));
}

#[test]
fn an_opening_serves_under_its_name_only() {
    let rng = &mut rng(4);
    let key = MacKey::random(rng);
    for name in other_names() {
        let (client, server) = deal(&key, &elements(&[7, 8]), rng);
        let bytes = to_vec(&client.open(&name));
        assert_eq!(arrives(&key, server, &ID, &bytes), Err(REFUSED), "{name:?}");
        let (client, server) = deal(&key, &elements(&[0, 0]), rng);
        assert_eq!(server.verify_zero(&ID, &client.prove_zero(&name)), Err(NOT_ZERO), "{name:?}");
    }
}

/// The number of values is in the hash: a vector is not the beginning of a longer one.
#[test]
fn an_opening_serves_for_its_count_only() {
    let rng = &mut rng(5);
    let key = MacKey::random(rng);
    let macs = [&uniform(3, rng)[..], &[Fp::ZERO]].concat();
    let longer = Keys::new(macs.clone());
    assert_eq!(longer.verify_zero(&ID, &zero_digest(&macs[..3], &ID)), Err(NOT_ZERO));

    let (client, server) = deal(&key, &elements(&[1, 2, 3]), rng);
    let claimed: Claimed = from_slice(3, &to_vec(&client.open(&ID))).unwrap();
    assert!(matches!(server.select(&[0, 1]).verify(&key, &ID, claimed), Err(Error::Misuse(_))));
    let (client, server) = deal(&key, &elements(&[1, 2, 3]), rng);
    assert_eq!(arrives(&key, server, &ID, &to_vec(&client.select(&[0, 1]).open(&ID))), Err(Error::Malformed));
}

/// One kind of digest does not pass for the other, though the values are zero and the MACs the same.
#[test]
fn kinds_of_openings_differ() {
    let rng = &mut rng(6);
    let key = MacKey::random(rng);
    let (client, server) = deal(&key, &elements(&[0, 0]), rng);
    let mut bytes = vec![0; 11];
    bytes.extend_from_slice(&to_vec(&client.prove_zero(&ID)));
    assert_eq!(arrives(&key, server, &ID, &bytes), Err(REFUSED));
    let (client, server) = deal(&key, &elements(&[0, 0]), rng);
    let digest: Digest = from_slice((), &to_vec(&client.open(&ID))[11..]).unwrap();
    assert_eq!(server.verify_zero(&ID, &digest), Err(NOT_ZERO));
}

#[test]
fn zeros_are_proven_and_nothing_else_is() {
    let rng = &mut rng(7);
    let key = MacKey::random(rng);
    for count in [0, 1, 100] {
        let (client, server) = deal(&key, &vec![Fp::ZERO; count], rng);
        assert_eq!(server.verify_zero(&ID, &client.prove_zero(&ID)), Ok(()));
    }
    for by in [Fp::ONE, Fp::NEG_ONE] {
        let mut values = vec![Fp::ZERO; 50];
        values[31] = by;
        let (client, server) = deal(&key, &values, rng);
        assert_eq!(server.verify_zero(&ID, &client.prove_zero(&ID)), Err(NOT_ZERO));
        // Two that would cancel in a sum.
        values[32] = -by;
        let (client, server) = deal(&key, &values, rng);
        assert_eq!(server.verify_zero(&ID, &client.prove_zero(&ID)), Err(NOT_ZERO));
    }
    // Copies: the difference of equal values is zero.
    let (client, server) = deal(&key, &elements(&[5, 5, 6]), rng);
    for (other, want) in [(1, Ok(())), (2, Err(NOT_ZERO))] {
        let (mut a, mut k) = (client.select(&[0]), server.select(&[0]));
        a.sub_assign(&client.select(&[other]));
        k.sub_assign(&server.select(&[other]));
        assert_eq!(k.verify_zero(&ID, &zero_digest(a.macs(), &ID)), want);
    }
}

#[test]
fn errors_name_the_check_and_the_blame() {
    assert_eq!(REFUSED.to_string(), "opened values do not fit their MACs");
    assert_eq!(NOT_ZERO.to_string(), "values that must be zero are not");
    assert!(REFUSED.peer_at_fault() && Error::from(DecodeError::Length).peer_at_fault());
    assert!(!Error::Misuse("x").peer_at_fault());
}

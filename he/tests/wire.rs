//! Sizes of messages, and hostile bytes.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::prg;
use common::session::Session;
use muse_field::pack::{pack_bits, unpack_bits};
use muse_field::wire::{Decode, DecodeError, from_slice, to_vec};
use muse_field::{Fp, sample};
use muse_he::encrypt::FreshCiphertext;
use muse_he::keys::PublicKeyRow;
use muse_he::params::{LIMBS, PRIMES};
use muse_he::reply::{Product, Reply, ReplyShape};
use muse_he::ring::MAX_REPLY_WORD;
use muse_he::{Error, Misuse};
use proptest::prelude::*;

#[test]
fn sizes() {
    assert_eq!(FreshCiphertext::len_for(8192), 220_160);
    assert_eq!(PublicKeyRow::len_for(8192), 220_160);
    assert_eq!(FreshCiphertext::len_for(8), 215);
    for (n, wanted, bytes) in
        [(8192, 8192, 118_784), (8192, 4608, 92_800), (8192, 0, 59_392), (8, 3, 80), (8, 1, 66)]
    {
        assert_eq!(Reply::len_for(ReplyShape { n, wanted }), bytes);
        assert_eq!(bytes, (58 * (n + wanted)).div_ceil(8));
    }
    let mut session = Session::new(8192, 1);
    let (row, zeros) = (session.row(0), vec![Fp::ZERO; 8192]);
    let ciphertext = session.secret.encrypt(&session.ring, row, &zeros, &mut session.rng).unwrap();
    assert_eq!(to_vec(&ciphertext).len(), 220_160);
}

#[test]
fn a_residue_of_its_prime_or_more_is_refused() {
    let n = 16;
    let mut session = Session::new(n, 2);
    let (row, plain) = (session.row(0), vec![Fp::ONE; n]);
    let sent = session.secret.encrypt(&session.ring, row, &plain, &mut session.rng).unwrap();
    let mut residues = vec![0; LIMBS * n];
    unpack_bits(43, &to_vec(&sent), &mut residues).unwrap();
    let bytes_of = |residues: &[u64]| {
        let mut bytes = vec![0; FreshCiphertext::len_for(n)];
        pack_bits(43, residues, &mut bytes);
        bytes
    };
    for (limb, q) in PRIMES.into_iter().enumerate() {
        for at in [limb * n, limb * n + n - 1] {
            for (value, accepted) in
                [(0, true), (q - 1, true), (q, false), (q + 1, false), ((1 << 43) - 1, false)]
            {
                let mut changed = residues.clone();
                changed[at] = value;
                let bytes = bytes_of(&changed);
                let refused = if accepted { None } else { Some(DecodeError::NotCanonical) };
                assert_eq!(from_slice::<FreshCiphertext>(n, &bytes).err(), refused);
                assert_eq!(from_slice::<PublicKeyRow>(n, &bytes).err(), refused);
            }
        }
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let bytes = vec![0; FreshCiphertext::len_for(16) + 1];
    assert_eq!(from_slice::<FreshCiphertext>(16, &bytes).err(), Some(DecodeError::TrailingBytes));
    assert_eq!(from_slice::<FreshCiphertext>(16, &bytes[2..]).err(), Some(DecodeError::Length));
    assert_eq!(from_slice::<FreshCiphertext>(usize::MAX, &bytes).err(), Some(DecodeError::Length));
    assert_eq!(from_slice::<FreshCiphertext>(0, &[]).err(), None);
    let shape = ReplyShape { n: 16, wanted: 3 };
    assert_eq!(from_slice::<Reply>(shape, &bytes[..137]).err(), Some(DecodeError::Length));
    let endless = ReplyShape { n: usize::MAX, wanted: usize::MAX };
    assert_eq!(from_slice::<Reply>(endless, &bytes).err(), Some(DecodeError::Length));
    // A ciphertext decoded for another ring does not enter this one.
    let session = Session::new(16, 3);
    let other: FreshCiphertext = from_slice(8, &bytes[..FreshCiphertext::len_for(8)]).unwrap();
    assert_eq!(other.receive(&session.ring, session.row(0)).err(), Some(Error::Misuse(Misuse::Length)));
    let nothing: FreshCiphertext = from_slice(0, &[]).unwrap();
    assert!(nothing.receive(&session.ring, session.row(0)).is_err());
}

#[test]
fn replies_have_canonical_words_and_padding() {
    let (n, wanted) = (16, 3);
    let shape = ReplyShape { n, wanted };
    let bytes_of = |c1: &[u64], c0: &[u64]| {
        let mut bytes = vec![0; Reply::len_for(shape)];
        pack_bits(58, &[c1, c0].concat(), &mut bytes);
        bytes
    };
    let (mut c1, mut c0) = (vec![MAX_REPLY_WORD; n], vec![MAX_REPLY_WORD; wanted]);
    let accepted: Reply = from_slice(shape, &bytes_of(&c1, &c0)).unwrap();
    assert_eq!(accepted.words(), (&c0[..], &c1[..]));
    c1[n - 1] += 1;
    assert_eq!(from_slice::<Reply>(shape, &bytes_of(&c1, &c0)), Err(DecodeError::NotCanonical));
    (c1[n - 1], c0[0]) = (0, MAX_REPLY_WORD + 1);
    assert_eq!(from_slice::<Reply>(shape, &bytes_of(&c1, &c0)), Err(DecodeError::NotCanonical));
    c0[0] = 0;
    let mut bytes = bytes_of(&c1, &c0);
    assert!(from_slice::<Reply>(shape, &bytes).is_ok());
    *bytes.last_mut().unwrap() |= 0x80;
    assert_eq!(from_slice::<Reply>(shape, &bytes), Err(DecodeError::NotCanonical));
}

#[test]
fn a_reply_of_another_shape_is_not_decrypted() {
    let n = 16;
    let session = Session::new(n, 4);
    let (ring, wanted) = (session.ring.clone(), [0, 5, 15]);
    let mut mask = vec![Fp::ZERO; n];
    sample::fill_uniform(&mut mask, &mut prg(1));
    let flood = muse_he::budget::Budget::new(n, 2, 1).flood(1).unwrap();
    let respond = |mask: &[Fp], wanted: &[usize]| {
        Product::zero(&ring).respond(&ring, &session.public_key, mask, wanted, flood, &mut prg(2))
    };
    let reply = respond(&mask, &wanted).unwrap();
    assert_eq!(respond(&mask[1..], &wanted).err(), Some(Misuse::Length.into()));
    assert_eq!(respond(&mask, &[n]).err(), Some(Misuse::Index.into()));
    let key = &session.reply_key;
    let plain = key.decrypt(&ring, &reply, &wanted).unwrap();
    assert!(plain.iter().zip(wanted).all(|(&x, i)| x == -mask[i]));
    assert_eq!(key.decrypt(&ring, &reply, &wanted[1..]), Err(Misuse::Length.into()));
    assert_eq!(key.decrypt(&ring, &reply, &[0, 5, n]), Err(Misuse::Index.into()));
    let other = Session::new(32, 5);
    assert_eq!(other.reply_key.decrypt(&other.ring, &reply, &wanted), Err(Misuse::Length.into()));
}

proptest! {
    #[test]
    fn hostile_bytes_are_refused_or_canonical(
        bytes in proptest::collection::vec(any::<u8>(), 0..450),
        high in any::<bool>(),
        (n, wanted) in (0..17_usize, 0..17_usize),
    ) {
        // All ones are the most likely non-canonical bytes.
        let bytes: Vec<u8> = if high { bytes.iter().map(|b| b | 0xf0).collect() } else { bytes };
        let shape = ReplyShape { n: 8 * (n / 8), wanted };
        for length in [bytes.len(), FreshCiphertext::len_for(n).min(bytes.len())] {
            if let Ok(row) = from_slice::<FreshCiphertext>(n, &bytes[..length]) {
                prop_assert_eq!(to_vec(&row), &bytes[..length]);
            }
        }
        for length in [bytes.len(), Reply::len_for(shape).min(bytes.len())] {
            if let Ok(reply) = from_slice::<Reply>(shape, &bytes[..length]) {
                prop_assert_eq!(to_vec(&reply), &bytes[..length]);
                prop_assert_eq!(reply.shape(), shape);
            }
        }
    }
}

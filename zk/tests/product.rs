//! The product proof: honest batches, and cheaters.
#![allow(clippy::unwrap_used, reason = "tests")]

use muse_field::id::{Coin, RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::{fill_uniform, uniform};
use muse_field::wire::{DecodeError, from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_mac::{Authenticated, Keys, MacKey};
use muse_zk::product::{Message, prove, verify};
use muse_zk::{Check, Error};
use proptest::prelude::*;

const REFUSED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::Product));

fn id() -> RunId {
    RunId::new(SessionId::from_bytes([9; 32]), 4)
}

fn prg(seed: u64) -> Prg {
    Prg::from_seed([2; 32]).substream(seed)
}

/// What both parties hold of a vector.
fn authenticate(key: &MacKey, values: &[Fp], rng: &mut Prg) -> (Authenticated, Keys) {
    let mut keys = vec![Fp::ZERO; values.len()];
    fill_uniform(&mut keys, rng);
    let macs: Vec<Fp> = keys.iter().zip(values).map(|(&k, &x)| k + key.expose() * x).collect();
    (Authenticated::new(values.to_vec(), macs).unwrap(), Keys::new(keys))
}

/// Both parties before the proof.
struct Pair {
    client: [Authenticated; 4],
    server: [Keys; 4],
    key: MacKey,
    seed: Coin,
}

impl Pair {
    /// Random factors with their products, to which `errors` are added; extremes first.
    fn new(errors: &[Fp], rng: &mut Prg) -> Self {
        let n = errors.len();
        let extremes = [Fp::ZERO, Fp::NEG_ONE, Fp::ONE, Fp::new((MODULUS - 1) / 2)];
        let [a, b] = [1, 4].map(|period: usize| {
            let mut factors = vec![Fp::ZERO; n];
            fill_uniform(&mut factors, rng);
            for (i, factor) in factors.iter_mut().take(16).enumerate() {
                *factor = extremes[i / period % 4];
            }
            factors
        });
        let e: Vec<Fp> = (0..n).map(|i| a[i] * b[i] + errors[i]).collect();
        let key = MacKey::random(rng);
        let u = vec![uniform(rng)];
        let halves = [a, b, e, u].map(|values| authenticate(&key, &values, rng));
        let [a, b, e, u] = halves;
        Self { client: [a.0, b.0, e.0, u.0], server: [a.1, b.1, e.1, u.1], key, seed: Coin::random(rng) }
    }

    fn honest(n: usize, rng: &mut Prg) -> Self {
        Self::new(&vec![Fp::ZERO; n], rng)
    }

    fn run(self) -> Result<(), Error> {
        self.run_with(|message| message)
    }

    fn run_with(self, tamper: impl Fn(Message) -> Message) -> Result<(), Error> {
        let Self { client: [a, b, e, u], server: [ka, kb, ke, ku], key, seed } = self;
        let message = prove(&id(), &a, &b, &e, u, &seed).unwrap();
        verify(&id(), &key, &ka, &kb, &ke, ku, &seed, tamper(message))
    }
}

#[test]
fn right_products_are_accepted() {
    let mut rng = prg(1);
    for n in [0, 1, 2, 16, 63, 1023, 1024, 1025, 2500] {
        assert_eq!(Pair::honest(n, &mut rng).run(), Ok(()), "{n} rows");
    }
}

#[test]
fn one_wrong_product_is_refused() {
    let mut rng = prg(2);
    for n in [1, 2, 1024, 1025, 2500] {
        for bad in [0, n / 2, n - 1, 1023, 1024].into_iter().filter(|&bad| bad < n) {
            for error in [Fp::ONE, Fp::NEG_ONE, uniform(&mut rng)] {
                let mut errors = vec![Fp::ZERO; n];
                errors[bad] = error;
                assert_eq!(Pair::new(&errors, &mut rng).run(), REFUSED, "row {bad} of {n}");
            }
        }
    }
}

#[test]
fn errors_that_cancel_in_a_plain_sum_are_refused() {
    // Equal coefficients, of all rows, of rows of two chunks at one place, or of neighbours, would miss these.
    let mut rng = prg(3);
    for (first, second) in [(0, 1), (0, 1024), (5, 1029), (1023, 1024), (0, 2047)] {
        let mut errors = vec![Fp::ZERO; 2048];
        (errors[first], errors[second]) = (Fp::new(77), -Fp::new(77));
        assert_eq!(Pair::new(&errors, &mut rng).run(), REFUSED, "rows {first} and {second}");
    }
}

#[test]
fn a_changed_message_is_refused() {
    let mut rng = prg(4);
    for bit in 0..88 {
        let outcome = Pair::honest(3, &mut rng).run_with(|message| {
            let mut bytes = to_vec(&message);
            bytes[bit / 8] ^= 1 << (bit % 8);
            // A flip that leaves the field does not decode: nothing is sent instead.
            from_slice((), &bytes).unwrap_or_else(|_| from_slice((), &[0; Message::BYTES]).unwrap())
        });
        assert_eq!(outcome, REFUSED, "bit {bit}");
    }
}

#[test]
fn a_message_has_one_encoding() {
    assert_eq!(Message::BYTES, 11);
    for len in [0, 10, 12] {
        let error = if len > 11 { DecodeError::TrailingBytes } else { DecodeError::Length };
        assert_eq!(from_slice::<Message>((), &vec![0; len]), Err(error));
    }
    // Elements from p on.
    assert!(from_slice::<Message>((), &[0xff; 11]).is_err());
    let mut p = MODULUS.to_le_bytes().to_vec();
    p.resize(11, 0);
    assert!(from_slice::<Message>((), &p).is_err());
}

#[test]
fn another_key_seed_session_inference_or_mask_is_refused() {
    let mut rng = prg(5);
    let Pair { client: [a, b, e, u], server: [ka, kb, ke, ku], key, seed } = Pair::honest(20, &mut rng);
    let message = prove(&id(), &a, &b, &e, u, &seed).unwrap();
    let copy = |keys: &Keys| Keys::new(keys.expose().to_vec());
    let check = |id: &RunId, key: &MacKey, mask: Keys, seed: &Coin| {
        verify(id, key, &ka, &kb, &ke, mask, seed, message)
    };
    assert_eq!(check(&id(), &key, copy(&ku), &seed), Ok(()));
    assert_eq!(check(&id(), &MacKey::random(&mut rng), copy(&ku), &seed), REFUSED);
    assert_eq!(check(&id(), &key, Keys::new(vec![uniform(&mut rng)]), &seed), REFUSED);
    assert_eq!(check(&id(), &key, copy(&ku), &Coin::random(&mut rng)), REFUSED);
    assert_eq!(check(&RunId { number: 5, ..id() }, &key, copy(&ku), &seed), REFUSED);
    let session = SessionId::from_bytes([10; 32]);
    assert_eq!(check(&RunId { session, ..id() }, &key, copy(&ku), &seed), REFUSED);
}

#[test]
fn lengths_must_agree() {
    let mut rng = prg(6);
    let key = MacKey::random(&mut rng);
    let seed = Coin::random(&mut rng);
    let of = |n: usize| authenticate(&key, &vec![Fp::ZERO; n], &mut prg(7));
    for [a, b, e, u] in [[1, 2, 2, 1], [2, 1, 2, 1], [2, 2, 1, 1], [2, 2, 2, 0], [2, 2, 2, 2]] {
        let [a, b, e, u] = [a, b, e, u].map(of);
        assert!(matches!(prove(&id(), &a.0, &b.0, &e.0, u.0, &seed), Err(Error::Misuse(_))));
        let message = from_slice((), &[0; Message::BYTES]).unwrap();
        let outcome = verify(&id(), &key, &a.1, &b.1, &e.1, u.1, &seed, message);
        assert!(matches!(outcome, Err(Error::Misuse(_))));
    }
}

#[test]
fn a_message_fits_other_products_under_exactly_one_mask() {
    // Simulation: the server learns nothing, as it could have seen this message for any rows.
    let mut rng = prg(8);
    let Pair { client: [a, b, e, u], server, key, seed } = Pair::honest(5, &mut rng);
    let message = prove(&id(), &a, &b, &e, u, &seed).unwrap();
    let alpha = key.expose();
    let under = |keys: &Keys, values: &[Fp]| {
        let macs: Vec<Fp> = keys.expose().iter().zip(values).map(|(&k, &x)| k + alpha * x).collect();
        Authenticated::new(values.to_vec(), macs).unwrap()
    };
    let (x, y): (Vec<Fp>, Vec<Fp>) = (0..5).map(|_| (uniform(&mut rng), uniform(&mut rng))).unzip();
    let z: Vec<Fp> = x.iter().zip(&y).map(|(&x, &y)| x * y).collect();
    let [x, y, z] = [(0, x), (1, y), (2, z)].map(|(i, values)| under(&server[i], &values));
    let with_mask = |u: Fp| {
        let message = prove(&id(), &x, &y, &z, under(&server[3], &[u]), &seed).unwrap();
        from_slice::<Vec<Fp>>(2, &to_vec(&message)).unwrap()
    };
    let wanted = from_slice::<Vec<Fp>>(2, &to_vec(&message)).unwrap();
    let u = wanted[1] - with_mask(Fp::ZERO)[1];
    assert_eq!(with_mask(u), wanted);
}

proptest! {
    #[test]
    fn accepted_iff_there_is_no_error(errors in proptest::collection::vec(0_u64..3, 0..40), seed: u64) {
        let errors: Vec<Fp> = errors.into_iter().map(|e| Fp::new(e / 2)).collect();
        let wrong = errors.iter().any(|&e| e != Fp::ZERO);
        prop_assert_eq!(Pair::new(&errors, &mut prg(seed)).run(), if wrong { REFUSED } else { Ok(()) });
    }
}

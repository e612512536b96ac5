//! Values, MACs, keys and alpha under valgrind, which reports every jump and address that depends on bytes marked as secret
//! (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

#![allow(clippy::unwrap_used, reason = "a test")]

use core::hint::black_box;

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, ct};
use muse_mac::check::{self, Opener};
use muse_mac::spdz::{self, KeyShare, Party, Shares};
use muse_mac::{Authenticated, Claimed, Keys, MacKey, OpeningId, Purpose, ServerShare};

const N: usize = 37;
const ID: OpeningId =
    OpeningId::new(Purpose::Activations, RunId::new(SessionId::from_bytes([0x42; 32]), 3), 2);

/// A generator of secrets: its seed is one.
fn secret_rng(seed: u8) -> Prg {
    Prg::from_seed(ct::hidden([seed; 32]))
}

fn uniform(rng: &mut Prg) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; N];
    fill_uniform(&mut values, rng);
    values
}

fn deal(key: &MacKey, values: &[Fp], rng: &mut Prg) -> (Authenticated, Keys) {
    let keys = uniform(rng);
    let macs: Vec<Fp> = keys.iter().zip(values).map(|(&k, &x)| k + key.expose() * x).collect();
    (Authenticated::new(values.to_vec(), macs).unwrap(), Keys::new(keys))
}

/// What is sent is public.
fn sent<T: Decode>(shape: T::Shape, message: &impl Encode) -> T {
    let bytes = to_vec(message);
    ct::public(&bytes[..]);
    from_slice(shape, &bytes).unwrap()
}

fn shown(values: &[Fp]) -> Vec<Fp> {
    ct::public(values);
    values.to_vec()
}

/// Every linear operation on one type of vector; the last one is back where the first began.
macro_rules! linear {
    ($vector:expr, $other:expr) => {{
        let (mut v, other) = ($vector, $other);
        v.add_assign(&other);
        v.neg_assign();
        v.axpy(Fp::new(3), &other);
        v.scale_assign(Fp::new(5));
        v.mul_public_assign(&[Fp::new(7); N]);
        let tail = v.split_off(20);
        v.append(tail);
        v = v.select(&(0..N).rev().collect::<Vec<usize>>());
        v = v.map(|x| x.iter().rev().copied().collect());
        v.sub_assign(&other);
        v
    }};
}

#[test]
fn linear_maps_and_openings() {
    let rng = &mut secret_rng(1);
    let key = MacKey::random(rng);
    let values = uniform(rng);
    let pair = || [(); 2].map(|()| deal(&key, &values, &mut secret_rng(2)));
    let [(client, server), (client_other, server_other)] = pair();
    let mut client = linear!(client, client_other);
    let mut server = linear!(server, server_other);
    client.add_public_assign(&[Fp::ONE; N]);
    server.add_public_assign(&key, &[Fp::ONE; N]);
    let opened = server.verify(&key, &ID, sent::<Claimed>(N, &client.open(&ID))).unwrap();
    // -(x + x) + 3 x = x, then times 35 less x, and one.
    assert_eq!(opened, shown(&values).into_iter().map(|x| Fp::new(34) * x + Fp::ONE).collect::<Vec<_>>());

    let (client, server) = deal(&key, &[Fp::ZERO; N], rng);
    assert_eq!(server.verify_zero(&ID, &sent((), &client.prove_zero(&ID))), Ok(()));

    // The client's half of a vector of zeros, and the server's.
    let (client, keys) = deal(&key, &values, rng);
    let share = ServerShare::new(values.iter().map(|&x| -x).collect::<Vec<_>>(), keys).unwrap();
    assert_eq!(share.into_sum_keys(&key).verify_zero(&ID, &sent((), &client.prove_zero(&ID))), Ok(()));
}

#[test]
fn deferred_checks() {
    let rng = &mut secret_rng(3);
    let key = MacKey::random(rng);
    let (mut opener, mut batch) = (Opener::new(), check::Batch::new(&key));
    let (client, server) = deal(&key, &uniform(rng), rng);
    let claimed = sent(N, &opener.open(client));
    let opened = batch.receive(server, claimed).unwrap();
    let (wait, challenge) = batch.challenge(&ID, rng);
    let response = opener.answer(&ID, &sent((), &challenge));
    let checked = wait.on_response(sent((), &response)).unwrap();
    assert_eq!(opened.release(&checked).unwrap().len(), N);
}

#[test]
fn two_sided_shares_and_their_check() {
    let rng = &mut secret_rng(4);
    let key = [(); 2].map(|()| KeyShare::random(rng));
    let alpha = key[0].expose() + key[1].expose();
    let values = uniform(rng);
    let (x, m) = (uniform(rng), uniform(rng));
    let rest: Vec<Fp> = values.iter().zip(&x).map(|(&v, &x)| v - x).collect();
    let macs: Vec<Fp> = values.iter().zip(&m).map(|(&v, &m)| alpha * v - m).collect();
    let mut shares = [Shares::new(x, m).unwrap(), Shares::new(rest, macs).unwrap()];
    for ((share, party), key) in shares.iter_mut().zip([Party::First, Party::Second]).zip(&key) {
        share.add_public_assign(party, key, &[Fp::ONE; N]);
    }
    let [(sent_a, pending_a), (sent_b, pending_b)] = shares.map(Shares::reveal);
    let mut first = spdz::Batch::new(Party::First, &key[0]);
    let mut second = spdz::Batch::new(Party::Second, &key[1]);
    let opened = first.receive(pending_a, &shown(&sent_b)).unwrap();
    second.receive(pending_b, &shown(&sent_a)).unwrap();

    let ((first, a), (second, b)) = (first.commit(&ID, rng), second.commit(&ID, rng));
    let (second, seed_b) = second.on_commitment(sent((), &a));
    let (first, seed_a) = first.on_commitment(sent((), &b));
    let (second, b) = second.on_seed(&sent((), &seed_a), rng).unwrap();
    let (first, a) = first.on_seed(&sent((), &seed_b), rng).unwrap();
    let (second, sigma_b) = second.on_commitment(sent((), &a));
    let (first, sigma_a) = first.on_commitment(sent((), &b));
    second.on_sigma(&sent((), &sigma_a)).unwrap();
    let checked = first.on_sigma(&sent((), &sigma_b)).unwrap();
    let expected: Vec<Fp> = shown(&values).into_iter().map(|x| x + Fp::ONE).collect();
    assert_eq!(shown(&opened.release(&checked).unwrap()), expected);
}

#[test]
fn between_the_forms() {
    let rng = &mut secret_rng(5);
    let key = MacKey::random(rng);
    let (client, server) = deal(&key, &uniform(rng), rng);
    let (client, server) = (client.into_shares(), server.into_shares(&key, uniform(rng)).unwrap());
    let (server, _) = server.into_keys(&key);
    let opened = server.verify(&key, &ID, sent::<Claimed>(N, &client.into_authenticated().open(&ID)));
    assert_eq!(opened.unwrap().len(), N);
}

/// What valgrind must report: a jump on alpha.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let key = MacKey::random(&mut secret_rng(6));
    let reported = if black_box(key.expose().to_u64()) & 1 == 1 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}

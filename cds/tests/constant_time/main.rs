//! Values, MACs, keys, alpha, Delta and labels under valgrind, which reports every jump and address that depends on bytes marked
//! as secret (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that shares helpers with others")]

use muse_test_support::cds as support;

use core::hint::black_box;

use muse_cds::{correlated, published};
use muse_field::prg::Prg;
use muse_field::{Fp, ct};
use muse_gc::label::{ActiveLabels, Delta, ZeroLabels};
use muse_mac::{Authenticated, Keys, ideal};

use support::{EDGES, ID, Session, run};

/// A session, and shares of secret values in it.
fn session() -> (Session, Delta, [u64; EDGES.len()], Authenticated, Keys) {
    let mut session = Session::new(1);
    let (values, delta) = (ct::hidden(EDGES), session.sender.delta().clone());
    let (shares, keys) = ideal::authenticate(&session.key, &values.map(Fp::new), &mut session.rng);
    (session, delta, values, shares, keys)
}

fn compare(values: &[u64], delta: &Delta, active: &ActiveLabels, zero: &ZeroLabels) {
    let expected = zero.active_integers(values, 44, delta);
    ct::public(expected.as_slice());
    ct::public(active.as_slice());
    assert!(expected.as_slice() == active.as_slice());
}

#[test]
fn the_default_disclosure() {
    let (session, delta, values, shares, keys) = session();
    let Session { sender, receiver, key, mut rng } = session;
    let client = correlated::Client::new(ID, receiver, shares, &mut rng).unwrap();
    let server = correlated::Server::new(ID, sender, &key, keys, &mut rng).unwrap();
    let ((_, active), (_, zero)) = run(client, server).1.unwrap();
    compare(&values, &delta, &active, &zero);
}

#[test]
fn the_published_disclosure() {
    let (mut session, delta, values, shares, keys) = session();
    let (pool, server_pool) = session.pools(values.len());
    let Session { key, mut rng, .. } = session;
    let client = published::Client::new(ID, 0, pool, shares).unwrap();
    let server = published::Server::new(ID, 0, server_pool, &delta, &key, keys, &mut rng).unwrap();
    let (active, zero) = run(client, server).1.unwrap();
    compare(&values, &delta, &active, &zero);
}

/// What valgrind must report: a jump on a bit of Delta.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let delta = Delta::random(&mut Prg::from_seed(ct::hidden([2; 32])));
    let reported = if black_box(delta.block().0) >> 1 & 1 == 1 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}

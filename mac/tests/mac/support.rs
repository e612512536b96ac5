//! A dealer, written by hand, and names.

use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_mac::{Authenticated, Keys, MacKey, OpeningId, Purpose};
use proptest::prelude::*;

pub(crate) const SESSION: SessionId = SessionId::from_bytes([0x42; 32]);
pub(crate) const ID: OpeningId = OpeningId::new(Purpose::Activations, RunId::new(SESSION, 3), 2);

/// All names that differ from [`ID`] in one part.
pub(crate) fn other_names() -> [OpeningId; 5] {
    [
        OpeningId { purpose: Purpose::Structure, ..ID },
        OpeningId { purpose: Purpose::Custom("activations"), ..ID },
        OpeningId { run: RunId { session: SessionId::from_bytes([0x43; 32]), ..ID.run }, ..ID },
        OpeningId { run: RunId { number: 4, ..ID.run }, ..ID },
        OpeningId { layer: 3, ..ID },
    ]
}

pub(crate) fn rng(seed: u8) -> Prg {
    Prg::from_seed([seed; 32])
}

pub(crate) fn elements(values: &[u64]) -> Vec<Fp> {
    values.iter().copied().map(Fp::new).collect()
}

pub(crate) fn uniform(count: usize, rng: &mut Prg) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; count];
    fill_uniform(&mut values, rng);
    values
}

/// m = k + alpha * x with uniform k, element by element.
pub(crate) fn deal(key: &MacKey, values: &[Fp], rng: &mut Prg) -> (Authenticated, Keys) {
    let keys = uniform(values.len(), rng);
    let macs: Vec<Fp> = keys.iter().zip(values).map(|(&k, &x)| k + key.expose() * x).collect();
    (Authenticated::new(values.to_vec(), macs).unwrap(), Keys::new(keys))
}

/// Whether every MAC fits its value.
pub(crate) fn fits(key: &MacKey, client: &Authenticated, server: &Keys) -> bool {
    let pairs = client.values().iter().zip(client.macs()).zip(server.expose());
    client.len() == server.len() && pairs.into_iter().all(|((&x, &m), &k)| m == k + key.expose() * x)
}

/// A client that changes its half.
pub(crate) fn changed(client: Authenticated, at: usize, value: Fp, mac: Fp) -> Authenticated {
    let (mut values, mut macs) = client.into_parts();
    values[at] += value;
    macs[at] += mac;
    Authenticated::new(values, macs).unwrap()
}

/// Elements with the extremes among them.
pub(crate) fn element() -> impl Strategy<Value = Fp> {
    prop_oneof![
        any::<u64>().prop_map(Fp::new),
        prop::sample::select(vec![
            Fp::ZERO,
            Fp::ONE,
            Fp::NEG_ONE,
            Fp::new((muse_field::MODULUS - 1) / 2),
            Fp::new((1 << 44) - 1)
        ]),
    ]
}

pub(crate) fn vector() -> impl Strategy<Value = Vec<Fp>> {
    proptest::collection::vec(element(), 0..40)
}

pub(crate) fn nonzero() -> impl Strategy<Value = Fp> {
    element().prop_filter("nonzero", |&e| e != Fp::ZERO)
}

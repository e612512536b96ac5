//! Distinct histories give distinct digests.

use super::*;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use rand_core::Rng;
use std::format;

/// Ends a chain of appends.
fn keep(_: &mut Transcript) {}

#[test]
fn histories_that_concatenate_alike_differ() {
    let mut digests = BTreeSet::new();
    let mut add = |build: &dyn Fn(&mut Transcript)| {
        let mut t = Transcript::new("test");
        build(&mut t);
        assert!(digests.insert(t.digest("d")));
    };
    add(&|_| ());
    add(&|t| keep(t.append("a", b"bc")));
    add(&|t| keep(t.append("ab", b"c")));
    add(&|t| keep(t.append("a", b"b").append("", b"c")));
    add(&|t| keep(t.append("a", b"").append("a", b"bc")));
    add(&|t| keep(t.append("a", b"bc").append("a", b"")));
    add(&|t| keep(t.append_u64("a", 0)));
    add(&|t| keep(t.append_u64("a", 0).append_u64("a", 0)));
    add(&|t| keep(t.append_elements("a", &[])));
    add(&|t| keep(t.append_elements("a", &[Fp::ZERO])));
    add(&|t| keep(t.append_elements("a", &[Fp::ZERO; 2])));
    add(&|t| keep(t.append("digest", b"d")));
}

#[test]
fn domains_labels_and_kinds_separate() {
    let (a, b) = (Transcript::new("a"), Transcript::new("b"));
    assert_ne!(a.digest("x"), b.digest("x"));
    assert_ne!(a.digest("x"), a.digest("y"));
    let mut seeded = Prg::from_seed(a.digest("x"));
    assert_ne!(a.prg("x").next_u64(), seeded.next_u64());
    assert_eq!(a.prg("x").next_u64(), a.prg("x").next_u64());
}

#[test]
fn elements_are_hashed_as_documented() {
    for n in [0usize, 1, 63, 64, 65, 130] {
        let values: Vec<Fp> = (0..n as u64).map(Fp::new).collect();
        let mut hasher = blake3::Hasher::new_derive_key("muse-field transcript v1");
        let mut item = |kind: u8, label: &str, len: usize, data: &[u8]| {
            hasher.update(&[kind]);
            for part in
                [&(label.len() as u64).to_le_bytes(), label.as_bytes(), &(len as u64).to_le_bytes(), data]
            {
                hasher.update(part);
            }
        };
        item(0, "domain", 1, b"t");
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_u64().to_le_bytes()).collect();
        item(2, "v", n, &bytes);
        item(3, "d", 0, b"");
        let digest = Transcript::new("t").append_elements("v", &values).digest("d");
        assert_eq!(digest, *hasher.finalize().as_bytes());
    }
    assert_eq!(format!("{:?}", Transcript::new("t")), "Transcript(..)");
}

/// An appended item: label, and bytes or elements.
type Item = (u8, Vec<u8>);

fn replay(items: &[Item]) -> [u8; 32] {
    let mut t = Transcript::new("items");
    for (kind, data) in items {
        let label = if kind & 1 == 0 { "a" } else { "aa" };
        match kind >> 1 {
            0 => t.append(label, data),
            1 => t.append_u64(label, data.len() as u64),
            _ => t.append_elements(label, &data.iter().map(|v| Fp::from(*v)).collect::<Vec<_>>()),
        };
    }
    t.digest("d")
}

/// Few values, so that equal and nearly equal histories come up.
fn history() -> impl Strategy<Value = Vec<Item>> {
    proptest::collection::vec((0u8..6, proptest::collection::vec(0u8..2, 0..3)), 0..4)
}

proptest! {
    #[test]
    fn digests_agree_exactly_for_equal_histories(a in history(), b in history()) {
        // An integer item carries the length of its data only.
        let canonical = |items: &[Item]| -> Vec<Item> {
            let shown = |(k, d): &Item| (*k, if k >> 1 == 1 { std::vec![d.len() as u8] } else { d.clone() });
            items.iter().map(shown).collect()
        };
        prop_assert_eq!(replay(&a) == replay(&b), canonical(&a) == canonical(&b));
    }
}

//! The fuzz targets without a fuzzer: every seed, and mutations of them that are the same in every run.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_field::prg::Prg;
use muse_tests::fuzz::{TARGETS, Target};
use rand_core::Rng;
use std::{fs, path::PathBuf};

/// The seeds of a target by name, in a fixed order.
fn seeds(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut seeds: Vec<_> = (fs::read_dir(&folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

fn target(name: &str) -> Target {
    TARGETS.iter().find(|(found, _)| *found == name).unwrap().1
}

/// All seeds, then `count` mutations of them.
fn smoke(name: &str, count: usize) {
    let (seeds, target) = (seeds(name), target(name));
    assert!(!seeds.is_empty());
    for (_, seed) in &seeds {
        target(seed);
    }
    let mut rng = Prg::from_seed([0x5e; 32]);
    for _ in 0..count {
        let mut input = pick(&seeds, &mut rng).to_vec();
        for _ in 0..=below(3, &mut rng) {
            mutate(&mut input, pick(&seeds, &mut rng), &mut rng);
        }
        target(&input);
    }
}

fn pick<'a>(seeds: &'a [(String, Vec<u8>)], rng: &mut Prg) -> &'a [u8] {
    &seeds[below(seeds.len(), rng)].1
}

/// A number below `bound`, or 0.
fn below(bound: usize, rng: &mut Prg) -> usize {
    rng.next_u32() as usize % bound.max(1)
}

/// Flips, cuts, splices, or writes a number where a length might be.
fn mutate(input: &mut Vec<u8>, other: &[u8], rng: &mut Prg) {
    let at = below(input.len(), rng);
    match below(6, rng) {
        0 if !input.is_empty() => input[at] ^= 1 << below(8, rng),
        1 if !input.is_empty() => input[at] = rng.next_u32() as u8,
        2 => input.truncate(at),
        3 => {
            input.truncate(at);
            input.extend_from_slice(&other[below(other.len(), rng)..]);
        }
        4 => {
            let number =
                [0, 1, 0x7f, 0xff, 0xffff, 1 << 31, u64::MAX, u64::from(rng.next_u32())][below(8, rng)];
            input.iter_mut().skip(at).zip(number.to_le_bytes()).for_each(|(byte, new)| *byte = new);
        }
        _ => {
            let byte = rng.next_u32() as u8;
            input.insert(at, byte);
        }
    }
}

#[test]
fn circuits() {
    smoke("circuits", 2000);
}

#[test]
fn client_session() {
    smoke("client_session", 8);
}

#[test]
fn decoders() {
    smoke("decoders", 2000);
}

#[test]
fn models() {
    smoke("models", 300);
}

#[test]
fn rounds() {
    smoke("rounds", 300);
}

#[test]
fn server_session() {
    smoke("server_session", 8);
}

#[test]
fn every_target_has_a_test_and_a_binary() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    let here = include_str!("fuzz.rs");
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(here.contains(&format!("smoke(\"{name}\"")), "{name}");
    }
}

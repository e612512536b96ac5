//! The table of messages against what is written about them, and against the fuzzer.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use alloc::collections::BTreeSet;
use muse::transport::Tag;

const README: &str = include_str!("../../muse/README.md");
const DECODERS: &str = include_str!("../src/fuzz/decoders.rs");

/// The table of bytes in the README has a row for every message but the two that have no body and belong everywhere.
#[test]
fn every_message_is_in_the_table_of_bytes() {
    let start = README.find("| frame | direction |").unwrap();
    let table: String =
        README[start..].lines().take_while(|line| line.starts_with('|')).collect::<Vec<_>>().join("\n");
    for tag in Tag::ALL {
        let measured = matches!(tag, Tag::RehearseTriples | Tag::RehearseInputs);
        if measured || matches!(tag, Tag::Bye | Tag::Abort) {
            continue;
        }
        assert!(table.contains(tag.name()), "{tag} has no row");
    }
}

/// Tags and names are told apart, and the table knows its own bytes.
#[test]
fn tags_are_told_apart() {
    let names: BTreeSet<_> = Tag::ALL.iter().map(|tag| tag.name()).collect();
    assert_eq!(names.len(), Tag::ALL.len());
    for tag in Tag::ALL {
        assert_eq!(Tag::from_byte(*tag as u8), Some(*tag));
        assert!(!tag.words().is_empty());
    }
}

/// Every body has a decoder that is fuzzed: a message that is added to the table alone fails here.
#[test]
fn every_decoder_is_fuzzed() {
    for tag in Tag::ALL {
        for path in types(tag.body_type()) {
            // Generic over the number of replies; the table calls it by the name that triples have for theirs.
            let path =
                if path == "muse_triples::replies::Replies" { "muse_triples::beaver::Replies" } else { path };
            let mut parts = path.rsplit("::");
            let name = parts.next().unwrap();
            // Called by its bare name, or by that of a module it is in.
            let called = |module: &str| {
                [">", "<"].iter().any(|end| DECODERS.contains(&format!("::<{module}{name}{end}")))
            };
            let fuzzed = called("") || parts.any(|module| called(&format!("{module}::")));
            assert!(fuzzed, "{tag}: no decoder of {path} is fuzzed");
        }
    }
}

/// The paths of the types with decoders of their own in the name of a type.
fn types(name: &str) -> Vec<&str> {
    let paths = name.split(|c: char| !(c.is_alphanumeric() || c == ':' || c == '_'));
    let own = |path: &&str| path.starts_with("muse_") && !path.ends_with("::Fp");
    paths.filter(own).collect()
}

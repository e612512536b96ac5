//! Every place where the code sets a mark of secrecy or takes it off is in the table of `docs/constant-time.md`, with its reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::{fs, path::Path};

/// How often a call is in a file.
type Calls = BTreeMap<(String, String), usize>;

/// The functions of `muse_field::ct` that change marks.
const MARKS: [&str; 5] = ["ct::disclosed(", "ct::public(", "ct::verdict(", "ct::secret(", "ct::hidden("];

/// The crates whose code a session runs.
const CRATES: [&str; 9] = ["field", "mac", "he", "gc", "cds", "zk", "triples", "muse/model", "muse"];

#[test]
fn the_table_lists_every_disclosure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut code = Calls::new();
    for name in CRATES {
        collect(&root, &format!("{name}/src"), &mut code);
    }
    let table = rows(&fs::read_to_string(root.join("docs/constant-time.md")).unwrap());
    assert!(!code.is_empty());
    assert_eq!(table, code, "left: the table of docs/constant-time.md; right: the code");
}

/// Calls in the sources below `folder`, but for the module that defines them.
fn collect(root: &Path, folder: &str, calls: &mut Calls) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, calls);
        } else if path.ends_with(".rs") && path != "field/src/ct.rs" {
            let source = fs::read_to_string(entry.path()).unwrap();
            assert!(
                !source.lines().any(hides),
                "{path}: these functions are called as `ct::..`, nowhere by another name"
            );
            for call in calls_in(&source) {
                *calls.entry((path.clone(), call)).or_default() += 1;
            }
        }
    }
}

/// Whether a line imports what is in the module, or the module under another name: the list would miss calls.
fn hides(line: &str) -> bool {
    let module = |(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.contains("use ")
        && (line.match_indices("ct::").any(module) || line.match_indices("ct as ").any(module))
}

/// The calls in a source, with their arguments, in one line each.
fn calls_in(source: &str) -> Vec<String> {
    let starts = MARKS.iter().flat_map(|mark| source.match_indices(mark));
    let whole = |(start, mark): (usize, &str)| {
        let mut depth = 1;
        let end = source[start + mark.len()..].find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let call = &source[start..=start + mark.len() + end.unwrap()];
        call.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    starts.map(whole).collect()
}

/// Rows "file | call | why" of the table, where a call may be followed by ", n times".
fn rows(document: &str) -> Calls {
    let mut rows = Calls::new();
    for line in document.lines() {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [file, call, why] = cells[..] else { continue };
        let Some((call, times)) = call.strip_prefix("`ct::").and_then(|call| call.split_once('`')) else {
            continue;
        };
        assert!(!why.is_empty(), "a reason: {line}");
        let times = times.strip_prefix(", ").and_then(|times| times.strip_suffix(" times"));
        let times = times.map_or(1, |times| times.parse().unwrap());
        rows.insert((file.trim_matches('`').into(), format!("ct::{call}")), times);
    }
    rows
}

#[test]
fn calls_are_found_over_several_lines() {
    let source = "let a = ct::disclosed(\n    f(x) < g(y),\n);\nct::public(&b[..]);";
    assert_eq!(calls_in(source), ["ct::disclosed( f(x) < g(y), )", "ct::public(&b[..])"]);
}

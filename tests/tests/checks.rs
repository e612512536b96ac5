//! The table of checks against the code: each row names the file and the line of its check, which is marked there by
//! `// Check: NAME.` on the line above.
//!
//! `MUSE_WRITE=1 cargo test -p muse-tests --test checks` writes the places into the table after lines have moved.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Every check's name, and the places where it is marked.
type Places = BTreeMap<String, Vec<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The line below a mark, or below several, is the check.
fn marked(root: &Path) -> Places {
    let mut files = Vec::new();
    for part in ["field", "mac", "he", "gc", "zk", "cds", "triples", "muse"] {
        sources(&root.join(part).join("src"), &mut files);
    }
    files.sort();
    let mut places = Places::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root).unwrap().display().to_string();
        let mut open = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(check) = line.trim_start().strip_prefix("// Check: ") {
                open.push(check.strip_suffix('.').expect("a mark ends with a full stop").to_owned());
                continue;
            }
            for check in open.drain(..) {
                let place = format!("[`{name}:{number}`](../{name}#L{number})");
                places.entry(check).or_default().push(place);
            }
        }
    }
    places
}

/// The page with the places of the code in its rows.
fn with_places(page: &str, places: &Places) -> String {
    let mut rows = Places::clone(places);
    let mut in_table = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        in_table =
            line.starts_with('|') && (in_table || line.contains("| message | where | fails without it |"));
        let [first, message, _, test @ ..] = &cells[..] else {
            lines.push(line.to_owned());
            continue;
        };
        let name = first.trim_start_matches("| ");
        if !in_table || matches!(name, "check" | "measure") {
            lines.push(line.to_owned());
            continue;
        }
        let place = rows.remove(name).unwrap_or_else(|| panic!("no check is marked as: {name}"));
        lines.push(format!("{first} | {message} | {} | {}", place.join(", "), test.join(" | ")));
    }
    assert!(rows.is_empty(), "marked and not in the table: {:?}", rows.keys());
    lines.join("\n") + "\n"
}

#[test]
fn the_table_names_the_line_of_every_check() {
    let (root, page) = (root(), root().join("tests/README.md"));
    let places = marked(&root);
    assert!(places.len() > 30, "{}", places.len());
    let text = fs::read_to_string(&page).unwrap();
    let expected = with_places(&text, &places);
    if env::var_os("MUSE_WRITE").is_some() {
        fs::write(&page, expected).unwrap();
        return;
    }
    assert!(
        text == expected,
        "lines have moved: MUSE_WRITE=1 cargo test -p muse-tests --test checks writes the table anew"
    );
}

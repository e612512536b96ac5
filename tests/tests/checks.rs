//! The table of checks against the code: each row names the file and the line of its check, which is marked there by
//! `// Check: NAME.` on the line above.
//!
//! `MUSE_WRITE=1 cargo test -p muse-tests --test checks` writes the places into the table after lines have moved.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use alloc::collections::BTreeMap;
use muse::transport::Tag;
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

/// What the table's last column says in backticks, without the modules before it; braces hold alternatives.
fn named(cell: &str) -> Vec<String> {
    let mut names = Vec::new();
    for name in cell.split('`').skip(1).step_by(2) {
        let name = name.rsplit("::").next().unwrap();
        let Some((before, (inside, after))) =
            name.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        else {
            names.push(name.to_owned());
            continue;
        };
        names.extend(inside.split(',').map(|one| format!("{before}{one}{after}")));
    }
    names
}

/// Every test that the table names is there: a function, or a file of tests.
#[test]
fn the_tests_of_the_table_exist() {
    let root = root();
    let page = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let mut files = Vec::new();
    for part in ["field", "mac", "he", "gc", "zk", "cds", "triples", "muse"] {
        sources(&root.join(part), &mut files);
    }
    sources(&root.join("tests/tests"), &mut files);
    let mut all = String::new();
    let (mut count, mut missing) = (0, Vec::new());
    for file in &files {
        all.push_str(&format!("file {}\n", file.file_stem().unwrap().display()));
        all.push_str(&fs::read_to_string(file).unwrap());
    }
    for line in page.lines().filter(|line| line.contains("](../") && line.starts_with("| ")) {
        let Some(tests) = line.splitn(4, " | ").nth(3) else { continue };
        for name in named(tests).iter().filter(|name| !name.contains(['/', ' '])) {
            let ends: &[&str] = if name.ends_with("..") { &[""] } else { &["(", "<"] };
            let name = name.trim_end_matches("..");
            let a_test = ends.iter().any(|end| all.contains(&format!("fn {name}{end}")));
            let there = a_test || all.contains(&format!("file {name}"));
            if !there {
                missing.push(name.to_owned());
            }
            count += 1;
        }
    }
    assert!(missing.is_empty(), "no tests are called {missing:?}");
    assert!(count > 60, "{count}");
}

/// Every message that the table names is one.
#[test]
fn the_messages_of_the_table_exist() {
    let page = fs::read_to_string(root().join("tests/README.md")).unwrap();
    for line in page.lines().filter(|line| line.contains("](../") && line.starts_with("| ")) {
        let [_, cell, _, _, ..] = line.split(" | ").collect::<Vec<_>>()[..] else { continue };
        let words = cell.split([',', ';', ' ']).filter(|word| word.starts_with(char::is_uppercase));
        for word in words {
            assert!(Tag::ALL.iter().any(|tag| tag.name() == word), "no message is called {word}");
        }
    }
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

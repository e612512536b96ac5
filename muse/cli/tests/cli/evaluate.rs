//! `muse evaluate`: processes that really run, and files that hold what they took.

use crate::{
    both::{small_network, text},
    program::{Folder, failure, run, stdout},
};
use serde_json::Value;

#[test]
fn a_small_network_is_measured_and_written_down() {
    let folder = Folder::new("evaluate");
    let model = small_network(&folder);
    let (out, page) = (folder.path("out"), folder.path("page.md"));
    let common = ["--model", text(&model), "--runs", "2", "--threads", "1", "--quiet"];
    let files = ["--out", text(&out), "--document", text(&page)];
    let output = run(&[&["evaluate", "table3", "--rtt", "2ms"], &common[..], &files].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = stdout(&output);
    for part in ["TABLE 3", "own: small", "linear: ACG, with proofs", "2 ms", "1 thread for each party"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // Nothing is published about it.
    assert!(!shown.contains("faster"), "{shown}");

    let json = std::fs::read_to_string(out.join("results.json")).expect("written");
    let results: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(results["machine"]["runs"], 2);
    let rows = results["experiments"][0]["rows"].as_array().expect("rows");
    let csv = std::fs::read_to_string(out.join("results.csv")).expect("written");
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let find = |item: &str, system: &str, link: &str| {
        let found = rows.iter().find(|row| {
            let is = |field: &str, value: &str| row[field] == value;
            is("item", item) && is("system", system) && is("link", link)
        });
        found.unwrap_or_else(|| panic!("{item}, {system}, {link}: {json}"))
    };
    for system in ["semi-honest", "client-malicious"] {
        let [direct, slow] = ["loopback", "2 ms"].map(|link| find("online", system, link));
        // 32 ReLUs; the connection changes no byte. Two round trips of it take 4 ms at least.
        assert!(direct["bytes"]["median"].as_f64().expect("bytes") > 32.0 * 704.0);
        assert_eq!(direct["bytes"], slow["bytes"]);
        assert_eq!(direct["round_trips"]["median"], 2.0);
        assert!(slow["seconds"]["min"].as_f64().expect("seconds") >= 0.004, "{slow}");
    }
    let figure = std::fs::read(out.join("table3.png")).expect("written");
    assert!(figure.starts_with(b"\x89PNG"));

    // What somebody wrote into the page survives another experiment and a renewal.
    let written = std::fs::read_to_string(&page).expect("written");
    assert!(written.contains("](out/table3.svg)") && written.contains("<!-- end of table3 -->"), "{written}");
    std::fs::write(&page, written + "\nBy hand.\n").expect("writable");
    let output = run(&[&["evaluate", "links", "--rtt", "0ms"], &common[..], &files].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains("measured/it") && stdout(&output).contains("100 Mbit/s"));
    let page = std::fs::read_to_string(&page).expect("written");
    for part in ["By hand.", "<!-- muse evaluate: table3 -->", "<!-- muse evaluate: links -->"] {
        assert_eq!(page.matches(part).count(), 1, "{part}: {page}");
    }
}

#[test]
fn what_cannot_be_measured_or_written_is_one_line_before_anything_runs() {
    let folder = Folder::new("evaluate-wrong");
    let line = failure(&run(&["evaluate", "online", "--model", "no-such-model.json"]), 1);
    assert!(line.contains("no-such-model.json"), "{line}");
    let line = failure(&run(&["evaluate", "online", "--model", "net.onnx"]), 1);
    assert!(line.contains("NAME.json"), "{line}");
    let file = folder.path("file");
    std::fs::write(&file, "").expect("writable");
    let line = failure(&run(&["evaluate", "online", "--out", text(&file.join("under"))]), 1);
    assert!(line.contains("cannot make the folder"), "{line}");
}

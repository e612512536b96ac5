//! `muse attack`: the same client against both modes.

use crate::{
    both::{small_network, text},
    program::{Folder, Serving, failure, run, stderr, stdout},
};
use muse::model::Network;

#[test]
fn the_baseline_loses_a_network_that_can_be_served_again() {
    let folder = Folder::new("stolen");
    let model = small_network(&folder);
    let mut server = Serving::start(&[text(&model), "--mode", "semi-honest", "--sessions", "1"]);
    let out = folder.path("copy");
    let output = run(&["attack", "--connect", &server.address, "--out", text(&out), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).is_empty(), "{}", stderr(&output));
    let events: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let stolen = events.last().expect("an end");
    assert_eq!(stolen["event"], "stolen", "{stolen}");
    let asked = events.iter().filter(|event| event["event"] == "query").count();
    assert_eq!(stolen["queries"], asked, "{stolen}");
    let ended = server.wait_for("ended");
    assert!(ended["error"].is_null(), "the server noticed nothing: {ended}");

    let (copy, original) = (Network::open(&out.join("small.json")), Network::open(&model));
    let (copy, original) = (copy.expect("it loads"), original.expect("just written"));
    assert_eq!(copy.architecture(), original.architecture());
    for (ours, theirs) in copy.layers().iter().zip(original.layers()) {
        assert_eq!(ours.weights(), theirs.weights(), "{}", theirs.name());
        assert_eq!(ours.bias(), theirs.bias(), "{}", theirs.name());
    }
}

#[test]
fn a_folder_with_something_in_it_is_1_before_anything_is_asked() {
    let folder = Folder::new("taken");
    let kept = folder.path("package.json");
    std::fs::write(&kept, "mine").expect("writable");
    // Nobody listens there: it does not come to that.
    let output = run(&["attack", "--connect", "127.0.0.1:1", "--out", text(&folder.path(""))]);
    let line = failure(&output, 1);
    assert!(line.ends_with("the folder is not empty; name a new or an empty one"), "{line}");
    assert_eq!(std::fs::read(&kept).expect("still there"), b"mine");
}

#[test]
fn the_default_refuses_the_same_client_with_5() {
    let folder = Folder::new("refused");
    let model = small_network(&folder);
    let mut server = Serving::start(&[text(&model)]);
    let output = run(&["attack", "--connect", &server.address, "--quiet"]);
    let line = failure(&output, 5);
    assert_eq!(
        line,
        "muse: refused: client-malicious: the server aborted at our first altered share; nothing was learnt, no logits were returned"
    );
    assert!(stdout(&output).is_empty());
    // A client of the other mode is turned away first; the log names the check that the second one failed.
    server.wait_for("started");
    let ended = server.wait_for("ended");
    let error = ended["error"].as_str().expect("a reason");
    assert!(error.contains("bits are not those of its authenticated values"), "{error}");
}

#[test]
fn another_network_than_the_one_compared_with_is_1() {
    let folder = Folder::new("compared");
    let model = small_network(&folder);
    let server = Serving::start(&[text(&model), "--mode", "semi-honest"]);
    let output = run(&["attack", "--connect", &server.address, "--compare-shipped", "mnist"]);
    let line = failure(&output, 1);
    assert!(line.contains("\"small\" has another architecture than the shipped \"mnist\""), "{line}");
}

//! A system without threads: a server is refused when it is made, and does not come up to serve nobody.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse::{Error, Server, ServerConfig, model::shipped};
use std::{env, process::Command};

/// Set in the process that has too little memory for its threads.
const POOR: &str = "MUSE_TEST_WITHOUT_THREADS";

#[test]
fn a_server_without_its_threads_is_none() {
    if env::var_os(POOR).is_some() {
        let made = Server::new(shipped::mnist(), ServerConfig::default());
        assert!(matches!(made, Err(Error::Thread(_))));
        // Neither is the next one.
        let made = Server::new(shipped::mnist(), ServerConfig::default());
        assert!(matches!(made, Err(Error::Thread(_))));
        return;
    }
    let mut poor = Command::new("sh");
    poor.args(["-c", "ulimit -v 900000; exec \"$0\" \"$@\""]).arg(env::current_exe().unwrap());
    poor.args(["--exact", "a_server_without_its_threads_is_none", "--test-threads", "1"]);
    let output = poor.env(POOR, "1").env("RAYON_NUM_THREADS", "1024").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

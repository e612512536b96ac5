//! Clients that cheat, each in exactly one message or value, against the unmodified server in the client-malicious mode: every one is
//! refused by the check it should be refused by, hears "aborted" and nothing else, and gets nothing of a later step.
//!
//! The table in this crate's README says which check each test holds to account.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use muse_test_support::transport as tap;
use muse_tests::common;

mod harness;
mod malleability;
mod messages;
mod modes;
mod published;
mod serving;
mod sessions;
mod streams;
mod tries;
mod values;

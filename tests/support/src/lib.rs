//! What more than one test program needs: both parties of a protocol in memory, slow oracles, transports that cheat. One module for the
//! tests of each crate, behind a feature, so that the tests of a crate compile only what is below it.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    clippy::unwrap_used,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    reason = "code of tests: it panics where a property fails"
)]

#[cfg(feature = "cds")]
pub mod cds;
#[cfg(feature = "he")]
pub mod he;
#[cfg(feature = "transport")]
pub mod transport;
#[cfg(feature = "triples")]
pub mod triples;
#[cfg(feature = "zk")]
pub mod zk;

//! The steps of the protocol, a file or a folder each: what goes over the wire, then the client, then the server.
//!
//! `preprocess.rs` and `online.rs` run them in order. A step that checks something from the
//! client has a comment at the check.

pub mod circuits;
pub mod evaluation;
pub mod handshake;
pub mod keys;
pub mod labels;
pub mod linear;
pub mod opening;
pub mod proof;
pub mod published;
pub mod request;
pub mod triples;

mod disclosure;

//! The steps of the protocol, one file each: what goes over the wire, then the client, then the server.
//!
//! `preprocess.rs` and `online.rs` put them in their order. A step that checks something of the
//! client's says so at the check.

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

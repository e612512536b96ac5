#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod attack;
pub mod card;
pub mod client;
#[cfg(feature = "hazmat")]
pub mod deviate;
#[cfg(not(feature = "hazmat"))]
#[allow(unreachable_pub, reason = "public with the feature `hazmat`")]
mod deviate;
pub mod error;
pub mod handshake;
pub mod inspect;
pub mod model;
mod online;
mod overlap;
pub mod plan;
mod preprocess;
pub mod progress;
pub mod rehearsal;
pub mod server;
pub mod session;
mod setup;
mod share;
mod spool;
pub mod transport;

pub use self::{
    client::{Client, ClientConfig, Logits, Ticket},
    error::{Error, Fault},
    handshake::{Cds, Mode, Protocol},
    model::{FixedPoint, Image, Model, Network},
    server::{Server, ServerConfig},
};
/// An element of the field that everything is computed in; from the crate `muse_field`.
pub use muse_field::Fp;

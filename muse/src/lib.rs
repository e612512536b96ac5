#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod accounts;
mod cancel;
pub mod card;
pub mod channel;
pub mod client;
pub mod error;
mod forecast;
pub mod handshake;
#[cfg(feature = "hazmat")]
pub mod hazmat;
pub mod inspect;
mod online;
mod parameters;
mod pipeline;
pub mod plan;
mod prediction;
pub mod progress;
mod protocol;
mod refused;
pub mod server;
mod threads;
pub mod transport;

/// Modules whose items are public with the feature `hazmat` only, for clients that are made of the same parts.
macro_rules! parts {
    ($($(#[$cfg:meta])? $vis:vis mod $name:ident;)+) => {$(
        $(#[$cfg])?
        #[allow(unreachable_pub, reason = "public with the feature `hazmat`")]
        #[allow(clippy::missing_errors_doc, clippy::must_use_candidate, reason = "parts of drivers")]
        #[allow(missing_debug_implementations, reason = "secrets, or nothing to show")]
        $vis mod $name;
    )+};
}

parts! {
    mod conduct;
    mod frames;
    mod metered;
    mod garbled;
    #[cfg(not(feature = "hazmat"))]
    mod message;
    #[cfg(feature = "hazmat")]
    pub mod message;
    mod prefetch;
    mod preprocess;
    mod run;
    mod session;
    mod share;
    mod spool;
    #[cfg(not(feature = "hazmat"))]
    mod steps;
    #[cfg(feature = "hazmat")]
    pub mod steps;
    mod ticket;
}

pub use self::{
    client::{Client, ClientConfig, Logits, Ticket},
    error::{Error, Fault},
    handshake::Protocol,
    model::{FixedPoint, Image, Model, Network},
    prediction::Prediction,
    server::{Server, ServerConfig},
    session::MAX_INFERENCES,
};
/// An element of the field that everything is computed in; from the crate `muse_field`.
pub use muse_field::Fp;
/// Networks, images and the plaintext oracle: the crate `muse_model`.
pub use muse_model as model;

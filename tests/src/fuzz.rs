//! The bodies of the fuzz targets: functions of bytes that panic where a property does not hold.
//!
//! `tests/fuzz` runs them under libFuzzer; `tests/tests/fuzz.rs` replays the seeds and mutations of them in every test run. What
//! an input means is described at each target. Everything random comes from fixed seeds, but in the targets of sessions, whose
//! parties ask the operating system.

mod circuits;
mod decoders;
mod duplex;
mod input;
mod models;
mod rounds;
mod script;
mod sessions;

pub use circuits::circuits;
pub use decoders::decoders;
pub use models::models;
pub use rounds::rounds;
pub use sessions::{client_session, server_session};

/// A target's body.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: [(&str, Target); 6] = [
    ("circuits", circuits),
    ("client_session", client_session),
    ("decoders", decoders),
    ("models", models),
    ("rounds", rounds),
    ("server_session", server_session),
];

//! Programs: in every setting the same result, as cheap as the tables say; and parties that cheat.

#![allow(clippy::unwrap_used, reason = "tests")]

mod bits;
mod cheaters;
mod client_malicious;
mod costs;
mod gadgets;
mod sample;
mod settings;

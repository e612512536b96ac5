//! Oblivious transfer: base OTs from the Diffie-Hellman problem, and their extension to any number of correlated OTs.
//!
//! | module | functionality | source |
//! |---|---|---|
//! | [base OT](crate::ot::base) | 128 random OTs, malicious on either side | Masny and Rindal 2019; McQuoid, Rosulek and Roy 2021 |
//! | [extension](crate::ot::softspoken) | correlated OTs, malicious receiver | Roy 2022 |
//!
//! In this project the client is the receiver of correlated OTs, hence the sender of base OTs; the server is the other
//! way round, its choices being the bits of the global offset.

pub mod base;
mod ggm;
mod hash;
/// The ideal functionality, for tests of what is built on correlated OT.
#[cfg(any(test, feature = "test-util"))]
pub mod ideal;
pub mod softspoken;

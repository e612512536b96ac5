//! The engine of [programs](crate::program) where the client may be malicious and the server is semi-honest: the steps of [`engine`](crate::engine)
//! under one roof. The client is [`Party::First`](muse_mac::spdz::Party::First).
//!
//! Every message is one of those steps, so bytes, checks and what they rest on are described there. The client speaks first, and every opening is
//! checked at once: nothing unchecked ever leaves the server. The server keeps its word, so the client checks nothing.
//!
//! | step, on n values | client to server | server to client | triples | random values |
//! |---|---|---|---|---|
//! | input of the client | 5.5 n | | | n |
//! | input of the server | | | | |
//! | multiply | 11 n + 32 | 11 n | n | |
//! | random bits | 16.5 n + 43 | 11 n + 32 | n | n + 1 |
//! | open masked, output | 5.5 n + 32 | 5.5 n | | |
//! | output to the client | | 5.5 n | | |
//! | output to the server | 5.5 n + 32 | | | |

mod client;
mod server;

pub use client::ClientPlayer;
pub use server::ServerPlayer;

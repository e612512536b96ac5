//! An online engine in the manner of SPDZ, for protocols of your own: a malicious client, a semi-honest server.
//!
//! A shared vector is `v = v_c + v_s`: the client has [`Authenticated`](muse_mac::Authenticated) `[v_c]`, the server a
//! [`ServerShare`](muse_mac::ServerShare). Both types have the linear operations, which need no message: sums, differences, public
//! factors, any public linear map. Public constants and the server's own secrets are added by the server alone
//! ([`ServerShare::add_public_assign`](muse_mac::ServerShare::add_public_assign)). All else is a step of [`Client`] and [`Server`]:
//!
//! | step, on n values | client to server | server to client | round trips | triples | randoms |
//! |---|---|---|---|---|---|
//! | [`Client::input`] | 5.5 n | | 1/2 | | n |
//! | [`Server::input`] | | | 0 | | |
//! | [`Client::multiply`] | 11 n + 32 | 11 n | 1 | n | |
//! | [`Client::open_to_server`] | 5.5 n + 32 | | 1/2 | | |
//! | [`Server::open_to_client`] | | 5.5 n | 1/2 | | |
//! | [`Client::open`] | 5.5 n + 32 | 5.5 n | 1 | | |
//! | [`Client::multiply_deferred`] | 11 n | 11 n | 1 | n | |
//! | [`Client::open_deferred`] | 5.5 n | | 1/2 | | |
//! | [`Server::flush`] | 6 | 32 | 1 | | |
//! | [`Client::random_bits`] | 16.5 n + 43 | 11 n + 32 | 1 1/2 | n | n + 1 |
//! | [`Client::is_negative`] | 1628 n + 267 | 1375 n + 32 | 8 | 125 n | 46 n + 1 |
//!
//! Bytes are those of packed elements, 5.5 each, where every message rounds up to whole bytes. Batch: a step on n values costs as
//! many round trips as one on a single value.
//!
//! # Who speaks first, and what is checked when
//!
//! The client opens first. Its shares come with a hash of their MACs ([`Opening`](muse_mac::Opening)), the server checks them,
//! and only then sends its own: no client picks its share, or whether to give it, by the value that would come out. The server's shares
//! need no proof.
//!
//! **Nothing that depends on an unchecked value leaves the server.** This is the rule of protocol section 6, and why it is
//! one: let a client shift an opened `d = x - a` of a product by `t`. The product's shares are then those of `x y + t y`, and
//! whoever sees them opened, or a bit of anything computed from them, knows about `y` what nobody should.
//! The server's shares in a later multiplication, `z_s - a_s` and so on, do depend on that product. They happen to be uniform, as
//! no other message has been masked by this `a_s`, so a protocol that sends nothing but such messages until the
//! check would be safe too. We do not rely on it: it is a property of a whole protocol, whereas the rule is one of types.
//!
//! - Immediate checks: what [`Server`] returns has been checked. 32 bytes a message, no round; so multiplications in sequence
//!   have a hash each.
//! - Deferred checks: what the server gets is [`Unchecked`](muse_mac::check::Unchecked). It can be computed with, and no
//!   step that sends takes it. [`Server::flush`] checks all of it and gives the
//!   [`Checked`](muse_mac::check::Checked) with which it comes out.
//!
//! A failed check consumes the [`Server`], and with it the rest of the preprocessing and this copy of the MAC key; whatever
//! sends needs a server, so nothing is sent any more. The caller ends the session: nothing may ever be run under that key again.
//!
//! The name of every step, with its number, is in its hash, so both parties take the same steps in the same order. Shapes
//! come from the program, never from the peer: an `Await` state knows the shape of the message it awaits.

// Steps: both sides of each, in the order of their messages.
pub mod bits;
pub mod compare;
pub mod deferred;
pub mod input;
pub mod multiply;
pub mod open;

// The parties, and what they use up.
pub mod client;
pub mod pool;
pub mod server;

// What steps are made of.
pub(crate) mod known;
pub mod message;
pub(crate) mod steps;

pub use client::Client;
pub use message::{ClaimedRequest, Reply, Request, Shares};
pub use pool::{ClientPreprocessed, ServerPreprocessed};
pub use server::Server;

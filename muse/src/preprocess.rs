//! Before the input exists (protocol, section 4): everything an inference needs, as a pair of tickets.
//!
//! ```text
//! client                                          server
//!   request                    ------------>
//!                              <------------      inference id
//!   Enc(r_i), every layer      ------------>
//!                              <------------      Enc(M_i r_i - s_i), every layer
//!   OT columns, choices y_i    ------------>
//!                              <------------      challenge
//!   answer                     ------------>      check
//!                              <------------      sealed tables and rows, every non-linear layer
//!                              <------------      ready
//! ```
//!
//! Afterwards the parties share every linear layer's output on a random input, `y_i = M_i r_i - s_i`, and the client holds
//! labels for the bits of its `y_i` and garbled circuits it cannot open yet.

pub(crate) mod client;
mod conversation;
mod material;
pub(crate) mod server;

pub(crate) use material::Domains;

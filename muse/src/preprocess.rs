//! Before the input exists (protocol, section 4): everything an inference needs, as a pair of tickets.
//!
//! ```text
//! client                                          server
//!   request                    ------------>
//!                              <------------      inference id
//!   Enc(r_i), every layer      ------------>
//! * commitment of a proof      ------------>
//! *                            <------------      challenge
//! * responses, or another try  ------------>      check: well formed
//!                              <------------      Enc(M_i r_i - s_i), every layer
//! *                            <------------      their MACs; MACs of every coefficient of Enc(r_i)
//! * digests of the structure   ------------>      check: padding is zero, copies are equal
//!   OT columns, choices y_i    ------------>
//!                              <------------      challenge
//!   answer                     ------------>      check: one choice vector
//! *                            <------------      tau, challenge of the range proof
//! * range proof, digest        ------------>      check: the bits of y_i, canonical
//!                              <------------      sealed tables and rows, every non-linear layer
//!                              <------------      ready
//!
//! * in the client-malicious mode
//! ```
//!
//! Afterwards the parties share every linear layer's output on a random input, `y_i = M_i r_i - s_i`, and the client holds
//! labels for the bits of its `y_i` and garbled circuits it cannot open yet.

pub(crate) mod client;
mod conversation;
mod material;
pub(crate) mod server;

pub(crate) use material::{BATCH, CHUNKS, Domains};

#[cfg(test)]
mod tests;

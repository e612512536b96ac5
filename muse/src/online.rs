//! With the input (protocol, section 5): one round trip per layer.
//!
//! ```text
//! client                                          server
//!   claim of a ticket; x - r_1 ------------>
//!                              for every layer but the last:
//!                              <------------      labels of T = p - S, key of the seal
//!   w_c - r_(i+1)              ------------>
//! * one hash of its MACs, in the same frame        check: nothing else was opened
//!                              <------------      S of the last layer
//!
//! * in the client-malicious mode
//! ```
//!
//! The server computes its share `S = M_i (x_i - r_i) + b_i + s_i` in the clear; the garbled circuit takes it and the client's
//! `y_i` to shares of the ReLU's result, of which the client's is opened under the next layer's mask.

mod ahead;
pub(crate) mod client;
pub(crate) mod server;

use crate::{
    Error,
    transport::{Tag, Transport},
};
use muse_field::{
    Fp,
    wire::{self, Decode},
};

/// Receives `len` elements.
fn receive_elements(tag: Tag, len: usize, link: &mut dyn Transport) -> Result<Vec<Fp>, Error> {
    let body = link.recv(tag, <Vec<Fp>>::len_for(len))?;
    wire::from_slice(len, &body).map_err(|_| Error::malformed("field elements"))
}

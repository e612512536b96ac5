//! Once per session: the handshake (protocol 4.0), the client's public key (4.1) and the base OTs (4.5).
//!
//! ```text
//! client                                          server
//!   hello                      ------------>
//!                              <------------      hello, card, base OT request
//!   public key, base OT reply and trees  -->
//!                              <------------      public key and Enc(alpha), for the published disclosure
//! ```

pub(crate) mod client;
pub(crate) mod server;

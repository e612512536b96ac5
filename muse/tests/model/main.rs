//! Networks, quantisation, loading, the plaintext oracle and the card.

#[path = "../support/varint.rs"]
mod varint;

mod budget;
mod card;
mod encode;
mod float;
mod generate;
mod load;
mod onnx;
mod oracle;
mod save;
mod shipped;

//! Networks, quantisation, loading, the plaintext oracle.

mod budget;
mod encode;
mod float;
mod load;
mod onnx;
mod oracle;
mod save;
mod shipped;

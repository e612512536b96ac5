//! The server's card: the public part of a model as it travels in the handshake (protocol 4.0).

//! Networks: architecture, fixed point, loading, and the plaintext oracle.

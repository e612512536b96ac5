//! AES-128 with many keys side by side.

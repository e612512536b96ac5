//! Labels to shares.

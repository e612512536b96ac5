//! Carry-less products.

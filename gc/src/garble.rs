//! The garbler.

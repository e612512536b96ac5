//! The label hash.

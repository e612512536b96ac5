//! Boolean circuits.

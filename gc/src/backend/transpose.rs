//! Bit-matrix transposition.

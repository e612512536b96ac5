//! Framed transport with time-outs and byte counts.

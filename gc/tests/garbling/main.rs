//! Garbling, evaluation and conversion to shares, end to end and against attacks.

mod attacks;
mod hostile;
mod random;
mod relu;
mod shares;
mod standard;
mod support;
mod textbook;
mod wire;

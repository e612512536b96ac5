//! Disclosure from correlated OT: its messages, its checks.

mod cheaters;
mod honest;
mod hostile;

// Numbers of messages in the log; 1 is the challenge, 4 the seed.
const COLUMNS: usize = 0;
const ANSWER: usize = 2;
const TAU: usize = 3;
const PROOF: usize = 5;
